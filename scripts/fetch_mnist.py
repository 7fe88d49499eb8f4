"""Fetch the real MNIST: python -m scripts.fetch_mnist. Run it again to resume."""

import sys

from ref.common.cli import exit_codes
from ref.common.flags import Parser
from ref.data import download, sources


def main(argv: list[str]) -> None:
    Parser(prog="python -m scripts.fetch_mnist", description=__doc__).parse_args(argv)
    download.download(sources.mnist_dir())
    print(f"MNIST is in {sources.mnist_dir()}, intact")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
