"""The report in a real browser: nothing fetched, nothing said in the console, nothing wider than the screen."""

import shutil

import pytest
from browser import find_serious, find_too_wide, find_unreached, open_browser, open_page
from report_runs import ORIGINAL, copy_recorded, interrupt, read_result, write_result

from ref.fidelity.golden import printed
from ref.report.cli import main

pytest.importorskip("jinja2", reason="Jinja2 is not installed: make .venv/pages")


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page of runs of every kind, in both languages."""
    out = copy_recorded(tmp_path_factory.mktemp("runs"), 3, 8, 10)
    other = read_result("autoencoder_4", 42, ["0 Train accuracy: 0.5 Test accuracy: 0.25"])
    write_result(out / "autoencoder_4", other | {"data": {"name": "fashion" * 9, "sha256": {"a" * 90: "b" * 90}}})
    interrupt(out / "autoencoder_7", 1, 1, ["0 Train MSE: 0.5", "1 Train MSE: 0.25"])
    lines = ["0 loss: 0.5", "1 loss: 0.25", "x" * 500]
    write_result(
        out / "train", ORIGINAL | {"lines": lines, "file": "long" * 60, "settings": {"name" * 30: "value" * 30}}
    )
    shutil.copy(printed.RECORDED / "autoencoder_1" / "codings.png", out / "train" / "figure-1.png")
    (out / "autoencoder_2").mkdir()
    (out / "autoencoder_2" / "result.json").write_text("{")
    for language in ("en", "zh"):
        main(["--out", str(out), "-o", str(out / f"{language}.html"), "--language", language])
    return out


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_in_the_browser(browser, pages, language, theme):
    with open_page(browser, pages / f"{language}.html", theme=theme) as page:
        assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert find_too_wide(page) == []
        assert find_serious(page) == []


def test_all_of_it_is_reached_by_the_keyboard(browser, pages):
    with open_page(browser, pages / "en.html") as page:
        assert find_unreached(page) == []
