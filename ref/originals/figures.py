"""Figures without a screen: ``plt.show()`` writes figure-1.png, figure-2.png, … Python 3.7; imports nothing of ours."""

import os
import warnings
import weakref


class Shower:
    """What stands in the place of matplotlib's windows; pictures go to ``directory``, in the order they are shown."""

    def __init__(self, directory):
        self._directory = directory
        self._numbers = weakref.WeakKeyDictionary()
        self.names = []

    def install(self):
        """Have matplotlib draw without a screen, whichever backend the script asks for."""
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        from matplotlib.figure import Figure

        warnings.filterwarnings("ignore", module="matplotlib")
        plt.switch_backend("Agg")
        matplotlib.use = lambda *_, **__: None
        plt.switch_backend = lambda *_, **__: None
        plt.show = self.show
        plt.pause = lambda *_, **__: None
        Figure.show = lambda figure, *_, **__: self._write(figure)

    def show(self, *_, block=None, **__):
        """Write every open figure that holds something, and close it, as who looks at it would."""
        import matplotlib.pyplot as plt

        for number in plt.get_fignums():
            self._write(plt.figure(number))
        if block or (block is None and not plt.isinteractive()):
            plt.close("all")

    def _write(self, figure):
        if not (figure.axes or figure.images or figure.texts):
            return
        if figure not in self._numbers:
            self._numbers[figure] = len(self._numbers) + 1
            self.names.append("figure-{}.png".format(len(self.names) + 1))
        name = self.names[self._numbers[figure] - 1]
        figure.savefig(os.path.join(self._directory, name), format="png")
