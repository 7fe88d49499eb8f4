"""What pages are made of: notes at their lines, names and their next use, numbers in sentences, lines side by side."""

import ast
import json

import pytest

from ref.chapter import SCRIPTS
from ref.common.errors import BadInputError
from ref.pages.words import Text
from scripts.site import curves, differences, flags, lessons, listing, names, numbers, recorded, script_pages
from scripts.site.said.lessons import LESSONS

EACH_SCRIPT = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.number))
EACH_LESSON = pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: f"{one.left}-{one.right}")
SOURCE = '''"""One.

What differs from the listing, and why:
- The first, which
  is long.
- The second.

Run: so.
"""

import numpy as np


def build(n=3):
    a, b = n, np.pi
    return a


def train(g):
    b = g.b
    return build(b)
'''


@EACH_SCRIPT
def test_every_difference_of_a_docstring_has_its_place(script):
    source = script_pages.read_source(script)
    docstring = ast.get_docstring(ast.parse(source))
    n_items = docstring.split("and why:")[1].split("\n\n")[0].count("\n- ")
    notes = differences.place_notes(docstring, source, script_pages.read_said(script).DIFFERENCES, script.name)
    assert len(notes) == n_items > 0
    assert all(note.lines and note.text.zh for note in notes)


@EACH_SCRIPT
def test_every_line_that_an_answer_names_is_there(script):
    source, said = script_pages.read_source(script), script_pages.read_said(script)
    for one in said.SEE:
        for shown in script_pages.find_lines(source, one.lines, script.name):
            assert source.splitlines()[shown.number - 1].strip() == shown.code


@EACH_SCRIPT
def test_every_figure_has_its_words(script):
    assert set(script.figures) <= set(script_pages.read_said(script).FIGURES)


def test_items_of_a_docstring_are_joined():
    assert differences.list_items(ast.get_docstring(ast.parse(SOURCE))) == ["The first, which is long.", "The second."]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([("The first", "一", ("build(n",))], "0 entries for the difference 'The second"),
        ([("The first", "一", ("build(n",)), ("The", "二", ("np.pi",))], "2 entries for the difference 'The first"),
        ([("The first", "一", ("no such",)), ("The second", "二", ("np.pi",))], "'no such' is on 0 lines"),
        ([("The first", "一", ("return",)), ("The second", "二", ("np.pi",))], "'return' is on 2 lines"),
        (
            [("The first", "一", ("np.pi",)), ("The second", "二", ("np.pi",)), ("A third", "三", ("np.pi",))],
            "3 entries for 2 differences",
        ),
    ],
)
def test_a_table_that_does_not_fit_the_docstring_is_refused(table, reason):
    docstring = ast.get_docstring(ast.parse(SOURCE))
    with pytest.raises(BadInputError, match=reason):
        differences.place_notes(docstring, SOURCE, tuple(differences.Difference(*row) for row in table), "it")


def test_a_name_leads_to_its_next_use_in_its_scope():
    lines = SOURCE.splitlines()
    found = {
        (place.name, lines[place.line - 1].strip()): lines[line - 1].strip()
        for place, line in names.link_names(SOURCE).items()
    }
    assert found == {
        ("np", "import numpy as np"): "a, b = n, np.pi",
        ("build", "def build(n=3):"): "return build(b)",
        ("n", "def build(n=3):"): "a, b = n, np.pi",
        ("a", "a, b = n, np.pi"): "return a",
        ("b", "a, b = n, np.pi"): "b = g.b",
        ("g", "def train(g):"): "b = g.b",
        ("b", "b = g.b"): "return build(b)",
    }


def test_of_two_uses_it_is_the_next():
    places = names.link_names("a = 1\nb = a\na = a + b\nc = a\nprint(a, b, c)\n")
    assert {(place.name, place.line): line for place, line in places.items()} == {
        ("a", 1): 2,
        ("b", 2): 3,
        ("a", 3): 4,
        ("c", 4): 5,
    }


@pytest.mark.parametrize(
    ("ends", "ranges", "says"),
    [
        (
            ([2.0, 1.0], [4.0, 3.0]),
            "between 1.0000 and 2.0000; in 2 of {}, between 3.0000 and 4.0000",
            "do not overlap",
        ),
        (
            ([1.0, 3.0, 2.0], [2.5, 4.0]),
            "between 1.0000 and 3.0000; in 2 of {}, between 2.5000 and 4.0000",
            "The ranges overlap",
        ),
        (([3.0], [1.0, 2.0]), "between 3.0000 and 3.0000; in 2 of {}, between 1.0000 and 2.0000", "do not overlap"),
    ],
)
def test_a_difference_is_more_than_chance_where_no_run_of_one_is_among_the_others(monkeypatch, ends, ranges, says):
    lesson = next(lesson for lesson in LESSONS if lesson.label)
    values = dict(zip(lessons.get_scripts(lesson), ends))
    monkeypatch.setattr(recorded, "list_ends", lambda script, label: values[script])
    text = lessons.judge(lesson)
    assert ranges.format(lesson.right) in text.en
    assert says in text.en


