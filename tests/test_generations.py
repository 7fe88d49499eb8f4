"""Generations of a run: whole at every moment, whoever kills, whatever fails; no TensorFlow here."""

import contextlib
import errno
import fcntl
import itertools
import json
import os
import shutil

import pytest
from sabotage import FailAt, KillAt, run_in_fork, watch

from ref.common import files, generations
from ref.common.errors import BadInputError
from ref.common.locks import DirectoryLock

NAME = "my_model.ckpt"
FILES = (f"{NAME}.index", f"{NAME}.data-00000-of-00001", f"{NAME}.meta", "state.npz")


def make_writer(content: int):
    def write(directory):
        for file in FILES:
            with open(directory / file, "wb") as out:
                out.write(f"{content} {file}".encode() * 50)
        return {"content": content}

    return write


def read_newest(directory):
    """Return the state of the newest whole generation, once all its files have been found to be of it."""
    for generation in generations.find_generations(directory):
        content = generation.state["content"]
        for file in FILES:
            assert (generation.path / file).read_bytes() == f"{content} {file}".encode() * 50
        return content
    return None


def read_links(directory):
    """Return what the book's name leads to, which is one generation's, or None where it leads nowhere."""
    contents = set()
    for file in FILES[:3]:
        try:
            contents.add((directory / file).read_text().split()[0])
        except FileNotFoundError:
            contents.add(None)
    assert len(contents) == 1
    return contents.pop()


def commit(directory, content, own=()):
    return generations.commit(directory, make_writer(content), list(own))


def start(directory, n_before):
    own = []
    for content in range(n_before):
        own.append(commit(directory, content, own))
    return own


def count_operations(directory, n_before):
    own, count = start(directory, n_before), itertools.count()
    with watch(lambda *_: next(count), directory):
        commit(directory, n_before, own)
    return next(count)


@pytest.mark.parametrize("n_before", [0, 2])
def test_killed_at_any_operation_it_is_whole(n_before, tmp_path):
    n_operations = count_operations(tmp_path / "counted", n_before) if not (tmp_path / "counted").mkdir() else 0
    assert n_operations > 30
    found = []
    for n in range(1, n_operations + 1):
        directory = tmp_path / str(n)
        directory.mkdir()
        own = start(directory, n_before)

        def killed(directory=directory, own=own, n=n):
            with watch(KillAt(n), directory):
                commit(directory, n_before, own)

        assert run_in_fork(killed) == -9
        newest = read_newest(directory)
        found.append(newest)
        assert newest in ((None, 0) if n_before == 0 else (n_before - 1, n_before))
        assert read_links(directory) in {None, str(n_before - 1), str(n_before)} - ({None} if n_before else set())
        generations.sweep(directory)
        assert read_newest(directory) == newest
        assert read_links(directory) == (None if newest is None else str(newest))
        assert not [path for path in directory.rglob("*") if path.name.startswith(files.UNFINISHED)]
        commit(directory, "next")
        assert (read_newest(directory), read_links(directory)) == ("next", "next")
        shutil.rmtree(directory)
    assert sorted(set(found), key=str) == sorted({n_before - 1, n_before} if n_before else {None, 0}, key=str)


@pytest.mark.parametrize(("code", "lasts"), [(errno.ENOSPC, True), (errno.EIO, False)])
def test_what_fails_leaves_the_last_generation_as_it_was(code, lasts, tmp_path):
    (tmp_path / "counted").mkdir()
    for n in range(1, count_operations(tmp_path / "counted", 2) + 1):
        directory = tmp_path / str(n)
        directory.mkdir()
        own, saboteur = start(directory, 2), FailAt(n, code, lasts)
        with contextlib.suppress(OSError), watch(saboteur, directory):
            commit(directory, 2, own)
        assert read_newest(directory) in ((1, 2) if saboteur.failed else (2,))
        assert read_links(directory) in ("1", "2")
        shutil.rmtree(directory)


def test_everything_is_on_the_disk_before_the_rename_and_the_rename_before_anything_goes(tmp_path):
    own, done = start(tmp_path, 2), []
    with watch(lambda operation, path: done.append((operation, os.path.basename(path))), tmp_path):
        commit(tmp_path, 2, own)
    rename = done.index(("rename", ".writing-generation"))
    synced = {name for operation, name in done[:rename] if operation == "fsync"}
    assert synced >= {*FILES, ".writing-generation"}
    last_write = max(i for i, (operation, _) in enumerate(done[:rename]) if operation == "write")
    assert done[last_write] == ("write", "manifest.json")
    assert ("fsync", "manifest.json") in done[last_write:rename]
    assert done[rename + 1] == ("fsync", "generations")
    assert [operation for operation, _ in done].count("rename") == 2  # and one for what goes
    gone = next(i for i, (operation, name) in enumerate(done) if operation == "rename" and name == "000001")
    assert gone > rename + 1


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_two_are_kept_and_they_are_the_last(n, tmp_path):
    start(tmp_path, n)
    found = [generation.state["content"] for generation in generations.find_generations(tmp_path)]
    assert found == list(range(n))[::-1][:2]


