"""Doing something in another network namespace than this process's own (setns(2))."""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

CLONE_NEWNET = 0x40000000
Made = TypeVar("Made")


def within(namespace: Path, make: Callable[[], Made]) -> Made:
    """What `make` returns there: sockets and devices stay in the namespace they were opened in.

    namespace: the file that stands for it. Only a thread that ends with it is ever there. Raises
    OSError, and whatever `make` raises.
    """

    def enter() -> Made:
        libc = ctypes.CDLL(None, use_errno=True)  # Python has setns from 3.12 on
        descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if libc.setns(descriptor, CLONE_NEWNET) != 0:
                code = ctypes.get_errno()
                raise OSError(code, os.strerror(code), str(namespace))
        finally:
            os.close(descriptor)
        return make()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(enter).result()
