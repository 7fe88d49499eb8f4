"""Files that appear whole: where their temporary ones lie, what is on the disk when, who may read them."""

import errno
import os
import stat

import pytest
from sabotage import watch

from ref.common import generations
from ref.common.errors import BadInputError
from ref.common.files import open_atomically


@pytest.fixture
def mounts(monkeypatch, tmp_path):
    """Every directory is a file system of its own, as OUT, generations and TMPDIR may well be."""

    def refuse_others(call):
        def moved(source, target):
            if os.path.dirname(os.path.abspath(source)) != os.path.dirname(os.path.abspath(target)):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source))
            return call(source, target)

        return moved

    monkeypatch.setattr(os, "replace", refuse_others(os.replace))
    monkeypatch.setattr(os, "rename", refuse_others(os.rename))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


def write(path, content=b"content"):
    with open_atomically(path) as file:
        file.write(content)


def test_nothing_is_moved_between_file_systems(mounts, tmp_path):
    def fill(directory):
        (directory / "a.ckpt.index").write_text("a")
        return {}

    write(tmp_path / "new" / "a.json")
    own = []
    for _ in range(3):
        own.append(generations.commit(tmp_path / "new", fill, own))
    generations.sweep(tmp_path / "new")
    assert (tmp_path / "new" / "a.json").read_bytes() == b"content"
    assert (tmp_path / "new" / "a.ckpt.index").read_text() == "a"
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_after(tmp_path):
    done = []
    with watch(lambda operation, path: done.append((operation, path)), tmp_path):
        write(tmp_path / "a.json")
    replaced = next(i for i, (operation, _) in enumerate(done) if operation == "replace")
    written = max(i for i, (operation, _) in enumerate(done) if operation == "write")
    temporary = done[replaced][1]
    assert ("fsync", temporary) in done[written:replaced]
    assert ("fsync", str(tmp_path)) in done[replaced:]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_others_may_read_it(umask, tmp_path):
    before = os.umask(umask)
    try:
        write(tmp_path / "a.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o644


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_what_fails_leaves_what_was_there_and_nothing_else(error, tmp_path):
    write(tmp_path / "a.json", b"before")

    def fail(file):
        file.write(b"half")
        raise error

    with (
        pytest.raises(BadInputError if isinstance(error, OSError) else type(error)),
        open_atomically(tmp_path / "a.json") as file,
    ):
        fail(file)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == b"before"
