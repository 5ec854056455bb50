"""A half as a child of a run: events on standard output, the parent's word on standard input.

The parent's side is `wall/half.py`. A child is told to go on by a line, once for each time that it
waits for that, and ends when its standard input does, so it cannot outlive its parent, however that
ended; what the parent made for it goes then too.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Semaphore, Thread

from emulation.errors import EmulationError
from testbed.config.scenario_file import load_scenario
from testbed.errors import TestbedError, exit_code, one_line
from testbed.halves.events import SCRATCH, Failed, Tell, write_event
from testbed.halves.hosting import host_edge, host_server


def serve(path: Path, bind: str) -> None:
    """The server half, until the parent closes standard input."""
    stop = Flag()
    _listen_to_parent(stop.set)
    try:
        _telling(lambda tell: host_server(load_scenario(path), bind, tell, stop))
    finally:
        if stop.is_set():
            _clear_up()


def edge(path: Path, server: str, meter: str) -> None:
    """The edge half, from the parent's first word to the last request."""
    wait_for_go = _listen_to_parent(_leave_at_once)
    _telling(lambda tell: host_edge(load_scenario(path), server, meter, tell, wait_for_go))


def _telling(work: Callable[[Tell], None]) -> None:
    """Tell the parent everything, a failure included."""
    tell = partial(write_event, sys.stdout)
    try:
        work(tell)
    except (TestbedError, EmulationError) as error:
        tell(Failed(one_line(error), exit_code(error)))
        sys.exit(exit_code(error))


def _listen_to_parent(at_end: Callable[[], None]) -> Callable[[], object]:
    """Ignore Ctrl-C (the parent decides), and call `at_end` when the parent is gone.

    Returns what blocks until the parent has said a word that was not yet waited for.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    words = Semaphore(0)

    def listen() -> None:
        # Read by the descriptor: a thread inside sys.stdin's lock would hang the exit.
        while said := os.read(sys.stdin.fileno(), 64):
            for _ in range(said.count(b"\n")):
                words.release()
        at_end()

    Thread(target=listen, daemon=True).start()
    return words.acquire


def _leave_at_once() -> None:
    """End an edge half whose parent is gone: nobody is left to tell anything to."""
    _clear_up()
    os._exit(1)


def _clear_up() -> None:
    """Remove the folder that the parent made for both halves; it may be gone itself."""
    shutil.rmtree(os.environ.get(SCRATCH, ""), ignore_errors=True)
