"""Functions of contrib that no successor took over and scripts use, as TensorFlow 1.15 built them, op for op.

Source: tensorflow/contrib/{layers,legacy_seq2seq,rnn,seq2seq,training} of TensorFlow 1.15. Held against it by
tests/test_migration.py. Python 3.7.
"""

import json

import tensorflow.compat.v1 as tf
import tf_slim


def embed_sequence(
    ids, vocab_size=None, embed_dim=None, unique=False, initializer=None, regularizer=None, trainable=True, scope=None,
    reuse=None,
):  # fmt: skip
    """Return contrib.layers' embedding, (batch, length) of symbols -> (batch, length, embed_dim)."""
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            "Must specify vocab size and embedding dimension when not reusing. "
            f"Got vocab_size={vocab_size} and embed_dim={embed_dim}"
        )
    with tf.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = None if embed_dim is None or (reuse and vocab_size is None) else [vocab_size, embed_dim]
        embeddings = tf_slim.model_variable(
            "embeddings", shape=shape, initializer=initializer, regularizer=regularizer, trainable=trainable
        )
        return _look_up_once(embeddings, ids) if unique else tf.nn.embedding_lookup(embeddings, ids)


def _look_up_once(embeddings, ids):
    """Return the embedding of each id, of which those that are the same are looked up together."""
    with tf.name_scope(None, "EmbeddingLookupUnique", [embeddings, ids]):
        ids = tf.convert_to_tensor(ids)
        shape = tf.shape(ids)
        unique_ids, where = tf.unique(tf.reshape(ids, tf.reduce_prod(shape, keepdims=True)))
        found = tf.nn.embedding_lookup(embeddings, unique_ids)
        result = tf.reshape(tf.gather(found, where), tf.concat([shape, tf.shape(found)[1:]], 0))
        result.set_shape(ids.shape.concatenate(found.shape[1:]))
        return result


def sequence_loss_by_example(
    logits, targets, weights, average_across_timesteps=True, softmax_loss_function=None, name=None
):
    """Return legacy_seq2seq's log-perplexity of each sequence, (batch,); lists of one tensor a time step."""
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError(
            f"Lengths of logits, weights, and targets must be the same {len(logits)}, {len(weights)}, {len(targets)}."
        )
    with tf.name_scope(name, "sequence_loss_by_example", logits + targets + weights):
        log_perps = []
        for logit, target, weight in zip(logits, targets, weights):
            if softmax_loss_function is None:
                target = tf.reshape(target, [-1])
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target, logits=logit)
            else:
                loss = softmax_loss_function(labels=target, logits=logit)
            log_perps.append(loss * weight)
        result = tf.add_n(log_perps)
        if average_across_timesteps:
            total_size = tf.add_n(weights)
            total_size += 1e-12
            result /= total_size
    return result


def sequence_loss(
    logits, targets, weights, average_across_timesteps=True, average_across_batch=True, softmax_loss_function=None,
    name=None,
):  # fmt: skip
    """Return legacy_seq2seq's mean log-perplexity of a symbol, a scalar."""
    with tf.name_scope(name, "sequence_loss", logits + targets + weights):
        losses = sequence_loss_by_example(logits, targets, weights, average_across_timesteps, softmax_loss_function)
        cost = tf.reduce_sum(losses)
        if not average_across_batch:
            return cost
        batch_size = tf.shape(targets[0])[0]
        return cost / tf.cast(batch_size, cost.dtype)


