"""Is it my machine or my code? result.json beside the recorded run: verdicts, what cannot be compared, bad input."""

import copy
import importlib
import json

import pytest

from ref.chapter import BY_NAME, SCRIPTS
from ref.common.errors import BadInputError
from ref.common.flags import find_hyper_parameters
from ref.fidelity.golden import printed, result

PRINTING = [script.name for script in SCRIPTS if printed.read_recorded(script.name, 42)[0]]
# Whose first numbers rounding hardly moves: a run with other initial values, draws and batches cannot pass for it.
SHARP = [f"autoencoder_{number}" for number in (2, 3, 6, 7, 8, 13, 14, 16)]


@pytest.fixture
def compare(tmp_path, capsys):
    """A function that writes a result.json, compares it, and returns the exit code and what was printed."""

    def run(content):
        path = tmp_path / "result.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        code = result.compare_result(path)
        return code, capsys.readouterr().out

    return run


def read(name, seed=42, lines=None):
    """Return a result.json of a run of ``seed``, on MNIST, that printed ``lines``."""
    content = copy.deepcopy(json.loads((printed.RECORDED / name / "result.json").read_text()))
    lines = printed.read_recorded(name, seed)[0] if lines is None else lines
    return content | {"seed": seed, "printed": [{"line": line} for line in lines]}


@pytest.mark.parametrize("seed", [42, 7])
@pytest.mark.parametrize("name", PRINTING)
def test_the_recorded_run_is_equal(name, seed, compare):
    code, text = compare(read(name, seed))
    assert code == 0
    assert text.endswith(f"{'verdict':25}equal to the digit\n")


@pytest.mark.parametrize("name", PRINTING)
def test_what_machines_do_is_the_machine(name, compare, monkeypatch):
    """Each run that differs in rounding alone is held against what the others of its seed show."""
    measured = printed.read_measured(name)
    assert {one.seed for one in measured} == {42, 7}
    for one in measured:
        rest = [other for other in measured if other is not one]
        if one.seed in {other.seed for other in rest}:
            monkeypatch.setattr(printed, "read_measured", lambda _, rest=rest: rest)
            code, text = compare(read(name, one.seed, one.lines))
            assert ("equal to the digit" if one.lines == one.base else "differs as machines differ: inside") in text
            assert code == (one.lines != one.base)


@pytest.mark.parametrize("name", SHARP)
def test_another_run_is_not_the_machine(name, compare):
    code, text = compare(read(name, 42, printed.read_recorded(name, 7)[0]))
    assert code == 1
    assert "differs in the code or the data: line " in text


@pytest.mark.parametrize("name", SHARP)
def test_a_small_fault_at_the_start_is_not_the_machine(name, compare):
    lines = printed.read_recorded(name, 42)[0]
    place = next(iter(printed.list_numbers(lines)))
    row = int(place.removeprefix("line ").partition(":")[0]) - 1
    digits = printed.NUMBER.search(lines[row])[2]
    changed = [*lines[:row], lines[row].replace(digits, f"{float(digits) * 1.001:.8g}"), *lines[row + 1 :]]
    code, text = compare(read(name, 42, changed))
    assert code == 1
    assert f"1 of {len(printed.list_numbers(lines))} numbers outside the measured spread; 1 differ" in text
    assert f"differs in the code or the data: {place} is 1e-03 off" in text


def test_the_source_of_the_spread_is_named(compare):
    lines = printed.read_recorded("autoencoder_7", 42)[0]
    text = compare(read("autoencoder_7", 42, [lines[0], lines[1].replace("0.0072428533", "0.0072428530"), *lines[2:]]))[
        1
    ]
    assert "seed 42, 7: TensorFlow 1.15.5 on AMD EPYC (family 25, model 1)" in text
    assert "20 times the widest distance" in text
    assert len(text.splitlines()) <= 40


