"""Each model of the chapter once more, in float64 NumPy, derived from its mathematics, with gradients by hand.

Nothing here imports ``ref`` or TensorFlow: this is the outside truth that the ports' losses, gradients and Adam steps
are held against. A module's ``LEARNING_RATE`` and weights of loss terms are typed from the original text, not read from
the port.

A module gives:

- ``LEARNING_RATE``, and ``SIZES``: keyword arguments for the port's ``build``, small enough for central differences.
- ``make_feeds(rnd)``: what is fed in one step, under the book's names. ``TENSORS`` says which of these names are no
  attribute of the port's graph but tensors of that name in it (noise). ``START`` is added to the weights drawn.
- ``OPS``: for each training op, by the book's name, a function of (variables, feeds) that returns the loss terms, by
  the book's names, and the gradient of the op's loss for each variable that the op moves, by the variable's name.
- ``show(variables, feeds)`` in the place of OPS where the script does not train.
"""
