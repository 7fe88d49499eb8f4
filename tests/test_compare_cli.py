"""python -m ref compare: what it prints, its exit codes, and what it says of what cannot be compared."""

import sys
from pathlib import Path

import pytest

from ref import __main__ as command_line
from ref.fidelity.ladder import screen
from ref.fidelity.ladder.finding import Finding, Rung

SCRIPT = Path(__file__).parent / "compare" / "two_phases.py"
NOTES = """# Notes
```python
# @file: autoencoder_7.py
x = 1
```
```python
# @file: other.py
y = 1
```
"""


def call(capsys, *argv) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        command_line.main(["compare", *map(str, argv)])
    output = capsys.readouterr()
    return stop.value.code, output.out, output.err


@pytest.fixture
def files(tmp_path):
    """Files by name: what is handed to compare, right and wrong."""
    texts = {
        "notes.md": NOTES,
        "python2.py": "print 'hello'\n",
        "empty.py": "",
        "run.json": "{}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "expected an original and what to hold against it"),
        (["no.py", "autoencoder_7"], "no.py: cannot be read"),
        (["notes.md", "autoencoder_7"], "holds 2 listings"),
        (["notes.md:autoencoder_9.py", "autoencoder_9"], "no such listing"),
        (["python2.py", "autoencoder_7"], "Python 2 syntax"),
        (["autoencoder_7", "notes.md:other.py"], "a port, expected the original first"),
        (["notes.md:other.py"], "expected an original and what to hold against it"),
        (["notes.md:other.py", "autoencoder_77"], "autoencoder_77: cannot be read"),
        (["notes.md:other.py", "autoencoder_7", "--map", "weights1"], "--map weights1: expected OLD=NEW"),
        (["notes.md:other.py", "autoencoder_7", "--steps", "0"], "--steps"),
        (["notes.md:other.py", "autoencoder_7", "--data", "nowhere"], "nowhere"),
        (["--notes", "python2.py"], "Python 2 syntax"),
        (["--notes", "empty.py"], "no listing of the chapter"),
        (["--notes", "notes.md", "notes.md:other.py", "autoencoder_7"], "expected either"),
        (["run.json"], "run.json"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(argv, says, files, capsys, monkeypatch):
    monkeypatch.chdir(files)
    code, out, err = call(capsys, *argv)
    errors = [line for line in err.splitlines() if not line.startswith("data: ")]
    assert code == 2
    assert out == ""
    assert len(errors) == 1
    assert errors[0].startswith("error: ")
    assert says in errors[0]


def test_the_screen_says_where_two_scripts_part(tmp_path, capsys):
    migrated = tmp_path / "migrated.py"
    migrated.write_text(SCRIPT.read_text().replace("hidden2, weights3) + biases3)", "hidden2, weights3))"))
    code, out, _ = call(capsys, SCRIPT, migrated, "--data", "digits", "--steps", "3")
    assert code == 1
    assert len(out.splitlines()) < 24
    number = next(i for i, line in enumerate(SCRIPT.read_text().splitlines(), 1) if line.startswith("hidden3 ="))
    assert f"line {number}" in out
    assert "hidden3 = tf.nn.elu(tf.matmul(hidden2, weights3) + biases3)" in out
    assert "hidden3 = tf.nn.elu(tf.matmul(hidden2, weights3))" in out
    assert out.splitlines()[-1].split(None, 1) == ["verdict", "differs in the code, at hidden3"]


def test_a_verdict_is_of_the_first_cause():
    rounded = Rung("losses", 3, 3, n_rounded=2)
    drawn = Rung("variables", 8, 0, finding=Finding("weights1", is_drawn=True))
    code = Rung("forward ops", 9, 8, finding=Finding("hidden1"))
    assert screen.judge([Rung("settings", 2, 2)]) == (screen.EQUAL, 0)
    assert screen.judge([rounded]) == (screen.MACHINE, 1)
    assert screen.judge([drawn, rounded]) == (screen.CODE.format("weights1") + screen.DRAWN, 1)
    assert screen.judge([drawn, code]) == (screen.CODE.format("hidden1"), 1)


def test_nothing_heavy_is_imported_for_help(capsys):
    before = set(sys.modules)
    code, out, _ = call(capsys, "--help")
    assert code == 0
    assert "--judge" in out
    assert not {"ref.fidelity.ladder.compare", "ref.fidelity.ladder.sides"} & (set(sys.modules) - before)