def test_without_a_measurement_nothing_is_the_machine(compare, monkeypatch):
    lines = printed.read_recorded("autoencoder_7", 42)[0]
    monkeypatch.setattr(printed, "read_measured", lambda _: [])
    text = compare(read("autoencoder_7", 42, [*lines[:-1], "Test MSE: 0.0097474606"]))[1]
    assert "as machines differ" not in text


def test_another_word_is_the_code(compare):
    lines = printed.read_recorded("autoencoder_7", 42)[0]
    text = compare(read("autoencoder_7", 42, [*lines[:-1], lines[-1].replace("Test", "Train")]))[1]
    assert "differs in the code or the data: printed line 11 is 'Train MSE: 0.0097474605'" in text
    assert "printed 10 lines, recorded are 11" in compare(read("autoencoder_7", 42, lines[:-1]))[1]


def test_an_image_more_or_less_is_the_machine(compare):
    lines = printed.read_recorded("autoencoder_4", 42)[0]
    measured = printed.read_measured("autoencoder_4")
    tolerances = printed.find_tolerances(lines, measured, [], 150)
    numbers = printed.list_numbers(lines)
    for place, (label, value) in numbers.items():
        assert tolerances[place] * value >= (1 / 10_000 if label.startswith("Test") else 1 / 150)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"seed": 5}, "other seed"),
        ({"seeds": "tf2"}, "other random ops numbered as"),
        ({"data": {"name": "digits", "sha256": {"train-images-idx3-ubyte": "0"}}}, "other data"),
        ({"hyper_parameters": {"n_epochs": [1, 1]}}, "other hyper-parameters"),
    ],
)
def test_other_settings_cannot_be_compared(change, what, compare):
    code, text = compare(read("autoencoder_7") | change)
    assert code == 2
    assert f"cannot be held against the recorded run: {what}\n" in text
    assert "python -m ref run autoencoder_7 --data mnist --seed 42\n" in text
    assert ("embedded digits" in text) == ("data" in change)
    assert "differs" not in text
    assert "equal to the digit" not in text


def test_one_hyper_parameter_is_shown_with_both_values(compare):
    content = read("autoencoder_5")
    content["hyper_parameters"]["learning_rate"] = 0.02
    code, text = compare(content)
    assert code == 2
    assert "7 of 8 equal; learning_rate 0.01 | here 0.02" in text
    assert "--needed-first" in text


def test_machines_are_shown_side_by_side(compare):
    text = compare(read("autoencoder_7") | {"threads": 16, "cpu": "Another", "settings": "TF_ENABLE_ONEDNN_OPTS=0"})[1]
    assert f"{'threads':25}2 | here 16\n" in text
    assert "AMD EPYC (family 26, model 2) | here Another\n" in text
    assert "- | here TF_ENABLE_ONEDNN_OPTS=0" in text


def test_a_gpu_is_not_called_the_code(compare):
    lines = printed.read_recorded("autoencoder_7", 7)[0]
    code, text = compare(read("autoencoder_7", 42, lines) | {"device": "gpu"})
    assert code == 1
    assert "--device cpu" in text
    assert "differs in the code" not in text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "cannot be read"),
        ("[]", "holds a list"),
        ("{}", "no 'script' in it"),
        (read("autoencoder_7") | {"script": "theirs"}, "of 'theirs'"),
        (read("autoencoder_7") | {"script": "x" * 1000}, "of 'xxxxx"),
        (read("autoencoder_7") | {"script": ["autoencoder_7"]}, "'script' is "),
        (read("autoencoder_7") | {"seed": "42"}, "'seed' is '42'"),
        (read("autoencoder_7") | {"printed": [1]}, "no printed line"),
        (read("autoencoder_7") | {"printed": None}, "'printed' is None"),
        (read("autoencoder_7") | {"data": "mnist"}, "'data' is 'mnist'"),
        (read("autoencoder_9", lines=[]), "autoencoder_9 prints no numbers"),
    ],
)
def test_bad_input_is_one_line(content, reason, compare):
    with pytest.raises(BadInputError) as caught:
        compare(content)
    assert reason in str(caught.value)
    assert "expected" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_missing_file_and_a_directory(tmp_path, capsys):
    with pytest.raises(BadInputError, match="no such file"):
        result.compare_result(tmp_path / "result.json")
    (tmp_path / "result.json").write_text(json.dumps(read("autoencoder_7")))
    assert result.compare_result(tmp_path) == 0


