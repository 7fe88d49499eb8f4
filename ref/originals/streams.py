"""What a script prints: kept line by line, and without what carriage returns wipe away. Python 3.7."""

import io
import re

PIECES = re.compile("[\r\n]|[^\r\n]+")
MAX_LINES = 100_000  # that are kept for result.json


class LineStream(io.TextIOBase):
    """In the place of ``stream``: each line as it is when its end is printed, as a terminal would show it.

    Text after a carriage return stands in the place of the line's text before it, so a percentage that is printed anew
    a thousand times is a line at most. To a terminal everything goes as it comes. ``lines`` are those printed, where
    ``keeps`` them.
    """

    def __init__(self, stream, keeps=False):
        self._stream, self._keeps = stream, keeps
        self._is_terminal = stream.isatty()
        self._line = ""
        self._is_overwritten = False  # a carriage return was printed: what follows is in the line's place
        self._is_progress = False  # the line has followed a carriage return
        self.lines = []

    encoding = property(lambda self: self._stream.encoding)
    errors = property(lambda self: self._stream.errors)
    buffer = property(lambda self: self._stream.buffer)
    name = property(lambda self: getattr(self._stream, "name", None))
    mode = property(lambda self: "w")

    def writable(self):
        return True

    def isatty(self):
        return self._is_terminal

    def fileno(self):
        return self._stream.fileno()

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not {}".format(type(text).__name__))
        if self._is_terminal:
            self._stream.write(text)
        for piece in PIECES.findall(text):
            self._add(piece)
        return len(text)

    def _add(self, piece):
        if piece == "\r":
            self._is_overwritten = True
            return
        if piece == "\n":
            self._end_line("\n")
            return
        if self._is_overwritten:
            self._line, self._is_overwritten, self._is_progress = "", False, True
        self._line += piece

    def _end_line(self, end):
        if not self._is_terminal:
            self._stream.write(self._line + end)
        if self._keeps and len(self.lines) < MAX_LINES:
            self.lines.append(self._line)
        self._line, self._is_overwritten, self._is_progress = "", False, False

    def flush(self):
        self._stream.flush()

    def finish(self):
        """Print what stands in the last line, which has no end: a percentage is given one."""
        if self._line:
            self._end_line("\n" if self._is_progress else "")
        self._stream.flush()