def test_another_runs_are_kept_until_the_first_of_ones_own_is_whole(tmp_path):
    start(tmp_path, 3)
    with pytest.raises(ZeroDivisionError):
        generations.commit(tmp_path, lambda _: 1 / 0, [])
    assert read_newest(tmp_path) == 2
    first = commit(tmp_path, "a")
    assert [g.state["content"] for g in generations.find_generations(tmp_path)] == ["a"]
    commit(tmp_path, "b", [first])
    assert [g.state["content"] for g in generations.find_generations(tmp_path)] == ["b", "a"]


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


DAMAGES = {
    "flipped": flip,
    "cut": lambda path: (path.chmod(0o644), path.write_bytes(path.read_bytes()[:-2])),
    "empty": lambda path: (path.chmod(0o644), path.write_bytes(b"")),
    "gone": lambda path: path.unlink(),
    "a directory": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("file", [*FILES, "manifest.json"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_where_the_newest_does_not_verify_the_one_before_is_read_and_it_is_said(file, damage, tmp_path, capsys):
    newest = start(tmp_path, 2)[-1]
    DAMAGES[damage](newest / file)
    assert read_newest(tmp_path) == 0
    assert capsys.readouterr().err.startswith(f"{newest}: passed over, ")


def test_a_manifest_that_claims_what_is_there_but_was_changed_does_not_verify(tmp_path):
    newest = start(tmp_path, 2)[-1]
    manifest = json.loads((newest / "manifest.json").read_text())
    manifest["state"]["content"] = 0
    (newest / "manifest.json").write_text(json.dumps(manifest))
    assert read_newest(tmp_path) == 0


def test_plain_files_of_a_stranger_become_a_generation_and_are_whole_at_any_operation(tmp_path):
    """Files of another's under the book's name, as TensorFlow 1 left them: kept elsewhere before they are replaced."""

    def lay(directory):
        directory.mkdir()
        for file in FILES[:3]:
            (directory / file).write_text("stranger " * 9)

    lay(tmp_path / "counted")
    count = itertools.count()
    with watch(lambda *_: next(count), tmp_path / "counted"):
        generations.adopt(tmp_path / "counted", NAME)
    for n in range(1, next(count) + 1):
        directory = tmp_path / str(n)
        lay(directory)

        def killed(directory=directory, n=n):
            with watch(KillAt(n), directory):
                generations.adopt(directory, NAME)

        run_in_fork(killed)
        assert read_links(directory) == "stranger"
        generations.sweep(directory)
        assert read_links(directory) == "stranger"
        shutil.rmtree(directory)


def test_a_lock_dies_with_its_owner(tmp_path):
    ready, done = os.pipe(), os.pipe()

    def hold():
        lock = DirectoryLock(tmp_path)
        os.write(ready[1], b"x")
        os.read(done[0], 1)
        del lock

    pid = os.fork()
    if pid == 0:
        try:
            hold()
        finally:
            os._exit(0)
    os.read(ready[0], 1)
    with pytest.raises(BadInputError, match=rf"another run writes there \(process {pid}\), expected none"):
        DirectoryLock(tmp_path)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    lock = DirectoryLock(tmp_path)
    with pytest.raises(BadInputError, match=rf"process {os.getpid()}"):
        DirectoryLock(tmp_path)
    lock.close()
    DirectoryLock(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_given_up_in_the_moment_it_is_asked_for_is_not_held_twice(tmp_path, monkeypatch):
    first, flock = DirectoryLock(tmp_path), fcntl.flock

    def give_up(descriptor, operation):
        first.close()
        monkeypatch.setattr(fcntl, "flock", flock)
        return flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", give_up)
    second = DirectoryLock(tmp_path)
    with pytest.raises(BadInputError, match="another run writes there"):
        DirectoryLock(tmp_path)
    second.close()


@pytest.mark.parametrize("kind", ["fifo", "directory", "link"])
def test_what_is_no_file_in_the_place_of_the_lock_is_refused(kind, tmp_path):
    path = tmp_path / ".lock"
    {"fifo": os.mkfifo, "directory": os.mkdir, "link": lambda path: os.symlink(tmp_path / "other", path)}[kind](path)
    with pytest.raises(BadInputError, match=r"\.lock"):
        DirectoryLock(tmp_path)
    assert not (tmp_path / "other").exists()


def test_what_is_adopted_is_the_strangers(tmp_path):
    expected = {}
    for file in FILES[:3]:
        (tmp_path / file).write_bytes(file.encode() * 9)
        expected[file] = file.encode() * 9
    generations.adopt(tmp_path, NAME)
    (adopted,) = generations.find_generations(tmp_path)
    assert adopted.state == {}
    assert {path.name: path.read_bytes() for path in adopted.path.iterdir() if path.name != "manifest.json"} == expected
    generations.adopt(tmp_path, NAME)  # the names are links now
    assert [one.path for one in generations.find_generations(tmp_path)] == [adopted.path]


IRREGULAR = {"a FIFO": os.mkfifo, "a directory": os.mkdir, "a device": lambda path: os.symlink("/dev/zero", path)}


@pytest.mark.parametrize("kind", IRREGULAR)
@pytest.mark.parametrize("file", [*FILES, "manifest.json"])
def test_what_is_no_regular_file_is_not_waited_for(file, kind, tmp_path, capsys):
    newest = start(tmp_path, 2)[-1]
    (newest / file).unlink()
    IRREGULAR[kind](newest / file)
    assert read_newest(tmp_path) == 0
    assert f"{newest}: passed over, " in capsys.readouterr().err


@pytest.mark.parametrize("form", ["whole", "of another state"])
@pytest.mark.parametrize("text", ["null", "123", '""', "true", "NaN", "[]", "{}", "[" * 100_000, '{"a":' * 100_000])
def test_a_manifest_that_is_json_and_no_manifest_is_passed_over(text, form, tmp_path, capsys):
    newest = start(tmp_path, 2)[-1]
    if form == "of another state":
        text = f'{{"sha256": {text if len(text) < 99 else 1}, "files": {text}, "state": {text}}}'
    (newest / "manifest.json").write_text(text)
    assert read_newest(tmp_path) == 0
    assert capsys.readouterr().err.count("passed over, ") == 1


@pytest.mark.parametrize("state", [None, [], "", 1])
def test_a_state_that_is_no_object_is_passed_over(state, tmp_path):
    first = start(tmp_path, 1)
    generations.commit(tmp_path, lambda directory: state, first)
    assert [generation.state["content"] for generation in generations.find_generations(tmp_path, [])] == [0]


def follow_links(directory, target):
    """Copy a run's directory as scp -r and cp -rL do."""
    shutil.copytree(directory, target, symlinks=False)
    return target


def test_a_copy_with_its_links_followed_goes_on(tmp_path):
    (tmp_path / "run").mkdir()
    start(tmp_path / "run", 2)
    copy = follow_links(tmp_path / "run", tmp_path / "copy")
    assert (copy / "generations" / "current").is_dir()
    assert not (copy / f"{NAME}.index").is_symlink()
    for _ in range(2):
        generations.sweep(copy)
        assert (read_newest(copy), read_links(copy)) == (1, "1")
        assert (copy / "generations" / "current").is_symlink()
    commit(copy, 2)
    assert (read_newest(copy), read_links(copy)) == (2, "2")
    assert not list(copy.glob("generations/*-*"))


def test_what_only_the_directory_current_holds_is_a_generation(tmp_path, capsys):
    (tmp_path / "run").mkdir()
    own = start(tmp_path / "run", 2)
    copy = follow_links(tmp_path / "run", tmp_path / "copy")
    shutil.rmtree(copy / "generations" / own[-1].name)
    generations.sweep(copy)
    assert (read_newest(copy), read_links(copy)) == (1, "1")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", ["a directory of other things", "a file", "a directory that was changed"])
def test_what_else_has_the_name_current_is_kept(kind, tmp_path, capsys):
    own = start(tmp_path, 2)
    current = tmp_path / "generations" / "current"
    current.unlink()
    if kind == "a file":
        current.write_text("something")
    elif kind == "a directory of other things":
        current.mkdir()
    else:
        shutil.copytree(own[-1], current)
        flip(current / FILES[1])
    generations.sweep(tmp_path)
    assert (read_newest(tmp_path), read_links(tmp_path)) == (1, "1")
    kept = tmp_path / "generations" / "current-not-whole"
    assert kept.exists()
    assert f"kept as {kept}" in capsys.readouterr().err


def test_what_was_written_through_the_links_is_kept_and_said(tmp_path, capsys):
    newest = start(tmp_path, 2)[-1]
    theirs = {file: f"stranger {file}".encode() for file in FILES[:3]}
    for file, content in theirs.items():
        (newest / file).chmod(0o644)  # as root need not
        (tmp_path / file).write_bytes(content)
    assert read_newest(tmp_path) == 0
    assert "remove the links first, and copy it again" in capsys.readouterr().err
    generations.sweep(tmp_path)
    assert f"kept as {newest}-changed" in capsys.readouterr().err
    assert (read_newest(tmp_path), read_links(tmp_path)) == (0, "0")
    own = [commit(tmp_path, 2)]
    commit(tmp_path, 3, own)
    assert {file: (newest.with_name(f"{newest.name}-changed") / file).read_bytes() for file in theirs} == theirs
    assert capsys.readouterr().err == ""
