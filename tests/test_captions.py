"""Captions of the figures: every one has them, they are where they can be read, and they cost nothing unseen."""

import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ref.chapter import BY_NAME, SCRIPTS
from ref.common.captions import CAPTIONS, add_captions
from ref.common.figures import plot_images
from ref.fidelity.golden.observe import no_drawing

DRAWN = [(script.name, figure) for script in SCRIPTS for figure in script.figures]
# Of what the chapter draws; a sheet of more or fewer rows: draw_reconstructions of another number of digits.
SIZES = {"features": (5, 5, (10, 2)), "generated": (60, 10, (11, 7)), "interpolated": (24, 6, (11, 6))}


def list_shown(axis):
    """Return the labels of the ticks that are in view."""
    low, high = sorted(axis.get_view_interval())
    return [label for at, label in zip(axis.get_majorticklocs(), axis.get_majorticklabels()) if low <= at <= high]


def measure_texts(fig):
    """Return the words and the box, in pixels, of each text outside of what is plotted, and each of the axes' boxes."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    texts = [*fig.texts]
    for ax in fig.axes:
        texts.append(ax.title)
        if ax.axison:
            texts += [ax.xaxis.label, ax.yaxis.label, *list_shown(ax.xaxis), *list_shown(ax.yaxis)]
        else:
            texts += ax.texts
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
    return boxes, [ax.get_window_extent() for ax in fig.axes]


def check_layout(fig):
    """Each text lies on the canvas, on none of the axes, and on no other text."""
    texts, axes = measure_texts(fig)
    width, height = fig.bbox.size
    for index, (text, box) in enumerate(texts):
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0, text
        covered = [*axes, *(other for _, other in texts[index + 1 :])]
        assert not any(box.overlaps(other) for other in covered), text


def draw_sheet(figure, n_rows=2):
    n_images, n_columns, figsize = SIZES.get(figure, (2 * n_rows, 2, (8, 3 * n_rows)))
    return plot_images(np.random.RandomState(0).rand(n_images, 784), n_columns, figsize)


def test_every_figure_of_the_chapter_has_captions_and_no_other():
    assert sorted(CAPTIONS) == sorted(DRAWN)


@pytest.mark.parametrize(("script", "figure"), sorted(CAPTIONS))
def test_captions_say_what_is_input_and_what_is_output(script, figure):
    captions = CAPTIONS[script, figure]
    if len(captions.columns) == 2:
        assert captions.columns[0].startswith("input: the original")
        assert captions.columns[1].startswith("output: ")
    elif BY_NAME[script].reads_data and figure != "sparsity_loss":
        assert re.search("output only.*no original", captions.says)
    else:
        assert any(word in captions.says for word in ("input", "No digit", "not results"))


@pytest.mark.parametrize("n_rows", [1, 2, 3, 7])
@pytest.mark.parametrize(("script", "figure"), [key for key in sorted(CAPTIONS) if len(CAPTIONS[key].columns) == 2])
def test_a_sheet_of_any_number_of_digits_can_be_read(script, figure, n_rows):
    fig = draw_sheet(figure, n_rows)
    size = fig.get_size_inches().tolist()
    add_captions(fig, script, figure)
    check_layout(fig)
    assert fig.get_size_inches().tolist() == size
    assert [ax.get_title() for ax in fig.axes[:2]] == list(CAPTIONS[script, figure].columns)


@pytest.mark.parametrize("figure", ["generated", "interpolated"])
def test_what_captions_are_measured_to_take_holds_them_all(figure):
    """What is cut off for the README's picture: all words, and nothing of the pictures."""
    fig, captions = draw_sheet(figure), CAPTIONS["autoencoder_16", figure]
    add_captions(fig, "autoencoder_16", figure)
    check_layout(fig)
    texts, axes = measure_texts(fig)
    top, left = fig.bbox.y1 - captions.top_in * fig.dpi, captions.left_in * fig.dpi
    assert all(box.y0 >= top or box.x1 <= left for _, box in texts)
    assert all(box.y1 <= top + 1 and box.x0 >= left - 1 for box in axes)


@pytest.mark.parametrize(("script", "figure"), DRAWN)
def test_captions_of_a_figure_that_is_not_drawn(script, figure):
    with no_drawing():
        fig = Figure()
        fig.add_subplot().plot([1], [1])
        add_captions(fig, script, figure)
    assert fig.axes == []


def test_a_figure_that_the_chapter_does_not_know_is_left_alone():
    fig = draw_sheet("reconstructions")
    add_captions(fig, "autoencoder_2", "features")
    assert [*fig.texts, *(ax.get_title() for ax in fig.axes if ax.get_title())] == []
