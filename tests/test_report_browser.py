"""The report in a real browser: nothing fetched, nothing said in the console, nothing wider than the screen."""

import os
import shutil

import pytest
from report_runs import ORIGINAL, copy_recorded, interrupt, read_result, write_result

from ref.fidelity.golden import printed
from ref.report.cli import main

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDEST = (
    "Math.max(...[...document.querySelectorAll('main > *, section > *')].map(one => one.getBoundingClientRect().right))"
)


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page of runs of every kind, in both languages."""
    out = copy_recorded(tmp_path_factory.mktemp("runs"), 3, 8, 10, 13)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_in_the_browser(browser, pages, language, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said, fetched = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto((pages / f"{language}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert said == []
    assert [url for url in fetched if not url.startswith("data:")] == [(pages / f"{language}.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(WIDEST) <= width
    assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")
    found = axe.Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []
    page.close()
