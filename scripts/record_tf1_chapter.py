"""Train the whole chapter under TensorFlow 1.15.5, and keep what it printed in ref/recorded/tf1.json.

It needs TensorFlow 1.15.5 (make tf1), the notes' Markdown, as scripts.record_tf1, and MNIST's four gzipped files (make
mnist). The listings run as they are, at their own sizes and epochs. About 12 minutes a seed on 2 cores; a script that
is finished in --out, from the same notes and data, is kept.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from ref.chapter import CHAPTER_ORDER
from ref.common import machine
from ref.common.cli import exit_codes
from ref.common.files import open_atomically
from ref.fidelity.golden.json_text import dump
from scripts import record_tf1
from scripts.tf1_inputs import add_python, check_mnist, check_python, make_parser, read_kept, whole_number
from scripts.tf1_tables import TF1_RECORDED


def main(argv: list[str]) -> None:
    parser = make_parser("scripts.record_tf1_chapter", __doc__)
    parser.add_argument("--notes", type=Path, required=True, metavar="FILE", help="the notes' Markdown")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="holds MNIST, gzipped")
    parser.add_argument("--seeds", type=whole_number(0), nargs="+", default=[42, 7], metavar="N", help="default: 42 7")
    parser.add_argument("--out", type=Path, default=Path("runs/tf1"), metavar="DIR", help="default: %(default)s")
    add_python(parser)
    args = parser.parse_args(argv)
    listings = record_tf1.read_listings(args.notes)
    made_of = {
        "listings_sha256": hashlib.sha256(json.dumps(listings, sort_keys=True).encode()).hexdigest(),
        "data_sha256": check_mnist(args.data),
    }
    check_python(args.python)
    lines = {}
    with tempfile.TemporaryDirectory() as directory:
        for seed in args.seeds:
            place = args.out / f"seed-{seed}"
            lines[str(seed)] = {}
            for number in CHAPTER_ORDER:
                kept = place / f"autoencoder_{number}.json"
                result = read_kept(kept)
                if result.get("made_of") != made_of:
                    listing = Path(directory) / f"autoencoder_{number}.py"
                    listing.write_text(listings[number], encoding="utf-8")
                    settings = [f"seed={seed}"] if number == 6 else []
                    flags = ("--seed", str(seed), "--validation-size", "5000")
                    result = record_tf1.run_listing(args.python, listing, args.data, place / "ck", settings, *flags)
                    with open_atomically(kept) as file:
                        file.write(json.dumps({**result, "made_of": made_of}).encode())
                lines[str(seed)][f"autoencoder_{number}"] = result["lines"]
    provenance = {"cpu": machine.describe_cpu(), "threads": result["threads"], **result["versions"]}
    with open_atomically(TF1_RECORDED) as file:
        file.write(dump({"provenance": provenance, "lines": lines}).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
