"""The notebook: what it is made of, that it runs whole and twice, in any folder, and on another TensorFlow."""

import base64
import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient

from ref import notebook
from ref.chapter import BY_NAME, CHAPTER_ORDER, SCRIPTS
from ref.common.errors import BadInputError
from ref.data.idx import write_gzipped
from ref.data.sources import load
from scripts import render_notebook

ROOT = Path(__file__).resolve().parents[1]
SOURCE = render_notebook.NOTEBOOK.read_text(encoding="utf-8")
N_TRAIN, N_TEST = 1100, 150  # of the digits, for the ports' batches of 1000 and of 150
STEPS = ("build", "draw", "train", "look")
EACH_SCRIPT = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.number))
LOOK_AROUND = """import guest
import zmq.utils.garbage


def look():
    found = guest.snapshot()
    collector = zmq.utils.garbage.GarbageCollectorThread  # the kernel's own, from the first picture on
    found["threads"] = [thread for thread in found["threads"] if not isinstance(thread, collector)]
    return found


before = look()"""
LOOK_AGAIN = """changed = guest.compare(before, look())
assert not changed, changed
guest.work_as_tensorflow_2_does()"""


def read_cells() -> dict[str, nbformat.NotebookNode]:
    """Return the committed notebook's cells by their ids."""
    return {cell.id: cell for cell in nbformat.reads(SOURCE, 4).cells}


def test_it_is_up_to_date():
    render_notebook.main(["--check"])


def test_it_is_a_notebook_that_a_notebook_program_writes_alike():
    read = nbformat.reads(SOURCE, 4)
    nbformat.validate(read)
    assert nbformat.writes(read) + "\n" == SOURCE


def test_no_output_is_committed():
    for cell in json.loads(SOURCE)["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_its_sections_are_the_chapter():
    ids = [cell.id for cell in nbformat.reads(SOURCE, 4).cells]
    expected = [f"autoencoder-{number}{step}" for number in CHAPTER_ORDER for step in ("", *(f"-{s}" for s in STEPS))]
    assert ids == ["head", "find", "versions", "start", *expected]


@EACH_SCRIPT
def test_a_section_says_what_the_chapter_and_the_docstring_say(script):
    text = read_cells()[f"autoencoder-{script.number}"].source
    for said in (script.title, script.title_zh, script.teaches, script.teaches_zh):
        assert said in text
    source = (ROOT / f"{script.module.replace('.', '/')}.py").read_text(encoding="utf-8")
    docstring = source.split('"""')[1].partition("\n\n")[2]
    assert re.sub(r"`+|\s", "", docstring) in re.sub(r"`+|\s", "", text)
    assert "``" not in text


def change_a_word(cells):
    cells[0]["source"][0] = cells[0]["source"][0].replace("chapter", "Chapter")


def keep_an_output(cells):
    cells[1]["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]


def count_an_execution(cells):
    cells[1]["execution_count"] = 1


@pytest.mark.parametrize("change", [change_a_word, keep_an_output, count_an_execution, None])
def test_a_stale_notebook_is_told_of(change, monkeypatch, tmp_path):
    monkeypatch.setattr(render_notebook, "NOTEBOOK", tmp_path / "chapter.ipynb")
    if change:
        stale = json.loads(SOURCE)
        change(stale["cells"])
        (tmp_path / "chapter.ipynb").write_text(json.dumps(stale), encoding="utf-8")
    with pytest.raises(BadInputError, match="make tables"):
        render_notebook.main(["--check"])
    render_notebook.main([])
    assert (tmp_path / "chapter.ipynb").read_text(encoding="utf-8") == SOURCE


@pytest.mark.parametrize("place", ["checkout", "checkout/ref", "checkout/tests/golden", "."])
def test_the_checkout_is_found_around_it_and_beside_it(place, monkeypatch, tmp_path):
    for folder in ("checkout/ref", "checkout/tests/golden", "another"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "checkout" / "ref" / "chapter.py").touch()
    monkeypatch.chdir(tmp_path / place)
    monkeypatch.setattr(sys, "path", ["elsewhere"])
    for _ in range(2):
        cell = {}
        exec(read_cells()["find"].source, cell)
        assert cell["roots"][0] == str(tmp_path / "checkout")
        assert sys.path == [str(tmp_path / "checkout"), "elsewhere"]


def test_without_a_checkout_one_line_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match="clone the repository") as raised:
        exec(read_cells()["find"].source, {})
    (line,) = raised.value._render_traceback_()
    assert "\n" not in line
    assert str(tmp_path) in line


@pytest.mark.parametrize(("found", "is_pinned"), [("2.21.0", True), ("2.19.1", False), ("2.22.0-rc1", False)])
def test_the_version_is_told(found, is_pinned, monkeypatch, capsys):
    monkeypatch.setattr(notebook, "import_port", lambda name: SimpleNamespace(__version__=found))
    notebook.say_versions()
    english, chinese = capsys.readouterr().out.splitlines()
    for line in (english, chinese):
        assert found in line
        assert ("2.21.0" in line.replace(found, "")) is not is_pinned


def test_without_graphviz_it_says_what_to_install_and_goes_on(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, notebook.PACKAGE, None)
    notebook.draw("autoencoder_7")
    (line,) = capsys.readouterr().out.splitlines()
    assert "pip install" in line
    assert notebook.PACKAGE in line


@pytest.mark.parametrize("error", [BadInputError("data: nothing found"), BadInputError("")])
def test_a_notebook_shows_what_is_wrong_in_one_line(error):
    from IPython.core.interactiveshell import InteractiveShell

    shell, shown = InteractiveShell(), []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)
    shell.user_ns["error"] = error
    assert not shell.run_cell("raise error").success
    assert shown == [f"error: {error}"]


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """The notebook's cells, on a small set, and a client that runs them, in its folder, writing nowhere else."""
    arrays = load("digits")
    train, test = slice(0, N_TRAIN), slice(0, N_TEST)
    write_gzipped(
        tmp_path / "small",
        [arrays.train_images[train], arrays.train_labels[train], arrays.test_images[test], arrays.test_labels[test]],
    )
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)
    read = nbformat.reads(SOURCE, 4)
    start = next(cell for cell in read.cells if cell.id == "start")
    for found, small in (
        ('data = "digits"', f"data = {str(tmp_path / 'small')!r}"),
        ('os.path.join(roots[0], "runs", "notebook")', repr(str(tmp_path / "runs"))),
    ):
        assert start.source.count(found) == 1
        start.source = start.source.replace(found, small)
    for name, source in (("look-around", LOOK_AROUND), ("look-again", LOOK_AGAIN)):
        read.cells.insert(4 if name == "look-around" else len(read.cells), nbformat.v4.new_code_cell(source, id=name))
    resources = {"metadata": {"path": str(ROOT / "ref")}}
    return NotebookClient(read, timeout=300, kernel_name="python3", resources=resources)


