"""python -m ref doctor: what is here and works, and why TensorFlow computes on a GPU or not."""

import json
import re
from collections.abc import Iterator

from ref.common.errors import BadInputError
from ref.common.flags import Parser
from ref.doctor import computer, data, gpu, packages, probe
from ref.doctor.rows import Row, Section, format_row, format_section

SAID = r"^[IWE]\d{4} .*?\] (.*(?:GPU|gpu|CUDA|cuda|cuInit|dlopen).*)$"  # of TensorFlow's log


def main(argv: list[str]) -> None:
    """Print what is found, section by section, and a verdict.

    Raises:
      BadInputError: what a run on the CPU needs is broken.
    """
    parser = Parser(prog="python -m ref doctor", description=__doc__.partition(": ")[2])
    parser.add_argument("--json", action="store_true", help="all of it as JSON")
    args = parser.parse_args(argv)
    sections = []
    for section in examine():
        sections.append(section)
        if not args.json:
            print(format_section(section), end="\n\n", flush=True)
    of_gpu = [row.problem for row in sections[-1].rows if row.problem]
    of_cpu = [row.problem for section in sections[:-1] for row in section.rows if row.problem]
    if args.json:
        found = {section.title: {row.label: row.text for row in section.rows} for section in sections}
        print(json.dumps(found | {"problems": {"cpu": of_cpu, "gpu": of_gpu}}, indent=1, ensure_ascii=False))
    else:
        print(format_verdict(of_cpu, of_gpu, sections[-1].rows[-1].text))
    if of_cpu:
        raise BadInputError(of_cpu[0])


def examine() -> Iterator[Section]:
    """Yield the sections, that of the GPU last."""
    yield packages.examine()
    yield computer.examine()
    yield from data.examine()
    found = ask_tensorflow()
    yield Section("tensorflow", [describe_import(found)])
    yield gpu.examine(found)


def ask_tensorflow() -> dict:
    """Return what probe.try_tensorflow found; the ``gpus``; what was ``said`` of them; the ``ending``, if it failed.

    Where its process dies of a GPU's libraries, the CPU is tried without them.
    """
    answer = probe.ask("tensorflow")
    said = [answer.ending] if answer.ending else re.findall(SAID, answer.stderr, re.MULTILINE)
    gpus = [one["gpu"] for one in answer.found if "gpu" in one]
    if answer.ending:
        answer = probe.ask("tensorflow", CUDA_VISIBLE_DEVICES="-1")
    return {**answer.all, "gpus": gpus, "said": said[-1] if said else "", "ending": answer.ending}


def describe_import(found: dict) -> Row:
    """Return whether TensorFlow can be imported and computes on the CPU."""
    if "product" not in found:
        reason = found["ending"]
        return Row(
            "import",
            f"fails: {reason}",
            f"TensorFlow cannot be imported ({reason}); run 'make setup' and take .venv/bin/python",
        )
    if found["product"] != 512.0:
        return Row(
            "import", f"a product comes out as {found['product']}", "TensorFlow computes wrongly on this processor"
        )
    return Row("import", f"{found['version']} in {found['import_s']:.1f} s, computes on the CPU; {found['directory']}")


def format_verdict(of_cpu: list[str], of_gpu: list[str], seen: str) -> str:
    """Return the verdict as lines: what is wrong, the first cause first."""
    lines = ["verdict", *_list_causes("cpu", "broken", of_cpu)]
    if of_gpu:
        return "\n".join([*lines, *_list_causes("gpu", "not used", of_gpu)])
    return "\n".join([*lines, format_row("gpu", f"works: TensorFlow {seen}", 3)])


def _list_causes(label: str, state: str, problems: list[str]) -> list[str]:
    if not problems:
        return [format_row(label, "works", 3)]
    numbered = [format_row("", f"{i}. {problem}", 3) for i, problem in enumerate(problems, 1)]
    return [format_row(label, f"{state}, for {len(problems)} reason{'s' * (len(problems) > 1)}", 3), *numbered]
