"""Faults of the kind a porter really makes, each a replacement in a port or in ref/common.

``FAULTS`` has at least four a port; tests/test_faults.py plants each and wants the port's golden red.
"""

from typing import NamedTuple

LAYERS, DATA_SETS = "ref.common.layers", "ref.data.data_sets"


class Fault(NamedTuple):
    """In ``module`` (the port's own, where empty), ``old`` was written as ``new``."""

    number: int
    name: str
    old: str
    new: str
    module: str = ""


ADAM = "optimizer = tf.train.AdamOptimizer(learning_rate)"
ADAM_FAULT = (
    "Adam's epsilon inside the root",
    ADAM,
    ADAM[:-1] + ", epsilon=1e-4)",
)  # what sqrt(v + 1e-8) does to small v
CORE_HE = ("core's He initializer", "1.3 * factor", "factor / 0.87962566103423978**2", LAYERS)
L2_HALVED = ("L2 halved", "tf.nn.l2_loss(weights), name", "0.5 * tf.nn.l2_loss(weights), name", LAYERS)
UNSCALED = ("images not scaled", "1.0 / 255.0)", "1.0)", DATA_SETS)
WITH_VALIDATION = ("validation split not removed", "train_images[n_validation:]", "train_images[0:]", DATA_SETS)
UNSHUFFLED = ("first epoch not shuffled", "if not self._is_shuffled:", "if False:", DATA_SETS)
MSE = "tf.reduce_mean(tf.square(outputs - X))"
MSE_SUMMED = ("sum of squares for their mean", MSE, "tf.reduce_sum(tf.square(outputs - X))")
PERMUTATION = ("permutation order", "[:batch_size]", "[-batch_size:]")
OUTPUT_ELU = (
    "ELU on the output",
    "tf.matmul(hidden3, weights4) + biases4",
    "activation(tf.matmul(hidden3, weights4) + biases4)",
)
SECOND_ADAM = (
    "a second optimizer for phase 2",
    "phase2_training_op = optimizer.minimize(",
    "phase2_training_op = tf.train.AdamOptimizer(learning_rate).minimize(",
)
NO_VAR_LIST = (
    "phase 2 without var_list",
    "optimizer.minimize(phase2_loss, var_list=train_vars)",
    "optimizer.minimize(phase2_loss)",
)
KL_TEXT = "return p * tf.log(p / q) + (1 - p) * tf.log((1 - p) / (1 - q))"
KL_FAULTS = (
    ("KL's arguments swapped", KL_TEXT, "return q * tf.log(q / p) + (1 - q) * tf.log((1 - q) / (1 - p))"),
    ("KL's second half missing", KL_TEXT, "return p * tf.log(p / q)"),
    ("KL per activation", "(sparsity_target, hidden1_mean)", "(sparsity_target, hidden1)"),
    ("mean of the KL for its sum", "tf.reduce_sum((safe_kl", "tf.reduce_mean((safe_kl"),
    ("mean over units for mean over the batch", "tf.reduce_mean(hidden1, axis=0)", "tf.reduce_mean(hidden1, axis=1)"),
    ("sparsity not weighted", "sparsity_weight * sparsity_loss", "sparsity_loss"),
)
VARIATIONAL_FAULTS = (
    ("mean of the cross-entropies for their sum", "tf.reduce_sum(xentropy)", "tf.reduce_mean(xentropy)"),
    ("mean of the latent loss for its sum", "0.5 * tf.reduce_sum(", "0.5 * tf.reduce_mean("),
    ("latent loss without its half", "0.5 * tf.reduce_sum(", "tf.reduce_sum("),
    ("latent loss not trained", "optimizer.minimize(loss)", "optimizer.minimize(reconstruction_loss)"),
    ("noise is uniform", "tf.random_normal(tf.shape(", "tf.random_uniform(tf.shape("),
)

