"""Tables in Markdown, and pages that have parts of them generated."""

from collections.abc import Iterable, Sequence

from ref.common.errors import BadInputError


def make_table(header: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Return a table, without a newline at its end."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines)


def replace_between(text: str, begin: str, end: str, content: str) -> str:
    """Return ``text`` with ``content`` on lines of its own between the marks ``begin`` and ``end``.

    Raises:
      BadInputError: a mark is not there once.
    """
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended or begin in rest:
        raise BadInputError(
            f"marks of a generated part not found once each, expected {begin!r} and {end!r}; restore them"
        )
    return f"{before}{begin}\n{content}\n{end}{after}"
