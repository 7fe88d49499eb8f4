"""The one exception that means "the input is bad, not the program"."""


class BadInputError(Exception):
    """Something a person can put right.

    The message is one line that says what was found, where, what was expected and what to do. The command line
    prints it to standard error and exits with 2; a notebook shows it without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows in the place of a traceback."""
        return [f"error: {self}"]
