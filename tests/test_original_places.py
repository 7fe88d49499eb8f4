"""Where what a script writes goes: never outside OUT/NAME, and found again under the name that the script knows."""

import io
import os
from pathlib import Path

import pytest

from ref.originals.places import Places
from ref.originals.streams import LineStream

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = tmp_path / "out" / "train"
    home.mkdir(parents=True)
    monkeypatch.chdir(home)
    return home


FILES = [
    "/nowhere/model/m.ckpt",
    "D:/Python/model/m.ckpt",
    "E:\\book\\m.ckpt",
    "model\\m.ckpt",
    "../up/m.ckpt",
    "deep/er/m.ckpt",
    "/m.ckpt",
    "C:\\m.ckpt",
    b"/nowhere/m.ckpt",
    Path("/nowhere/p/m.ckpt"),
    "./m.ckpt",
    "/nowhere/a/../b/m.ckpt",
]


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_written_at_home_and_read_from_there(home, path):
    places = Places(home)
    with open(places.write(path), "w") as file:
        file.write("it")
    written = [found for found in home.rglob("*") if found.is_file()]
    assert [found.name for found in written] == ["m.ckpt"]
    assert Path(os.fsdecode(places.read(path))).read_text() == "it"
    assert not list(home.parent.parent.glob("up"))


def test_files_of_a_directory_stay_together_and_those_of_others_apart(home):
    places = Places(home)
    paths = ["/a/model/m.txt", "/a/model/n.txt", "/b/model/m.txt", "C:\\model\\m.txt", "m.txt"]
    for path in paths:
        with open(places.write(path), "w") as file:
            file.write(path)
    assert [Path(places.read(path)).read_text() for path in paths[1:4]] == paths[1:4]
    assert os.path.dirname(places.read(paths[0])) == os.path.dirname(places.read(paths[1]))


def test_a_directory_is_there_once_it_is_made_and_in_the_next_run(home):
    places = Places(home)
    assert not os.path.exists(places.read("/nowhere/model"))
    os.makedirs(places.make("/nowhere/model"))
    Path(places.write("/nowhere/model/sub/m.txt")).write_text("it")
    assert os.listdir(places.read("/nowhere/model")) == ["sub"]
    kept = {said: os.path.relpath(place, home) for said, place in places.directories.items()}
    again = Places(home, directories=kept)
    assert Path(again.read("/nowhere/model/sub/m.txt")).read_text() == "it"
    assert (
        Places(home).make("/nowhere/model") is None
    )  # an earlier run's, of which nothing is known: as if it were made


def test_what_exists_outside_is_read_and_never_removed_or_written(home, tmp_path):
    mine = tmp_path / "mine" / "data.csv"
    mine.parent.mkdir()
    mine.write_text("kept")
    places = Places(home)
    assert Path(places.read(str(mine))).read_text() == "kept"
    assert places.remove(str(mine.parent)) is None
    assert not os.path.exists(places.read(str(mine)))
    Path(places.write(str(mine))).write_text("new")
    assert Path(places.read(str(mine))).read_text() == "new"
    assert mine.read_text() == "kept"


def test_home_is_not_removed_where_a_directory_stands_for_it(home):
    places = Places(home)
    Path(places.write("/nowhere/model/m.txt")).write_text("it")
    assert places.remove("/nowhere/model") is None
    assert home.is_dir()
    assert not os.path.exists(places.read("/nowhere/model"))


def test_a_relative_file_is_looked_for_where_the_user_is_and_beside_the_script(home, tmp_path):
    (tmp_path / "data.csv").write_text("there")
    assert Path(Places(home, [str(tmp_path)]).read("data.csv")).read_text() == "there"


def test_a_checkpoint_of_a_script_beside_is_found_and_no_other_file(home):
    other = home.parent / "earlier"
    other.mkdir()
    for name in ("m.ckpt.index", "checkpoint", "result.json"):
        (other / name).touch()
    places = Places(home)
    assert places.find_checkpoint("D:/model/m.ckpt") == str(other / "m.ckpt")
    assert not os.path.exists(places.read("D:/model/checkpoint"))


def test_libraries_own_files_and_addresses_are_left_alone(home, tmp_path):
    places = Places(home, untouched=[tmp_path / "cache"])
    for path in (str(tmp_path / "cache" / "f"), "gs://bucket/m.ckpt", "/dev/null", 3, ""):
        assert places.write(path) == path


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("a\nb\n", "a\nb\n"),
        ("\r0%\r50%\r99%\r0 Train MSE: 0.1\n", "0 Train MSE: 0.1\n"),
        ("10%\r20%\rdone\n", "done\n"),
        ("10%\r20%\r\n", "20%\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("loss: \x0b\u2028 1\n", "loss: \x0b\u2028 1\n"),
        ("no end", "no end"),
        ("\r1%\r2%", "2%\n"),
        ("\n\n", "\n\n"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_pipe_gets_lines_as_a_terminal_shows_them(printed, shown, size):
    pipe, terminal = io.StringIO(newline=""), Terminal(newline="")
    streams = [LineStream(pipe, keeps=True), LineStream(terminal, keeps=True)]
    for stream in streams:
        for start in range(0, len(printed), size):
            stream.write(printed[start : start + size])
        stream.finish()
    assert pipe.getvalue() == shown
    assert terminal.getvalue() == printed
    assert streams[0].lines == streams[1].lines == shown.removesuffix("\n").split("\n")
