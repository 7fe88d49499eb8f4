"""The two sides of a comparison: what a word names, and a run of it, recorded, in a process of its own."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ref.chapter import BY_NAME, Script
from ref.common.errors import BadInputError
from ref.fidelity.ladder.loaded import Loaded, read_settings
from ref.fidelity.ladder.warm import ROOT, Warm
from ref.originals.listing import Listing, find_scripts
from ref.originals.run import run_original

# A function that seeds its graph with an argument of its own, 42 say, as listing 6 does: that is set, too.
OWN_SEED = re.compile(r"def \w+\([^)]*\bseed\s*=\s*[0-9]+.*?set_random_seed\(seed\)", re.S)


@dataclass(frozen=True)
class Setting:
    """What both sides are run with: ``steps`` of each training op, or None for all; ``judge``, what A runs on."""

    seed: int
    data: str
    steps: int | None
    judge: str = "tf2"
    n_train: int = 0
    n_looked_at: int = 20

    def get_labeled(self, text: str) -> int | None:
        """Return how many labelled images there are, where a script asks for more: listing 4 does, of 20,000."""
        asked = re.search(r"n_labeled_instances\s*=\s*([0-9]+)", text)
        return self.n_train if asked and self.n_train and int(asked[1]) > self.n_train else None

    @property
    def looked_at(self) -> list[int]:
        return sorted({1, 2, self.steps or self.n_looked_at})


@dataclass(frozen=True)
class Port:
    """A port of the chapter, or a copy of one in ``file``."""

    script: Script
    file: Path | None = None

    @property
    def name(self) -> str:
        return self.script.name

    @property
    def path(self) -> Path:
        return self.file or ROOT / (self.script.module.replace(".", os.sep) + ".py")

    @property
    def label(self) -> str:
        path = self.path
        return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def run_listing(listing: Listing, setting: Setting, out: Path, record: dict, on: str, role: str, warm: Warm) -> Loaded:
    """Run a script, recorded.

    Raises:
      BadInputError: it could not run, or opened no session.
    """
    directory = Path(record["directory"])
    n_labeled = setting.get_labeled(listing.text)
    given = [f"n_labeled_instances={n_labeled}"] if n_labeled else []
    given += [f"seed={setting.seed}"] if OWN_SEED.search(listing.text) else []
    outcome = run_original(
        listing,
        settings=given,
        on=on,
        seed=setting.seed,
        data=setting.data,
        out=out,
        stop_after=setting.steps,
        record=record,
        capture=True,
        run=warm.run if on == "tf2" else None,
    )
    if outcome.code:
        raise BadInputError(
            outcome.reason or f"{listing.label}: it ended with sys.exit({outcome.code}), expected it to run"
        )
    settings = read_settings(listing.text) | ({"n_labeled_instances": n_labeled} if n_labeled else {})
    loaded = Loaded(directory, role, {listing.label: listing.text}, settings, outcome.result["lines"])
    check_sessions(loaded, listing.label)
    return loaded


def run_port(port: Port, setting: Setting, out: Path, record: dict, role: str, warm: Warm) -> Loaded:
    """Run a port, recorded; what it needs of another is made first, as long."""
    directory = Path(record["directory"])
    directory.mkdir(parents=True, exist_ok=True)
    flags = ["--data", setting.data, "--seed", str(setting.seed), "--out", str(out)]
    own = list(flags)
    if n_labeled := setting.get_labeled(port.path.read_text(encoding="utf-8")):
        own += ["--n-labeled-instances", str(n_labeled)]
    if port.script.needs and not (out / f"autoencoder_{port.script.needs}").exists():
        needed = Port(BY_NAME[f"autoencoder_{port.script.needs}"])
        start_port(needed, flags, setting.steps, None, directory, warm)
    report = start_port(port, own, setting.steps, record, directory, warm)
    sources = {str(port.path): port.path.read_text(encoding="utf-8")}
    loaded = Loaded(directory, role, sources, report["hyper_parameters"], report["lines"])
    check_sessions(loaded, port.label)
    return loaded


def start_port(
    port: Port, flags: list[str], steps: int | None, record: dict | None, directory: Path, warm: Warm
) -> dict:
    job = {"module": port.script.module, "file": str(port.file) if port.file else None, "flags": flags}
    paths = directory / f"{port.name}.job.json", directory / f"{port.name}.report.json"
    job |= {"stop_after": steps, "record": record, "report": str(paths[1])}
    paths[0].write_text(json.dumps(job), encoding="utf-8")
    code, _, stderr = warm.run("port", str(paths[0]), {})
    if code:
        lines = [line for line in stderr.splitlines() if line.strip()] or [f"ended with {code}"]
        said = next((line for line in lines if line.startswith("error: ")), lines[-1]).removeprefix("error: ")
        raise BadInputError(f"{port.label}: {said}")
    return json.loads(paths[1].read_text(encoding="utf-8"))


def check_sessions(loaded: Loaded, label: str) -> None:
    """Raise BadInputError where a script has opened no session in which something was computed."""
    events = [event for event in loaded.record["events"] if event["kind"] in ("step", "evaluation")]
    if not events:
        raise BadInputError(
            f"{label}: no session computed anything in it, expected a script that trains or evaluates a graph; name "
            "the script that does (eager code has no graph to compare)"
        )


def find_side(spec: str, match_script) -> Port | Listing:
    """Return the port or the script that ``spec`` names.

    Raises:
      BadInputError: there is none, or it names several.
    """
    path = Path(spec)
    script = match_script(spec)
    if script and not path.is_file():
        return Port(script)
    listings = find_scripts(spec)
    if len(listings) > 1:
        names = ", ".join(f"{listing.name}.py" for listing in listings[:4])
        raise BadInputError(
            f"{spec}: holds {len(listings)} listings ({names}, …), expected one; name it: {spec}:{listings[0].name}.py"
        )
    listing = listings[0]
    if "ref.common.cli" in listing.text and "run_script(" in listing.text:
        return Port(find_own_script(listing), Path(os.path.abspath(listing.path)))
    return listing


def find_own_script(listing: Listing) -> Script:
    found = next((script for name, script in BY_NAME.items() if f'run_script("{name}"' in listing.text), None)
    if found is None:
        raise BadInputError(
            f'{listing.label}: calls run_script for no script of the chapter, expected run_script("autoencoder_N", …)'
        )
    return found