def sequence_loss_of_tensors(
    logits, targets, weights, average_across_timesteps=True, average_across_batch=True, sum_over_timesteps=False,
    sum_over_batch=False, softmax_loss_function=None, name=None,
):  # fmt: skip
    """Return seq2seq's loss of logits (batch, length, classes) over time steps, the batch, or both.

    Averages are over the weights, sums over the number of weights that are not 0.
    """
    for along, averages, sums in (
        ("timesteps", average_across_timesteps, sum_over_timesteps),
        ("batch", average_across_batch, sum_over_batch),
    ):
        if averages and sums:
            raise ValueError(f"average_across_{along} and sum_over_{along} cannot be set to True at same time.")
    with tf.name_scope(name, "sequence_loss", [logits, targets, weights]):
        n_classes = tf.shape(logits)[2]
        logits_flat = tf.reshape(logits, [-1, n_classes])
        targets = tf.reshape(targets, [-1])
        loss_function = softmax_loss_function or tf.nn.sparse_softmax_cross_entropy_with_logits
        losses = loss_function(labels=targets, logits=logits_flat)
        losses *= tf.reshape(weights, [-1])
        if average_across_timesteps and average_across_batch:
            return tf.div_no_nan(tf.reduce_sum(losses), tf.reduce_sum(weights))
        if sum_over_timesteps and sum_over_batch:
            total = tf.reduce_sum(losses)
            return tf.div_no_nan(total, tf.cast(tf.count_nonzero(weights), total.dtype))
        losses = tf.reshape(losses, tf.shape(logits)[0:2])
        if average_across_timesteps or average_across_batch:
            axis = [0] if average_across_batch else [1]
            return tf.div_no_nan(tf.reduce_sum(losses, axis), tf.reduce_sum(weights, axis))
        if sum_over_timesteps or sum_over_batch:
            axis = [0] if sum_over_batch else [1]
            total = tf.reduce_sum(losses, axis)
            return tf.div_no_nan(total, tf.cast(tf.count_nonzero(weights, axis=axis), total.dtype))
        return losses


def rnn_decoder(decoder_inputs, initial_state, cell, loop_function=None, scope=None):
    """Return legacy_seq2seq's decoder's outputs, one a time step, and its last state."""
    with tf.variable_scope(scope or "rnn_decoder"):
        state, outputs, previous = initial_state, [], None
        for i, inputs in enumerate(decoder_inputs):
            if loop_function is not None and previous is not None:
                with tf.variable_scope("loop_function", reuse=True):
                    inputs = loop_function(previous, i)
            if i > 0:
                tf.get_variable_scope().reuse_variables()
            output, state = cell(inputs, state)
            outputs.append(output)
            previous = output if loop_function is not None else None
    return outputs, state


def accuracy(predictions, labels, weights=None, name=None):
    """Return contrib.metrics' share of predictions that are their labels, a scalar."""
    with tf.name_scope(name, "accuracy", values=[predictions, labels]):
        is_correct = tf.cast(tf.equal(predictions, labels), tf.float32)
        if weights is None:
            return tf.reduce_mean(is_correct)
        is_correct = tf.multiply(is_correct, weights)
        return tf.div(tf.reduce_sum(is_correct), tf.reduce_sum(tf.multiply(weights, tf.ones_like(is_correct))))


class HParams:
    """contrib.training's hyper-parameters: attributes with defaults, which ``parse`` overrides from a text."""

    def __init__(self, hparam_def=None, model_structure=None, **values):
        self._names = []
        for name, value in values.items():
            self.add_hparam(name, value)

    def add_hparam(self, name, value):
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        self._names.append(name)
        setattr(self, name, list(value) if isinstance(value, (list, tuple)) else value)

    def set_hparam(self, name, value):
        setattr(self, name, type(getattr(self, name))(value))

    def get(self, key, default=None):
        return getattr(self, key) if key in self else default

    def values(self):
        return {name: getattr(self, name) for name in self._names}

    def to_json(self, *args, **keywords):
        return json.dumps(self.values(), *args, **keywords)

    def override_from_dict(self, values_dict):
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def parse(self, values):
        """Override from ``name=value,name=value``; a value has its default's type."""
        for name, _, text in (pair.partition("=") for pair in values.split(",") if pair.strip()):
            if name.strip() not in self:
                raise ValueError(f"Unknown hyperparameter type for {name.strip()}")
            kind = type(getattr(self, name.strip()))
            value = text.strip().lower() in ("1", "true") if kind is bool else kind(text.strip())
            setattr(self, name.strip(), value)
        return self

    def __contains__(self, name):
        return name in self._names
