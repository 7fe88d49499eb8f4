"""Does a cache pay for sizes of yours? python -m ref pays --rows N --inputs N --frozen N,N --trained N --batch N …"""

import argparse
import os
import tempfile
from pathlib import Path

from ref.common import machine
from ref.common.cli import import_port
from ref.common.errors import BadInputError
from ref.common.flags import MAX_COUNT, Parser, parse_count, parse_path
from ref.pays.sizes import MAX_LAYERS, Room, Sizes

MAX_ROWS = 10**12


def parse_rows(text: str) -> int:
    return parse_count(text, MAX_ROWS)


def parse_widths(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if len(words) > MAX_LAYERS:
        raise argparse.ArgumentTypeError(f"{len(words)} widths found, expected {MAX_LAYERS} at most")
    try:
        return tuple(map(parse_count, words))
    except argparse.ArgumentTypeError:
        expected = f"expected whole numbers from 1 to {MAX_COUNT} with commas between, such as 1000,500"
        raise argparse.ArgumentTypeError(f"{text!r} found, {expected}") from None


def make_parser() -> Parser:
    parser = Parser(
        prog="python -m ref pays",
        description="Measure for half a minute, and say in one screen whether a cache of frozen layers' outputs pays.",
    )
    default = Sizes()
    for name, what in (
        ("rows", "examples in the training set"),
        ("inputs", "values an example"),
        ("frozen", "widths of the frozen layers, from the inputs up: 1000,500"),
        ("trained", "widths of the trained part's hidden layers, which reconstructs the last frozen layer's outputs"),
        ("batch", "examples a step"),
        ("epochs", "of the training on top of the frozen layers"),
    ):
        value = getattr(default, name)
        kind = parse_rows if name == "rows" else parse_widths if isinstance(value, tuple) else parse_count
        said = ",".join(map(str, value)) if isinstance(value, tuple) else value
        metavar = "N[,N]" if isinstance(value, tuple) else "N"
        parser.add_argument(f"--{name}", type=kind, default=value, metavar=metavar, help=f"{what}; default: {said}")
    parser.add_argument(
        "--engine", default="epoch-shuffle", metavar="NAME", help="one of autoencoder_8's; default: %(default)s"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="default: %(default)s")
    says = "where the cache's file would lie, and a sample of it is written for a moment; default: %(default)s"
    parser.add_argument("--out", type=parse_path, default="runs", metavar="DIR", help=says)
    return parser


def main(argv: list[str]) -> None:
    """Print the answer; whatever it is, that is no error.

    Raises:
      BadInputError: a size is no size, does not fit the others or in memory; no such engine or device.
    """
    args = vars(make_parser().parse_args(argv))
    engine, device, out = args.pop("engine"), args.pop("device"), Path(args.pop("out"))
    sizes = Sizes(**args)
    sizes.check(machine.count_available_memory())
    measure = import_port("ref.pays.measure")
    measure.check_engine(engine, sizes)
    existing = next(path for path in (out, *out.absolute().parents) if os.path.lexists(path))
    room = Room(machine.count_available_memory(), machine.count_free_disk(existing))
    try:
        with tempfile.TemporaryDirectory(prefix=".pays-", dir=existing) as directory:
            measured = measure.measure(sizes, engine, device, Path(directory), room)
    except OSError as error:
        raise BadInputError(
            f"{existing}: cannot be written ({error.strerror or error}), expected a directory for a sample of the "
            "cache's file; choose another (--out)"
        ) from error
    report = import_port("ref.pays.report")
    print(report.describe(sizes, engine, import_port("ref.common.session").describe_device(device), measured, room))
