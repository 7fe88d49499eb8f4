"""Train the whole chapter under TensorFlow 1.15.5, and keep what it printed in ref/recorded/tf1.json (after make tf1).

    python -m scripts.record_tf1_chapter --notes FILE --data DIR [--seeds 42 7] [--out runs/tf1]

FILE is as for scripts.record_tf1, DIR holds MNIST's four gzipped files. The listings run as they are, at their own
sizes and epochs; a script that is finished in --out is kept. About 12 minutes a seed on 2 cores.
"""

import json
import sys
import tempfile
from pathlib import Path

from ref.chapter import CHAPTER_ORDER
from ref.common import machine
from ref.common.cli import Parser, exit_codes
from ref.common.files import open_atomically
from scripts import golden, record_tf1
from scripts.tf1_tables import TF1_RECORDED


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.record_tf1_chapter")
    parser.add_argument("--notes", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 7])
    parser.add_argument("--out", type=Path, default=Path("runs/tf1"))
    parser.add_argument("--python", default=str(record_tf1.PYTHON))
    args = parser.parse_args(argv)
    listings = record_tf1.read_listings(args.notes)
    lines = {}
    with tempfile.TemporaryDirectory() as directory:
        for seed in args.seeds:
            place = args.out / f"seed-{seed}"
            lines[str(seed)] = {}
            for number in CHAPTER_ORDER:
                kept = place / f"autoencoder_{number}.json"
                if not kept.exists():
                    listing = Path(directory) / f"autoencoder_{number}.py"
                    listing.write_text(listings[number], encoding="utf-8")
                    settings = [f"seed={seed}"] if number == 6 else []
                    flags = ("--seed", str(seed), "--validation-size", "5000")
                    result = record_tf1.run_listing(args.python, listing, args.data, place / "ck", settings, *flags)
                    kept.write_text(json.dumps(result))
                result = json.loads(kept.read_text())
                lines[str(seed)][f"autoencoder_{number}"] = result["lines"]
    provenance = {"cpu": machine.describe_cpu(), "threads": result["threads"], **result["versions"]}
    with open_atomically(TF1_RECORDED) as file:
        file.write(golden.dump({"provenance": provenance, "lines": lines}).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
