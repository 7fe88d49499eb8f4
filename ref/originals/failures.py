"""What made a script end, in one line. Python 3.7; imports nothing of ours."""

import traceback

PYTHON_2_NAMES = {"xrange": "range", "unicode": "str", "raw_input": "input", "unichr": "chr", "basestring": "str"}
PYTHON_2_NAMES.update({"long": "int", "reload": "importlib.reload", "file": "open", "cmp": "(a > b) - (a < b)"})
NETWORK_ERRORS = ("URLError", "HTTPError", "gaierror", "herror", "ConnectionError", "ConnectionRefusedError")
NETWORK_ERRORS += ("ConnectionResetError", "timeout", "SSLError", "RemoteDisconnected", "ContentTooShortError")
MAX_LENGTH = 300


def describe_failure(error, label):
    """Return the line that says where in the script ``label`` and why it ended."""
    number = find_line(error, label)
    where = "{} line {}".format(label, number) if number else label
    return "{}: {}".format(where, " ".join(describe(error).split()))


def find_line(error, label):
    """Return the line of the script that the ``error`` came out of, the innermost; None where it came from nowhere."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == label]
    if frames:
        return frames[-1].lineno
    return error.lineno if isinstance(error, SyntaxError) and error.filename == label else None


def describe(error):
    """Return what happened and what to do, in a few words."""
    names = [kind.__name__ for kind in type(error).__mro__]
    message = get_message(error)
    if "GoneError" in names:
        return message
    if isinstance(error, ImportError):
        return describe_import(error, message)
    if isinstance(error, EOFError) and "EOF when reading a line" in message:
        return "reads standard input, which is a terminal's alone here; run it in one, or give the answer in the script"
    if isinstance(error, MemoryError) or "ResourceExhaustedError" in names:
        return "out of memory ({}), expected sizes that fit in it; use smaller ones (--set)".format(message)
    if any(name in NETWORK_ERRORS for name in names):
        return "{}: {}, expected the network that it asks for; put the file where the script looks".format(
            names[0], message
        )
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return "{!r} is not there, expected a file of the script's; put it beside the script".format(
            str(error.filename)
        )
    if isinstance(error, NameError):
        found = next((name for name in PYTHON_2_NAMES if "'{}'".format(name) in message), None)
        if found:
            return "{} is Python 2's, expected Python 3; write {}".format(found, PYTHON_2_NAMES[found])
    return "{}: {}".format(names[0], message) if message else names[0]


def describe_import(error, message):
    name = (error.name or "").split(".")[0]
    if not isinstance(error, ModuleNotFoundError) or not name or name == "tensorflow":
        return "{}: {}".format(type(error).__name__, message)
    return "imports {}, which is not there, expected it installed, or beside the script".format(error.name)


def get_message(error):
    """Return what the ``error`` says: its first line; of TensorFlow's, without the op's own traceback."""
    message = str(getattr(error, "message", None) or error)
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    nodes = [index for index, line in enumerate(lines[:-1]) if line.startswith("Node: ")]
    lines = lines[nodes[0] + 1 :] if nodes else lines  # after where the op was made, of TensorFlow 2
    first = lines[0].split("[[node")[0].strip() if lines else ""
    if first.endswith(":") and len(lines) > 1:
        first += " " + lines[1]
    return first if len(first) <= MAX_LENGTH else first[: MAX_LENGTH - 1] + "…"


def format_traceback(error, label):
    """Return the traceback from the script's first line on."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename != label:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames or error.__traceback__))
