"""The pages say what bench/results says: each result under its own name, all machines in one table."""

import copy
from pathlib import Path

import pytest

from bench import store
from bench.report import __main__ as report
from bench.report import captions, pages, peers, tables
from bench.report.plots import DRAWERS
from ref.common.errors import BadInputError

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = {"python": "3.7.16", "tensorflow": "1.15.5", "numpy": "1.18.5"}
MACHINE = {"cpu": "a CPU", "threads": 2, "gpu": "", "python": "3.11.7", "tensorflow": "2.21.0"}
WORK = {"data": "mnist", "rows": 55_000, "device": "cpu", "batch": 150, "width": 300, "frozen": 1, "rounds": 12}
NEW_KEYS = {
    "peak_rss_mb": 512.0,
    "wall_cold_s": {"1": 2.5, "4": 3.5, "30": 9.0},
    "wall_warm_s": {"1": 0.5, "4": 1.5, "30": 7.0},
}


def make_row(who, cached, ms, engine=None, **others):
    row = {"who": who, "engine": engine, "cached": cached, "device": "cpu", "batch": 150, "ms_per_step": ms}
    return row | {"examples_per_s": round(150e3 / ms), "quartiles_ms": [ms, ms], "deviation_epoch": 1e-6} | others


def make_peers(**work):
    rows = []
    for cached, more in ((True, 1.0), (False, 2.0)):
        rows += [
            make_row("ours", cached, 0.5 * more, "xla", form=None),
            make_row("jax", cached, 0.8 * more, form="idiomatic"),
            make_row("jax", cached, 0.6 * more, form="tuned"),
            make_row("torch", cached, 0.7 * more, form="tuned"),
            make_row("blas-floor", cached, 0.4 * more, deviation_epoch=None),
        ]
    return {"kind": "peers", "machine": dict(MACHINE), "work": WORK | work, "rows": rows}


def test_pages_say_what_the_results_say():
    report.main(["--check"])


def test_a_changed_page_is_told(tmp_path, monkeypatch):
    page = tmp_path / "README.md"
    text = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    page.write_text(text.replace(" ms/step", " s/step"), encoding="utf-8")
    monkeypatch.setattr(pages, "PAGES", {page: ("machines",)})
    with pytest.raises(BadInputError, match="make bench-report"):
        report.main(["--check"])


def test_every_machine_has_a_row_with_both_ratios():
    others = make_peers(data="digits", peak_gflop_per_s=270.0)
    others["machine"]["cpu"] = "another CPU"
    first, second = peers.tabulate_machines([make_peers(), others])
    assert first["cached: best peer, ms/step"] == "0.600, jax, tuned"
    assert [first[f"{what}: speed to its"] for what in ("cached", "recomputed")] == ["1.20", "1.20"]
    assert [first[f"{what}: time to the floor's"] for what in ("cached", "recomputed")] == ["1.25", "1.25"]
    assert (first["cached: of the peak"], first["data"]) == ("-", "mnist, batch 150")
    assert (second["machine"], second["data"]) == ("another CPU, 2 threads", "digits, batch 150")
    assert second["cached: of the peak"] == "50%"  # 67.5 MFLOP in 0.5 ms of 270 GFLOP/s
    assert second["recomputed: of the peak"] == "51%"  # 138.06 MFLOP in 1 ms


def test_forms_stay_apart():
    result = make_peers()
    names = [cells["who"] for cells in peers.tabulate_peers(result["rows"], result["work"])]
    assert names == ["`xla`", "jax", "jax, tuned", "torch, tuned", "blas-floor"]
    assert captions.name_candidate(make_row("jax-tuned", True, 1.0, form="tuned")) == "jax-tuned"


