"""Ctrl-C, SIGTERM and SIGHUP: put off while they must not interrupt, then delivered, and handled as before."""

import signal

import pytest

from ref.common import generations
from ref.common.cli import exit_codes
from ref.common.signals import hold_signals

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
ALL = pytest.mark.parametrize("number", NUMBERS, ids=[number.name for number in NUMBERS])


@pytest.fixture
def received():
    """The signals that this process was sent and has handled; its handlers are put back."""
    numbers = []

    def receive(number, _):
        numbers.append(number)

    before = {number: signal.signal(number, receive) for number in NUMBERS}
    yield numbers
    assert all(signal.getsignal(number) is receive for number in before)
    for number, handler in before.items():
        signal.signal(number, handler)


@ALL
def test_a_signal_waits_for_the_end_of_the_block(number, received):
    with hold_signals():
        signal.raise_signal(number)
        assert received == []
    assert received == [number]
    signal.raise_signal(number)
    assert received == [number, number]


def test_a_signal_is_not_lost_where_blocks_are_nested(received):
    with hold_signals():
        with hold_signals():
            signal.raise_signal(signal.SIGTERM)
        assert received == []
    assert received == [signal.SIGTERM]


@ALL
def test_a_generation_is_linked_before_a_signal_is_heard(number, received, tmp_path):
    def write(directory):
        (directory / "a.ckpt.index").write_text("whole")
        return {}

    seen = []
    handler = signal.signal(number, lambda *_: seen.append((tmp_path / "a.ckpt.index").exists()))
    generations.commit(tmp_path, write, [], make_way=lambda: signal.raise_signal(number))
    signal.signal(number, handler)
    assert seen == [True]


def test_whose_process_it_is_gets_its_handler_back(received):
    with exit_codes():
        pass
    signal.raise_signal(signal.SIGTERM)
    assert received == [signal.SIGTERM]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_a_run_is_said_and_is_its_exit_code(number, received, capsys):
    with pytest.raises(SystemExit) as ended, exit_codes():
        signal.raise_signal(number)
    assert ended.value.code == 128 + number
    assert capsys.readouterr().err in ("terminated\n", "hung up\n")


def test_what_nohup_has_a_process_ignore_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with exit_codes(), hold_signals():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
