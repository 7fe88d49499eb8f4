"""Nothing is forgotten: every script has a port, a golden, a reference, a make target, a row in both READMEs."""

import importlib
import re
import subprocess
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


def test_make_checks_the_checkpoints_edges():
    """9 and 10 hang on 7's checkpoint, 5 on 8's, and nothing else on any."""
    for script in SCRIPTS:
        command = ["make", "--no-print-directory", "-n", script.name, "OUT=does-not-exist", "SEED=7"]
        plan = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        runs = re.findall(r"-m ref run (autoencoder_\d+) (.*)", plan)
        needed = [f"autoencoder_{script.needs}"] if script.needs else []
        assert [name for name, _ in runs] == [*needed, script.name]
        assert all("--out does-not-exist" in flags and "--seed 7" in flags for _, flags in runs)


def test_make_passes_on_only_what_is_shared():
    command = ["make", "--no-print-directory", "-n", "autoencoder_5", "OUT=no", "ARGS=--freeze --seed 7 --batch-size 9"]
    plan = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    flags = dict(re.findall(r"-m ref run (autoencoder_\d+) (.*)", plan))
    assert "--freeze" in flags["autoencoder_5"]
    assert "--batch-size 9" in flags["autoencoder_5"]
    assert flags["autoencoder_8"].split() == ["--out", "no", "--seed", "7", ">&2"]


@pytest.mark.parametrize("readme", render_tables.HEADERS)
def test_tables_are_what_the_recorded_runs_say(readme):
    found, expected = render_tables.render(readme)
    assert found == expected


def test_recorded_figures_are_small():
    assert sum(path.stat().st_size for path in (ROOT / "ref" / "recorded").rglob("*.png")) < 1_500_000
