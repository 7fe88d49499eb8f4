"""What cannot be given back to a script: each symbol with what replaces it.

Python 3.7, as all that a script's process imports.
"""

PROBABILITY = "tensorflow_probability (tfp.distributions)"
KERAS = "a tf.keras.Model and its fit()"
ADDONS = "tensorflow_addons, which has had no release since 2023"

# A symbol stands for all that begins with it, the longest one counts. None: nothing does today what it did.
REPLACEMENTS = {
    "tensorflow.contrib": None,
    "tensorflow.contrib.bayesflow": PROBABILITY,
    "tensorflow.contrib.boosted_trees": "tensorflow_decision_forests (tfdf.keras.GradientBoostedTreesModel)",
    "tensorflow.contrib.crf": ADDONS + " (tfa.text)",
    "tensorflow.contrib.cudnn_rnn": "tf.keras.layers.LSTM or GRU, which take cuDNN by themselves",
    "tensorflow.contrib.distributions": PROBABILITY,
    "tensorflow.contrib.eager": "tf.GradientTape and tf.Variable of TensorFlow 2",
    "tensorflow.contrib.estimator": KERAS,
    "tensorflow.contrib.factorization": "sklearn.cluster.KMeans, or sklearn.decomposition.NMF",
    "tensorflow.contrib.gan": "tensorflow_gan (tfgan)",
    "tensorflow.contrib.graph_editor": "tf.graph_util, or a GraphDef edited by hand",
    "tensorflow.contrib.hparams": "a dict, or types.SimpleNamespace",
    "tensorflow.contrib.image": ADDONS + " (tfa.image)",
    "tensorflow.contrib.integrate": "tensorflow_probability (tfp.math.ode)",
    "tensorflow.contrib.learn": KERAS,
    "tensorflow.contrib.layers.bow_encoder": "tf.reduce_mean of tf.nn.embedding_lookup",
    "tensorflow.contrib.layers.embedding_column": "tf.feature_column.embedding_column",
    "tensorflow.contrib.layers.real_valued_column": "tf.feature_column.numeric_column",
    "tensorflow.contrib.layers.sparse_column_with_hash_bucket": "tf.feature_column's of its name",
    "tensorflow.contrib.legacy_seq2seq": ADDONS + " (tfa.seq2seq)",
    "tensorflow.contrib.opt": "tf.train's optimizers, or tf.keras.optimizers",
    "tensorflow.contrib.opt.ScipyOptimizerInterface": "scipy.optimize.minimize around Session.run",
    "tensorflow.contrib.quantize": "tensorflow_model_optimization",
    "tensorflow.contrib.rnn": "tf.nn.rnn_cell's cells",
    "tensorflow.contrib.seq2seq": ADDONS + " (tfa.seq2seq)",
    "tensorflow.contrib.summary": "tf.summary and a tf.summary.FileWriter",
    "tensorflow.contrib.tensor_forest": "tensorflow_decision_forests (tfdf.keras.RandomForestModel)",
    "tensorflow.contrib.tensorboard": "tensorboard.plugins.projector, of the package tensorboard",
    "tensorflow.contrib.tensorrt": "tf.experimental.tensorrt",
    "tensorflow.contrib.timeseries": "tensorflow_probability (tfp.sts)",
    "tensorflow.estimator": KERAS,
    "tensorflow.python.estimator": KERAS,
}


class GoneError(Exception):
    """A script asks for what no longer is. ``symbol`` is its name in the script, ``replacement`` a phrase or None."""

    def __init__(self, symbol, replacement=None):
        self.symbol = symbol.replace("tensorflow.", "tf.", 1)
        self.replacement = replacement
        advice = f"use {replacement}" if replacement else "nothing that is official replaces it"
        super().__init__(f"{self.symbol} is gone, {advice}")


class GoneAttributeError(GoneError, AttributeError):
    """So that ``hasattr`` and a script's own ``except AttributeError`` see what they expect."""


class GoneModuleError(GoneError, ImportError):
    """So that a script's own ``except ImportError`` sees what it expects."""


def find_replacement(symbol):
    """Return the replacement of the longest known beginning of ``symbol``.

    Raises:
      KeyError: nothing is known of it: TensorFlow 1.15 did not have it either.
    """
    parts = symbol.split(".")
    for length in range(len(parts), 1, -1):
        known = ".".join(parts[:length])
        if known in REPLACEMENTS:
            return REPLACEMENTS[known]
    raise KeyError(symbol)


def refuse_attribute(symbol):
    """Raise AttributeError, GoneAttributeError where ``symbol`` is known to be gone."""
    try:
        replacement = find_replacement(symbol)
    except KeyError:
        module, _, name = symbol.rpartition(".")
        raise AttributeError(f"module {module!r} has no attribute {name!r}") from None
    raise GoneAttributeError(symbol, replacement)


def refuse_module(symbol):
    """Raise GoneModuleError where the module ``symbol`` is known to be gone."""
    try:
        replacement = find_replacement(symbol)
    except KeyError:
        return
    raise GoneModuleError(symbol, replacement)
