"""The command line: python -m ref VERB …, one verb a capability; USAGE lists them."""

import importlib
import re
import sys
from pathlib import Path

from ref.chapter import BY_NAME, CHAPTER_ORDER, SCRIPTS, Script
from ref.common import checks, environment
from ref.common.cli import exit_codes, import_port
from ref.common.columns import print_entry
from ref.common.errors import BadInputError
from ref.common.flags import Parser, add_common_flags, find_defaults, find_device
from ref.common.suggest import did_you_mean

USAGE = """usage: python -m ref list
           the scripts: number, titles, what each needs and writes
       python -m ref run autoencoder_N [flags]
           one script; --help after the name shows its flags
       python -m ref chapter [flags]
           all sixteen, in the chapter's order, and a closing table
       python -m ref original FILE [flags]
           a TensorFlow 1 script of yours, unmodified; --help shows its flags
       python -m ref compare A B [flags]
           where a port, or your migration B, leaves the original A
       python -m ref checkpoint …
           what is in one; how two differ; to .npz or .safetensors and back
       python -m ref pays [flags]
           does a cache of frozen layers pay for sizes of yours? --help
       python -m ref graph WHAT [flags]
           a picture of a graph: the chapter's, your script's, a .meta file's
       python -m ref golden record | check
           what a script of yours does, recorded, and held against that; --help
       python -m ref doctor [--json]
           what is here and works, and why TensorFlow computes on a GPU or not
"""
ROOMS = {  # verbs whose words are read by a module of their own, which is imported when it is called
    "original": "ref.originals.cli",
    "compare": "ref.fidelity.ladder.cli",
    "golden": "ref.fidelity.golden.cli",
    "checkpoint": "ref.checkpoints.cli",
    "doctor": "ref.doctor.cli",
    "pays": "ref.pays.cli",
    "graph": "ref.graph.cli",
}
VERBS = ("list", "run", "chapter", *ROOMS, "help")


def main(argv: list[str] | None = None) -> None:
    """Run the command that ``argv`` names; without one, say which there are.

    Exits with 2, 129, 130, 141 or 143 as ref.common.cli.exit_codes says.
    """
    with exit_codes():
        match argv or []:
            case ["list"]:
                list_scripts()
            case ["list" | "run", "-h" | "--help"] | ["-h" | "--help" | "help", *_] | []:
                print(USAGE, end="")
            case ["run"]:
                raise BadInputError("run: no script named, expected autoencoder_N; see python -m ref list")
            case ["run", flag, *_] if flag.startswith("-"):
                raise BadInputError(f"run {flag}: a flag, expected the script's name before it; see python -m ref list")
            case ["run", name, *flags]:
                run(find_script(name), flags)
            case ["chapter", *flags]:
                run_chapter(flags)
            case [verb, *flags] if verb in ROOMS:
                importlib.import_module(ROOMS[verb]).main(flags)
            case ["list", found, *_]:
                raise BadInputError(f"list {found}: takes nothing after it; see python -m ref --help")
            case [verb, *_]:
                script = match_script(verb)
                hint = f"did you mean run {script.name}? " if script else did_you_mean(verb, VERBS)
                expected = f"expected one of {', '.join(VERBS)}"
                raise BadInputError(f"{verb}: unknown command, {expected}; {hint}see python -m ref --help")


def find_script(name: str) -> Script:
    """Return the script that is meant by ``name``: ``autoencoder_7``, ``autoencoder_07``, ``7``, its file's name, …

    Raises:
      BadInputError: there is none.
    """
    script = match_script(name)
    if script is None:
        number = re.search(r"[0-9]+", name)
        meant = match_script(number[0]) if number else None
        hint = f"did you mean {meant.name}? " if meant else ""
        expected = f"expected {SCRIPTS[0].name} to {SCRIPTS[-1].name}"
        raise BadInputError(f"run {name}: unknown script, {expected}; {hint}see python -m ref list")
    return script


def match_script(name: str) -> Script | None:
    """Return the script that is meant by ``name``, or None."""
    stem = name.rpartition("/")[2].removeprefix("ref.").removesuffix(".py")
    for script in SCRIPTS:
        if stem == script.module.rpartition(".")[2]:
            return script
    number = re.fullmatch(r"(?:autoencoder[_-]?)?0*([0-9]+)", stem, re.IGNORECASE)
    return BY_NAME.get(f"autoencoder_{number[1]}") if number else None


def list_scripts() -> None:
    """Print what each script is called, needs and writes, in 80 columns, without importing TensorFlow."""
    for script in SCRIPTS:
        data = "data with labels" if script.uses_labels else "data"
        needs = [data] * script.reads_data + [f"autoencoder_{script.needs}'s checkpoint"] * bool(script.needs)
        writes = [script.checkpoint] * bool(script.checkpoint) + [f"{name}.png" for name in script.figures]
        print_entry(
            f"{script.name:<14}  ",
            (script.title, f"· {script.title_zh}"),
            (f"needs {', '.join(needs) or 'nothing'};", *re.split("(?<=,) ", f"writes {', '.join(writes)}")),
        )


def run(script: Script, flags: list[str]):
    """Import the port and run it; return its Run."""
    return import_port(script.module, takes_gpu=find_device(flags) != "cpu").main(flags)


def run_chapter(flags: list[str]) -> None:
    """Run all scripts in the chapter's order; standard output is theirs, with a heading each, and a closing table."""
    from ref.data.sources import choose_data

    parser = Parser(prog="python -m ref chapter")
    add_common_flags(parser)
    args = parser.parse_args(flags)
    data = args.data
    if data is None:
        data = choose_data()
        flags = [*flags, "--data", data]
    scripts = [BY_NAME[f"autoencoder_{number}"] for number in CHAPTER_ORDER]
    check_chapter(scripts, data, Path(args.out), takes_gpu=args.device != "cpu")
    results = {}
    for script in scripts:
        print(f"== {script.name}: {script.title}", flush=True)
        results[script.name] = run(script, flags).result
    print()
    print_closing_table(results)


def print_closing_table(results: dict[str, dict]) -> None:
    """Print, of each script's result, how long it took, its last line and its figures, in 80 columns."""
    print("script          seconds  last line, figures")
    for name, result in results.items():
        last_line = result["printed"][-1]["line"] if result["printed"] else ""
        says = [part.strip() for part in last_line.split("\t")], re.split("(?<=,) ", ", ".join(result["figures"]))
        print_entry(f"{name:<14}  {result['wall_time_s']:>7.1f}  ", *says)


def check_chapter(scripts: list[Script], data: str, out: Path, takes_gpu: bool = True) -> None:
    """Check for all ``scripts``, before the first of them, what can be known: names, rights, sizes, memory, disk.

    Raises:
      BadInputError: one of them could not run.
    """
    from ref.data.data_sets import count_examples
    from ref.data.sources import load

    n_train, n_test = count_examples(load(data))
    defaults = {script: find_defaults(import_port(script.module, takes_gpu)) for script in scripts}
    checks.check_chapter_batches(defaults, n_train, n_test, data)
    for script, hyper_parameters in defaults.items():
        checks.check_files(script, out)
        checks.check_memory(script, hyper_parameters, n_train, n_test)
    checks.check_room(out, sum(checks.count_bytes(script, found, n_train) for script, found in defaults.items()))


if __name__ == "__main__":
    environment.shut_out()
    main(sys.argv[1:])
