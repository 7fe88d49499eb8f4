"""Where a run's time goes: each moment is in one account, and what is said of it is the listing's own steps."""

import itertools
import json

import pytest

from ref.common.times import DATA, EVALUATION, SAVING, Times, describe

AFTER = "ms_per_step_after_first_epoch"


class Clock:
    """A clock that stands until it is moved on."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def train(times, clock, phases):
    """Go through ``phases``: of each the seconds of a cache's fill or 0, epochs, steps an epoch, seconds a step."""
    for number, (fill_s, n_epochs, n_steps, step_s) in enumerate(phases, 1):
        if fill_s:
            with times.filling_cache():
                clock.now_s += fill_s
        for _ in range(n_epochs):
            times.phase = number
            with times.taking_steps(n_steps):
                clock.now_s += n_steps * step_s
            clock.now_s += 0.25
            with times.during(SAVING):
                clock.now_s += 0.5


def test_each_moment_is_in_one_account(clock):
    times = Times(clock)
    clock.now_s += 2
    with times.during(DATA):
        clock.now_s += 3
    clock.now_s += 1
    train(times, clock, [(0, 4, 100, 0.01), (7, 2, 50, 0.005)])
    assert times.measure_s() == clock.now_s - 100
    found = times.summarize()
    assert found["phases"] == [
        {"steps": 400, "steps_s": 4.0, "ms_per_step": 10.0, "steps_per_s": 100.0, AFTER: 10.0},
        {"steps": 100, "steps_s": 0.5, "ms_per_step": 5.0, "steps_per_s": 200.0, AFTER: 5.0, "cache_fill_s": 7.0},
    ]
    assert (found["start_up_s"], found["data_s"], found["evaluation_s"], found["saving_s"]) == (3, 3, 1.5, 3)
    assert found["attempts"] == 1
    assert "catching_up_s" not in found


def test_what_led_to_a_fill_is_the_fills(clock):
    """Listing 8 brings the images in order before it calls for the layer's outputs."""
    times = Times(clock)
    times.enter(EVALUATION)
    clock.now_s += 2
    with times.filling_cache():
        with times.filling_cache():
            clock.now_s += 1
        clock.now_s += 2
    clock.now_s += 1
    times.phase = 1
    with times.taking_steps(1):
        clock.now_s += 1
    assert times.summarize()["phases"][0]["cache_fill_s"] == 5
    assert times.summarize()["evaluation_s"] == 1


def test_a_cache_that_nothing_is_trained_on_is_evaluation(clock):
    times = Times(clock)
    train(times, clock, [(0, 1, 10, 0.1), (4, 0, 0, 0)])
    assert times.summarize()["evaluation_s"] == 4.25
    assert len(times.summarize()["phases"]) == 1


def test_steps_within_steps_are_counted_once(clock):
    times = Times(clock)
    with times.taking_steps(5), times.taking_steps(5):
        clock.now_s += 1
    assert times.summarize()["phases"] == [{"steps": 5, "steps_s": 1.0, "ms_per_step": 200.0, "steps_per_s": 5.0}]


def test_a_first_epoch_that_takes_longer_is_told_apart(clock):
    """XLA compiles in it, TensorFlow prepares its first step."""
    times = Times(clock)
    for step_s in (1.0, 0.1, 0.1):
        with times.taking_steps(10):
            clock.now_s += 10 * step_s
    assert times.summarize()["phases"] == [
        {"steps": 30, "steps_s": 12.0, "ms_per_step": 400.0, "steps_per_s": 2.5, AFTER: 100.0}
    ]
    line = "30 steps in 12.00 s, 400.000 ms a step (100.000 after the first epoch), 2.5 steps/s"
    assert describe(times.summarize())[0] == line


def test_each_attempt_has_a_first_epoch_that_takes_longer(clock):
    state = None
    for _ in range(2):
        times = Times(clock)
        if state:
            times.go_on_from(json.loads(json.dumps(state)))
        for step_s in (1.0, 0.1):
            with times.taking_steps(10):
                clock.now_s += 10 * step_s
        state = times.get_state()
    assert times.summarize()["phases"][0][AFTER] == 100.0


@pytest.mark.parametrize("n_attempts", [2, 3])
def test_attempts_add_up_as_far_as_they_were_saved(n_attempts, clock):
    """What an attempt did after its last epoch is lost; going through what was done already is catching up."""
    state = None
    for _ in range(n_attempts):
        times, start_s = Times(clock), clock.now_s
        clock.now_s += 1  # start-up
        if state:
            times.is_catching_up = True
            times.enter(EVALUATION)
            with times.filling_cache():
                clock.now_s += 2
            times.go_on_from(state)
        train(times, clock, [(0, 1, 10, 0.1)])
        state = times.get_state()
        own_s = clock.now_s - start_s
        clock.now_s += 50
    assert own_s == 1 + 2 + 1 + 0.25 + 0.5
    found = times.summarize()
    assert (found["attempts"], found["start_up_s"]) == (n_attempts, n_attempts)
    assert found["catching_up_s"] == 2 * (n_attempts - 1)
    assert [phase["steps"] for phase in found["phases"]] == [10 * n_attempts]
    assert found["phases"][0]["steps_s"] == n_attempts


def test_what_is_said_has_a_line_a_phase(clock):
    times = Times(clock)
    train(times, clock, [(0, 1, 10, 0.1), (4, 1, 10, 0.05)])
    assert describe(times.summarize()) == [
        "phase 1: 10 steps in 1.00 s, 100.000 ms a step, 10.0 steps/s",
        "phase 2: cache filled in 4.00 s, then 10 steps in 0.50 s, 50.000 ms a step, 20.0 steps/s",
        "evaluation 0.50 s, saving 1.00 s",
    ]


@pytest.mark.parametrize(
    ("number", "flags", "n_phases", "fills"),
    [
        (1, ["--n-iterations", "3"], 1, []),
        (3, [], 1, []),
        (6, [], 2, [2]),
        (7, [], 2, []),
        *((8, ["--engine", engine], 2, [2]) for engine in ("book", "epoch-shuffle", "resident", "loop")),
        *((8, ["--engine", engine, "--recompute"], 2, []) for engine in ("book", "epoch-shuffle", "resident", "loop")),
        (8, ["--memmap"], 2, [2]),
        (9, [], 0, []),
    ],
)
def test_a_run_says_what_its_phases_took(number, flags, n_phases, fills, run_tiny, capsys):
    if number == 9:
        run_tiny(7, "--epochs", "1")
    capsys.readouterr()
    result = run_tiny(number, *([] if number in (1, 9) else ["--epochs", "2"]), *flags).result
    phases = result["times"]["phases"]
    assert len(phases) == n_phases
    assert [at for at, phase in enumerate(phases, 1) if "cache_fill_s" in phase] == fills
    if n_phases == 2:
        assert len({phase["steps"] for phase in phases}) == 1
    accounts = itertools.chain(result["times"].items(), *(phase.items() for phase in phases))
    seconds = [s for name, s in accounts if name.endswith("_s") and name not in ("imports_s", "steps_per_s")]
    assert sum(seconds) == pytest.approx(result["wall_time_s"], abs=0.05)
    said = [line for line in capsys.readouterr().err.splitlines() if " restored " not in line]
    assert len(said) == 2 + n_phases
