"""The command line: python -m ref list | run NAME | chapter."""

import sys

from ref.chapter import BY_NAME, CHAPTER_ORDER, SCRIPTS, Script
from ref.common.cli import Parser, add_common_flags, exit_codes, import_port
from ref.common.errors import BadInputError

USAGE = """usage: python -m ref list                     the scripts: number, title, what each needs and writes
       python -m ref run autoencoder_N [flags]  one script; --help after the name shows its flags
       python -m ref chapter [flags]            all sixteen, in the chapter's order, and a closing table
"""


def main(argv: list[str] | None = None) -> None:
    argv = sys.argv[1:] if argv is None else argv
    with exit_codes():
        match argv:
            case ["list"]:
                list_scripts()
            case ["run", "-h" | "--help"] | ["-h" | "--help"] | []:
                print(USAGE, end="")
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
    print(f"{'script':<16}{'needs':<24}{'writes':<60}title")
    for script in SCRIPTS:
        needs = f"{BY_NAME[f'autoencoder_{script.needs}'].name}'s checkpoint" if script.needs else "-"
        writes = ", ".join([script.checkpoint] * bool(script.checkpoint) + [f"{name}.png" for name in script.figures])
        print(f"{script.name:<16}{needs:<24}{writes:<60}{script.title} · {script.title_zh}")


def run(script: Script, flags: list[str]):
    """Import the port and run it, with TensorFlow's Python warnings about TensorFlow 1 switched off."""
    port = import_port(script)
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    return port.main(flags)


def run_chapter(flags: list[str]) -> None:
    parser = Parser(prog="chapter", allow_abbrev=False)
    add_common_flags(parser)
    parser.parse_args(flags)
    rows = []
    for number in CHAPTER_ORDER:
        script = BY_NAME[f"autoencoder_{number}"]
        print(f"== {script.name}: {script.title}", flush=True)
        result = run(script, flags).result
        last_line = result["printed"][-1]["line"].replace("\t", " ") if result["printed"] else "-"
        rows.append((script.name, last_line, f"{result['wall_time_s']:.1f}", ", ".join(result["figures"]) or "-"))
    header = ("script", "last line", "seconds", "figures")
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    print()
    for row in (header, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    main()
