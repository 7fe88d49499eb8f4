"""``tf.contrib.learn.datasets.load_dataset("iris")``, from scikit-learn's copy. Python 3.7."""

import collections

Dataset = collections.namedtuple("Dataset", ["data", "target"])
# Where TensorFlow's file has the errors of UCI's, which scikit-learn mended in 0.20: (row, column, value).
ERRORS = ((34, 3, 0.1), (37, 1, 3.1), (37, 2, 1.5))


def load_iris(data_path=None):
    """Return measurements, float64 (150, 4), and kinds, int64 (150,), as TensorFlow 1 had them."""
    from sklearn.datasets import load_iris as load

    data, target = load(return_X_y=True)
    for row, column, value in ERRORS:
        data[row, column] = value
    return Dataset(data, target)


def load_dataset(name, size="small", test_with_fake_data=False):
    """Return the data set of that name, of which there is one."""
    if name != "iris":
        raise ValueError(f"Name of dataset is not found: {name}")
    return load_iris()
