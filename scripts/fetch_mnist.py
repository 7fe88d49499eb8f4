"""Fetch the real MNIST: python -m scripts.fetch_mnist. Run it again to resume."""

from ref.common.cli import exit_codes
from ref.data import download, sources

if __name__ == "__main__":
    with exit_codes():
        download.download(sources.mnist_dir())
        print(f"MNIST is in {sources.mnist_dir()}, intact")
