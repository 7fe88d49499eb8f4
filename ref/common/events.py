"""Event files, which TensorBoard shows, written without it: scalars, histograms, pictures, a graph, text."""

import struct
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError

PREFIX = "events.out.tfevents."  # by which TensorBoard knows them
VERSION = "brain.Event:2"
N_BUCKETS = 30


class EventFile:
    """One event file, written record by record, so that one that is cut off, by a kill say, is read to its last.

    Raises:
      BadInputError: it cannot be written; so do all its methods.
    """

    def __init__(self, path: Path):
        self.path = path
        self._writer = self._try(tf.io.TFRecordWriter, str(path))
        self._write(tf.Event(file_version=VERSION))

    def add_graph(self, graph: tf.Graph) -> None:
        """Write the graph as it is, with the shapes of its tensors."""
        self._write(tf.Event(graph_def=graph.as_graph_def(add_shapes=True).SerializeToString()))

    def add_text(self, tag: str, text: str) -> None:
        """Write ``text``, in Markdown."""
        kind = tf.SummaryMetadata(plugin_data=tf.SummaryMetadata.PluginData(plugin_name="text"))
        tensor = tf.make_tensor_proto(text.encode(errors="replace"), dtype=tf.string)
        self._add([tf.Summary.Value(tag=tag, metadata=kind, tensor=tensor)], 0)

    def add_scalars(self, values: Mapping[str, float], step: int) -> None:
        self._add([tf.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()], step)

    def add_histograms(self, values: Mapping[str, np.ndarray], step: int) -> None:
        """Write how the finite ``values`` of each array are distributed."""
        self._add([tf.Summary.Value(tag=tag, histo=make_histogram(value)) for tag, value in values.items()], step)

    def add_picture(self, tag: str, png: bytes) -> None:
        """Write a picture, which is the bytes of a PNG file."""
        width, height = struct.unpack(">II", png[16:24])
        image = tf.Summary.Image(width=width, height=height, colorspace=4, encoded_image_string=png)
        self._add([tf.Summary.Value(tag=tag, image=image)], 0)

    def close(self) -> None:
        self._try(self._writer.close)

    def _add(self, values, step):
        if values:
            self._write(tf.Event(step=step, summary=tf.Summary(value=values)))

    def _write(self, event):
        event.wall_time = time.time()
        self._try(self._writer.write, event.SerializeToString())
        self._try(self._writer.flush)  # who looks on sees it, and a kill leaves it whole

    def _try(self, function, *args):
        try:
            return function(*args)
        except tf.errors.OpError as error:
            reason = error.message.rpartition("; ")[2]
            raise BadInputError(
                f"{self.path}: cannot be written ({reason}), expected room and the right to; make room, or choose "
                "another directory (--logdir)"
            ) from error


def make_histogram(values: np.ndarray) -> tf.HistogramProto:
    """Return how ``values`` are distributed, in buckets of one width from the least to the greatest."""
    values = np.asarray(values, np.float64).ravel()
    edges = np.unique(np.linspace(values.min(), values.max(), N_BUCKETS + 1))  # fewer where float has no more
    counts = np.histogram(values, edges)[0] if len(edges) > 1 else [len(values)]
    return tf.HistogramProto(
        min=values.min(),
        max=values.max(),
        num=len(values),
        sum=values.sum(),
        sum_squares=np.square(values).sum(),
        bucket_limit=edges[1:] if len(edges) > 1 else edges,
        bucket=counts,
    )
