"""The first page: all sixteen at a glance."""

from collections.abc import Iterator

from ref.chapter import SCRIPTS
from ref.pages.render import Page
from ref.pages.words import Text


def make_pages() -> Iterator[Page]:
    yield Page(
        "index.html",
        "chapter.html",
        Text("The autoencoder chapter, running", "自动编码器一章，可以运行"),
        lambda language: {"scripts": SCRIPTS},
    )
