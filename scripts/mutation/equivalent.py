"""Mutants that no test can tell from the original, each with its reason; they are counted apart."""

# Module, what the mutation makes of a line (as the report shows it), why nothing can tell.
EQUIVALENT = (
    ("ref/autoencoder_08_frozen_cache.py", "break -> continue", "after the last phase nothing is left to go on with"),
    ("ref/autoencoder_08_frozen_cache.py", "phase >= 1", "phase is 0 or 1"),
    ("ref/autoencoder_08_frozen_cache.py", 'engine <= "book"', "no engine's name comes before book in the alphabet"),
    ("ref/data/names.py", 'name.removesuffix(".gz") >= name', "a name without its end is never greater"),
    ("ref/data/idx.py", "start[2] > UBYTE", "types below UBYTE were refused before: there are none"),
    ("ref/common/losses.py", "tf.shape(logits)[ 1]", "a constant, of which only the gradient is used"),
    ("ref/common/runs.py", 'end <= "\\n"', "the listings' ends are a space and a newline"),
    ("ref/common/cli.py", "else (0, 1)", "one image more or less, of a script that reads none, is 3 kB of memory"),
    ("ref/common/locks.py", "os.read(self._descriptor, 19)", "a process id has seven digits at most"),
    ("ref/common/streams.py", "is_by_line = descriptor == 1", "Python's standard error is written by line anyway"),
    ("ref/data/fetch.py", "max_bytes: int = 9999999", "a round number above MNIST's 9,912,422 bytes; any will do"),
    ("ref/common/checks.py", "hyper_parameters.get(name, -1)", "less than nothing is as little as nothing"),
    ("ref/common/graph_mode.py", 'getattr(_here, "depth", -1) > 0', "neither is more than 0"),
    ("ref/data/digits.py", "padded.shape[ 2] - 1", "the scans are square"),
    ("ref/common/checks.py", "next(iter(_list_widths(hyper_parameters)), -1)", "every script has widths"),
    ("ref/common/checks.py", "next(iter(_list_widths(hyper_parameters)), 1)", "every script has widths"),
    ("ref/common/cli.py", "else ( -1, 0)", "one image less, of a script that reads none, is 3 kB of memory"),
    ("ref/common/finite.py", "value.ndim <= 0", "no array has fewer than no dimensions"),
    ("ref/common/machine.py", "taken = 1", "a byte more, where what is taken cannot be read"),
    ("ref/common/streams.py", "is_by_line = descriptor < 2", "Python's standard error is written by line anyway"),
    ("ref/data/data_sets.py", "dataclass(frozen=False)", "nobody sets what is frozen: that is what it is for"),
    ("ref/data/download.py", "49999999", "a round number above MNIST's 47,040,016 bytes; any will do"),
    ("ref/data/download.py", "50000001", "a round number above MNIST's 47,040,016 bytes; any will do"),
    ("ref/data/idx.py", "compresslevel= 7", "another level gives the same content"),
    ("ref/data/idx.py", "compresslevel= 5", "another level gives the same content"),
    ("ref/engines/xla.py", "tf.where(z >= 0", "both branches are 0 at z = 0"),
    ("ref/common/streams.py", "range( 4)", "one more descriptor is on /dev/null, which nobody asks for"),
)


def explain(module: str, diff: str) -> str | None:
    """Return why the mutant of ``module`` that ``diff`` shows is equivalent, or None where it is not known to be."""
    new = diff.partition(" -> ")[2]
    return next((why for name, change, why in EQUIVALENT if name == module and (change in new or change in diff)), None)
