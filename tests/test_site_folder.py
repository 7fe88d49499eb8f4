"""The folder of pages: a user's files are never gone, and what cannot be written is one clear line."""

import pytest

from ref.common.errors import BadInputError
from ref.pages.render import write_site


def list_contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_of_ours_is_replaced(tmp_path):
    write_site(tmp_path / "site", [], {"old.txt": b"1"})
    write_site(tmp_path / "site", [], {"new/one.txt": b"2"})
    assert not (tmp_path / "site" / "old.txt").exists()
    assert (tmp_path / "site" / "new" / "one.txt").read_bytes() == b"2"


@pytest.mark.parametrize("name", ["CNAME", ".git/HEAD", "figures/mine.png", "en/notes.txt"])
def test_a_file_of_the_users_within_is_kept(tmp_path, name):
    out = tmp_path / "site"
    write_site(out, [], {"figures/ours.png": b"1"})
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).write_text("mine")
    before = list_contents(out)
    with pytest.raises(BadInputError, match=name):
        write_site(out, [], {"figures/ours.png": b"2"})
    assert list_contents(out) == before


@pytest.mark.parametrize("parent", ["file", "/proc"])
def test_a_folder_that_cannot_be_made_is_said(tmp_path, parent):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInputError, match="cannot be written"):
        write_site(tmp_path / parent / "site", [], {})
    assert (tmp_path / "file").read_text() == "mine"
