"""The bar of a run: its words, its width on a terminal of 80 columns and fewer, what is left; nothing in a pipe."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from ref.common.progress import WholeRun, count_epochs

ROOT = Path(__file__).resolve().parents[1]
TRAIN = """
import time
from ref.common.progress import WholeRun
bar = WholeRun((2, 3))
for phase, n_epochs in ((1, 2), (2, 3)):
    for epoch in range(n_epochs):
        for _ in bar.follow(range(4), 4, phase, epoch, lambda: "Reconstruction loss 1.234e+04"):
            time.sleep(0.03)
        print(epoch, "a line of the listing's", flush=True)
"""


def run_on_terminal(columns, *command, until=None):
    """Run a command on a terminal of its own; return what it wrote, up to where ``until`` stands, if that is given."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    written = b""
    try:
        while until is None or until not in written:
            written += os.read(ours, 1 << 16) or b""
    except OSError:  # its end, on Linux
        pass
    finally:
        if until is not None:
            process.kill()
        process.wait()
        os.close(ours)
    return written.decode()


@pytest.mark.parametrize("columns", [80, 132, 60])
def test_the_bar_is_one_line_of_80_columns_at_most(columns):
    written = run_on_terminal(columns, sys.executable, "-c", TRAIN)
    shown = [text for text in re.split(r"[\r\n]+", written) if "left" in text]
    assert max(map(len, shown)) < min(columns, 80)
    said = r"1.234e\+04" if columns == 60 else r"Reconstruction loss 1.234e\+04"
    assert re.match(rf"phase 1/2 epoch 1/5 +0%\|.*\| {said} \? left", shown[0])
    assert [text[:19] for text in shown if "%" in text][-1] == "phase 2/2 epoch 5/5"
    assert "\x1b[A" not in written  # never a line up: it is one


def test_nothing_of_it_is_in_a_pipe():
    done = subprocess.run([sys.executable, "-c", TRAIN], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 5


class Terminal(io.StringIO):
    def isatty(self):
        return True


def show(monkeypatch, bar, phase, epoch, n_steps=10):
    """Return what stands in the bar at the begin of an epoch."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    list(bar.follow(range(n_steps), n_steps, phase, epoch, lambda: "loss 1"))
    return terminal.getvalue().split("\r")[1].strip()


def test_what_is_left_is_told_from_the_phase_and_before_that_from_the_run(monkeypatch):
    now_s = [50.0]
    bar = WholeRun((2, 4), lambda: now_s[0])
    assert show(monkeypatch, bar, 1, 0).endswith("? left")
    now_s[0] += 60
    assert show(monkeypatch, bar, 1, 1).endswith("05:00 left")  # 5 epochs of 60 s
    now_s[0] += 60
    assert show(monkeypatch, bar, 2, 0).endswith("04:00 left")  # nothing known of phase 2
    now_s[0] += 10
    assert show(monkeypatch, bar, 2, 1).endswith("00:30 left")
    assert show(monkeypatch, bar, 2, 1).startswith("phase 2/2 epoch 4/6  50%|")


def test_a_run_that_goes_on_starts_where_it_stood(monkeypatch):
    now_s = [0.0]
    bar = WholeRun((8,), lambda: now_s[0])
    assert show(monkeypatch, bar, 1, 6).startswith("epoch 7/8  75%|")
    now_s[0] += 20
    assert show(monkeypatch, bar, 1, 7).endswith("00:20 left")


def test_a_listing_without_epochs_has_its_steps(monkeypatch):
    assert show(monkeypatch, WholeRun(count_epochs({"n_iterations": 1000})), 1, None).startswith("steps   0%|")


@pytest.mark.parametrize(("given", "expected"), [({"n_epochs": 5}, (5,)), ({"n_epochs": [2, 3]}, (2, 3)), ({}, (1,))])
def test_epochs_are_counted_by_phase(given, expected):
    assert count_epochs(given) == expected


@pytest.mark.parametrize(
    ("words", "who"),
    [(["run", "7"], "autoencoder_7"), (["chapter"], "chapter"), (["compare", "a.py", "b.py"], "compare")],
)
def test_a_start_is_said_on_a_terminal_before_tensorflow_is_imported(words, who):
    program = (
        "import sys, runpy\n"
        "class Stop:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'tensorflow': sys.stderr.write('[import]'); sys.stderr.flush(); raise SystemExit(9)\n"
        "sys.meta_path.insert(0, Stop())\n"
        f"sys.argv[1:] = {words!r}\n"
        "runpy.run_module('ref', run_name='__main__', alter_sys=True)\n"
    )
    written = run_on_terminal(80, sys.executable, "-c", program)
    assert written.startswith(f"{who}: started; TensorFlow is being loaded\r\n")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert "started" not in done.stderr
