"""Ctrl-C and SIGTERM, put off where they must not interrupt."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hold_signals() -> Iterator[None]:
    """Put SIGINT and SIGTERM off until the block is done; outside the main thread, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = []
    ours = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) is not None]  # None: not set by Python
    handlers = {s: signal.signal(s, lambda number, _: held.append(number)) for s in ours}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in held:
        signal.raise_signal(number)
