"""autoencoder_8.py · 馈送冻结层输出缓存 · Caching the frozen layer's outputs.

Network and phases: autoencoder_7's. ``hidden1`` is frozen in phase 2, so its outputs for the whole training set are
computed once, when phase 1 has ended, and fed in the place of the tensor ``hidden1``.
Published with the book: test MSE 0.00978.

The listing draws ``permutation(num_examples)`` for every batch of phase 2, and the cache is billed for that. Kept;
``--engine`` runs phase 2 otherwise (ref/engines), ``--recompute`` without the cache, ``--memmap`` with it in a file.

What differs from the listing, and why:
- ``contrib.layers``' initializer and regularizer come from ref.common.layers: contrib is gone.
- The reader's and progress lines are ref.common's, being the same in every listing.
- All is seeded (``--seed``), permutations from the reader's own generator; NumPy's global one would give the same.

Run: make autoencoder_8, or python -m ref run autoencoder_8. Writes my_model_cache_frozen.ckpt, which autoencoder_5
restores.
"""

from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.layers import l2_regularizer, variance_scaling_initializer
from ref.engines import EngineName, FormName, make_phase2


def build(n_inputs=28 * 28, n_hidden1=300, n_hidden2=150, learning_rate=0.01, l2_reg=0.0001):
    """Build the listing's graph in the default graph; return its tensors under the book's names."""
    n_hidden3 = n_hidden1
    n_outputs = n_inputs

    activation = tf.nn.elu
    regularizer = l2_regularizer(l2_reg)
    initializer = variance_scaling_initializer()

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 784)

    weights1_init = initializer([n_inputs, n_hidden1])
    weights2_init = initializer([n_hidden1, n_hidden2])
    weights3_init = initializer([n_hidden2, n_hidden3])
    weights4_init = initializer([n_hidden3, n_outputs])

    weights1 = tf.Variable(weights1_init, dtype=tf.float32, name="weights1")  # (784, 300)
    weights2 = tf.Variable(weights2_init, dtype=tf.float32, name="weights2")  # (300, 150)
    weights3 = tf.Variable(weights3_init, dtype=tf.float32, name="weights3")  # (150, 300)
    weights4 = tf.Variable(weights4_init, dtype=tf.float32, name="weights4")  # (300, 784)

    biases1 = tf.Variable(tf.zeros(n_hidden1), name="biases1")
    biases2 = tf.Variable(tf.zeros(n_hidden2), name="biases2")
    biases3 = tf.Variable(tf.zeros(n_hidden3), name="biases3")
    biases4 = tf.Variable(tf.zeros(n_outputs), name="biases4")

    hidden1 = activation(tf.matmul(X, weights1) + biases1)  # (batch, 300)
    hidden2 = activation(tf.matmul(hidden1, weights2) + biases2)  # (batch, 150), codings
    hidden3 = activation(tf.matmul(hidden2, weights3) + biases3)  # (batch, 300)
    outputs = tf.matmul(hidden3, weights4) + biases4  # (batch, 784)

    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))

    optimizer = tf.train.AdamOptimizer(learning_rate)

    with tf.name_scope("phase1"):
        phase1_outputs = tf.matmul(hidden1, weights4) + biases4  # (batch, 784), bypass hidden2 and hidden3
        phase1_reconstruction_loss = tf.reduce_mean(tf.square(phase1_outputs - X))
        phase1_reg_loss = regularizer(weights1) + regularizer(weights4)
        phase1_loss = phase1_reconstruction_loss + phase1_reg_loss
        phase1_training_op = optimizer.minimize(phase1_loss)

    with tf.name_scope("phase2"):
        phase2_reconstruction_loss = tf.reduce_mean(tf.square(hidden3 - hidden1))
        phase2_reg_loss = regularizer(weights2) + regularizer(weights3)
        phase2_loss = phase2_reconstruction_loss + phase2_reg_loss
        train_vars = [weights2, biases2, weights3, biases3]
        phase2_training_op = optimizer.minimize(phase2_loss, var_list=train_vars)  # freeze hidden1

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()

    training_ops = [phase1_training_op, phase2_training_op]
    reconstruction_losses = [phase1_reconstruction_loss, phase2_reconstruction_loss]
    return SimpleNamespace(**locals())


def train(
    run,
    n_epochs=(4, 4),
    batch_sizes=(150, 150),
    engine: EngineName = "book",
    engine_form: FormName = "auto",
    recompute=False,
    memmap=False,
    **settings,
):
    """Train the two phases as the listing does, phase 2 from the cache, then print the whole stack's test MSE."""
    g = build(**settings)
    is_book = (engine, engine_form, recompute, memmap) == ("book", "auto", False, False)
    phase2 = None if is_book else make_phase2(engine, g, not recompute, memmap, engine_form, batch_sizes[1], run.device)
    with run.open_session() as sess:
        mnist = run.read_data_sets()
        rnd = mnist.rnd
        g.init.run()
        for phase in range(2):
            run.print("Training phase #{}".format(phase + 1))
            if phase == 1 and not is_book:
                phase2.run(run, sess, mnist, n_epochs[phase], batch_sizes[phase])
                break
            if phase == 1:
                hidden1_cache = g.hidden1.eval(feed_dict={g.X: mnist.train.images})  # (num_examples, 300)
            for epoch in range(n_epochs[phase]):
                n_batches = mnist.train.num_examples // batch_sizes[phase]
                for iteration in run.progress(n_batches, epoch):
                    if phase == 1:
                        indices = rnd.permutation(mnist.train.num_examples)
                        hidden1_batch = hidden1_cache[indices[: batch_sizes[phase]]]
                        feed_dict = {g.hidden1: hidden1_batch}
                        sess.run(g.training_ops[phase], feed_dict=feed_dict)
                    else:
                        X_batch, y_batch = mnist.train.next_batch(batch_sizes[phase])
                        feed_dict = {g.X: X_batch}
                        sess.run(g.training_ops[phase], feed_dict=feed_dict)
                loss_train = g.reconstruction_losses[phase].eval(feed_dict=feed_dict)
                run.print(epoch, "Train MSE:", loss_train)
                run.save(g.saver, sess, "my_model_cache_frozen.ckpt")
        loss_test = g.reconstruction_loss.eval(feed_dict={g.X: mnist.test.images})
        run.print("Test MSE:", loss_test)


def main(argv=None):
    return run_script("autoencoder_8", train, build, argv=argv)
