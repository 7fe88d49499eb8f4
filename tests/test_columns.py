"""What is listed fits 80 columns: python -m ref list, --help of every verb, the closing table, make help."""

import contextlib
import json
import re
import subprocess
from pathlib import Path

import pytest
from wcwidth import wcswidth

from ref import __main__ as command_line
from ref.chapter import SCRIPTS
from ref.common.columns import fill, measure_width

ROOT = Path(__file__).resolve().parents[1]
VERBS = [
    *([verb] for verb in command_line.VERBS if verb not in ("run", "help")),
    *(["golden", word] for word in ("record", "check")),
    *(["checkpoint", word] for word in ("list", "diff", "export", "import")),
    *(["run", script.name] for script in SCRIPTS),
]
TARGETS = re.findall(r"^([a-z_0-9-]+):.*## (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def check_widths(text):
    assert text.strip()
    assert [line for line in text.splitlines() if not 0 <= wcswidth(line) <= 80] == []


def squeeze(text):
    return "".join(text.split())


@pytest.mark.parametrize(
    "text", ["plain", "栈式自动编码器", "去噪：使用dropout", "γ = log σ² · 1–2 …", "（不用预训练）", ""]
)
def test_a_chinese_character_takes_two_columns(text):
    assert measure_width(text) == wcswidth(text)


@pytest.mark.parametrize("width", [1, 9, 12, 40, 500])
def test_lines_are_as_full_as_they_can_be(width):
    pieces = [word for script in SCRIPTS for word in (*script.title.split(), script.title_zh)]
    lines = list(fill(pieces, width))
    assert " ".join(lines) == " ".join(pieces)
    for line, following in zip(lines, [*lines[1:], None]):
        assert wcswidth(line) <= width or line in pieces
        if following:
            assert wcswidth(f"{line} {following.split(' ')[0]}") > width


def test_nothing_is_a_line_of_its_own():
    assert list(fill([], 10)) == []


def test_the_list_says_all_of_each_script(capsys):
    command_line.main(["list"])
    text = capsys.readouterr().out
    check_widths(text)
    entries = re.split(r"^(?=autoencoder_)", text, flags=re.MULTILINE)[1:]
    for script, entry in zip(SCRIPTS, entries, strict=True):
        needs = ["data"] * script.reads_data + [f"autoencoder_{script.needs}'scheckpoint"] * bool(script.needs)
        files = [script.checkpoint, *(f"{figure}.png" for figure in script.figures)]
        for word in (script.name, script.title, script.title_zh, *needs, *files):
            assert squeeze(word) in squeeze(entry)
        assert ("with labels" in entry) == script.uses_labels


def test_the_closing_table_says_all_of_each_run(capsys):
    recorded = ROOT / "ref" / "recorded"
    results = {script.name: json.loads((recorded / script.name / "result.json").read_text()) for script in SCRIPTS}
    command_line.print_closing_table(results)
    text = capsys.readouterr().out
    check_widths(text)
    entries = re.split(r"^(?=autoencoder_)", text, flags=re.MULTILINE)[1:]
    for (name, result), entry in zip(results.items(), entries, strict=True):
        last_line = result["printed"][-1]["line"] if result["printed"] else ""
        seconds = f"{result['wall_time_s']:.1f}"
        assert squeeze(entry) == squeeze(name + seconds + last_line + ",".join(result["figures"]))


@pytest.mark.parametrize("words", [[], *VERBS], ids=" ".join)
def test_help_fits(words, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with contextlib.suppress(SystemExit):
        command_line.main([*words, "--help"])
    check_widths(capsys.readouterr().out)


@pytest.fixture(scope="module")
def make_help():
    done = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_make_help_fits(make_help):
    check_widths(make_help)


@pytest.mark.parametrize(("target", "says"), TARGETS)
def test_make_help_says_all_of_each_target(target, says, make_help):
    group, _, text = says.partition(": ")
    assert group in ("first", "scripts", "look", "migration", "measure", "proof", "upkeep")
    (entry,) = re.findall(rf"^  {target} .*\n(?: {{18}}.*\n)*", make_help, re.MULTILINE)
    assert squeeze(entry) == squeeze(target + text.replace("$$", "$"))


def test_make_help_begins_with_what_a_newcomer_needs(make_help):
    first = make_help.split("\n\n")[1].splitlines()
    names = [line.split()[0] for line in first if line.startswith("  ") and not line.startswith("   ")]
    assert set(names) == {"help", "chapter", "mnist", "setup", "doctor"}
