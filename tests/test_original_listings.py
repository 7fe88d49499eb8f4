"""Scripts in files and in notes; what is no script is one line that says what it is, and where."""

import ast

import pytest

from ref.common.errors import BadInputError
from ref.originals.listing import find_scripts

NOTES = """# Notes

```python
# -*- coding: utf-8 -*-
\"\"\"
@file: first.py
\"\"\"
print(1)
```

```python
print("a snippet without a name")
```

~~~python
# @file: deep/second.py
raise ValueError
~~~

```sh
# @file: third.py
```
"""


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_all_listings_of_notes_in_their_order(write):
    path = write("notes.md", NOTES)
    found = find_scripts(path)
    assert [listing.name for listing in found] == ["first", "second"]
    lines = NOTES.split("\n")
    for listing in found:  # the text is the file's own, from its first line on
        assert listing.text.split("\n")[0] == lines[listing.first_line - 1]


@pytest.mark.parametrize("name", ["second.py", "second"])
def test_one_listing_of_notes(write, name):
    path = write("my notes.md", NOTES)
    (found,) = find_scripts(f"{path}:{name}")
    assert found.text == "# @file: deep/second.py\nraise ValueError\n"
    assert found.label == f"{path}:second.py"


def test_a_number_stands_for_the_chapters_script_of_that_number(write):
    path = write("notes.md", NOTES.replace("first.py", "autoencoder_7.py").replace("second.py", "autoencoder_17.py"))
    assert [listing.name for listing in find_scripts(f"{path}:7")] == ["autoencoder_7"]
    with pytest.raises(BadInputError, match="no such listing"):
        find_scripts(f"{path}:autoencoder")


def test_a_script_in_another_encoding(write):
    content = "# -*- coding: gbk -*-\nname = '自动编码器'\n".encode("gbk")
    (found,) = find_scripts(write("train it's.py", content))
    assert ast.literal_eval(ast.parse(found.text).body[0].value) == "自动编码器"


def test_line_ends_of_windows_and_a_mark_of_utf_8(write):
    (found,) = find_scripts(write("dos.py", b"\xef\xbb\xbfx = 1\r\ny = 2\r\n"))
    assert found.text == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("content", "line", "form"),
    [
        ("x = 1\nprint 'loss', x\n", 2, "print statement"),
        ("print 'loss: %f' % 0.1\n", 1, "print statement"),
        ("try:\n    pass\nexcept ValueError, error:\n    pass\n", 3, "except X, e"),
        ("x = 0777\n", 1, "octal or long"),
        ("x = 10L\n", 1, "octal or long"),
        ("if 1 <> 2:\n    pass\n", 1, "<>"),
        ("raise ValueError, 'no'\n", 1, "raise X"),
        ("exec 'x = 1'\n", 1, "exec"),
        ("if 1:\n        x = 1\n\ty = 2\n", 3, "tabs and spaces"),
    ],
)
def test_python_2_is_named_with_its_line(write, content, line, form):
    path = write("old.py", content)
    with pytest.raises(BadInputError) as refused:
        find_scripts(path)
    assert str(refused.value).startswith(f"{path} line {line}: Python 2 syntax (")
    assert form in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.py", "def f(:\n", "line 1: not Python"),
        ("a.py", b"\x89PNG\0\0", "binary"),
        ("a.py", b"x = '\xff\xfe'\n", "not Python text"),
        ("a.py", "x = 1\n%matplotlib inline\n", "line 2: a notebook's command"),
        ("a.ipynb", '{"cells": [], "nbformat": 4}', "a notebook"),
        ("a.md", "# nothing\n```python\nx = 1\n```\n", "no listing"),
    ],
)
def test_what_is_no_script_is_one_line(write, name, content, says):
    path = write(name, content)
    with pytest.raises(BadInputError) as refused:
        find_scripts(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_not_there_is_named_with_what_is_near(write, tmp_path):
    path = write("notes.md", NOTES)
    with pytest.raises(BadInputError, match=r"it has first\.py, second\.py; did you mean second\.py\?"):
        find_scripts(f"{path}:secnd.py")
    with pytest.raises(BadInputError, match=r"No such file.*did you mean notes\.md\?"):
        find_scripts(tmp_path / "note.md")
    with pytest.raises(BadInputError, match="a directory"):
        find_scripts(tmp_path)
