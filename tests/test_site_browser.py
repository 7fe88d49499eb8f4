"""Every page of make site in a real browser: nothing complains, leaves the disk, or stands out of a small screen."""

import pytest
from browser import find_serious, find_too_wide, find_unreached, open_browser, open_page
from built_site import make_site

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="session")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(browser, tmp_path_factory):
    return make_site(tmp_path_factory)


def list_pages() -> list[str]:
    """Return the names of all pages but the notes', which are made of a file that is not ours."""
    from scripts.site.__main__ import list_pages

    return [page.path for page in list_pages()]


PAGES = list_pages()
OF_EACH_KIND = sorted({path.rstrip("0123456789_.html"): path for path in PAGES}.values())
pytestmark = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(browser, site, language, path):
    file = site / language / path
    with open_page(browser, file) as page:
        assert find_too_wide(page) == []
        assert page.locator("h1").count() == 1
        assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language]
        assert find_serious(page) == []
        page.emulate_media(color_scheme="dark")
        assert find_serious(page, ["color-contrast"]) == []
        page.emulate_media(color_scheme="light", media="print")
        assert find_serious(page, ["color-contrast"]) == []
    with open_page(browser, file, width=360, theme="dark") as page:
        assert find_too_wide(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", PAGES)
def test_every_picture_has_a_text(browser, site, language, path):
    with open_page(browser, site / language / path) as page:
        names = page.eval_on_selector_all(
            "img, svg:not([aria-hidden=true])",
            """all => all.map(e => e.alt || e.getAttribute("aria-label") || e.querySelector("title")?.textContent
                || document.getElementById(e.getAttribute("aria-labelledby"))?.textContent || "")""",
        )
        assert all(len(name.strip()) > 3 for name in names), names
        assert page.evaluate("[...document.images].every(e => e.complete && e.naturalWidth > 0)")


@pytest.mark.parametrize("path", OF_EACH_KIND)
def test_the_keyboard_reaches_all(browser, site, language, path):
    with open_page(browser, site / language / path) as page:
        assert find_unreached(page) == []


@pytest.mark.parametrize("path", OF_EACH_KIND)
def test_a_page_can_be_printed(browser, site, language, path):
    with open_page(browser, site / language / path) as page:
        assert page.pdf().startswith(b"%PDF")
        page.set_viewport_size({"width": 720, "height": 1000})
        page.emulate_media(media="print")
        assert find_too_wide(page) == []


def test_the_theme_is_remembered_from_page_to_page(browser, site, language):
    with open_page(browser, site / language / "index.html") as page:
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.locator("button.theme").click()
        after = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert after != before
        page.locator("main a").first.click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_all_is_readable_without_javascript(browser, site, language):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / language / "faults.html").as_uri())
    first = page.locator("details").first
    assert not first.locator(":scope > :not(summary)").first.is_visible()
    first.locator("summary").click()
    assert first.locator(":scope > :not(summary)").first.is_visible()
    assert not page.locator("button.theme").is_visible()
    context.close()
