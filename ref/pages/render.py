"""Templates to HTML files: a folder of pages in both languages, or one page that holds all it needs."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.pages.words import LANGUAGES, OWN_NAMES, TAGS, Text, choose, mark_up

ROOM = Path(__file__).parent
FILES = ("style.css", "page.js")  # that every page of a folder is beside
# Control characters, lone surrogates, and what turns the direction of the text after it.
NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
MARK = ".site"  # in a folder that was written by us, and may be replaced: it lists the files, a line each


@dataclass(frozen=True)
class Page:
    """A page of a folder.

    Attributes:
      path: its file's name, ``autoencoder_7.html``; the same in both languages, each in a folder of its own.
      template: the template's file name.
      title: the heading, and with the site's name the window's title.
      make: returns what else the template reads, for ``en`` or ``zh``.
    """

    path: str
    template: str
    title: Text
    make: Callable[[str], dict] = lambda language: {}


def make_environment(language: str, *folders: Path):
    """Return a Jinja2 environment whose templates say ``t("in English", "in Chinese")``, both in trusted HTML.

    Filters: ``text`` (of a Text or a str, backticks to code). ``folders`` are looked into before our own templates.

    Raises:
      BadInputError: Jinja2 is not installed.
    """
    check_installed()
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader([*folders, ROOM / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=lambda en, zh: Markup(zh if language == "zh" else en),
        language=language,
        tag=TAGS[language],
        languages=[(other, OWN_NAMES[other], TAGS[other]) for other in LANGUAGES],
        own_style=partial(_read_own, "style.css"),
    )
    environment.filters["text"] = lambda text: Markup(mark_up(choose(language, text)))
    return environment


def check_installed() -> None:
    """Check that Jinja2 is there.

    Raises:
      BadInputError: it is not.
    """
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise BadInputError(
            f"{error.name} is not installed, expected for pages; run 'make .venv/pages', or "
            "pip install -r requirements-pages.txt"
        ) from None


def _read_own(name: str):
    from markupsafe import Markup

    return Markup((ROOM / name).read_text(encoding="utf-8"))


def render_page(language: str, page: Page, *folders: Path, **shared) -> str:
    """Return the HTML of ``page`` in ``language``; characters that HTML cannot hold are replaced by �."""
    environment = make_environment(language, *folders)
    values = {"root": "../", "path": page.path, "is_alone": False, **shared, **page.make(language)}
    content = environment.get_template(page.template).render(title=choose(language, page.title), **values)
    return NO_CHARACTER.sub("\ufffd", content)


def write_site(out: Path, pages: Iterable[Page], files: dict[str, bytes], *folders: Path, **shared) -> None:
    """Write ``pages`` in both languages and ``files`` beside them to the folder ``out``, whole or not at all.

    Raises:
      BadInputError: ``out`` is there and was not written by this function, or holds more; or it cannot be written.
    """
    try:
        _write_site(out, pages, files, *folders, **shared)
    except OSError as error:
        raise BadInputError(
            f"{out}: cannot be written ({error.strerror}), expected room and the right to; give another with OUT="
        ) from error


def _write_site(out: Path, pages: Iterable[Page], files: dict[str, bytes], *folders: Path, **shared) -> None:
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise BadInputError(f"{out}: there already and no folder of ours, expected a new name; give another with OUT=")
    ours = (out / MARK).read_text("utf-8").splitlines() if (out / MARK).is_file() else []
    if foreign := sorted({*_list_files(out)} - {MARK, *ours}):
        raise BadInputError(
            f"{out}: {foreign[0]} in it is none of ours, and would be gone; move it away, or give another with OUT="
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as made:
        new = Path(made) / "new"
        new.mkdir(mode=0o755)
        for language in LANGUAGES:
            for page in pages:
                path = new / language / page.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(render_page(language, page, *folders, **shared), encoding="utf-8")
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
        for name in FILES:
            shutil.copyfile(ROOM / name, new / name)
        (new / "index.html").write_text(make_environment("en").get_template("languages.html").render(), "utf-8")
        (new / MARK).write_text("".join(f"{name}\n" for name in _list_files(new)), "utf-8")
        old = Path(made) / "old"
        if out.exists():
            out.rename(old)
        try:
            new.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise


def _list_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def write_alone(path: Path, language: str, page: Page, *folders: Path) -> None:
    """Write ``page`` to the one file ``path``, whole or not at all: its stylesheet is in it."""
    content = render_page(language, page, *folders, is_alone=True)
    with open_atomically(path) as file:
        file.write(content.encode())
