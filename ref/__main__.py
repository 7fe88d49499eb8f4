"""The command line: python -m ref list | run NAME | chapter."""

import sys

from ref.chapter import BY_NAME, CHAPTER_ORDER, SCRIPTS, Script
from ref.common.cli import Parser, add_common_flags, exit_codes, import_port
from ref.common.errors import BadInputError
from ref.data.sources import choose_data, load

USAGE = """usage: python -m ref list                     the scripts: number, title, what each needs and writes
       python -m ref run autoencoder_N [flags]  one script; --help after the name shows its flags
       python -m ref chapter [flags]            all sixteen, in the chapter's order, and a closing table
"""


def main(argv: list[str] | None = None) -> None:
    """Run the command that ``argv`` names; without one, say which there are.

    Exits with 2, 130 or 143 as ref.common.cli.exit_codes says.
    """
    argv = argv or []
    with exit_codes():
        match argv:
            case ["list"]:
                list_scripts()
            case ["run", "-h" | "--help"] | ["-h" | "--help"] | []:
                print(USAGE, end="")
            case ["run"]:
                raise BadInputError("run: no script named, expected autoencoder_N; see python -m ref list")
            case ["run", name, *flags] if name in BY_NAME:
                run(BY_NAME[name], flags)
            case ["run", name, *_]:
                expected = f"{SCRIPTS[0].name} to {SCRIPTS[-1].name}"
                raise BadInputError(f"run {name}: unknown script, expected {expected}; see python -m ref list")
            case ["chapter", *flags]:
                run_chapter(flags)
            case _:
                found = " ".join(argv)
                raise BadInputError(
                    f"{found}: unknown command, expected list, run NAME or chapter; see python -m ref --help"
                )


def list_scripts() -> None:
    """Print one line per script, without importing TensorFlow."""
    rows = [("script", "needs", "writes", "title")]
    for script in SCRIPTS:
        data = "data with labels" if script.uses_labels else "data"
        needs = [data] * script.reads_data + [f"autoencoder_{script.needs}'s checkpoint"] * bool(script.needs)
        writes = [script.checkpoint] * bool(script.checkpoint) + [f"{name}.png" for name in script.figures]
        titles = f"{script.title} · {script.title_zh}"
        rows.append((script.name, ", ".join(needs) or "-", ", ".join(writes), titles))
    print_table(rows)


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows of equally many cells in columns."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def run(script: Script, flags: list[str]):
    """Import the port and run it; return its Run."""
    return import_port(script.module).main(flags)


def run_chapter(flags: list[str]) -> None:
    """Run all scripts in the chapter's order; standard output is theirs, with a heading each, and a closing table."""
    parser = Parser(prog="python -m ref chapter", allow_abbrev=False)
    add_common_flags(parser)
    data = parser.parse_args(flags).data
    if data is None:
        data = choose_data()
        flags = [*flags, "--data", data]
    load(data)
    rows = [("script", "last line", "seconds", "figures")]
    for number in CHAPTER_ORDER:
        script = BY_NAME[f"autoencoder_{number}"]
        print(f"== {script.name}: {script.title}", flush=True)
        result = run(script, flags).result
        last_line = result["printed"][-1]["line"].replace("\t", " ") if result["printed"] else "-"
        rows.append((script.name, last_line, f"{result['wall_time_s']:.1f}", ", ".join(result["figures"]) or "-"))
    print()
    print_table(rows)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # Chinese titles on a terminal that has none
    main(sys.argv[1:])
