"""Fetch the real MNIST: python -m scripts.fetch_mnist. Run it again to resume."""

from ref.common import mnist
from ref.common.cli import exit_codes

if __name__ == "__main__":
    with exit_codes():
        mnist.download(mnist.mnist_dir())
        print(f"MNIST is in {mnist.mnist_dir()}, intact")
