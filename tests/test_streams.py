"""Standard streams that are full, closed or no longer read: one line or silence, the right code, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")


def run(shell: str, **environment):
    """Run ``shell``, in which ``$PYTHON`` is this Python, from the checkout."""
    environment = os.environ | {"PYTHON": sys.executable} | environment
    return subprocess.run(["sh", "-c", shell], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


REDIRECTIONS = [
    pytest.param("> /dev/full", [2, 2, 2, 2], 1, marks=FULL),
    pytest.param("2> /dev/full", [0, 0, 0, 2], 0, marks=FULL),
    pytest.param("> /dev/full 2>&1", [2, 2, 2, 2], 0, marks=FULL),
    (">&-", [2, 2, 2, 2], 1),
    ("2>&-", [0, 0, 0, 2], 0),
    (">&- 2>&-", [2, 2, 2, 2], 0),
    ("<&- >&- 2>&-", [2, 2, 2, 2], 0),
]
VERBS = ["list", "--help", "chapter --help", "no-such-verb"]


@pytest.mark.parametrize(("redirection", "codes", "n_lines"), REDIRECTIONS)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written(verb, redirection, codes, n_lines, unbuffered):
    done = run(f"exec $PYTHON -m ref {verb} {redirection}", PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == codes[VERBS.index(verb)]
    lines = done.stderr.splitlines()
    assert len(lines) == n_lines
    assert all(line.startswith("error: ") for line in lines)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("verb", VERBS[:3])
def test_a_pipe_that_nobody_reads(verb, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "ref", *verb.split()]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=writer, stderr=subprocess.PIPE, timeout=120)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_closed_input_is_nobodys_business():
    done = run("exec $PYTHON -m ref list <&-")
    assert (done.returncode, done.stderr) == (0, "")


@FULL
def test_a_run_whose_numbers_cannot_be_printed(tiny_data, tmp_path):
    flags = f"--data {tiny_data} --out {tmp_path} --batch-size 20 --epochs 1"
    done = run(f"exec $PYTHON -m ref run autoencoder_3 {flags} > /dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith("error: standard output: cannot be written (No space left on device)")
    assert len(done.stderr.splitlines()) == 1


def test_no_file_becomes_standard_error():
    code = (
        "import os\n"
        "from ref.common.cli import exit_codes\n"
        "with exit_codes():\n"
        "    assert os.open('README.md', os.O_RDONLY) > 2\n"
    )
    assert run(f'exec $PYTHON -c "{code}" <&- 2>&-').returncode == 0


@pytest.mark.parametrize(("end", "code"), [("os.abort()", 134), ("os._exit(7)", 7), ("raise ValueError", 1)])
def test_last_words_of_a_library_are_shown(end, code, tmp_path):
    """What it wrote to descriptor 2 before it went down at import: TensorFlow, say, on a CPU without AVX."""
    (tmp_path / "library.py").write_text(f"import os\nos.write(2, b'compiled to use AVX\\n')\n{end}\n")
    code_of_import = "from ref.common.cli import import_port; import_port('library')"
    done = run(f'$PYTHON -c "{code_of_import}"', PYTHONPATH=str(tmp_path))
    assert done.returncode == code
    assert "compiled to use AVX" in done.stderr


@pytest.mark.parametrize("temporary", ["", "/nonexistent"])
def test_chatter_of_a_library_is_not_shown(temporary, tmp_path):
    (tmp_path / "library.py").write_text("import os\nos.write(2, b'chatter\\n' * 20_000)\n")
    code = "from ref.common.cli import import_port; print(import_port('library').__name__)"
    done = run(f'$PYTHON -c "{code}"', PYTHONPATH=str(tmp_path), TMPDIR=temporary)
    assert (done.returncode, done.stdout, done.stderr) == (0, "library\n", "")


def test_a_package_that_is_missing_is_one_line(tmp_path):
    (tmp_path / "library.py").write_text("import os\nos.write(2, b'chatter\\n')\nimport no_such_package\n")
    code = "from ref.common.cli import exit_codes, import_port\nwith exit_codes():\n    import_port('library')\n"
    done = run(f'$PYTHON -c "{code}"', PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "No module named 'no_such_package'" in done.stderr
    assert "make setup" in done.stderr
