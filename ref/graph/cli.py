"""python -m ref graph WHAT: a picture of the graph of a port, of a TensorFlow 1 script, of a .meta file."""

import argparse
import sys
from pathlib import Path
from typing import get_args

from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser, parse_count, parse_path
from ref.common.terminal import say_start
from ref.graph.words import Language

DESCRIPTION = """\
Draw a graph as SVG: layers, losses, what a training op moves and what it
freezes; or every op.

WHAT is a script of the chapter, a TensorFlow 1 script of yours (FILE.py,
notes.md:listing.py), or a .meta file. Your script runs with your rights, as far
as its first training step."""


def make_parser() -> Parser:
    parser = Parser(
        prog="python -m ref graph", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", type=parse_path, metavar="WHAT", help="autoencoder_7, train.py or model.ckpt.meta")
    parser.add_argument("--phase", type=parse_count, metavar="N", help="what the N-th training op needs, alone")
    parser.add_argument("--ops", action="store_true", help="every op, gradients and all")
    says = "default: graph-NAME.svg in this directory; - is standard output"
    parser.add_argument("-o", "--output", type=parse_path, metavar="FILE.svg", help=says)
    parser.add_argument("--language", choices=get_args(Language), default="en", help="default: %(default)s")
    parser.add_argument("--graph", type=parse_count, metavar="N", help="of several graphs, the N-th alone")
    parser.add_argument(
        "--data", type=parse_path, metavar="mnist|digits|DIR", help="of a script of yours that reads MNIST"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings", help="of a script of yours"
    )
    return parser


def main(flags: list[str]) -> None:
    """Draw what ``flags`` name; one file a graph.

    Raises:
      BadInputError: there is no such thing, it has no such phase or graph, or the file cannot be written.
    """
    args = make_parser().parse_args(flags)
    check_output(args.output)
    say_start("graph")
    from ref.graph.draw import draw_graph
    from ref.graph.layout import import_graphviz

    import_graphviz()
    name, graphs, uses = find_graphs(args)
    chosen = choose(list(enumerate(zip(graphs, uses), 1)), args.graph, name)
    if args.output == "-" and len(chosen) > 1:
        raise BadInputError(
            f"-o -: {name} has {len(graphs)} graphs, expected one; choose it with --graph 1 to {len(graphs)}"
        )
    pictures = [
        draw_graph(graph, use, name, args.language, phase=args.phase, number=number, count=len(graphs), ops=args.ops)
        for number, (graph, use) in chosen
    ]
    if args.output == "-":
        sys.stdout.write(pictures[0].svg)
        return
    path = Path(args.output or f"graph-{name}.svg")
    for (number, _), picture in zip(chosen, pictures):
        own = path if len(chosen) == 1 else path.with_stem(f"{path.stem}-{number}")
        with open_atomically(own) as file:
            file.write(picture.svg.encode())
        print(f"{picture.title}: {own}", file=sys.stderr)


def check_output(output: str | None) -> None:
    """Raise BadInputError where a picture cannot be written to ``output``, before anything is built."""
    if output in (None, "-"):
        return
    path = Path(output)
    if path.suffix.lower() != ".svg":
        raise BadInputError(
            f"-o {output}: no .svg file, expected a name that ends so; the picture is SVG, and nothing else"
        )
    if path.is_dir() or not path.parent.is_dir():
        found = "a directory" if path.is_dir() else f"no directory {path.parent}"
        raise BadInputError(
            f"-o {output}: {found}, expected a file in a directory that is there; make it, or choose another"
        )


def choose(graphs: list, number: int | None, name: str) -> list:
    """Return the graph of that number alone, or all where that is None."""
    if number is None:
        return graphs
    if number > len(graphs):
        has = f"{name} has {len(graphs)} graph{'s' * (len(graphs) != 1)}"
        raise BadInputError(f"--graph {number}: {has}, expected a number from 1 to {len(graphs)}; leave it out for all")
    return [graphs[number - 1]]


def find_graphs(args):
    """Return the name of what is drawn, its graphs, and what is known of each one's use."""
    from ref.__main__ import match_script
    from ref.graph.draw import USES, read_port
    from ref.graph.read import read_meta
    from ref.graph.scene import Use

    path = Path(args.what)
    if path.suffix == ".meta":
        return path.name.removesuffix(".meta"), [read_meta(path)], [Use()]
    is_file = path.suffix in (".py", ".md", ".markdown", ".rst", ".txt") or ":" in args.what or path.is_file()
    script = match_script(args.what)
    if is_file and not (script and not path.exists()):
        from ref.graph.scripts import read_script

        return read_script(args.what, args.data, args.settings)
    if args.data or args.settings:
        raise BadInputError(
            f"--data, --set: of a script of yours, and {args.what} is none, expected FILE.py; leave them out"
        )
    if script is None:
        expected = "expected autoencoder_1 to autoencoder_16, a script (.py) or a .meta file"
        raise BadInputError(f"graph {args.what}: no such script, and no such file, {expected}; see python -m ref list")
    graphs = read_port(script)
    return script.name, graphs, [USES.get(script.name, Use())] * len(graphs)
