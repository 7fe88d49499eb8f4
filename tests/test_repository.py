"""Nothing is forgotten: every script has a port, a golden, a reference, a make target, a row in both READMEs."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from ref.chapter import CHAPTER_ORDER, SCRIPTS
from scripts import render_tables

ROOT = Path(__file__).resolve().parents[1]
EACH_SCRIPT = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.number))


@EACH_SCRIPT
def test_script_is_complete(script):
    number = script.number
    path = ROOT / (script.module.replace(".", "/") + ".py")
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 130
    assert source.startswith(f'"""autoencoder_{number}')
    assert f"Run: make autoencoder_{number}, or python -m ref run autoencoder_{number}." in source
    assert (ROOT / "tests" / "golden" / f"autoencoder_{number:02d}.json").exists()
    reference = importlib.import_module(f"numpy_reference.autoencoder_{number:02d}")
    assert hasattr(reference, "OPS") or hasattr(reference, "show")
    assert re.search(rf"^autoencoder_{number}:.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for readme in ("README.md", "README.zh-CN.md"):
        assert f"`make autoencoder_{number}`" in (ROOT / readme).read_text(encoding="utf-8")
    assert (ROOT / "ref" / "recorded" / script.name / "result.json").exists()


def test_there_is_no_port_that_the_chapter_does_not_know():
    files = {path.stem for path in (ROOT / "ref").glob("autoencoder_*.py")}
    assert files == {script.module.removeprefix("ref.") for script in SCRIPTS}
    assert sorted(CHAPTER_ORDER) == [script.number for script in SCRIPTS] == list(range(1, 17))


@pytest.mark.parametrize("readme", render_tables.HEADERS)
def test_tables_are_what_the_recorded_runs_say(readme):
    found, expected = render_tables.render(readme)
    assert found == expected


def test_recorded_figures_are_small():
    assert sum(path.stat().st_size for path in (ROOT / "ref" / "recorded").rglob("*.png")) < 1_500_000


@pytest.mark.parametrize("path", sorted((ROOT / "ref").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_in_ref_runs_what_it_reads(path):
    """No pickle, no eval, no exec, no shell: what a file or a name holds is never code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name.partition(".")[0] for alias in node.names} | {getattr(node, "module", None)}
            assert not names & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
        if isinstance(node, ast.Call):
            runs_scripts = path.name == "child.py" and path.parent.name == "originals"  # the user's, as asked
            assert getattr(node.func, "id", None) not in (("eval",) if runs_scripts else ("eval", "exec"))
            keywords = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
            assert not keywords.get("shell")
            assert not keywords.get("allow_pickle")
