"""The pages say what bench/results says; TensorFlow 1 stands in the tables where it was measured, and only there."""

from pathlib import Path

import pytest

from bench import report
from ref.common.errors import BadInputError

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = {"python": "3.7.16", "tensorflow": "1.15.5", "numpy": "1.18.5"}


def test_pages_say_what_the_results_say():
    report.main(["--check"])


def test_a_changed_page_is_told(tmp_path, monkeypatch):
    page = tmp_path / "README.md"
    text = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    page.write_text(text.replace(" ms/step", " s/step"), encoding="utf-8")
    monkeypatch.setattr(report, "PAGES", {page: report.PAGES[ROOT / "bench" / "README.md"]})
    monkeypatch.setattr(report, "ROOT", tmp_path)
    with pytest.raises(BadInputError, match="make bench-report"):
        report.main(["--check"])


def test_ports_stand_beside_tensorflow_1_where_it_was_measured():
    row = {"port": 7, "device": "cpu", "batch": [150, 150], "steps": [9, 9], "ms_per_step": [4, 2]}
    row["steps_per_s"] = [250.0, 500.0]
    without = report.tabulate_ports([row])
    assert list(without[0]) == ["port", "device", "batch", "steps", "ms/step", "steps/s"]
    beside = row | {"tf1_steps_per_s": [200.0, 1000.0], "tf1_ms_per_step": [5, 1], "tf1_versions": VERSIONS}
    table = report.tabulate_ports([beside, row])
    assert [list(cells.values())[-2:] for cells in table] == [["200.0, 1000.0", "1.25, 0.50"], ["-", "-"]]
    machine = {"cpu": "a CPU", "threads": 2, "python": "3.11.7", "tensorflow": "2.21.0"}
    said = "a CPU, 2 threads; Python 3.11.7, tensorflow 2.21.0"
    results = [{"machine_info": machine, "benchmarks": [{"extra_info": row}]} for row in (row, beside)]
    gpu = {"machine_info": machine | {"gpu": "H200", "tf32": False}, "benchmarks": []}
    assert "2 threads, H200 without TensorFloat-32; Python" in report.describe(gpu)
    assert [report.describe(result) for result in results] == [
        said,
        said + "; beside it tensorflow 1.15.5, Python 3.7.16, numpy 1.18.5",
    ]


def test_peers_and_the_short_table_show_tensorflow_1_where_it_was_measured(monkeypatch):
    machine = next(machine for machine in report.find_machines() if report.read(machine, "peers"))
    result = report.read(machine, "peers")
    result["rows"] = [row for row in result["rows"] if row["who"] != "tf1"]
    result["machine"].pop("tf1", None)
    monkeypatch.setattr(report, "find_machines", lambda: [machine])
    monkeypatch.setattr(report, "read", lambda *_: result)
    assert "1.15.5" not in report.render_cache() + report.render("peers")
    like = next(row for row in result["rows"] if row["who"] == "ours" and row["cached"])
    result["rows"] += [
        like | {"who": "tf1", "engine": engine, "cached": cached, "ms_per_step": 7.77}
        for engine in ("book", "epoch-shuffle")
        for cached in (True, False)
    ]
    result["machine"]["tf1"] = VERSIONS
    assert "| TensorFlow 1.15.5, listing 8's `feed_dict`: the listing's cache | 7.77 |" in report.render_cache()
    assert "| tf1 book | 7.770 |" in report.render("peers")
    assert "| tf1 epoch-shuffle | 7.770 |" in report.render("peers")
    assert "beside it tensorflow 1.15.5, Python 3.7.16" in report.render("peers")