@EACH_SCRIPT
def test_a_highlighted_script_is_the_script(script):
    source = script_pages.read_source(script)
    lines = listing.highlight(source)
    assert [line.code.striptags() for line in lines if line.code.strip()] == [
        " ".join(text.split()) for text in source.splitlines() if text.strip()
    ]
    assert [line.number for line in lines] == list(range(1, len(source.splitlines()) + 1))


@EACH_LESSON
def test_rows_side_by_side_are_both_scripts(lesson):
    sources = [script_pages.read_source(script).splitlines() for script in lessons.get_scripts(lesson)]
    rows = [row for block in lessons.compare(lesson) for row in block.rows]
    for side, source in zip(("left", "right"), sources):
        cells = [getattr(row, side) for row in rows if getattr(row, side).number]
        first = cells[0].number
        assert [cell.number for cell in cells] == list(range(first, len(source) + 1))
    for row in rows:
        texts = [sources[i][cell.number - 1] if cell.number else None for i, cell in enumerate((row.left, row.right))]
        assert (texts[0] == texts[1]) == (row.kind == "equal")
        assert row.kind == "changed" or "<mark>" not in row.left.code + row.right.code


def test_of_a_changed_line_only_the_words_that_differ_are_marked():
    row = lessons.list_rows('"""a"""\nx = f(left, 1)\n', '"""b"""\nx = f(right, 1)\n')[0]
    assert row.kind == "changed"
    assert "<mark>left</mark>" in row.left.code
    assert "<mark>right</mark>" in row.right.code
    assert row.left.code.count("<mark>") == row.right.code.count("<mark>") == 1


def test_a_slot_is_what_was_recorded():
    result = json.loads((recorded.RECORDED / "autoencoder_7" / "result.json").read_text(encoding="utf-8"))
    expected = f"{result['printed'][-1]['Test MSE']:.5f}"
    assert numbers.fill(Text("is {7 Test MSE}.", "是 {7 Test MSE}。")) == (f"is {expected}.", f"是 {expected}。")


@pytest.mark.parametrize("slot", ["{7 Test accuracy}", "{7 nothing}", "{engine}"])
def test_a_slot_of_nothing_is_refused(slot):
    with pytest.raises(BadInputError, match="expected"):
        numbers.fill(Text(slot, ""))


def test_sentences_have_the_same_slots_in_both_languages():
    for script in SCRIPTS:
        said = script_pages.read_said(script)
        for text in (*said.ABOUT, *(one.answer for one in said.SEE)):
            assert sorted(numbers.SLOT.findall(text.en)) == sorted(numbers.SLOT.findall(text.zh))
    for lesson in LESSONS:
        for text in lesson.measured:
            assert sorted(numbers.SLOT.findall(text.en)) == sorted(numbers.SLOT.findall(text.zh))


@EACH_SCRIPT
def test_tables_hold_every_number_of_the_recorded_run(script):
    result = json.loads((recorded.RECORDED / script.name / "result.json").read_text(encoding="utf-8"))
    expected = sorted(value for row in result["printed"] for value in row.values() if isinstance(value, float))
    shown = [values[0] for table in curves.list_tables(script, "en") for _, values in table.rows]
    assert sorted(map(float, shown)) == expected


@EACH_SCRIPT
def test_flags_are_the_parsers_own(script):
    found = {flag.flag: flag for flag in flags.list_flags(script)}
    result = recorded.read_result(script)
    for key, value in result["hyper_parameters"].items():
        value = " ".join(map(str, value)) if isinstance(value, list) else "" if value is False else str(value)
        assert found[f"--{key.replace('_', '-')}"].default == value
    assert {"--seed", "--epochs", "--out"} <= set(found)
    called_hyper_parameters = {
        name.removeprefix("--").replace("-", "_") for name, flag in found.items() if not flag.says
    }
    assert called_hyper_parameters <= set(result["hyper_parameters"])


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"printed": 3}'])
def test_a_broken_recorded_run_is_one_line(content, tmp_path, monkeypatch):
    monkeypatch.setattr(recorded, "RECORDED", tmp_path)
    (tmp_path / "autoencoder_1").mkdir()
    if content is not None:
        (tmp_path / "autoencoder_1" / "result.json").write_text(content)
    with pytest.raises(BadInputError, match=r"result\.json: .* expected a recorded run.*; record it with") as stop:
        recorded.check_all()
    assert "\n" not in str(stop.value)