def test_what_is_measured_is_shown_and_what_is_not_is_left_out():
    old, new = make_peers(), make_peers(peak_gflop_per_s=270.0)
    for row in new["rows"][:4]:
        row |= NEW_KEYS | ({"engine_form": "2 parts"} if row["who"] == "ours" else {})
    new["outputs"] = {"max_difference": 3.4e-7}
    (before, *_), (after, *_) = (peers.tabulate_peers(result["rows"], result["work"]) for result in (old, new))
    assert set(after) - set(before) == {"fastest form here", "of the peak", "recomputed, of the peak", "memory, MB"}
    assert after["memory, MB"] == "512 / -"
    assert after["fastest form here"] == "2 parts / -"
    assert peers.tabulate_walls(old["rows"]) == []
    new["rows"][1]["wall_more"] = "rounds"
    walls, reckoned, *_ = peers.tabulate_walls(new["rows"])
    assert reckoned["cold, 30 epochs, s"] == "~9.00 / -"
    assert walls["cold, 1 epoch, s"] == "2.50 / -"
    assert walls["warm, 30 epochs, s"] == "7.00 / -"
    assert "differ by 3e-07 at most" in captions.describe(new)
    assert "Peak: 270 GFLOP/s" in captions.describe(new)
    assert not {"differ", "Peak"} & set(captions.describe(old).split())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": "digits", "rows": 11_000}, "11,000 rows of digits"),
        ({"batch": 1_000}, "batches of 1,000"),
        ({"width": 50, "frozen": 2}, "50-25-50 on 2 frozen layers"),
    ],
)
@pytest.mark.parametrize("kind", ["peers", "engines"])
def test_a_caption_says_data_and_sizes(kind, changed, said):
    result = make_peers(**changed) | {"kind": kind}
    assert said in captions.describe(result)
    assert captions.describe(result).startswith("a CPU, 2 threads; Python 3.11.7, tensorflow 2.21.0. ")


def test_a_caption_says_the_gpu_where_that_computed_and_the_users_settings():
    result = make_peers(device="gpu", tf32=False)
    result["machine"] |= {"gpu": "a GPU", "settings": "TF_ENABLE_ONEDNN_OPTS=0", "threads": 1}
    assert captions.name_machine(result) == "a CPU, 1 thread, on a GPU without TensorFloat-32, TF_ENABLE_ONEDNN_OPTS=0"
    assert "a GPU" not in captions.name_machine(result | {"work": WORK})


def test_the_engines_share_of_the_peak():
    row = next(row for row in read_kept("engines")["rows"] if row["cached"] and row["batch"] == 150)
    row |= {"ms_per_step": 0.5}
    assert "of the peak" not in tables.tabulate_engines([row], WORK)[0]
    assert tables.tabulate_engines([row], WORK | {"peak_gflop_per_s": 270.0})[0]["of the peak"] == "50%"


def read_kept(kind):
    found = (result for result in pages.read_all(store.KEPT).values() if result["kind"] == kind)
    return copy.deepcopy(next(found))


@pytest.mark.parametrize("kind", DRAWERS)
def test_plots_have_axes_that_can_be_read(kind, tmp_path):
    figure = DRAWERS[kind](read_kept(kind))
    figure.savefig(tmp_path / "plot.png")
    said = [axis.get_label_text() for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    assert "ms a step" in said
    beside = [text for ax in figure.axes for text in (ax.get_title("left"), *(one.get_text() for one in ax.texts))]
    assert any("gain" in text for text in beside)
    for ax in figure.axes:
        for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, sorted(ax.get_ylim()))):
            assert sum(low <= tick <= high for tick in axis.get_majorticklocs()) > 1


def test_what_the_cache_saves_is_drawn_or_what_it_loses():
    rows = [make_row("ours", cached, ms, "xla") for cached, ms in ((True, 0.5), (False, 2.0))]
    rows += [make_row("jax", cached, ms) for cached, ms in ((True, 3.0), (False, 2.5))]
    (ax,) = DRAWERS["peers"](make_peers() | {"rows": rows}).axes
    bars = {container.get_label(): container.patches[0] for container in ax.containers}
    assert {name: (bar.get_x(), bar.get_width()) for name, bar in bars.items() if "the cache" in name} == {
        "saved by the cache": (0.5, 1.5),
        "lost by the cache": (2.5, 0.5),
    }
    assert {"× 4.00", "× 0.83"} <= {text.get_text() for text in ax.texts}