def test_it_runs_whole_and_twice(kernel, tmp_path):
    turns = []
    with kernel.setup_kernel(env=dict(os.environ)):
        for _ in range(2):
            for index, cell in enumerate(kernel.nb.cells):
                if cell.cell_type == "code":
                    kernel.execute_cell(cell, index)
            turns.append({cell.id: cell.outputs for cell in kernel.nb.cells if cell.cell_type == "code"})
    first, second = ({name: list_printed(outputs) for name, outputs in turn.items()} for turn in turns)
    assert first == second
    for number in CHAPTER_ORDER:
        slug, script = f"autoencoder-{number}", BY_NAME[f"autoencoder_{number}"]
        result = json.loads((tmp_path / "runs" / script.name / "result.json").read_text(encoding="utf-8"))
        assert first[f"{slug}-train"] == [row["line"] for row in result["printed"]]
        assert (result["data"] is not None) == script.reads_data
        pictures = [output for output in turns[0][f"{slug}-look"] if "image/png" in output.get("data", {})]
        assert len(pictures) == len(result["figures"]) >= len(script.figures)
        assert first[f"{slug}-build"]
        check_graphs(turns[0][f"{slug}-draw"])
    assert [len(turns[0][f"autoencoder-{number}-draw"]) for number in (3, 6, 7, 8)] == [1, 2, 3, 3]
    assert not [path for path in (ROOT / "ref").iterdir() if path.name == "runs"]


def check_graphs(outputs: list) -> None:
    """Check that a cell shows at least one picture, each with a text, and each an SVG."""
    shown = [ElementTree.fromstring(output.data["text/html"]) for output in outputs]
    assert shown
    for figure in shown:
        image = figure.find("img")
        svg = base64.b64decode(image.get("src").removeprefix("data:image/svg+xml;base64,"))
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert len(image.get("alt")) > 50
        assert figure.findtext("figcaption")


def list_printed(outputs: list) -> list[str]:
    """Return the lines that a cell printed to standard output."""
    streams = (output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    return "".join(streams).splitlines()
