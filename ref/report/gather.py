"""What lies in a directory of runs: results of the chapter's scripts and of a user's own, what has not ended, or broke.

Whatever is read may have been written by others: only its form is trusted, as far as it was checked here.
"""

from dataclasses import dataclass, field
from pathlib import Path

from ref.chapter import BY_NAME, CHAPTER_ORDER
from ref.common.errors import BadInputError
from ref.common.files import read_json
from ref.common.generations import find_generations
from ref.fidelity.golden.held import EXPECTED, check_form

ORIGINAL = {"script": str, "file": str, "on": str, "lines": list, "code": int}  # of a result of python -m ref original

MOST_CHARACTERS = 1000  # of a line; no listing prints a longer one


@dataclass(frozen=True)
class Run:
    """A run that ended, of the chapter or of a user's script: its directory, and what its result.json holds."""

    directory: Path
    result: dict

    @property
    def lines(self) -> list[str]:
        """What it printed."""
        rows = self.result.get("printed", self.result.get("lines"))
        return [row["line"] if isinstance(row, dict) else row for row in rows]


@dataclass(frozen=True)
class Unfinished:
    """A run without a result: interrupted, or still running; ``state`` is that of its last saved epoch, or empty."""

    directory: Path
    state: dict

    @property
    def lines(self) -> list[str]:
        rows = self.state.get("printed")
        rows = rows if isinstance(rows, list) else []
        return [row["line"] for row in rows if isinstance(row, dict) and isinstance(row.get("line"), str)]


@dataclass
class Gathered:
    """All that was found; ``broken`` holds a line for each result that cannot be read."""

    runs: list[Run] = field(default_factory=list)
    unfinished: list[Unfinished] = field(default_factory=list)
    originals: list[Run] = field(default_factory=list)
    broken: dict[Path, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: a directory without a saved epoch is no run."""
        return not (self.runs or self.originals or any(one.state for one in self.unfinished))


def gather(out: Path) -> Gathered:
    """Return what lies in ``out``: in its directories, or in ``out`` itself where that is a run's own.

    Raises:
      BadInputError: it cannot be read, or holds no run; or no result that is there can be read.
    """
    found = Gathered()
    for directory in [out] if (out / "result.json").is_file() else _list_directories(out):
        _add(found, directory)
    if found.is_empty and len(found.broken) == 1:
        raise BadInputError(next(iter(found.broken.values())))
    if found.is_empty and found.broken:
        raise BadInputError(
            f"{out}: {len(found.broken)} results, none can be read; {next(iter(found.broken.values()))}"
        )
    if found.is_empty:
        deeper = sorted({path.parent.parent for path in out.glob("*/*/result.json")})
        hint = f"did you mean --out {deeper[0]}? " if deeper else ""
        raise BadInputError(
            f"{out}: no run in it, expected autoencoder_N/result.json; {hint}"
            f"make one: python -m ref run autoencoder_3 --out {out}"
        )
    order = {f"autoencoder_{number}": place for place, number in enumerate(CHAPTER_ORDER)}
    found.runs.sort(key=lambda run: (order[run.result["script"]], run.directory.name))
    found.unfinished.sort(key=lambda run: (order.get(run.directory.name, len(order)), run.directory.name))
    return found


def _list_directories(out: Path) -> list[Path]:
    try:
        return sorted(path for path in out.iterdir() if path.is_dir())
    except OSError as error:
        raise BadInputError(
            f"{out}: cannot be read ({error.strerror}), expected the directory that runs wrote to; name it with --out "
            "(make: OUT=), or make a run: python -m ref run autoencoder_3"
        ) from error


def _add(found: Gathered, directory: Path) -> None:
    path = directory / "result.json"
    try:
        result = read_json(path)
        if ORIGINAL.keys() <= result.keys():
            _check_original(path, result)
            found.originals.append(Run(directory, result))
        else:
            _check_run(path, result)
            found.runs.append(Run(directory, result))
    except (FileNotFoundError, NotADirectoryError):
        generation = next(find_generations(directory, []), None)
        if directory.name in BY_NAME:
            found.unfinished.append(Unfinished(directory, generation.state if generation else {}))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        found.broken[directory] = f"{path}: cannot be read ({reason}), {EXPECTED}; {_advise(directory)}"
    except BadInputError as error:
        found.broken[directory] = f"{error}; {_advise(directory)}"


def _advise(directory: Path) -> str:
    if directory.name in BY_NAME:
        return f"run it again: python -m ref run {directory.name} --out {directory.parent}"
    return "move it away, or run that script again"


def _check_run(path: Path, result: dict) -> None:
    check_form(path, result)
    longest = max((len(row["line"]) for row in result["printed"]), default=0)
    if longest > MOST_CHARACTERS:
        raise BadInputError(f"{path}: a printed line has {longest} characters, {EXPECTED}")


def _check_original(path: Path, result: dict) -> None:
    for key, kind in ORIGINAL.items():
        if not isinstance(result[key], kind):
            raise BadInputError(f"{path}: {key!r} is {result[key]!r:.40}, expected what python -m ref original writes")
    if not all(isinstance(line, str) for line in result["lines"]):
        raise BadInputError(f"{path}: 'lines' holds what is no line, expected what python -m ref original writes")
