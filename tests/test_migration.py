"""What a TensorFlow 1 script is given, against what TensorFlow 1.15.5 gave (ref/recorded/modules.json).

Every row of ref/originals/MIGRATION.md; the seeds of random ops; the tutorial's reader in all its ways.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ref.originals import early, gone, migration, refusals
from scripts import render_migration

ROOT = Path(__file__).resolve().parents[1]
RECORDED = json.loads((ROOT / "ref" / "recorded" / "modules.json").read_text())
OLD = RECORDED["migration"]
EXACT = [(row, code) for row in migration.ROWS for code in (row.old, *row.exact)]
NEAR = [(row, near) for row in migration.ROWS for near in row.near]
STATEMENTS = [
    line for line in (ROOT / "scripts/tf1/statements.txt").read_text().splitlines() if not line.startswith("#")
]
ROUNDING = 2e-6  # of float32, through a layer or two


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What every expression is here, evaluated in one process as a script's is."""
    path = tmp_path_factory.mktemp("migration") / "found.json"
    script = ROOT / "scripts" / "tf1" / "record_modules.py"
    done = subprocess.run([sys.executable, script, path], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(path.read_text())


@pytest.mark.parametrize("code", RECORDED["seeds"])
def test_random_ops_are_numbered_as_in_tensorflow_1(found, code):
    assert found["seeds"][code] == RECORDED["seeds"][code]


@pytest.mark.parametrize("options", RECORDED["reader"])
def test_reader_gives_tensorflow_1s_batches(found, options):
    assert found["reader"][options] == RECORDED["reader"][options]


@pytest.mark.parametrize("line", STATEMENTS)
def test_statement_of_a_script_works_or_is_refused_by_name(found, line):
    assert found["statements"][line] == (line.partition("\t")[2] or None)


def name(value):
    return value.replace("tf.contrib.", "")[:60] if isinstance(value, str) else None


@pytest.mark.parametrize(("row", "code"), EXACT, ids=name)
def test_exact_replacement_gives_the_old_numbers(found, row, code):
    old, new = OLD[row.wrap.format(row.old)], found["migration"][row.wrap.format(code)]
    assert (new["shape"], new["dtype"]) == (old["shape"], old["dtype"])
    if row.wrap == migration.DRAW and "orthogonal" not in code:  # whose values are computed from what is drawn
        assert new["sha256"] == old["sha256"]
    np.testing.assert_allclose(new["values"], old["values"], rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize(("row", "near"), NEAR, ids=lambda value: name(getattr(value, "code", None)))
def test_near_replacement_is_off_by_what_is_stated(found, row, near):
    old, new = OLD[row.wrap.format(row.old)], found["migration"][row.wrap.format(near.code)]
    tolerance = {"kurtosis": 0.02, "deviation": 0.015}.get(near.measure, 1e-4)  # of 30,000 draws
    assert measure(near.measure, old, new) == pytest.approx(near.expected, rel=tolerance)


def measure(kind, old, new):
    x, y = np.array(new["values"]), np.array(old["values"])
    if kind == "ratio":
        np.testing.assert_allclose(x / y, np.median(x / y), rtol=1e-4)  # the same everywhere
        return np.median(x / y)
    if kind == "excess":
        return (x - y).item()
    if kind == "relu":
        assert (x < 0).any()
        return float(np.allclose(np.maximum(x, 0), y, atol=ROUNDING))
    if kind == "differs":
        return float(new["shape"] != old["shape"] or not np.allclose(x, y, rtol=1e-3, atol=1e-3))
    return new[kind] / old[kind] if kind == "deviation" else new[kind]


def test_kurtosis_tells_the_distributions_apart(found):
    drawn = {kind: found["migration"][migration.DRAW.format(f"slim.{code}")]["kurtosis"] for kind, code in (
        ("uniform", "xavier_initializer()"), ("normal", "xavier_initializer(uniform=False)"))}  # fmt: skip
    assert drawn["uniform"] == pytest.approx(1.8, rel=0.02)
    assert drawn["normal"] > 2.2


def test_page_is_what_the_tables_say():
    assert render_migration.PAGE.read_text(encoding="utf-8") == render_migration.render()


def test_page_that_is_not_is_said_in_a_line(monkeypatch, tmp_path):
    page = tmp_path / "MIGRATION.md"
    monkeypatch.setattr(render_migration, "PAGE", page)
    with pytest.raises(render_migration.BadInputError, match="write it anew"):
        render_migration.main(["--check"])
    render_migration.main([])
    render_migration.main(["--check"])
    page.write_text(page.read_text() + " ")
    with pytest.raises(render_migration.BadInputError, match="make tables"):
        render_migration.main(["--check"])


def test_every_row_is_recorded():
    assert set(OLD) == {row.wrap.format(row.old) for row in migration.ROWS}


def test_every_refusal_and_old_name_is_on_the_page():
    page = render_migration.PAGE.read_text(encoding="utf-8")
    symbols = [symbol.replace("tensorflow", "tf", 1) for symbol in refusals.REPLACEMENTS if symbol.count(".")]
    symbols += [f"tf.{old}" for old, _ in early.RENAMED] + [symbol for symbol, _ in gone.list_symbols()]
    assert [symbol for symbol in symbols if f"`{symbol}`" not in page and symbol != "tf.contrib"] == []
