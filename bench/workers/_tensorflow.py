"""What the candidates on TensorFlow 2 share."""


def check_device(device: str) -> None:
    """Raise RuntimeError where ``gpu`` is asked for and TensorFlow sees none: it would go on on the CPU."""
    import tensorflow as tf

    if device == "gpu" and not tf.config.list_physical_devices("GPU"):
        raise RuntimeError(f"TensorFlow {tf.__version__} of this Python sees no GPU")
