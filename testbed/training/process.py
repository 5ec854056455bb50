"""What a training changes of its own process for a while: torch's threads, and signals."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Inside, torch uses so many threads; after, as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Ctrl-C and kill that arrive inside are handled as usual on the way out.

    So a training step is done or not begun. Only the main thread receives signals; elsewhere this
    does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    usual = {
        number: signal.signal(number, lambda number, _: arrived.append(number))
        for number in _SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    if arrived:
        signal.raise_signal(arrived[0])
