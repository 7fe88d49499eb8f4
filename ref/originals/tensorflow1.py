"""The module ``tensorflow`` that a TensorFlow 1 script is given on TensorFlow 2, under every name it is imported by.

It is TensorFlow's own ``tensorflow.compat.v1`` in graph mode, with what that lacks: contrib, the tutorial's reader,
layers and Keras of tf_keras. Python 3.7.
"""

import os
import sys
import types

from ref.originals import early, gone, tutorial
from ref.originals.overlay import AliasFinder, Overlay

TUTORIAL = "tensorflow.examples.tutorials.mnist"


def install(data, validation_size, seeds="tf1"):
    """Make this process one in which a TensorFlow 1 script finds what it imports.

    ``data`` is a directory of the four gzipped IDX files, ``validation_size`` how many of the training images the
    tutorial reader keeps for validation where a script does not say. ``seeds`` says how random ops are numbered where
    the graph has a seed: as TensorFlow 1 did, or as TensorFlow 2 does (tf2). Under TensorFlow 1.15.5 its own reader is
    pointed at ``data``. Nothing is undone: the process is the script's.
    """
    gone.give_back()
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # before TensorFlow is imported: it imports a Keras by itself
    if _is_tensorflow_1():
        _complete_tensorflow_1(data, validation_size)
        return
    from ref.originals import refusals, successors

    successors.mend()
    free_flags()
    if seeds == "tf1":
        from ref.originals import numbering

        numbering.count_as_in_tf1()
    sys.modules.update(make_modules(data, validation_size))
    sys.modules.update(successors.alias_modules())
    for name in [name for name in sys.modules if name.split(".")[0] == "keras"]:
        del sys.modules[name]  # Keras 3's
    sys.meta_path.insert(0, AliasFinder(successors.ALIASES, refusals.refuse_module))
    sys.meta_path.append(AliasFinder({"input_data": TUTORIAL + ".input_data"}))


def free_flags():
    """Take back from absl's logging a flag's name that many scripts define themselves."""
    from absl import flags, logging  # noqa: F401 - which defines it

    if "log_dir" in flags.FLAGS:
        delattr(flags.FLAGS, "log_dir")


def _complete_tensorflow_1(data, validation_size):
    import tensorflow
    from tensorflow.examples.tutorials import mnist

    from ref.originals import successors, tutorial_graph

    tutorial.point_reader(data, validation_size)
    early.give_back(tensorflow)
    successors.mend_flags(tensorflow)
    mnist.mnist = sys.modules[TUTORIAL + ".mnist"] = tutorial_graph
    name = TUTORIAL + ".input_data"
    while "." in name:  # so that `import tensorflow.examples.tutorials.mnist.input_data as x` finds each in the other
        parent, _, last = name.rpartition(".")
        setattr(sys.modules[parent], last, sys.modules[name])
        name = parent
    sys.meta_path.append(AliasFinder({"input_data": TUTORIAL + ".input_data", "keras": "tensorflow.keras"}))


def make_modules(data, validation_size):
    """Return what stands in ``sys.modules`` for TensorFlow 1, by name, on TensorFlow 2.

    TensorFlow is put into graph mode, and Keras' name is tf_keras' from here on. What a script can ask for and not
    have raises refusals.GoneError.
    """
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow
    import tf_keras

    tensorflow.compat.v1.disable_v2_behavior()
    from ref.originals import contrib, eager, iris, tutorial_graph
    from ref.originals.refusals import refuse_attribute

    v1 = tensorflow.compat.v1
    early.give_back(v1)
    input_data = tutorial.make_input_data(data, validation_size)
    mnist = Overlay(TUTORIAL, input_data=input_data, mnist=tutorial_graph)
    tutorials = Overlay("tensorflow.examples.tutorials", mnist=mnist)
    examples = Overlay("tensorflow.examples", tutorials=tutorials)
    modules = contrib.make_contrib()
    datasets = Overlay("tensorflow.contrib.learn.datasets", [iris], refuse_attribute, mnist=input_data)
    learn = Overlay("tensorflow.contrib.learn", missing=refuse_attribute, datasets=datasets)
    modules["tensorflow.contrib"].learn = learn
    tf = Overlay(
        "tensorflow",
        [v1],
        refuse_attribute,
        __version__="1.15.5",  # for scripts that ask; it has TensorFlow 1's functions, numbers and defaults
        VERSION="1.15.5",
        contrib=modules["tensorflow.contrib"],
        examples=examples,
        disable_v2_behavior=lambda: None,
        disable_eager_execution=lambda: None,
        enable_eager_execution=eager.enable_eager_execution,
    )
    tf.__path__ = tensorflow.__path__
    tf.python = sys.modules["tensorflow.python"]
    compat = Overlay("tensorflow.compat", [tensorflow.compat], v1=tf)
    compat.__path__ = tensorflow.compat.__path__
    tf.compat = compat
    for keras in (v1.keras, tf_keras):
        keras.datasets.mnist.load_data = lambda path="mnist.npz": tutorial.load_data(data, path)
    modules.update(
        {module.__name__: module for module in (tf, compat, examples, tutorials, mnist, input_data, learn, datasets)}
    )
    for name in ("tensorflow.contrib.learn.datasets.mnist", "tensorflow.contrib.learn.python.learn.datasets.mnist"):
        modules[name] = input_data
    modules.update({"tensorflow.compat.v1": tf, TUTORIAL + ".mnist": tutorial_graph})
    v1.nn.seq2seq = modules["tensorflow.contrib.legacy_seq2seq"]  # as it was called until 1.0
    modules["tensorflow.contrib.framework.python.ops"] = modules["tensorflow.contrib.framework"]
    for name, module in _find_submodules(v1):
        modules.setdefault(f"tensorflow.{name}", module)
        modules[f"tensorflow.compat.v1.{name}"] = module
    return modules


def _find_submodules(v1):
    """Yield (name, module) of ``tf.nn``, ``tf.nn.rnn_cell`` and so on: a script may import each by its name.

    TensorFlow's own path would find TensorFlow 2's, and put them in the place of these.
    """
    for name, module in vars(v1).items():
        if not isinstance(module, types.ModuleType) or name.startswith("_") or name in ("compat", "keras"):
            continue
        yield name, module
        if "_api" in module.__name__:
            for last, inner in vars(module).items():
                if isinstance(inner, types.ModuleType) and not last.startswith("_"):
                    yield f"{name}.{last}", inner


def _is_tensorflow_1():
    import tensorflow

    return tensorflow.__version__.startswith("1.")
