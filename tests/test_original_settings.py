"""--set: what it replaces, held against Python's own execution of the script written so by hand."""

import ast

import pytest

from ref.common.errors import BadInputError
from ref.originals.listing import Listing
from ref.originals.run import check_settings
from ref.originals.settings import SettingError, apply_settings


def execute(text: str, *settings) -> dict:
    tree = apply_settings(ast.parse(text), settings)
    names = {}
    exec(compile(tree, "script.py", "exec"), names)
    return names


FLAGS = """
class flags:
    values = {}
    def DEFINE_integer(name, default, help=""): flags.values[name] = default
    def DEFINE_string(name, default_value=None, docstring=""): flags.values[name] = default_value
    def add_argument(*names, default=None, type=None): flags.values[names[-1]] = default
"""


@pytest.mark.parametrize(
    ("script", "setting", "written"),
    [
        ("n = 5\nseen = n", ("n", "7"), "n = 7\nseen = n"),
        ("n = 2 * 3\nseen = n", ("n", "[1, 1]"), "n = [1, 1]\nseen = n"),
        ("m, n = 1, 2\nseen = m, n", ("n", "7"), "m, n = 1, 7\nseen = m, n"),
        ("n: int = 5\nseen = n", ("n", "7"), "seen = 7"),
        ("n = 1\nif n:\n    n = 5\nseen = n", ("n", "7"), "seen = 7"),
        ("n = 1\nfor i in range(2):\n    n = 3\nseen = n", ("n", "7"), "seen = 7"),
        ("name = 'relu'\nseen = name", ("name", "elu"), "seen = 'elu'"),
        ("name = 'relu'\nseen = name", ("name", "'a b'"), "seen = 'a b'"),
        ("name = 'out'\nseen = name", ("name", "D:/a b/c"), "seen = 'D:/a b/c'"),
        ("n = 5\nseen = (n, dict(n=1))", ("n", "7"), "seen = (7, dict(n=1))"),
        ("def f(n=5, *, m=1):\n    return n, m\nseen = f()", ("n", "7"), "seen = 7, 1"),
        ("def f(n=5, *, m=1):\n    return n, m\nseen = f()", ("m", "7"), "seen = 5, 7"),
        ("def f(a, n=5):\n    return a, n\nseen = f(1)", ("n", "7"), "seen = 1, 7"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    n = [5].pop()\nseen = n", ("n", "7"), "seen = 7"),
        ("def f(n):\n    return n\nseen = f(n=5)", ("n", "7"), "seen = 7"),
        ("seen = {'n': 5}", ("n", "7"), "seen = {'n': 7}"),
        ("class C:\n    n = 5\nseen = C.n", ("n", "7"), "seen = 7"),
        ("class C:\n    n = 5\nclass D:\n    n = 6\nseen = C.n, D.n", ("D.n", "7"), "seen = 5, 7"),
        ("def main():\n    n = 5\n    return n\nseen = main()", ("n", "7"), "seen = 7"),
        (FLAGS + "flags.DEFINE_integer('n', 5, 'how many')\nseen = flags.values", ("n", "7"), "seen = {'n': 7}"),
        (FLAGS + "flags.DEFINE_string('d', default_value='a')\nseen = flags.values", ("d", "b"), "seen = {'d': 'b'}"),
        (
            FLAGS + "flags.add_argument('-n', '--n-steps', default=5)\nseen = flags.values",
            ("n_steps", "7"),
            "seen = {'--n-steps': 7}",
        ),
    ],
)
def test_a_value_is_replaced_where_the_script_gives_it(script, setting, written):
    assert execute(script, setting)["seen"] == execute(written)["seen"]


def test_lines_stay_where_they_are():
    text = "n = (\n    5\n)\n\nraise ValueError(n)\n"
    with pytest.raises(ValueError, match="7") as raised:
        execute(text, ("n", "7"))
    assert raised.traceback[-1].lineno + 1 == 5


def test_a_value_that_fails_does_so_in_the_line_of_the_one_that_it_replaces():
    with pytest.raises(ZeroDivisionError) as raised:
        execute("a = 1\n\nn = 5\n", ("n", "1 / 0"))
    assert raised.traceback[-1].lineno + 1 == 3


def test_an_unknown_name_is_one_line_with_what_is_near(tmp_path):
    listing = Listing("train", tmp_path / "train.py", "n_epochs = 5\n")
    with pytest.raises(BadInputError, match=r"--set n_epoch: no such value in .*train\.py, did you mean n_epochs\?"):
        check_settings(listing, ["n_epoch=1"])
    with pytest.raises(BadInputError, match="expected NAME=VALUE"):
        check_settings(listing, ["n_epochs"])
    with pytest.raises(BadInputError, match="not a value that Python can read"):
        check_settings(listing, ["n_epochs=1 +"])


def test_what_is_computed_from_a_keyword_is_left_alone():
    with pytest.raises(SettingError):
        execute("m = 5\nseen = dict(n=m + 1)", ("n", "7"))
