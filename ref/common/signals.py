"""Ctrl-C, SIGTERM and SIGHUP, put off where they must not interrupt."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hold_signals() -> Iterator[None]:
    """Put SIGINT, SIGTERM and SIGHUP off until the block is done; outside the main thread, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ours = [s for s in numbers if signal.getsignal(s) not in (None, signal.SIG_IGN)]  # None: not set by Python
    handlers = {s: signal.signal(s, lambda number, _: held.append(number)) for s in ours}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in held:
        signal.raise_signal(number)