def measure(base, lines, seed=42):
    return printed.Measured("a machine", seed, [*base], [*lines])


def test_a_tolerance_is_twenty_times_what_was_measured_up_to_its_line():
    base = [f"{epoch} Train MSE: 1.0" for epoch in range(3)]
    one = measure(base, ["0 Train MSE: 1.0", "1 Train MSE: 1.001", "2 Train MSE: 1.0"])
    other = measure(base, ["0 Train MSE: 1.00001", "1 Train MSE: 1.0", "2 Train MSE: 1.0"])
    far = [["0 Train MSE: 9.0"]]
    tolerances = printed.find_tolerances(base, [one, other], far, 150)
    assert list(tolerances.values()) == pytest.approx([20e-5, 20e-3, 20e-3])


def test_a_tolerance_is_no_more_than_three_times_what_any_runs_differ_by():
    base, chaos = ["0 Test MSE: 1.0"], ["0 Test MSE: 1.1"]
    tolerances = printed.find_tolerances(base, [measure(base, chaos)], [["0 Test MSE: 1.2"], ["0 Test MSE: 0.9"]], 150)
    assert list(tolerances.values()) == pytest.approx([0.6])
    alike = printed.find_tolerances(base, [measure(base, chaos)], [["0 Test MSE: 1.0"]], 150)
    assert list(alike.values()) == pytest.approx([0.3])


def test_a_phase_has_a_spread_of_its_own():
    base = ["Training phase #1", "0 Train MSE: 1.0", "1 Train MSE: 1.0", "0 Train MSE: 1.0", "Test MSE: 1.0"]
    lines = [*base[:2], "1 Train MSE: 1.01", *base[3:]]
    tolerances = printed.find_tolerances(
        base, [measure(base, lines)], [[line.replace("1.0", "9.0") for line in base]], 1
    )
    assert list(tolerances.values()) == pytest.approx([0.0, 0.2, 0.0, 0.0])


def test_an_accuracy_may_be_off_by_what_was_measured_at_any_epoch():
    base = ["0 Test accuracy: 0.9", "1 Test accuracy: 0.9"]
    lines = ["0 Test accuracy: 0.9", "1 Test accuracy: 0.909"]
    tolerances = printed.find_tolerances(base, [measure(base, lines)], [["0 Test accuracy: 0.1"]], 150)
    assert list(tolerances.values()) == pytest.approx([0.2, 0.2])


@pytest.mark.parametrize("name", PRINTING)
def test_a_run_of_today_with_the_listings_own_settings_can_be_compared(name, compare):
    """Whatever flags a port has got since its run was recorded: at their defaults they are no difference."""
    port = importlib.import_module(BY_NAME[name].module)
    functions = (port.train,) if name == "autoencoder_6" else (port.build, port.train)
    defaults = find_hyper_parameters(functions)[0]
    content = read(name)
    content["hyper_parameters"] = json.loads(json.dumps(defaults))
    assert compare(content)[0] == 0
    switch = next((key for key, value in defaults.items() if value is False), None)
    if switch:
        content["hyper_parameters"][switch] = True
        assert compare(content)[0] == 2


@pytest.mark.parametrize("digits", ["1.2.3", "0.5.", "...", "9" * 5000])
def test_digits_that_are_no_number_are_other_words_or_far_off(digits, compare):
    content = read("autoencoder_7")
    content["printed"][1]["line"] = f"0 Train MSE: {digits}"
    code, text = compare(content)
    assert code == 1
    assert "differs in the code or the data: " in text
