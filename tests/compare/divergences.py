"""What people get wrong when they migrate, planted in two_phases.py: what is replaced, by what, and where it must show.

Each is (text, text in its place, rung, a name on it). The names are those of the first thing that the change makes
differ, as the graph is built and run; they come from the script, not from what the ladder says.
"""

DIVERGENCES = {
    "another learning rate": ("learning_rate = 0.01", "learning_rate = 0.02", "settings", "learning_rate"),
    "another noise level": ("noise_level = 0.1", "noise_level = 0.2", "settings", "noise_level"),
    "core's He": (
        "tf.contrib.layers.variance_scaling_initializer()",
        "tf.variance_scaling_initializer()",
        "variables",
        "weights1",
    ),
    "Xavier, which is uniform": (
        "tf.contrib.layers.variance_scaling_initializer()",
        "tf.glorot_uniform_initializer()",
        "variables",
        "weights1",
    ),
    "a bias of ones": ("biases2 = tf.Variable(tf.zeros", "biases2 = tf.Variable(tf.ones", "variables", "biases2"),
    "a bias that is not trained": ('name="biases3")', 'name="biases3", trainable=False)', "variables", "biases3"),
    "weights that are not tied": (
        "weights3 = tf.transpose(weights2,",
        "weights3 = tf.Variable(tf.zeros([n_hidden2, n_hidden1]),",
        "variables",
        "weights3",
    ),
    "initializers in another order": (
        'weights1 = tf.Variable(initializer([n_inputs, n_hidden1]), name="weights1")\n'
        'weights2 = tf.Variable(initializer([n_hidden1, n_hidden2]), name="weights2")\n',
        'weights2 = tf.Variable(initializer([n_hidden1, n_hidden2]), name="weights2")\n'
        'weights1 = tf.Variable(initializer([n_inputs, n_hidden1]), name="weights1")\n',
        "variables",
        "weights1",
    ),
    "images of another scale": ("astype(np.float32)", "astype(np.float32) / 255", "batches", "X"),
    "no shuffle": ("np.random.permutation(len(train_images))", "np.arange(len(train_images))", "batches", "X"),
    "a shuffle more": ("images = np.random.rand", "np.random.rand()\nimages = np.random.rand", "batches", "X"),
    "a batch less": ("// batch_size\n", "// batch_size - 1\n", "batches", "n_batches"),
    "training is not fed": ("{X: X_batch, training: True}", "{X: X_batch}", "batches", "training"),
    "evaluated while training": (
        "test_loss.eval({X: X_batch})",
        "test_loss.eval({X: X_batch, training: True})",
        "batches",
        "training",
    ),
    "evaluated on other images": (
        "test_loss.eval({X: test_images})",
        "test_loss.eval({X: train_images})",
        "batches",
        "X",
    ),
    "an op more before the noise": ("noise = tf", "tf.constant(0.0)\nnoise = tf", "random ops", "noise"),
    "noise of a seed of its own": (
        "tf.random_normal(tf.shape(X))",
        "tf.random_normal(tf.shape(X), seed=1)",
        "random ops",
        "noise",
    ),
    "uniform noise": (
        "tf.random_normal(tf.shape(X))",
        "tf.random_uniform(tf.shape(X), -1, 1)",
        "forward ops",
        "X_noisy|noise",
    ),
    "another dropout rate": ("X_noisy, 0.2", "X_noisy, 0.8", "forward ops", "X_dropped"),
    "another activation": ("hidden2 = tf.nn.elu", "hidden2 = tf.nn.relu", "forward ops", "hidden2"),
    "a bias that is missing": ("hidden2, weights3) + biases3)", "hidden2, weights3))", "forward ops", "hidden3"),
    "another layer's weights": (
        "tf.matmul(hidden3, weights4)",
        "tf.matmul(hidden1, weights4)",
        "forward ops",
        "outputs",
    ),
    "an activation on the output": (
        "bypass = tf.matmul(hidden1, weights4) + biases4",
        "bypass = tf.nn.elu(tf.matmul(hidden1, weights4) + biases4)",
        "forward ops",
        "bypass",
    ),
    "the sum for the mean": (
        "tf.reduce_mean(tf.square(bypass - X))",
        "tf.reduce_sum(tf.square(bypass - X))",
        "losses",
        "loss1",
    ),
    "half of the square": ("loss2 = tf.reduce_mean", "loss2 = 0.5 * tf.reduce_mean", "losses", "loss2"),
    "a regularizer less": (
        "(tf.nn.l2_loss(weights1) + tf.nn.l2_loss(weights4))",
        "tf.nn.l2_loss(weights1)",
        "losses",
        "reg_loss",
    ),
    "regularized biases": (
        "tf.nn.l2_loss(weights4))",
        "tf.nn.l2_loss(weights4) + tf.nn.l2_loss(biases1))",
        "losses",
        "reg_loss",
    ),
    "the target without noise is the noisy one": (
        "tf.square(bypass - X))",
        "tf.square(bypass - X_noisy))",
        "losses",
        "loss1",
    ),
    "a phase without var_list": (", var_list=[weights2, biases2, biases3])", ")", "gradients", "gradient of weights1"),
    "a variable that is frozen": (
        "[weights2, biases2, biases3]",
        "[weights2, biases3]",
        "gradients",
        "gradient of biases2",
    ),
    "a gradient that is stopped": (
        "(hidden2, weights3)",
        "(tf.stop_gradient(hidden2), weights3)",
        "gradients",
        "gradient of weights2",
    ),
    "another epsilon": (
        "AdamOptimizer(learning_rate)",
        "AdamOptimizer(learning_rate, epsilon=1e-4)",
        "updates",
        "epsilon of weights1",
    ),
    "another optimizer": (
        "AdamOptimizer(learning_rate)",
        "RMSPropOptimizer(learning_rate)",
        "updates",
        "op of weights1",
    ),
    "an Adam for each phase": (
        "training_op2 = optimizer",
        "training_op2 = tf.train.AdamOptimizer(learning_rate)",
        "runs",
        "beta1_power",
    ),
    "initialized anew in between": (
        "        saver.save",
        "        sess.run(biases1.initializer)\n        saver.save",
        "runs",
        "biases1",
    ),
    "a saver of weights alone": (
        "tf.train.Saver()",
        "tf.train.Saver([weights1, weights2, weights4])",
        "checkpoint",
        "biases1",
    ),
    "a file of another name": ("two_phases.ckpt", "other.ckpt", "checkpoint", "files to save"),
    "an activation that is missing": (
        "hidden2 = tf.nn.elu(tf.matmul(hidden1, weights2) + biases2)",
        "hidden2 = tf.matmul(hidden1, weights2) + biases2",
        "forward ops",
        "hidden2",
    ),
    "scaled twice": (
        "tf.matmul(X_dropped, weights1)",
        "tf.matmul(X_dropped / 255.0, weights1)",
        "forward ops",
        "hidden1",
    ),
    "Keras' l2": ("tf.nn.l2_loss(weights1)", "tf.reduce_sum(tf.square(weights1))", "losses", "reg_loss"),
    "truncated noise": ("tf.random_normal(tf.shape(X))", "tf.truncated_normal(tf.shape(X))", "random ops", "noise"),
    "weights clipped between steps": (
        "{X: X_batch, training: True})\n",
        "{X: X_batch, training: True})\n                weights1.load(weights1.eval().clip(-0.2, 0.2), sess)\n",
        "runs",
        "weights1",
    ),
    "saved once": ("        saver.save", "        if phase == 0: saver.save", "checkpoint", "two_phases.ckpt"),
    "another text": ('print("Test MSE:"', 'print("Test loss:"', "printed lines", "line 5"),
    "another figure": ("plt.imshow(outputs_val)", "plt.imshow(test_images)", "figures", "array 1"),
}
# As above, planted in two_graphs.py, whose later graphs are fed with what earlier ones learn.
ACROSS_GRAPHS = {
    "another rate": ("AdamOptimizer(0.01)", "AdamOptimizer()", "updates", "lr of hidden/kernel"),
    "no penalty": ("minimize(loss)", "minimize(reconstruction_loss)", "losses", "loss"),
    "a linear layer in the stack": (
        "hidden1 = tf.nn.elu(tf.matmul(X, weights1) + biases1)", "hidden1 = tf.matmul(X, weights1) + biases1",
        "forward ops", "hidden1",
    ),
}  # fmt: skip
HINTS = {
    "an activation that is missing": "activation",
    "scaled twice": "an op more there: RealDiv",
    "Keras' l2": "halves the sum of squares",
    "truncated noise": "another distribution: RandomStandardNormal | TruncatedNormal",
    "saved once": "saved at another moment",
}
HARMLESS = {
    "names of its own": ('name="weights2"', 'name="encoder"'),
    "a square by another op": ("tf.square(outputs - X)", "tf.squared_difference(outputs, X)"),
    "bias_add": ("tf.matmul(hidden3, weights4) + biases4", "tf.nn.bias_add(tf.matmul(hidden3, weights4), biases4)"),
    "other comments": ("import numpy as np", "import numpy as np  # arrays"),
}
