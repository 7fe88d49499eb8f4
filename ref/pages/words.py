"""What a page says, in the two languages that pages have."""

import html
import re
from typing import NamedTuple

LANGUAGES = ("en", "zh")
TAGS = {"en": "en", "zh": "zh-Hans"}  # as HTML names them
OWN_NAMES = {"en": "English", "zh": "中文"}


class Text(NamedTuple):
    """A sentence in both languages; what stands between backticks is code."""

    en: str
    zh: str


def choose(language: str, text: "Text | str") -> str:
    """Return ``text`` in ``language``; a ``str`` is the same in both."""
    return text if isinstance(text, str) else getattr(text, language)


def mark_up(text: str) -> str:
    """Return plain ``text`` as HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
