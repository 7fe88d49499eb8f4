"""The figure losses: every number that was printed is in it, on axes that can be read."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ref.chapter import SCRIPTS
from ref.common import curves

RECORDED = Path(__file__).resolve().parents[1] / "ref" / "recorded"


def make_result(number=3, lines=(), phases=(), **more):
    printed = [{"line": f"{epoch} …" if epoch is not None else "…", **numbers} for epoch, numbers in lines]
    result = {"script": f"autoencoder_{number}", "seed": 7, "data": {"name": "digits"}, "printed": printed}
    return result | {"times": {"phases": list(phases)}, "hyper_parameters": {}} | more


def count_ticks(axis, limits):
    low, high = sorted(limits)
    return sum(low <= tick <= high for tick in axis.get_majorticklocs())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.number))
def test_every_recorded_number_is_drawn(script):
    result = json.loads((RECORDED / script.name / "result.json").read_text())
    result.setdefault("times", {"phases": []})
    fig = curves.draw_losses(result)
    by_epoch = [row for row in result["printed"] if row["line"][0].isdigit()]
    assert (fig is None) == (not by_epoch)
    if fig is None:
        return
    FigureCanvasAgg(fig).draw()
    drawn = [y for ax in fig.axes for line in ax.lines if line.get_marker() != "None" for y in line.get_ydata()]
    assert sorted(drawn) == sorted(value for row in by_epoch for label, value in row.items() if label != "line")
    assert script.name in fig.get_suptitle()
    assert f"seed {result['seed']}" in fig.get_suptitle()
    for ax in fig.axes:
        assert count_ticks(ax.xaxis, ax.get_xlim()) > 1
        assert count_ticks(ax.yaxis, ax.get_ylim()) > 1
        assert ax.get_xlabel()
        assert ax.get_ylabel() or ax.patches
        looks = [(line.get_marker(), line.get_linestyle()) for line in ax.lines]
        assert len(set(looks)) == len(looks)  # told apart in grey


@pytest.mark.parametrize(("values", "scale"), [((3.0, 0.2), "log"), ((3.0, 0.4), "linear"), ((3.0, 0.0), "linear")])
def test_a_span_of_a_decade_is_drawn_by_its_logarithm_where_it_can_be(values, scale):
    (ax,) = curves.draw_losses(make_result(2, [(epoch, {"Loss": value}) for epoch, value in enumerate(values)])).axes
    assert ax.get_yscale() == scale


def test_one_epoch_is_a_point_on_an_axis_of_two():
    (ax,) = curves.draw_losses(make_result(2, [(0, {"Loss": 0.5})])).axes
    assert count_ticks(ax.xaxis, ax.get_xlim()) > 1


@pytest.mark.parametrize(
    ("book", "label", "found"),
    [
        ("test MSE 0.00979", "Test MSE", [0.00979, None]),
        ("train MSE 0.0192, then 0.0044 *", "Train MSE", [0.0192, 0.0044]),
        ("train MSE 0.0245 (0.0113–0.0455), sparsity loss 0.336", "Sparsity loss", [0.336, None]),
        ("train total loss 15147", "Train total loss", [15147, None]),
        ("train total loss 15147", "Latent loss", [None, None]),
        ("", "Train MSE", [None, None]),
    ],
)
def test_what_the_book_published_is_found_by_its_unit(book, label, found):
    assert [curves.find_published(book, label, index) for index in (0, 1)] == found


FAST = {"steps": 100, "ms_per_step": 9.0, "ms_per_step_after_first_epoch": 2.0}
SLOW = {"steps": 100, "ms_per_step": 9.0, "ms_per_step_after_first_epoch": 3.0}
LINES = [(0, {"Train MSE": 0.3}), (1, {"Train MSE": 0.2}), (0, {"Train MSE": 0.4}), (None, {"Test MSE": 0.1})]
SETTINGS = {"n_epochs": (2, 1), "batch_sizes": (5, 5), "n_hidden1": 3, "n_hidden2": 2}


def test_what_the_cache_saved_is_drawn_beside_the_same_steps_without():
    eight = make_result(8, LINES, [SLOW, FAST | {"cache_fill_s": 0.05}])
    seven = make_result(7, LINES, [SLOW, SLOW])
    *panels, times = curves.draw_losses(eight, seven).axes
    assert [len(ax.lines) for ax in panels] == [3, 1]  # the test's error and the book's are the images', as phase 1's
    assert [(bar.get_x(), bar.get_width()) for bar in times.patches] == pytest.approx(
        np.array([(0, 3), (0, 2), (0, 3), (3, 0), (2, 0.5), (3, 0)])
    )
    assert times.get_title() == "the cache saves 0.50 ms a step"
    assert times.get_xlabel() == "ms a step, after the first epoch"
    assert len(times.texts) == 3
    assert (
        curves.draw_losses(make_result(8, LINES, [FAST, SLOW | {"cache_fill_s": 0.05}]), seven).axes[-1].get_title()
        == "the cache costs 0.50 ms a step"
    )
    assert len(curves.draw_losses(eight).axes[-1].texts) == 2
    assert len(curves.draw_losses(seven).axes) == 2


@pytest.mark.parametrize(
    "change", [{}, {"threads": 5}, {"seed": 8}, {"times": None}, {"hyper_parameters": {}}, "no JSON"]
)
def test_only_the_same_training_on_the_same_machine_is_held_beside(change, tmp_path):
    eight = make_result(8, LINES, [SLOW, FAST], hyper_parameters={**SETTINGS, "engine": "book"})
    seven = make_result(7, LINES, [SLOW, SLOW], hyper_parameters=SETTINGS)
    assert curves.find_without_cache(eight, tmp_path) is None
    (tmp_path / "autoencoder_7").mkdir()
    text = change if isinstance(change, str) else json.dumps(seven | change)
    (tmp_path / "autoencoder_7" / "result.json").write_text(text)
    found = curves.find_without_cache(eight, tmp_path)
    assert (found is not None) == (change == {})
    assert curves.find_without_cache(seven, tmp_path) is None


def test_plot_draws_any_scripts_and_says_where_there_is_nothing(run_tiny, capsys):
    run = run_tiny(2, "--plot")
    assert run.result["figures"] == ["reconstructions.png", "losses.png"]
    assert (run.directory / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert run_tiny(2).result["figures"] == ["reconstructions.png"]
    assert not (run.directory / "losses.png").exists()  # it was another run's
    capsys.readouterr()
    assert run_tiny(1, "--plot").result["figures"] == ["codings.png"]
    assert "--plot: no number is printed by the epoch" in capsys.readouterr().err
