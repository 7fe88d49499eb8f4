"""Exercises are faults that there are, their curves are those of the faults, and the page keeps the answer closed."""

import html
import re

import pytest
from faults import FAULTS
from planting import plant

from ref.chapter import BY_NAME
from ref.common.cli import import_port
from ref.common.errors import BadInputError
from ref.fidelity.golden import small_data
from ref.fidelity.golden.printed import list_numbers
from ref.fidelity.golden.spread import get_tolerance
from ref.pages.render import render_page
from scripts import exercises, record_faults
from scripts.exercise_list import EXERCISES, NAMES
from scripts.golden import read_spread
from scripts.site import faults
from scripts.site.__main__ import TEMPLATES

IDS = [exercises.get_key(one) for one in EXERCISES]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return small_data.write_small_data("digits", tmp_path_factory.mktemp("digits"))


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_an_exercise_and_what_is_offered_beside_it_are_faults_of_one_port(exercise):
    names = {fault.name for fault in FAULTS if fault.number == exercise.number}
    offered = {exercise.fault, *exercise.decoys}
    assert len(offered) == 3
    assert offered <= names & set(NAMES)


@pytest.mark.parametrize("number", [3, 13])
def test_recorded_curves_are_those_of_the_ports(number, data, tmp_path):
    exercise = next(one for one in EXERCISES if one.number == number and not exercises.find_fault(one).module)
    recorded = exercises.read_recorded()["exercises"][exercises.get_key(exercise)]
    sound = record_faults.print_epochs(number, import_port(BY_NAME[f"autoencoder_{number}"].module), data, tmp_path, 2)
    with plant(exercises.find_fault(exercise)) as port:
        faulty = record_faults.print_epochs(number, port, data, tmp_path, 2)
    tolerance = get_tolerance("printed line 1", "epoch", read_spread(number))
    for lines, key in ((sound, "sound"), (faulty, "faulty")):
        found, expected = list_numbers(lines), list_numbers(recorded[key])
        assert found
        for place, (_, value) in found.items():
            assert value == pytest.approx(expected[place][1], rel=tolerance), place
    assert list_numbers(faulty)["line 1: 0 Train MSE"][1] != pytest.approx(
        list_numbers(sound)["line 1: 0 Train MSE"][1], rel=tolerance
    )


def test_what_is_recorded_is_of_the_faults_and_ports_that_there_are():
    recorded = exercises.read_recorded()
    assert list(recorded["exercises"]) == IDS
    assert exercises.list_stale(recorded) == []
    assert {"tensorflow", "numpy", "cpu", "threads", "date"} <= set(recorded["provenance"])
    assert {"seed", "data", "epochs"} <= set(recorded["setting"])
    assert all(one["golden"]["outside"] > 0 for one in recorded["exercises"].values())


def test_of_a_golden_the_lines_are_quoted_that_tell_something():
    hashed, cut = "p: evaluation 1 | {'sha256': '02… | {'sha256': '53…", "p: moved | ['a', 'b… | ['a', 'b…"
    off, moved = "p: step 1: loss | 0.3 | 0.2", "p: moved | ['biases2'] | ['biases1']"
    rest = " | inf apart | tolerance 0.0e+00 (exact)"
    lines = [line + rest for line in (hashed, cut, off, moved, off)]
    assert record_faults.choose_lines(lines) == [off + rest, moved + rest]
    assert record_faults.choose_lines(lines[:2]) == lines[:2]


@pytest.mark.parametrize("changed", ["fault", "port"])
def test_what_changed_since_is_stale_and_left_out(changed, monkeypatch, tmp_path):
    exercise = EXERCISES[0]
    fault = exercises.find_fault(exercise)
    if changed == "fault":
        others = [one for one in FAULTS if one != fault]
        monkeypatch.setattr(exercises, "read_faults", lambda: [*others, fault._replace(new=f"{fault.new} ")])
    else:
        path = tmp_path / "port.py"
        path.write_text(exercises.get_module_path(fault).read_text(encoding="utf-8") + "\n", encoding="utf-8")
        get_path = exercises.get_module_path
        monkeypatch.setattr(exercises, "get_module_path", lambda one: path if one == fault else get_path(one))
    recorded = exercises.read_recorded()
    assert exercises.list_stale(recorded) == [exercise]
    with pytest.raises(BadInputError, match=r"1 of \d+ curves are stale.*record_faults --write"):
        record_faults.check()
    assert len(faults.make_values("en", recorded)["exercises"]) == len(EXERCISES) - 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_answer_is_closed_and_shows_the_line(language):
    (page,) = faults.make_pages()
    said = render_page(language, page, TEMPLATES, navigation=())
    sections = said.split("<section")[1:]
    assert len(sections) == len(EXERCISES)
    for exercise, section in zip(EXERCISES, sections):
        question, answer = section.split("<details>")
        fault = exercises.find_fault(exercise)
        shown = html.unescape(re.sub(r"</?(mark|del|ins|code)>", "", answer))
        for lines in (fault.old.strip(), fault.new.strip()):
            assert all(line.strip() in shown for line in lines.splitlines())
        assert html.unescape(question).count("tolerance 0.0e+00 (exact)") <= record_faults.N_GOLDEN_LINES
        assert "<del>" not in question
        assert 'role="img"' in question


def test_changes_are_cut_where_they_differ():
    text = "a\nloss = mean(x)\nb\n"
    assert faults.list_changes(text, "mean(x)", "sum(x)") == [
        ("-", "loss = ", "mean", "(x)"),
        ("+", "loss = ", "sum", "(x)"),
    ]
    assert [one.sign for one in faults.list_changes(text, "loss", "if x:\n    loss")] == ["-", "+", "+"]
    (removed, added) = faults.list_changes("aa\n", "aa", "aaa")
    assert removed.before + removed.differs + removed.after == "aa"
    assert added.before + added.differs + added.after == "aaa"
    assert added.differs == "a"
