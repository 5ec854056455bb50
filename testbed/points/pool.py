"""Tasks side by side on this machine, each process on one thread."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from signal import SIG_IGN, SIGINT, signal
from threading import Thread
from typing import TypeVar

from testbed.errors import TestbedError

Task = TypeVar("Task")
Result = TypeVar("Result")

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerKilled(TestbedError):
    """A process ended in the middle of a task, and not by itself."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> Iterator[Result]:
    """Results as they come from `workers` processes; 1 does the work in this one.

    Raises WorkerKilled; results that came before it stay valid.
    """
    workers = min(workers, len(tasks))
    if workers <= 1:
        yield from map(work, tasks)
        return
    others = set(active_children())
    # Spawned: threads (of torch, of ZeroMQ) do not survive a fork.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin_worker) as pool:
        try:
            waiting = iter(tasks)
            # No more than are begun: while workers die, what is still being sent to them would end
            # in a traceback of the pool's own thread.
            begun = {pool.submit(work, task) for task in islice(waiting, workers + 1)}
            while begun:
                done, begun = wait(begun, return_when=FIRST_COMPLETED)
                begun |= {pool.submit(work, task) for task in islice(waiting, len(done))}
                yield from (future.result() for future in done)
        except BrokenProcessPool as error:
            raise WorkerKilled("a worker process was killed (out of memory?)") from error
        except BaseException:
            for child in set(active_children()) - others:
                child.terminate()
                child.join()
            raise


def _begin_worker() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the parent; end when it does."""
    signal(SIGINT, SIG_IGN)
    for name in _ONE_THREAD:
        os.environ[name] = "1"
    parent = parent_process()
    assert parent is not None  # noqa: S101

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    Thread(target=end_with_parent, daemon=True).start()
