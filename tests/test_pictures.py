"""A committed picture, and what it is drawn from, are those that were committed together (scripts/pictures.py)."""

import pytest

from ref.common.errors import BadInputError
from scripts import pictures


@pytest.fixture
def drawn(tmp_path):
    """A picture of two files, as it was written down: the file that says so, and the picture's sources."""
    for name in ("plot.png", "result.json", "plots.py"):
        (tmp_path / name).write_text(name)
    sources = {tmp_path / "plot.png": [tmp_path / "result.json", tmp_path / "plots.py"]}
    pictures.write(tmp_path / "pictures.json", sources)
    return tmp_path / "pictures.json", sources


def test_a_picture_of_what_is_there_is_not_told(drawn):
    pictures.check(*drawn, "make tables")


@pytest.mark.parametrize("name", ["plot.png", "result.json", "plots.py"])
@pytest.mark.parametrize("is_missing", [False, True])
def test_a_change_of_a_picture_or_of_what_it_is_drawn_from_is_told(drawn, name, is_missing):
    path = drawn[0].with_name(name)
    path.unlink() if is_missing else path.write_text("another")
    with pytest.raises(BadInputError, match=r"plot\.png in .* run make tables"):
        pictures.check(*drawn, "make tables")


def test_a_picture_that_is_new_or_no_longer_drawn_is_told(drawn):
    file, sources = drawn
    with pytest.raises(BadInputError, match="no longer drawn"):
        pictures.check(file, {}, "make tables")
    file.unlink()
    with pytest.raises(BadInputError, match="not drawn from"):
        pictures.check(file, sources, "make tables")


def test_sources_that_change_places_are_told(drawn):
    file, sources = drawn
    with pytest.raises(BadInputError, match="not drawn from"):
        pictures.check(file, {picture: paths[::-1] for picture, paths in sources.items()}, "make tables")
