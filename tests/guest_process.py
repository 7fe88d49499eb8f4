"""A notebook's day, in a process that test_guest.py starts: ``python guest_process.py DATA``, in a fresh directory.

Its arguments are a notebook's own, and none of ours; where something is not as it should be, it fails.
"""

import contextlib
import io
import os
import re
import signal
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def train_by_command(data: str) -> None:
    """Call the command line's ``main``, which imports TensorFlow, as a notebook's first cell."""
    from ref.__main__ import main

    def look():
        handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        return handlers, os.fstat(1).st_ino, os.fstat(2).st_ino, os.getcwd(), sys.argv[:]

    before, environment = look(), dict(os.environ)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main()
    assert out.getvalue().startswith("usage:"), out.getvalue()
    assert "tensorflow" not in sys.modules
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main(["run", "autoencoder_7", "--data", data, "--epochs", "1", "--batch-sizes", "20", "20"])
    assert "Test MSE" in out.getvalue()
    assert look() == before
    changed = {name for name, _ in dict(os.environ).items() ^ environment.items()}
    assert not changed & {"TF_CPP_MIN_LOG_LEVEL", "MPLCONFIGDIR", "KERAS_HOME", "PYTHONPATH", "PATH", "HOME"}, changed


def run_readme() -> None:
    """Run the README's Python, one snippet after the other, and hold the export against the session."""
    import guest
    import numpy as np

    snippets = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    snippets = [snippet for snippet in snippets if "new_graph" in snippet]  # one shows a script of the user's
    assert len(snippets) == 2, snippets
    cell = {}
    for snippet in snippets:
        before = guest.snapshot()
        exec(compile(snippet, "README.md", "exec"), cell)
        changed = guest.compare(before, guest.snapshot())
        if "saved_model.load" in snippet:  # TensorFlow's loader makes a default graph
            changed.pop("default graphs", None)
        assert not changed, changed
    assert cell["weights1_val"].shape == (784, 300)
    g = cell["g"]
    with cell["open_session"](graph=g.X.graph) as sess:  # of a graph whose block has ended
        g.saver.restore(sess, "runs/autoencoder_7/my_model_one_at_a_time.ckpt")
        np.testing.assert_allclose(
            cell["outputs_val"], sess.run(g.outputs, {g.X: np.zeros((1, 784))}), rtol=1e-5, atol=1e-6
        )


if __name__ == "__main__":
    data = sys.argv[1]
    sys.argv[1:] = ["-f", "kernel-1.json"]
    train_by_command(data)
    run_readme()
    import guest

    guest.work_as_tensorflow_2_does()
    guest.fit_with_keras()
