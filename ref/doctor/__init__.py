"""What is here, what works, and why TensorFlow computes on a GPU or not."""
