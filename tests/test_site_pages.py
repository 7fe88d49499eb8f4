"""The built pages, without a browser: well formed, no dead link, both languages alike, the recorded numbers."""

import json
import re
from collections import Counter
from itertools import pairwise
from urllib.parse import unquote, urldefrag

import built_site
import pytest

from ref.chapter import SCRIPTS
from ref.fidelity.golden.printed import NUMBER
from scripts.site import recorded
from scripts.site.said.lessons import LESSONS

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built_site.make_site(tmp_path_factory)


@pytest.fixture(scope="module")
def pages(site):
    return built_site.read_pages(site)


def test_every_page_is_well_formed(pages):
    for path, page in pages.items():
        assert not page.unbalanced, path
        assert [name for name, n in Counter(page.ids).items() if n > 1] == [], path
        assert sum(tag == "h1" for tag, _ in page.elements) == 1, path


def test_headings_are_in_order(pages):
    for path, page in pages.items():
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert all(new <= old + 1 for old, new in pairwise(levels)), path


def test_every_link_leads_somewhere(pages, site):
    for path, page in pages.items():
        for tag, attributes in page.elements:
            for target in (attributes.get("href"), attributes.get("src")):
                if target is None or target.startswith("data:"):
                    continue
                assert "://" not in target, (path, target)
                name, anchor = urldefrag(target)
                found = (path.parent / unquote(name)).resolve() if name else path
                assert found.exists(), (path, tag, target)
                if anchor and found.suffix == ".html":
                    assert anchor in pages[found].ids, (path, target)


def test_what_is_referred_to_in_a_drawing_is_there(pages):
    for path, page in pages.items():
        used = [name for _, attributes in page.elements for name in re.findall(r"url\(#([^)]+)\)", str(attributes))]
        used += [a["xlink:href"][1:] for _, a in page.elements if a.get("xlink:href", "").startswith("#")]
        assert set(used) <= set(page.ids), path


def test_both_languages_have_the_same_structure(site, pages):
    for path in sorted((site / "en").glob("*.html")):
        shapes = [
            [tag for tag, _ in pages[site / language / path.name].elements if tag not in DRAWN]
            for language in LANGUAGES
        ]
        assert shapes[0] == shapes[1], path.name


DRAWN = {
    "code",
    "g",
    "text",
    "tspan",
    "path",
    "use",
    "defs",
    "rect",
    "polygon",
    "line",
    "ellipse",
    "clippath",
    "marker",
}


def test_every_picture_has_a_text(pages):
    for path, page in pages.items():
        for tag, attributes in page.elements:
            if tag == "img":
                assert attributes.get("alt"), path
            if tag == "svg":
                assert attributes.get("aria-label") or attributes.get("aria-labelledby"), path
            if "wide" in attributes.get("class", "").split():
                assert attributes.get("tabindex") == "0", path
                assert attributes.get("aria-label"), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_printed_number_is_on_its_scripts_page(language, site, pages):
    for script in SCRIPTS:
        result = json.loads((recorded.RECORDED / script.name / "result.json").read_text(encoding="utf-8"))
        words = set(" ".join(pages[site / language / f"{script.name}.html"].text).split())
        digits = [number for row in result["printed"] for _, number in NUMBER.findall(row["line"])]
        assert set(digits) <= words, script.name


def test_every_script_and_lesson_has_a_page_and_is_led_to(site, pages):
    for language in LANGUAGES:
        links = {a.get("href") for tag, a in pages[site / language / "index.html"].elements if tag == "a"}
        assert {f"{script.name}.html" for script in SCRIPTS} <= links
        lessons = {a.get("href") for tag, a in pages[site / language / "lessons.html"].elements if tag == "a"}
        assert {f"diff_{one.left}_{one.right}.html" for one in LESSONS} <= lessons


def test_no_slot_is_left_open(pages):
    for path, page in pages.items():
        assert not re.search(r"\{\d+ [\w ]+\}", "".join(page.text)), path
