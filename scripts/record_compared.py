"""Record what python -m ref compare says of the notes' listings: python -m scripts.record_compared NOTES [--write].

Each listing is held against its port, 20 steps of each phase, on the embedded digits: some minutes. What is kept in
ref/recorded/compared.json is what was said, and the sha256 of both texts, so that it is shown of these alone; nothing
of the notes is. Without --write it is only said.
"""

import hashlib
import json
import sys
from pathlib import Path

from ref.chapter import BY_NAME
from ref.common.cli import exit_codes, import_port
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser, parse_path
from ref.fidelity.golden.json_text import dump
from ref.originals.listing import Listing, find_scripts

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "ref" / "recorded" / "compared.json"
SEED, DATA, STEPS = 42, "digits", 20


def find_listings(notes: str) -> list[Listing]:
    """Return the listings of ``notes`` that have a port, in their order.

    Raises:
      BadInputError: the notes cannot be read, or have none.
    """
    found = [listing for listing in find_scripts(notes) if listing.name in BY_NAME]
    if not found:
        raise BadInputError(
            f"{notes}: no listing of the chapter in it, expected ```python blocks that say @file: autoencoder_N.py; "
            "name the notes that have them"
        )
    return found


def get_port_path(name: str) -> Path:
    """Return the file of the port that a listing of this name has."""
    return ROOT / f"{BY_NAME[name].module.replace('.', '/')}.py"


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def find_recorded(listing: Listing) -> dict | None:
    """Return what was recorded of ``listing``: its verdict, code and rungs; None where either text is another now."""
    one = json.loads(RECORDED.read_text(encoding="utf-8"))["listings"].get(listing.name)
    hashes = [hash_text(listing.text), hash_text(get_port_path(listing.name).read_text(encoding="utf-8"))]
    return one if one and [one["listing_sha256"], one["port_sha256"]] == hashes else None


def compare(listings: list[Listing]) -> dict:
    """Return, by name, what the ladder says of each listing beside its port."""
    compare = import_port("ref.fidelity.ladder.compare")
    screen = import_port("ref.fidelity.ladder.screen")
    sides, warm = import_port("ref.fidelity.ladder.sides"), import_port("ref.fidelity.ladder.warm")
    said = {}
    with compare.cut_data(DATA, False) as (data, _, n_train), warm.Warm() as first, warm.Warm() as second:
        setting = sides.Setting(SEED, data, STEPS, "tf2", n_train)
        for listing in listings:
            port = sides.Port(BY_NAME[listing.name])
            rungs = list(compare.compare_pair(listing, port, setting, {}, (first, second)))
            verdict, code = screen.judge(rungs)
            lines = [line for rung in rungs for line in screen.format_rung(rung, ("original", "port"))]
            said[listing.name] = {
                "listing_sha256": hash_text(listing.text),
                "port_sha256": hash_text(get_port_path(listing.name).read_text(encoding="utf-8")),
                "verdict": verdict,
                "code": code,
                "rungs": lines,
            }
            print(f"{listing.name:<18}{verdict}", flush=True)
    return said


def main(argv: list[str]) -> int:
    parser = Parser(prog="python -m scripts.record_compared", description=__doc__.splitlines()[0])
    parser.add_argument("notes", type=parse_path, metavar="NOTES", help="the notes' Markdown")
    parser.add_argument("--write", action="store_true", help="keep what is said")
    args = parser.parse_args(argv)
    said = compare(find_listings(args.notes))
    if args.write:
        provenance = import_port("ref.fidelity.golden.provenance").describe_environment()
        setting = {"seed": SEED, "data": DATA, "steps": STEPS}
        with open_atomically(RECORDED) as file:
            file.write(dump({"provenance": provenance, "setting": setting, "listings": said}).encode())
    return max(one["code"] for one in said.values())


if __name__ == "__main__":
    with exit_codes():
        sys.exit(main(sys.argv[1:]))
