"""Each model of the chapter once more, in float64 NumPy, derived from its mathematics, with gradients by hand.

Nothing here imports ``ref`` or TensorFlow: this is the outside truth that the ports' losses, gradients and Adam steps
are held against. A module's ``TEXT``, the learning rate and the weights of loss terms, is typed from the original text,
not read from the port.

A module gives:

- Two settings: ``SIZES``, small enough for central differences, with ``TEXT``, what the original text says of the rest;
  and ``OTHER``, in which each keyword argument of the port's ``build`` has another value than in the text.
- ``make_shapes(p)``: the shape of each trainable variable under the setting ``p``.
- ``make_feeds(rnd, p)``: what is fed in one step, under the book's names. ``TENSORS`` says which of these names are no
  attribute of the port's graph but tensors of that name in it (noise). ``START`` is added to the weights drawn.
- ``OPS``: for each training op, by the book's name, a function of (variables, feeds, setting) that returns the loss
  terms, by the book's names, and the gradient of the op's loss for each variable that the op moves, by its name.
- ``show(variables, feeds)`` in the place of OPS where the script does not train.
"""
