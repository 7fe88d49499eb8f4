"""The autoencoder chapter's TensorFlow 1 scripts as ``tf.compat.v1`` ports, one module per script."""
