"""Run both sides of a comparison, at the same time where they may; what they leave is removed."""

import contextlib
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from ref.common.errors import BadInputError
from ref.fidelity.ladder.loaded import Loaded
from ref.fidelity.ladder.sides import Port, Setting, run_listing, run_port
from ref.fidelity.ladder.warm import Warm
from ref.originals.listing import Listing, find_scripts
from ref.originals.run import run_original

SAVED = r"save\([^,]+,\s*[\"'][^\"']*{}[\"']"
RESTORED = re.compile(r"restore\([^,]+,\s*[\"'](?:[^\"']*[\\/])?([^\"'\\/]+)[\"']")


@contextlib.contextmanager
def run_both(
    a: Listing, b: Port | Listing, setting: Setting, warm: tuple[Warm, Warm]
) -> Iterator[tuple[Loaded, Loaded, Callable[[], Loaded]]]:
    """Run both; yield (A, B, a function that runs A again with one unit moved by its last bit).

    Raises:
      BadInputError: one of them could not run.
    """
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        home = Path(name)
        record_a = {"directory": str(home / "record-a"), "steps": setting.looked_at}
        record_b = {"directory": str(home / "record-b"), "steps": setting.looked_at, "against": str(home / "record-a")}

        def run_a(directory: str, record: dict) -> Loaded:
            prepare(a, setting, home / directory, warm[0])
            return run_listing(a, setting, home / directory, record, setting.judge, "original", warm[0])

        def run_b() -> Loaded:
            if isinstance(b, Port):
                return run_port(b, setting, home / "b", record_b, "port", warm[1])
            return run_listing(b, setting, home / "b", record_b, "tf2", "script", warm[1])

        if setting.judge == "tf1":  # whose process is not a warm one: it is waited for here, where Ctrl-C comes
            loaded = run_a("a", record_a), run_b()
        else:
            loaded = run_at_once(lambda: run_a("a", record_a), run_b, warm, home / "record-a")
        yield *loaded, lambda: run_a("nudged", {"directory": str(home / "record-nudged"), "steps": [], "nudge": True})


def run_at_once(run_a: Callable, run_b: Callable, warm: tuple[Warm, Warm], record: Path) -> tuple[Loaded, Loaded]:
    """Call both, the first in a thread; what either raises is raised here, and the other is ended."""
    found: list[Loaded] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            found.append(run_a())
        except (BadInputError, EOFError, OSError, ValueError) as error:
            problems.append(error)
            warm[1].close()  # which waits for A's record

    thread = threading.Thread(target=run)
    thread.start()
    try:
        other = run_b()
    except BaseException as error:
        if not isinstance(error, EOFError):  # its own, not that A failed
            problems.insert(0, error)
            for one in warm:  # before what they write is removed
                one.close()
    finally:
        thread.join()
    if problems:
        raise problems[0]
    return found[0], other


def prepare(a: Listing, setting: Setting, out: Path, warm: Warm) -> None:
    """Run, before a listing of notes that restores a checkpoint, the one that saves it, if there is one."""
    restored = RESTORED.findall(a.text)
    if not restored or a.first_line == 1:
        return
    for other in find_scripts(a.path):
        if other.name != a.name and any(re.search(SAVED.format(re.escape(name)), other.text) for name in restored):
            run = warm.run if setting.judge == "tf2" else None
            outcome = run_original(
                other, on=setting.judge, seed=setting.seed, data=setting.data, out=out, stop_after=setting.steps,
                capture=True, run=run,
            )  # fmt: skip
            if outcome.code:
                raise BadInputError(outcome.reason or f"{other.label}: ended with {outcome.code}")
            return
