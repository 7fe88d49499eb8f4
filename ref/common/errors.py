"""The one exception that means "the input is bad, not the program"."""


class BadInputError(Exception):
    """Something a person can put right.

    The message is one line that says what was found, where, what was expected and what to do. The command line
    prints it to standard error and exits with 2.
    """
