"""Where results lie, and what is in a file of them.

A file holds one kind of benchmark on one machine, one data set, one device and one set of sizes, and its name says so:

    DIRECTORY/MACHINE/KIND-DATA[-batch-N][-width-N][-frozen-N][-gpu[-tf32]].json

A run writes to data/bench, which is the user's own and ignored by Git. What is kept and published lies in bench/results
and gets there by ``make bench-keep`` alone. Every file has the same form:

    {"kind": …, "machine": {cpu, threads, gpu, versions …}, "work": {data, rows, device, sizes …}, "rows": [{…}, …]}
"""

import datetime
import json
import re
from pathlib import Path

from bench import work as bench_work
from ref.common.errors import BadInputError
from ref.common.files import open_atomically, read_json
from ref.data import data_sets, sources

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "data" / "bench"
KEPT = ROOT / "bench" / "results"
SUMMARY = "summary.json"  # beside the machines: the rows of the last peers that were kept, or run
KINDS = ("peers", "engines", "growth", "ports")
LISTING = {"batch": 150, "width": 300, "frozen": 1}  # what a name does not say


def describe_data(data: str | None) -> dict:
    """Return what is trained on, as a result's ``work`` has it: its name, its rows, the hash of its images.

    A directory's name is not enough, as another may be called so: it is followed by the head of the hash.

    Raises:
      BadInputError: the data cannot be read.
    """
    data = data or sources.choose_data()
    arrays = sources.load(data, uses_labels=False)
    sha256 = next(digest for name, digest in arrays.sha256.items() if name.startswith("train-images"))
    is_known = data in ("mnist", "digits")
    n_train, _ = data_sets.count_examples(arrays)
    return {"data": data if is_known else f"{arrays.name}-{sha256[:8]}", "rows": n_train, "sha256": sha256}


def name_result(kind: str, work: dict) -> str:
    """Return the name of a file, without its ending."""
    sizes = [f"{size}-{work[size]}" for size in LISTING if work.get(size, LISTING[size]) != LISTING[size]]
    words = [kind, work["data"], *sizes, *(["gpu"] if work["device"] == "gpu" else [])]
    words += ["tf32"] if work.get("tf32") else []
    return re.sub(r"[^\w.-]+", "-", "-".join(words))


def find_own(kind: str, work: dict) -> Path:
    """Return where this machine's own result of that kind and that work goes."""
    return OWN / bench_work.name_machine() / f"{name_result(kind, work)}.json"


def write_own(kind: str, machine: dict, work: dict, rows: list[dict], **others) -> Path:
    """Write a result of this machine's; return its path.

    Raises:
      BadInputError: nothing was measured, or it cannot be written.
    """
    if not rows:
        raise BadInputError(f"bench {kind}: nothing was measured, expected a row at least; nothing is kept")
    path = find_own(kind, work)
    measured = datetime.date.today().isoformat()
    write(path, {"kind": kind, "machine": machine, "work": work, "measured": measured, **others, "rows": rows})
    return path


def write(path: Path, content: dict | list) -> None:
    with open_atomically(path) as file:
        file.write((json.dumps(content, indent=1) + "\n").encode())


def read(path: Path) -> dict:
    """Return a result.

    Raises:
      BadInputError: the file is not there, or is no result.
    """
    try:
        result = read_json(path)
        if result["kind"] not in KINDS or not result["rows"]:
            raise ValueError(f"{len(result['rows'])} rows of the kind {result['kind']!r}")
        if not {"cpu", "threads", "tensorflow"} <= result["machine"].keys() or "data" not in result["work"]:
            raise ValueError("the machine or the work is not told")
        return result
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: not there, expected a result; run make bench first") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path}: not a file of make bench's ({error!r}), expected one; run make bench") from error


def list_results(directory: Path) -> list[Path]:
    """Return the files of a directory of results: by machine, then by kind, the listing's sizes first."""
    paths = directory.glob("*/*.json")
    return sorted(
        (path for path in paths if path.stem.partition("-")[0] in KINDS),
        key=lambda path: (path.parent.name, KINDS.index(path.stem.partition("-")[0]), path.stem),
    )
