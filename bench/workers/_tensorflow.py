"""What the candidates on TensorFlow 2 share: the device, the cache, the weights, but no step."""

from bench.work import TRAINED, Work


def check_device(device: str) -> None:
    """Raise RuntimeError where ``gpu`` is asked for and TensorFlow sees none: it would go on on the CPU."""
    import tensorflow as tf

    if device == "gpu" and not tf.config.list_physical_devices("GPU"):
        raise RuntimeError(f"TensorFlow {tf.__version__} of this Python sees no GPU")


class TensorFlowWorker:
    """A subclass's ``__init__`` makes ``compute_hidden1(rows)`` and its step, then fills and resets."""

    def __init__(self, work: Work, cached: bool, device: str):
        import tensorflow as tf

        check_device(device)
        self.tf, self.initial, self.images, self.cached = tf, work.initial, work.images, cached
        self.weights = [tf.Variable(work.initial[name]) for name in TRAINED]

    def fill(self):
        images = self.tf.constant(self.images)
        self.rows = self.compute_hidden1(images) if self.cached else images

    def reset(self):
        for name, weights in zip(TRAINED, self.weights):
            weights.assign(self.initial[name])

    def synchronize(self):
        self.weights[0].numpy()  # a GPU may still be at work

    def get_weights(self):
        return {name: weights.numpy() for name, weights in zip(TRAINED, self.weights)}
