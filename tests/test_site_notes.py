"""The page beside the notes: lines that say the same side by side, whatever the notes hold; wrong ones are told."""

import hashlib
import html
import json
import re
from pathlib import Path

import pytest

from ref.chapter import BY_NAME
from ref.common.errors import BadInputError
from ref.pages.render import render_page
from scripts import record_compared
from scripts.site import __main__ as site
from scripts.site import notes

SEED_NOTES = Path(__file__).resolve().parents[2] / "shared" / "seed" / "000_358525132d129b1c.txt"
LISTING = '''"""
@file: autoencoder_7.py
"""
import tensorflow as tf
title = '<script>alert("x")</script> & `code`'

n_hidden3 = n_hidden1   # a comment of the notes'
'''


@pytest.fixture
def own_notes(tmp_path):
    path = tmp_path / "own.md"
    path.write_text(f"# Notes\n\n```python\n{LISTING}```\n", encoding="utf-8")
    return path


def render(path, language="en"):
    (page,) = notes.make_pages(str(path))
    return render_page(language, page, site.TEMPLATES, navigation=())


def test_no_notes_no_page():
    assert list(notes.make_pages(None)) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_of_both_stands_once_and_in_order(own_notes, language):
    said = render(own_notes, language)
    codes = [html.unescape(code) for code in re.findall(r"<td><code>([^<]*)</code></td>", said)]
    listed = [line for line in LISTING.split('"""\n')[-1].splitlines() if line]
    port = [line for _, line in notes.list_lines(read_port("autoencoder_7"))]
    left = [code for code in codes if code in listed and code not in port]
    assert [line for line in listed if line not in port] == left
    assert [code for code in codes if code in port] == port
    assert "<script>" not in said.split("<main")[1]


def read_port(name):
    return record_compared.get_port_path(name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("a", "b", "kinds"),
    [
        ("x = 'a'  # why\ny=[1,2]", 'x = "a"\n    y = [1, 2]', ["same", "same"]),
        ("sess.run(op, feed_dict={X: b})", "sess.run(g.op, feed_dict={g.X: b})", ["same"]),
        ("print('a', loss)", "run.print('a', loss)", ["near"]),
        ("import sys", "return g", ["gone", "new"]),
        ("a = 1\nb = 2", "b = 2", ["gone", "same"]),
        ("", "b = 2", ["new"]),
        ("# first\nb = 2", "b = 2\n# second", ["gone", "same", "new"]),
    ],
)
def test_rows(a, b, kinds):
    assert [row.kind for row in notes.align(notes.list_lines(a), notes.list_lines(b))] == kinds


def test_numbers_are_those_of_the_file(own_notes):
    (listing,) = record_compared.find_listings(str(own_notes))
    lines = own_notes.read_text(encoding="utf-8").split("\n")
    numbered = notes.list_lines(listing.text, listing.first_line)
    assert numbered
    assert all(lines[number - 1] == text for number, text in numbered)


def test_a_text_that_was_not_compared_has_no_verdict(own_notes):
    said = render(own_notes)
    assert "not compared" in said
    assert "python -m ref compare own.md:autoencoder_7.py autoencoder_7" in said


def test_a_verdict_is_shown_of_the_texts_that_were_compared_alone(own_notes, monkeypatch, tmp_path):
    (listing,) = record_compared.find_listings(str(own_notes))
    content = json.loads(record_compared.RECORDED.read_text(encoding="utf-8"))
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in (listing.text, read_port("autoencoder_7"))]
    one = dict(zip(("listing_sha256", "port_sha256"), hashes), verdict="equal to the digit", code=0, rungs=["a rung"])
    recorded = tmp_path / "compared.json"
    monkeypatch.setattr(record_compared, "RECORDED", recorded)
    for changed in ({}, {"port_sha256": "another"}, {"listing_sha256": "another"}):
        content["listings"] = {"autoencoder_7": one | changed}
        recorded.write_text(json.dumps(content), encoding="utf-8")
        assert ("a rung" in render(own_notes)) == (not changed)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"\x00\x01\x02", "binary"),
        (b"# Another text\n\nno listing\n", "no listing"),
        (b"```python\n# @file: another.py\nx = 1\n```\n", "no listing of the chapter"),
    ],
)
def test_wrong_notes_are_told_and_nothing_is_written(tmp_path, content, said):
    path, out = tmp_path / "notes.md", tmp_path / "site"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInputError, match=said):
        site.main(["--notes", str(path), "--out", str(out)])
    with pytest.raises(BadInputError, match="a directory"):
        site.main(["--notes", str(tmp_path), "--out", str(out)])
    assert not out.exists()


@pytest.mark.skipif(not SEED_NOTES.exists(), reason="the notes are not here")
def test_what_is_recorded_is_of_the_notes_and_ports_that_there_are():
    listings = record_compared.find_listings(str(SEED_NOTES))
    assert len(listings) == 13
    assert all(record_compared.find_recorded(listing) for listing in listings), (
        "stale: python -m scripts.record_compared NOTES --write"
    )


def test_what_is_recorded_is_of_the_ports_that_there_are():
    listings = json.loads(record_compared.RECORDED.read_text(encoding="utf-8"))["listings"]
    assert set(listings) <= set(BY_NAME)
    assert {name: one["port_sha256"] for name, one in listings.items()} == {
        name: hashlib.sha256(read_port(name).encode()).hexdigest() for name in listings
    }
