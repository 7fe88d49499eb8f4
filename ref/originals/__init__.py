"""A TensorFlow 1 script, unmodified, in a process of its own: on TensorFlow 2, or under TensorFlow 1.15.5."""
