"""What happened, out of an error's own words or TensorFlow's; one short line in every case."""

import errno
import os

import pytest
import tensorflow.compat.v1 as tf

from ref.common.reasons import explain

NODE = "[[node save/SaveV2 (defined at a.py:1)]]"
UNKNOWN = tf.errors.UnknownError
CASES = [
    (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
    (OSError(errno.ENOSPC, "No space left on device", "a.ckpt"), "No space left on device: a.ckpt"),
    (OSError("of no number"), "of no number"),
    (UNKNOWN(None, None, f"a.ckpt.data; No space left on device\n\t {NODE}"), os.strerror(errno.ENOSPC)),
    (UNKNOWN(None, None, "a.ckpt; Disk quota exceeded: disk quota exceeded"), os.strerror(errno.ENOSPC)),
    (UNKNOWN(None, None, "a.ckpt; Input/output error"), os.strerror(errno.EIO)),
    (UNKNOWN(None, None, "a.ckpt; Permission denied"), os.strerror(errno.EACCES)),
    (UNKNOWN(None, None, "a.ckpt; Read-only file system"), os.strerror(errno.EROFS)),
    (UNKNOWN(None, None, "a.ckpt; File too large"), os.strerror(errno.EFBIG)),
    (UNKNOWN(None, None, "a.ckpt; Too many open files"), os.strerror(errno.EMFILE)),
    (UNKNOWN(None, None, "a.ckpt; Is a directory"), os.strerror(errno.EISDIR)),
    (UNKNOWN(None, None, "a.ckpt; Not a directory"), os.strerror(errno.ENOTDIR)),
    (tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"), "out of memory"),
    (RuntimeError("std::bad_alloc"), "out of memory"),
    (tf.errors.NotFoundError(None, None, "a.ckpt; No such file or directory; truncated"), "a file of it is missing"),
    (tf.errors.DataLossError(None, None, "not an sstable (bad magic number)"), "damaged"),
    (ValueError(f"\n  something {NODE} else\nmore"), "something"),
    (ValueError("x" * 300), "x" * 200),
    (ValueError(), "ValueError"),
    (IndexError(""), "IndexError"),
]


@pytest.mark.parametrize(("error", "reason"), CASES, ids=lambda value: str(value)[:30])
def test_reason(error, reason):
    assert explain(error) == reason
