"""Progress on a terminal."""

from tqdm import tqdm


class Bar(tqdm):
    """A bar on a terminal, without the thread that tqdm starts with its first bar, shown or not, and never ends."""

    monitor_interval = 0
