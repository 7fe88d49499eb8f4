"""Kinds of ops, by type: what draws, what is a variable, what hands on, what branches, what updates. No TensorFlow."""

import re

RANDOM_OPS = ("RandomStandardNormal", "RandomUniform", "RandomUniformInt", "TruncatedNormal", "RandomShuffle",
              "Multinomial", "RandomGamma", "RandomPoissonV2", "ParameterizedTruncatedNormal")  # fmt: skip
VARIABLES = ("VariableV2", "Variable", "VarHandleOp", "TemporaryVariable")
# What hands a value on, and computes nothing.
PASSED_ON = ("Identity", "ReadVariableOp", "StopGradient", "PreventGradient", "Placeholder", "PlaceholderWithDefault")
CONTROL_FLOW = ("Switch", "RefSwitch", "Merge", "RefMerge", "Enter", "RefEnter", "Exit", "RefExit", "NextIteration",
                "LoopCond")  # fmt: skip
UPDATE = re.compile(r"(Resource)?(Sparse)?Apply[A-Z]")
KEPT_CONSTANT = 16  # elements; of a larger one, the hash
HIDDEN_ATTRIBUTES = ("value", "_class", "_output_shapes", "T", "dtype", "shared_name", "container")
