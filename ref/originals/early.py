"""TensorFlow 0.x's names and orders of arguments, which 1.0 dropped: those that one exact line stands for. Python 3.7.

TensorFlow 1.15.5 has none of them either; they are given back there as on TensorFlow 2.
"""

import functools

# (old, new): only the name has changed.
RENAMED = (
    ("audio_summary", "summary.audio"),
    ("batch_matmul", "matmul"),
    ("batch_cholesky", "cholesky"),
    ("batch_matrix_inverse", "matrix_inverse"),
    ("complex_abs", "abs"),
    ("histogram_summary", "summary.histogram"),
    ("image.per_image_whitening", "image.per_image_standardization"),
    ("image_summary", "summary.image"),
    ("inv", "reciprocal"),
    ("listdiff", "setdiff1d"),
    ("merge_all_summaries", "summary.merge_all"),
    ("merge_summary", "summary.merge"),
    ("mul", "multiply"),
    ("neg", "negative"),
    ("nn.bidirectional_rnn", "nn.static_bidirectional_rnn"),
    ("nn.rnn", "nn.static_rnn"),
    ("pack", "stack"),
    ("scalar_summary", "summary.scalar"),
    ("select", "where"),
    ("sub", "subtract"),
    ("train.SummaryWriter", "summary.FileWriter"),
    ("unpack", "unstack"),
)
# (symbol, as 0.x had it, as it is): the arguments have changed places, too.
REORDERED = (
    ("concat", "tf.concat(axis, values)", "tf.concat(values, axis)"),
    ("split", "tf.split(axis, num, value)", "tf.split(value, num, axis)"),
    ("nn.softmax_cross_entropy_with_logits", "(logits, labels)", "(logits=, labels=)"),
    ("nn.sparse_softmax_cross_entropy_with_logits", "(logits, labels)", "(logits=, labels=)"),
    ("nn.sigmoid_cross_entropy_with_logits", "(logits, targets)", "(logits=, labels=)"),
    ("image.resize_images", "(images, height, width)", "(images, [height, width])"),
)


def give_back(tf):
    """Set the old names on the module ``tf``, and let what changed its order take the old one, too."""
    for old, new in RENAMED:
        owner, name = _find(tf, old)
        if not hasattr(owner, name):
            found, last = _find(tf, new)
            setattr(owner, name, getattr(found, last))
    for symbol, *_ in REORDERED:
        owner, name = _find(tf, symbol)
        setattr(owner, name, REORDER[name](getattr(owner, name)))


def _find(tf, symbol):
    *path, name = symbol.split(".")
    return functools.reduce(getattr, path, tf), name


def _reorder_concat(function):
    @functools.wraps(function)
    def concat(values=None, axis=None, name="concat", concat_dim=None):
        if concat_dim is not None:
            axis = concat_dim
        if isinstance(values, int) and not isinstance(axis, int):
            values, axis = axis, values
        return function(values, axis, name)

    return concat


def _reorder_split(function):
    @functools.wraps(function)
    def split(*args, **keywords):
        if "split_dim" in keywords:
            keywords["axis"] = keywords.pop("split_dim")
        if len(args) == 3 and isinstance(args[0], int) and isinstance(args[1], int) and not isinstance(args[2], int):
            args = args[2], args[1], args[0]
        return function(*args, **keywords)

    return split


def _take_positions(function):
    """Let (logits, labels) be given by place, as they were; 1.0 put an argument before them that takes none."""

    @functools.wraps(function)
    def cross_entropy(*args, **keywords):
        if args and not (len(args) == 1 and args[0] is None):
            keywords.update(zip(("logits", "labels", "name"), args))
        if "targets" in keywords:
            keywords["labels"] = keywords.pop("targets")
        return function(**keywords)

    return cross_entropy


def _reorder_resize(function):
    @functools.wraps(function)
    def resize_images(images, size, *args, **keywords):
        if isinstance(size, int):
            size, args = [size, args[0]], args[1:]
        return function(images, size, *args, **keywords)

    return resize_images


REORDER = {
    "concat": _reorder_concat,
    "split": _reorder_split,
    "softmax_cross_entropy_with_logits": _take_positions,
    "sparse_softmax_cross_entropy_with_logits": _take_positions,
    "sigmoid_cross_entropy_with_logits": _take_positions,
    "resize_images": _reorder_resize,
}
