"""What the machine can multiply at most, and what a step multiplies: python -m bench.peak.

The peak is the speed of one large float32 product, the best of a few, by the fastest library of two that are at hand:
NumPy's OpenBLAS, and TensorFlow (oneDNN or Eigen, as it chooses), on all CPUs that this process may use. It is what
the machine does, not what its data sheet says: clock and neighbours are in it, so it is measured in the run that is
held against it.
"""

import json
import sys
import time

import numpy as np

from ref.common.cli import exit_codes, import_port
from ref.common.flags import Parser

SIZE = {"cpu": 2048, "gpu": 8192}  # of the square matrices; on two cores larger ones than 2048 were not faster
N_PRODUCTS = 24  # a second on two cores: the first ones were seen to be a quarter slower


def measure_products(device: str = "cpu", size: int | None = None, is_tf32: bool = False) -> dict[str, float]:
    """Return the GFLOP/s of the fastest of a few float32 products (size, size) @ (size, size), by library."""
    size, rnd = size or SIZE[device], np.random.RandomState(0)
    a, b = (rnd.uniform(-1, 1, (size, size)).astype(np.float32) for _ in range(2))
    speeds = {} if device == "gpu" else {"numpy": _time_numpy(a, b)}
    return speeds | {"tensorflow": _time_tensorflow(a, b, device, is_tf32)}


def measure_peak_gflop_per_s(device: str = "cpu") -> float:
    """Return the GFLOP/s that the faster of both libraries reaches; on a GPU TensorFlow's, the only one there."""
    return max(measure_products(device).values())


def count_step_flop(cached: bool, batch: int, width: int = 300, n_inputs: int = 784, n_frozen: int = 1) -> int:
    """Return the floating-point operations of the matrix products of a step of phase 2, width-width/2-width.

    Two of a product's m · k · n multiply-adds each. Forward two products of the trained layers, backward three: both
    gradients of weights, and what goes from the second layer back to the first. Recomputed, those of the frozen layers.
    """
    n_values = 5 * width * (width // 2)
    if not cached:
        n_values += n_inputs * width + (n_frozen - 1) * width * width
    return 2 * batch * n_values


def _time_numpy(a: np.ndarray, b: np.ndarray) -> float:
    product = np.empty_like(a)
    return _time(lambda: np.matmul(a, b, out=product), a, b)


def _time_tensorflow(a: np.ndarray, b: np.ndarray, device: str, is_tf32: bool) -> float:
    tf = import_port("ref.common.session").tf
    from ref.common.session import new_graph, open_session, tf32

    with new_graph(0), tf32(is_tf32, device):
        # Variables, as constants would be multiplied once, before the session runs; each is fed at its start alone.
        placeholders = [tf.placeholder(tf.float32, a.shape) for _ in range(2)]
        variables = [tf.Variable(placeholder, trainable=False) for placeholder in placeholders]
        product = tf.matmul(*variables).op  # run as an op: what it comes to is not copied out
        with open_session(device) as sess:
            sess.run([variable.initializer for variable in variables], dict(zip(placeholders, (a, b))))
            return _time(lambda: sess.run(product), a, b)


def _time(multiply, a: np.ndarray, b: np.ndarray) -> float:
    times_s = []
    for _ in range(1 + N_PRODUCTS):  # the first wakes the threads
        start_s = time.perf_counter()
        multiply()
        times_s.append(time.perf_counter() - start_s)
    return round(2 * a.shape[0] * a.shape[1] * b.shape[1] / min(times_s) / 1e9, 1)


if __name__ == "__main__":
    with exit_codes():
        parser = Parser(prog="python -m bench.peak", description=__doc__.splitlines()[0])
        parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="default: %(default)s")
        parser.add_argument("--tf32", action="store_true", help="on a GPU: in TensorFloat-32; default: no")
        args = parser.parse_args(sys.argv[1:])
        print(json.dumps(measure_products(args.device, is_tf32=args.tf32)))
