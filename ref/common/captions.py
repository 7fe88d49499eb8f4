"""What stands in a figure beside what a port draws: what is input, what is output, what is the original."""

from dataclasses import dataclass

from matplotlib.figure import Figure

TITLE_PT, HEADING_PT = 9, 10
LINE_IN = 1.4 * TITLE_PT / 72  # of the title, with what is between two lines
HEADING_IN = 1.6 * HEADING_PT / 72
MARGIN_IN = 0.08  # above the title, below it, and under a sheet of pictures
ROWS_IN = 1.6  # left of the pictures, where their rows have names


@dataclass(frozen=True)
class Captions:
    """The words of one figure: ``says`` above all, ``columns`` above the pictures, ``rows`` left of them.

    ``says`` follows the script's name, in lines that fit the figure's width at TITLE_PT points.
    """

    says: str
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    @property
    def top_in(self) -> float:
        """Height of what they take at the top of the figure, in inches."""
        n_lines = 1 + self.says.count("\n")
        return 2 * MARGIN_IN + n_lines * LINE_IN + (HEADING_IN if self.columns else 0)

    @property
    def left_in(self) -> float:
        """Width of what they take at the left of the figure, in inches."""
        return ROWS_IN if self.rows else 0


SCALE = "Each picture is scaled by itself: its lowest value is white, its highest black."


def _compare(network: str, more: str = "", into: str = "input: the original digit", out: str = "its reconstruction"):
    """Return the captions of rows of two pictures: a test digit, and what ``network`` makes of it."""
    return Captions(f"test digits, and what {network} makes of them.{more}\n{SCALE}", (into, f"output: {out}"))


CAPTIONS = {  # by script and figure
    ("autoencoder_1", "codings"): Captions(
        "the two codings of each of the\n100 test points, whose 3 coordinates are the input.\n"
        "No training point is drawn."
    ),
    ("autoencoder_2", "reconstructions"): _compare("the stacked autoencoder"),
    ("autoencoder_3", "reconstructions"): _compare("the autoencoder with tied weights"),
    ("autoencoder_6", "reconstructions"): _compare("the stack of two autoencoders, trained one at a time,"),
    ("autoencoder_9", "reconstructions"): _compare("autoencoder_7's network, from its checkpoint,"),
    ("autoencoder_10", "features"): Captions(
        "each picture is the weights from the 784 pixels to one neuron of autoencoder_7's first hidden layer.\n"
        "Black is its highest weight: ink there excites it. White is its lowest. No digit is drawn.",
        tuple(f"neuron {index}" for index in range(5)),
    ),
    ("autoencoder_12", "reconstructions"): _compare(
        "the denoising autoencoder", " Dropout is off here.", "input: the original digit, no noise"
    ),
    ("autoencoder_13", "sparsity_loss"): Captions(
        "what a unit of mean activity q (actual sparsity) costs,\n"
        "by KL(p‖q) and by (p − q)²; p, the target, is dotted. Formulas, not results of training."
    ),
    ("autoencoder_13", "reconstructions"): _compare("the sparse autoencoder (MSE)"),
    ("autoencoder_14", "reconstructions"): _compare("the sparse autoencoder (cross-entropy)"),
    ("autoencoder_15", "reconstructions"): _compare(
        "the variational autoencoder", "\nThe codings are drawn anew: mean + sigma · noise."
    ),
    ("autoencoder_16", "generated"): Captions(
        f"output only, what the decoder makes of codings drawn from N(0, 1). No input, so no original.\n{SCALE}"
    ),
    ("autoencoder_16", "encoded_decoded"): _compare(
        "the variational autoencoder",
        "\nFirst they are encoded, to mean + exp(γ / 2) · noise; then these codings are decoded.",
        out="decoded from its codings",
    ),
    ("autoencoder_16", "interpolated"): Captions(
        "output only, what the decoder makes of codings. No input, so no original.\n"
        "Downwards, each column goes from random codings of its own to those of the next column, the last one to the "
        f"first's.\n{SCALE}",
        rows=("start", "1/3 of the way", "2/3 of the way", "end: the start of\nthe next column"),
    ),
}


def add_captions(fig: Figure, script: str, figure: str) -> None:
    """Write the captions of ``script``'s ``figure`` into ``fig``, and make room for them; its size stays."""
    if (script, figure) not in CAPTIONS:
        return
    captions = CAPTIONS[script, figure]
    width_in, height_in = fig.get_size_inches()
    fig.suptitle(f"{script}: {captions.says}", y=1 - MARGIN_IN / height_in, fontsize=TITLE_PT)
    if fig.get_layout_engine():  # laid out once, so that it is drawn alike whenever it is drawn
        fig.draw_without_rendering()
        fig.set_layout_engine("none")
    fig.subplots_adjust(top=1 - captions.top_in / height_in)
    if not any(ax.axison for ax in fig.axes):
        fig.subplots_adjust(bottom=MARGIN_IN / height_in)
    for ax, heading in zip(fig.axes, captions.columns):
        ax.set_title(heading, fontsize=HEADING_PT, pad=4)
    if captions.rows:
        fig.subplots_adjust(left=captions.left_in / width_in)
        n_columns = max(len(fig.axes) // len(captions.rows), 1)
        for ax, name in zip(fig.axes[::n_columns], captions.rows):
            ax.text(-0.08, 0.5, name, transform=ax.transAxes, ha="right", va="center", fontsize=HEADING_PT)
