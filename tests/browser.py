"""A real browser for the tests of pages: Debian's Chromium, or what CHROMIUM names, driven by Playwright."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def open_browser() -> Iterator:
    """Yield a running browser; the test is skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium; or CHROMIUM= names one)")
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_page(browser, file: Path, width: int = 1280, theme: str = "light") -> Iterator:
    """Yield ``file``, opened from disk; when the block ends, nothing was complained of and nothing left the disk."""
    problems: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    try:
        page = context.new_page()
        page.on("console", lambda message: problems.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("requestfailed", lambda request: problems.append(f"not there: {request.url}"))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or problems.append(request.url))
        page.goto(file.as_uri(), wait_until="load")
        yield page
        assert problems == []
    finally:
        context.close()


def find_too_wide(page) -> list[str]:
    """Return what stands out of the window and no box scrolls, outermost first."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          const scrolls = (e) => e && e !== document.body &&
            (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
          const isOut = (e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement);
          return [...document.body.querySelectorAll("*")]
            .filter((e) => !e.closest(".skip") && isOut(e))
            .map((e) => e.outerHTML.slice(0, 120));
        }"""
    )


def find_serious(page, rules: list[str] | None = None) -> list[str]:
    """Return axe-core's serious and critical findings, of ``rules`` alone where they are given."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    options: dict = {"preload": False}  # axe-core would fetch the stylesheet by a script, which no page from disk may
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = axe.Axe().run(page, options=options).response["violations"]
    return [
        f"{finding['id']}: {finding['help']}: {finding['nodes'][0]['html'][:200]} "
        f"{finding['nodes'][0].get('failureSummary', '')[:300]} ({len(finding['nodes'])} places)"
        for finding in found
        if finding["impact"] in ("serious", "critical")
    ]


def find_unreached(page) -> list[str]:
    """Press Tab until the page is through; return what can be focused and was not."""
    n_focusable = page.evaluate(
        """() => {
          const all = [...document.querySelectorAll('a[href], button, summary, input, select, [tabindex="0"]')];
          window.focusable = all.filter((e) => e.checkVisibility());
          window.reached = new Set();
          document.addEventListener("focusin", (event) => window.reached.add(event.target));
          return window.focusable.length;
        }"""
    )
    for _ in range(n_focusable):
        page.keyboard.press("Tab")
    return page.evaluate("() => window.focusable.filter((e) => !window.reached.has(e)).map((e) => e.outerHTML)")
