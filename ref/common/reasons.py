"""What happened, in a few words, out of what TensorFlow says about it."""

import errno
import os
import re

# In this order: "Not found: …; No such file" is a missing file, whatever else stands in the message.
_REASONS = (
    (r"No space left on device|disk quota exceeded", os.strerror(errno.ENOSPC)),
    (r"Input/output error", os.strerror(errno.EIO)),
    (r"Permission denied", os.strerror(errno.EACCES)),
    (r"Read-only file system", os.strerror(errno.EROFS)),
    (r"File too large", os.strerror(errno.EFBIG)),
    (r"Too many open files", os.strerror(errno.EMFILE)),
    (r"Is a directory", os.strerror(errno.EISDIR)),
    (r"Not a directory", os.strerror(errno.ENOTDIR)),
    (r"OOM|[Oo]ut of memory|bad_alloc|Cannot allocate memory|ResourceExhausted", "out of memory"),
    (r"No such file|Unsuccessful TensorSliceReader|Failed to find any matching files", "a file of it is missing"),
    (r"[Cc]hecksum|corrupt|not an sstable|[Dd]ata ?loss|TensorBundle|truncated|too short|bad magic", "damaged"),
)


def explain(error: BaseException) -> str:
    """Return the reason of ``error`` as one short line: the system's own word where TensorFlow passed it on."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.strerror}: {error.filename}"
    message = str(getattr(error, "message", None) or error)
    for pattern, reason in _REASONS:
        if re.search(pattern, message):
            return reason
    first = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return first.split("[[node")[0].strip()[:200] or type(error).__name__
