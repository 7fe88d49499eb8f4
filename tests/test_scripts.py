"""The scripts that record: help is help, and half a record is refused before it is made."""

import pytest

from ref.common.errors import BadInputError
from scripts import (
    golden,
    prove_tf1,
    record_book,
    record_crossing,
    record_runs,
    record_tf1,
    record_tf1_chapter,
    run_book,
)

RECORDERS = [prove_tf1, record_book, record_crossing, record_runs, record_tf1, record_tf1_chapter, run_book]


@pytest.mark.parametrize("script", RECORDERS, ids=lambda script: script.__name__)
def test_help_is_help(script, capsys):
    with pytest.raises(SystemExit) as ended:
        script.main(["--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m {script.__name__}")


def test_a_record_without_runs_is_refused():
    with pytest.raises(BadInputError, match="DIR"):
        record_runs.main([])


@pytest.mark.parametrize(
    ("script", "argv"), [(prove_tf1, []), (record_tf1, ["--notes", "unread"]), (golden, ["--write"])]
)
def test_half_a_record_is_refused(script, argv, monkeypatch):
    monkeypatch.setattr(golden, "find_sets", lambda: ["digits"])
    with pytest.raises(BadInputError, match="no MNIST there"):
        script.main(argv)