def test_ones_own_page_is_in_ones_own_directory(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(store, "ROOT", tmp_path)
    monkeypatch.setattr(store, "OWN", tmp_path / "data" / "bench")
    store.write(store.OWN / "a-machine" / "peers-digits.json", make_peers(data="digits"))
    before = {page: page.read_bytes() for page in pages.PAGES}
    monkeypatch.setattr(report, "fill_pages", lambda: [(page, found, found) for page, found in before.items()])
    monkeypatch.setattr(store, "KEPT", tmp_path / "no-results")
    report.main([])
    page = (store.OWN / "report.md").read_text(encoding="utf-8")
    assert "![peers](a-machine/peers-digits.png)" in page
    assert "rows of digits" in page
    assert (store.OWN / "a-machine" / "peers-digits.png").exists()
    assert {page: page.read_bytes() for page in pages.PAGES} == before
    assert capsys.readouterr().err == "your own results: data/bench/report.md\n"


def test_ports_stand_beside_tensorflow_1_where_it_was_measured():
    row = {"port": 7, "device": "cpu", "batch": [150, 150], "steps": [9, 9], "ms_per_step": [4, 2]}
    row["steps_per_s"] = [250.0, 500.0]
    without = tables.tabulate_ports([row], WORK)
    assert list(without[0]) == ["port", "device", "batch", "steps", "ms/step", "steps/s"]
    beside = row | {"tf1_steps_per_s": [200.0, 1000.0], "tf1_ms_per_step": [5, 1], "tf1_versions": VERSIONS}
    table = tables.tabulate_ports([beside, row], WORK)
    assert [list(cells.values())[-2:] for cells in table] == [["200.0, 1000.0", "1.25, 0.50"], ["-", "-"]]
    results = [{"kind": "ports", "machine": MACHINE, "work": WORK, "rows": [row]} for row in (row, beside)]
    said = "a CPU, 2 threads; Python 3.11.7, tensorflow 2.21.0"
    assert [captions.describe_machine(result) for result in results] == [
        said,
        said + "; beside it tensorflow 1.15.5, Python 3.7.16, numpy 1.18.5",
    ]


def test_peers_and_the_short_table_show_tensorflow_1_where_it_was_measured():
    path, result = Path("a-machine/peers-mnist.json"), make_peers()

    def render():
        results = {path: result}
        return pages.render_cache(results) + pages.render("peers", results, Path())

    assert "1.15.5" not in render()
    for engine in ("book", "epoch-shuffle"):
        result["rows"] += [make_row("tf1", cached, 7.77, engine) for cached in (True, False)]
    result["machine"]["tf1"] = VERSIONS
    page = render()
    assert "| TensorFlow 1.15.5, listing 8's `feed_dict`: the listing's cache | 7.77 |" in page
    assert "| tf1 book | 7.770 |" in page
    assert "| tf1 epoch-shuffle | 7.770 |" in page
    assert "beside it tensorflow 1.15.5, Python 3.7.16" in page
    assert "| JAX, cached, the best of its forms: jax, tuned | 0.60 |" in page


def test_growth_says_what_it_starts_from():
    sizes = {"rows": 9_000, "batch": 20, "width": 30, "frozen_layers": 2}
    varied = {"rows": 1_000, "batch": 50, "width": 100, "frozen_layers": 1}
    rows = [{**sizes, name: value, "varied": name} for name, value in varied.items()]
    assert captions.find_base(rows) == sizes
    assert captions.describe_sizes(sizes) == "9,000 rows, batches of 20, 30-15-30 on 2 frozen layers"
    assert captions.find_base(rows[:1]) == {}
