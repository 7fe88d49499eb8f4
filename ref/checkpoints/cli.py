"""python -m ref checkpoint list | diff | export | import: checkpoints that are not ours, and ours for others."""

import os
import sys
from pathlib import Path

from ref.checkpoints import arrays, describe
from ref.common.cli import import_port
from ref.common.errors import BadInputError
from ref.common.flags import Parser
from ref.common.suggest import did_you_mean

USAGE = """usage: python -m ref checkpoint list PATH
           names, shapes, types, mean, deviation; what is Adam's
       python -m ref checkpoint diff A B
           what is not the same to the bit; then the exit code is 1
       python -m ref checkpoint export PATH -o FILE
           to FILE.npz or FILE.safetensors, under the variables' names
       python -m ref checkpoint import FILE -o PREFIX
           from such a file to a checkpoint that tf.train.Saver restores

PATH, A and B: a checkpoint's prefix, one of its files, a directory that holds
it, runs/autoencoder_7 for one; or FILE
"""


def main(argv: list[str]) -> None:
    """Do what ``argv`` says.

    Raises:
      BadInputError: a path or a flag is not what it must be.
      SystemExit: with code 1, where ``diff`` has found a difference.
    """
    verbs = {"list": list_values, "diff": show_differences, "export": export, "import": bring_back}
    match argv:
        case [] | ["-h" | "--help" | "help", *_]:
            print(USAGE, end="")
        case [verb, *flags] if verb in verbs:
            verbs[verb](flags)
        case [verb, *_]:
            raise BadInputError(
                f"checkpoint {verb}: unknown, expected list, diff, export or import; {did_you_mean(verb, verbs)}see "
                "python -m ref checkpoint --help"
            )


def list_values(flags: list[str]) -> None:
    (path,) = _parse("list", flags, "PATH")
    values = _read(path)
    rows = describe.describe(values)
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print(describe.count(values))


def show_differences(flags: list[str]) -> None:
    a, b = _parse("diff", flags, "A", "B")
    values_a, values_b = _read(a), _read(b)
    lines = list(describe.compare(values_a, values_b))
    print(*lines, sep="\n", end="\n" if lines else "")
    n_names = len(values_a.keys() | values_b.keys())
    if lines:
        print(f"{len(lines)} of {n_names} variables differ")
        sys.exit(1)
    print(f"{n_names} of {n_names} variables equal to the bit")


def export(flags: list[str]) -> None:
    path, file = _parse("export", flags, "PATH", output="FILE.npz or FILE.safetensors")
    arrays.check_output(file)
    values = _read(path)
    if left_out := arrays.write(file, values):
        print(f"{file}: without {', '.join(left_out)}, which is text", file=sys.stderr)
    print(f"{file}: {len(values) - len(left_out)} variables")


def bring_back(flags: list[str]) -> None:
    file, prefix = _parse("import", flags, "FILE", output="PREFIX")
    if file.suffix not in arrays.FORMATS:
        raise BadInputError(f"{file}: no format has that ending, expected {' or '.join(arrays.FORMATS)}; export one")
    values = _read(file)
    write = import_port("ref.checkpoints.write")
    write.check(file, values)
    write.write(prefix, values)
    print(f"{prefix}: {len(values)} variables")


def _read(path: Path):
    if path.suffix in arrays.FORMATS and path.is_file():
        return arrays.read(path)  # without TensorFlow
    return import_port("ref.checkpoints.read").read(path)


def _parse(verb: str, flags: list[str], *names: str, output: str | None = None) -> list[Path]:
    parser = Parser(prog=f"python -m ref checkpoint {verb}")
    for name in names:
        parser.add_argument(name)
    if output:
        parser.add_argument("-o", "--out", required=True, metavar=output)
    args = vars(parser.parse_args(flags))
    for name, text in args.items():
        if not text:
            parser.error(f"{name}: '' found, expected a path")
    return [Path(os.path.expanduser(args[name])) for name in (*names, *(["out"] if output else []))]
