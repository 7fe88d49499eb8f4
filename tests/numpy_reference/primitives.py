"""Activations with their derivatives, the affine layer's gradients, and Adam as TensorFlow computes it. All float64."""

from itertools import pairwise

import numpy as np


def elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))


def elu_slope(z):
    return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0)))


def relu(z):
    return np.maximum(z, 0.0)


def relu_slope(z):
    return (z > 0).astype(np.float64)


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def sigmoid_cross_entropy(labels, logits):
    """Return -labels log s(logits) - (1 - labels) log(1 - s(logits)), elementwise; its slope is s(logits) - labels."""
    return np.logaddexp(0.0, logits) - labels * logits


def mse(outputs, targets):
    """Return the mean of squares, and its gradient for ``outputs``."""
    difference = outputs - targets
    return np.mean(difference**2), 2.0 * difference / difference.size


def half_squares(weights):
    """Return l2_loss: half the sum of squares; its gradient is the weights themselves."""
    return 0.5 * np.sum(weights**2)


def affine_gradients(d_outputs, inputs, weights):
    """For outputs = inputs @ weights + biases, return the gradients for weights, biases and inputs."""
    return inputs.T @ d_outputs, d_outputs.sum(axis=0), d_outputs @ weights.T


def name_shapes(names, sizes, kinds):
    """Return the shape of each affine layer's two variables, ``NAME/KIND``, for layers from each size to the next."""
    shapes = {}
    for name, (n_in, n_out) in zip(names, pairwise(sizes)):
        shapes |= {f"{name}/{kinds[0]}": (n_in, n_out), f"{name}/{kinds[1]}": (n_out,)}
    return shapes


def number_shapes(sizes):
    """Return the shapes of ``weights1``, ``biases1``, ``weights2``, …, for layers from each size to the next."""
    shapes = {}
    for i, (n_in, n_out) in enumerate(pairwise(sizes), 1):
        shapes |= {f"weights{i}": (n_in, n_out), f"biases{i}": (n_out,)}
    return shapes


class Adam:
    """TensorFlow 1's Adam: bias correction folded into the step size, epsilon outside the corrected root.

    One step count serves every variable, whichever of an optimizer's training ops runs.
    """

    def __init__(self, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.learning_rate, self.beta1, self.beta2, self.epsilon = learning_rate, beta1, beta2, epsilon
        self.step, self.m, self.v = 0, {}, {}

    def apply(self, variables, gradients):
        """Move ``variables`` in place by one step along ``gradients``."""
        self.step += 1
        correction = np.sqrt(1.0 - self.beta2**self.step) / (1.0 - self.beta1**self.step)
        for name, gradient in gradients.items():
            self.m[name] = self.beta1 * self.m.get(name, 0.0) + (1.0 - self.beta1) * gradient
            self.v[name] = self.beta2 * self.v.get(name, 0.0) + (1.0 - self.beta2) * gradient**2
            variables[name] = variables[name] - self.learning_rate * correction * self.m[name] / (
                np.sqrt(self.v[name]) + self.epsilon
            )