FAULTS = [
    Fault(1, "ReLU on the codings", "fully_connected(X, n_hidden, activation_fn=None)", "fully_connected(X, n_hidden)"),
    Fault(1, "ReLU on the output", "(hidden, n_outputs, activation_fn=None)", "(hidden, n_outputs)"),
    Fault(1, *MSE_SUMMED),
    Fault(1, "codings of the training points", "feed_dict={g.X: X_test}", "feed_dict={g.X: X_train}"),
    Fault(1, "scaler fitted to the test points", "scaler.transform(data[100:])", "scaler.fit_transform(data[100:])"),
    Fault(1, "He for Xavier", 'factor=1.0, mode="FAN_AVG", uniform=True', "", LAYERS),
    Fault(1, *ADAM_FAULT),
    Fault(2, *CORE_HE),
    Fault(2, *L2_HALVED),
    Fault(2, "ELU on the output", "(hidden3, n_outputs, activation_fn=None)", "(hidden3, n_outputs)"),
    Fault(2, "ReLU for ELU", "activation_fn=tf.nn.elu", "activation_fn=tf.nn.relu"),
    Fault(2, "no L2 on the output", "(hidden3, n_outputs, ", "(hidden3, n_outputs, weights_regularizer=None, "),
    Fault(2, "L2 not added", "optimizer.minimize(loss)", "optimizer.minimize(reconstruction_loss)"),
    Fault(
        2,
        "biases regularized",
        "    outputs = tf.nn.bias_add(",
        "    tf.add_to_collection('regularization_losses', regularizer(bias))\n    outputs = tf.nn.bias_add(",
        LAYERS,
    ),
    Fault(2, *UNSCALED),
    Fault(2, *WITH_VALIDATION),
    Fault(2, *UNSHUFFLED),
    Fault(3, "bias tied", "weights3) + biases3", "weights3) + biases1"),
    Fault(3, "bias regularized", "+ regularizer(weights2)", "+ regularizer(weights2) + regularizer(biases1)"),
    Fault(3, "L2 on one layer only", "regularizer(weights1) + regularizer(weights2)", "regularizer(weights1)"),
    Fault(3, "L2 on the tied weights too", "+ regularizer(weights2)", "+ 2 * regularizer(weights2)"),
    Fault(3, "weights not tied", "tf.transpose(weights2, name=", "tf.Variable(tf.transpose(weights2), name="),
    Fault(3, *OUTPUT_ELU),
    Fault(3, *CORE_HE),
    Fault(3, *ADAM_FAULT),
    Fault(
        4,
        "mean of the vector loss",
        "loss = cross_entropy + reg_loss",
        "loss = tf.reduce_mean(cross_entropy) + reg_loss",
    ),
    Fault(4, "no L2 on the output", " + regularizer(weights3)", ""),
    Fault(
        4,
        "ELU on the logits",
        "logits = tf.matmul(hidden2, weights3) + biases3",
        "logits = activation(tf.matmul(hidden2, weights3) + biases3)",
    ),
    Fault(4, "right among the first two", "tf.nn.in_top_k(logits, y, 1)", "tf.nn.in_top_k(logits, y, 2)"),
    Fault(4, *PERMUTATION),
    Fault(4, "labels not permuted", "mnist.train.labels[indices]", "mnist.train.labels[:batch_size]"),
    Fault(
        4,
        "accuracy on the training images",
        "g.X: mnist.test.images, g.y: mnist.test.labels",
        "g.X: X_batch, g.y: y_batch",
    ),
    Fault(4, *CORE_HE),
    Fault(5, "nothing restored", "run.restore(g.pretrain_saver,", "(lambda *_: None)(g.pretrain_saver,"),
    Fault(
        5,
        "biases not restored",
        "pretrained_vars = [weights1, weights2, biases1, biases2]",
        "pretrained_vars = [weights1, weights2]",
    ),
    Fault(5, "frozen by default", "if freeze else None", "if not freeze else None"),
    Fault(
        5,
        "mean of the vector loss",
        "loss = cross_entropy + reg_loss",
        "loss = tf.reduce_mean(cross_entropy) + reg_loss",
    ),
    Fault(5, "no L2 on the output", " + regularizer(weights3)", ""),
    Fault(5, *PERMUTATION),
    Fault(6, "second autoencoder under ELU", "tf.nn.elu if fix_output else None", "tf.nn.elu"),
    Fault(6, "second one learns the images", "run, mnist.rnd, hidden_output,", "run, mnist.rnd, mnist.train.images,"),
    Fault(6, "decoders swapped", "_, W2, b2, W3, b3 = ", "_, W2, b2, _, b3 = "),
    Fault(6, "L2 not added", "tf.add_n([reconstruction_loss] + reg_losses)", "reconstruction_loss"),
    Fault(6, *CORE_HE),
    Fault(6, *PERMUTATION),
    Fault(6, "graph not seeded", "tf.set_random_seed(run.seed)", "tf.set_random_seed(run.seed + 1)"),
    Fault(
        6,
        "stack ends in ELU",
        "outputs = tf.matmul(hidden3, W4) + b4",
        "outputs = tf.nn.elu(tf.matmul(hidden3, W4) + b4)",
    ),
    *(Fault(n, *fault) for n in (7, 8) for fault in (NO_VAR_LIST, SECOND_ADAM, L2_HALVED, CORE_HE, OUTPUT_ELU)),
    Fault(
        7,
        "phase 1 through the whole stack",
        "phase1_outputs = tf.matmul(hidden1, weights4) + biases4",
        "phase1_outputs = outputs",
    ),
    Fault(
        7,
        "phase 1 regularizes the wrong layer",
        "regularizer(weights1) + regularizer(weights4)",
        "regularizer(weights1) + regularizer(weights2)",
    ),
    Fault(7, "phase 2 learns the images", "tf.square(hidden3 - hidden1)", "tf.square(outputs - X)"),
    Fault(
        7,
        "hidden1 not frozen",
        "[weights2, biases2, weights3, biases3]",
        "[weights1, biases1, weights2, biases2, weights3, biases3]",
    ),
    Fault(7, "biases frozen too", "[weights2, biases2, weights3, biases3]", "[weights2, weights3]"),
    Fault(7, "test MSE on the training batch", "feed_dict={g.X: mnist.test.images}", "feed_dict={g.X: X_batch}"),
    Fault(
        8,
        "cache taken before phase 1 ended",
        "if phase == 1:\n                hidden1_cache",
        "if phase == 0:\n                hidden1_cache",
    ),
    Fault(
        8, "cache of other images", "feed_dict={g.X: mnist.train.images}", "feed_dict={g.X: mnist.train.images[::-1]}"
    ),
    Fault(
        8,
        "cached batch not paired with its own target",
        "feed_dict = {g.hidden1: hidden1_batch}",
        "feed_dict = {g.hidden1: hidden1_batch, g.hidden3: hidden1_cache[indices[-150:]]}",
    ),
    Fault(
        8,
        "one permutation an epoch",
        "indices = rnd.permutation(",
        "indices = indices if iteration else rnd.permutation(",
    ),
    Fault(8, "cache not used", "feed_dict = {g.hidden1: hidden1_batch}", "feed_dict = {g.X: mnist.train.images[:150]}"),
    Fault(9, "nothing restored", "run.restore(g.saver,", "(lambda *_: g.init.run())(g.saver,"),
    Fault(9, "training digits", "mnist.test.images", "mnist.train.images"),
    Fault(9, "phase 1's outputs", "g.outputs.eval", "g.phase1_outputs.eval"),
    Fault(9, "later digits", "[:n_test_digits]", "[n_test_digits : 2 * n_test_digits]"),
    Fault(9, *UNSCALED),
    Fault(10, "nothing restored", "run.restore(g.saver,", "(lambda *_: g.init.run())(g.saver,"),
    Fault(10, "weights not transposed", "weights1_val.T[:5]", "weights1_val[:5]"),
    Fault(10, "other neurons", ".T[:5]", ".T[-5:]"),
    Fault(10, "the decoder's weights", "g.weights1.eval()", "g.weights4.eval().T"),
    Fault(10, "Adam's slots", "g.weights1.eval()", 'sess.run("weights1/Adam:0")'),
    Fault(11, "no noise", "X_noisy = X + noise_level * tf.random_normal(tf.shape(X))", "X_noisy = X"),
    Fault(11, "uniform noise", "tf.random_normal(tf.shape(X))", "tf.random_uniform(tf.shape(X))"),
    Fault(11, "half the noise", "noise_level=1.0", "noise_level=0.5"),
    Fault(11, "target is noisy", "tf.square(outputs - X)", "tf.square(outputs - X_noisy)"),
    Fault(
        11,
        "ELU for ReLU",
        "dense(X_noisy, n_hidden1, activation=tf.nn.relu",
        "dense(X_noisy, n_hidden1, activation=tf.nn.elu",
    ),
    Fault(11, "ReLU on the output", "dense(hidden3, n_outputs, name", "dense(hidden3, n_outputs, tf.nn.relu, name"),
    Fault(
        11,
        "no noise at evaluation",
        "feed_dict={g.X: X_batch})\n            run.print",
        "feed_dict={g.X: X_batch, g.X_noisy: X_batch})\n            run.print",
    ),
    Fault(
        12, "training left True", "eval(feed_dict={g.X: X_batch})", "eval(feed_dict={g.X: X_batch, g.training: True})"
    ),
    Fault(12, "training never True", ", g.training: True", ""),
    Fault(12, "rate taken for the share that is kept", "dropout(X, dropout_rate,", "dropout(X, 1 - dropout_rate,"),
    Fault(
        12,
        "dropout on the codings",
        "dense(hidden2, n_hidden3,",
        "dense(dropout(hidden2, dropout_rate, training), n_hidden3,",
    ),
    Fault(12, "target is dropped too", "tf.square(outputs - X)", "tf.square(outputs - X_drop)"),
    Fault(12, "no rescaling", "inputs * scale * tf.cast", "inputs * tf.cast", LAYERS),
    Fault(
        12,
        "bounds folded",
        "tf.random_uniform(tf.shape(inputs), 0.0, 1.0",
        "tf.random_uniform(tf.shape(inputs), 0, 1",
        LAYERS,
    ),
    Fault(
        12, "TensorFlow 2's dropout", "lambda: _drop(inputs, rate)", "lambda: tf.nn.dropout(inputs, rate=rate)", LAYERS
    ),
    *(Fault(n, *fault) for n in (13, 14) for fault in KL_FAULTS),
    Fault(13, *MSE_SUMMED),
    Fault(
        13,
        "logistic output",
        "outputs = dense(hidden1, n_outputs)",
        "outputs = dense(hidden1, n_outputs, tf.nn.sigmoid)",
    ),
    Fault(14, "cross-entropy of the outputs", "logits=logits)", "logits=outputs)"),
    Fault(14, "MSE for cross-entropy", "tf.reduce_mean(xentropy)", "tf.reduce_mean(tf.square(outputs - X))"),
    *(Fault(n, *fault) for n in (15, 16) for fault in VARIATIONAL_FAULTS),
    Fault(
        15,
        "sigma for its square",
        "tf.square(hidden3_sigma) + tf.square(hidden3_mean)",
        "hidden3_sigma + tf.square(hidden3_mean)",
    ),
    Fault(15, "variance for sigma", "hidden3_sigma * noise", "tf.square(hidden3_sigma) * noise"),
    Fault(
        15,
        "ELU on the mean",
        "n_hidden3, activation=None)  # (batch, 20)\n    hidden3_sigma",
        "n_hidden3)  # (batch, 20)\n    hidden3_sigma",
    ),
    Fault(15, *CORE_HE),
    Fault(16, "gamma without its half", "tf.exp(0.5 * hidden3_gamma)", "tf.exp(hidden3_gamma)"),
    Fault(16, "sigma for gamma", "- 1 - hidden3_gamma", "- 1 - 2 * hidden3_gamma"),
    Fault(16, "interpolation the other way", "np.roll(codings_rnd, -1, axis=0)", "np.roll(codings_rnd, 1, axis=0)"),
    Fault(
        16,
        "one batch not drawn",
        "X_test, y_test = mnist.test.next_batch(batch_size)",
        "X_test = mnist.test.images[:batch_size]",
    ),
    Fault(
        16,
        "codings drawn uniformly",
        "rnd.normal(size=[n_digits, g.n_hidden3])\n        generated",
        "rnd.uniform(size=[n_digits, g.n_hidden3])\n        generated",
    ),
]
