"""Tasks on a dask.distributed cluster that somebody else started (optional extra `dask`).

A worker that dies loses nothing: the scheduler gives its tasks to another one. A task that has
been on four dying workers is given up.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from queue import Empty, Queue
from time import monotonic, sleep
from typing import Any, TypeVar

from testbed.errors import BadInput, TestbedError, one_line

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_S = 4.0
LOOK_S = 2.0
"""After so long without a result, whether the cluster is still there is looked at."""
LOOKS = 5
"""A cluster without workers for so many looks is given up; dead ones may be being replaced."""


class Unfit(TestbedError):
    """Raised by work on a worker that can do no task at all."""


class ClusterLost(TestbedError):
    """Scheduler or workers went away, or cannot do our tasks."""


def check_cluster(address: str) -> int:
    """How many workers the cluster has. Raises BadInput unless one waits there for work."""
    if find_spec("distributed") is None:
        raise BadInput(
            "--dask: the package dask.distributed is not installed, allowed: after "
            "pip install 'split-testbed[dask]'"
        )
    try:
        found = asyncio.run(asyncio.wait_for(_ask(address), CONNECT_S))
    except TimeoutError:
        reason = f"found no scheduler within {CONNECT_S:.0f} s"
    except (OSError, ValueError) as error:
        reason = one_line(error)
    except Exception:  # an answer that is none may break distributed's reading of it anywhere
        reason = "what answers there is no scheduler"
    else:
        scheduler = found.get("type") == "Scheduler"
        if scheduler and found.get("n_workers"):
            return int(found["n_workers"])
        reason = "found a scheduler without workers" if scheduler else "found an other program"
    raise BadInput(
        f"--dask {address}: {reason}, allowed: the address of a dask scheduler with workers, such "
        "as tcp://127.0.0.1:8786"
    )


async def _ask(address: str) -> dict[str, Any]:
    from distributed.core import rpc

    async with rpc(address) as scheduler:
        return dict(await scheduler.identity())


def each(
    work: Callable[[Task], Result],
    tasks: Mapping[str, Task],
    address: str,
    given_up: Callable[[Task, Exception], Result],
) -> Iterator[Result]:
    """Results as they come; `given_up` makes that of a task on which too many workers died.

    tasks: by names, which are the same wherever the task is the same. Raises ClusterLost when
    there is nobody left to work, or a worker without this package or that is Unfit; results that
    came before it stay valid.
    """
    from distributed import Client

    # What it would log there is said in one line here.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with Client(address, timeout=CONNECT_S, set_as_default=False) as client:
        ended: Queue[Any] = Queue()
        waiting: dict[str, tuple[Any, Task]] = {}
        look = _Looks(client)

        def await_end(future: Any, task: Task) -> None:
            waiting[future.key] = (future, task)
            future.add_done_callback(ended.put)

        def submit(task: Task, key: str) -> None:
            await_end(client.submit(work, task, key=key, pure=False), task)

        for name, task in tasks.items():
            submit(task, f"testbed-{name}")
        while waiting:
            try:
                key = ended.get(timeout=LOOK_S).key
            except Empty:
                look()
                continue
            if key in waiting:
                future, task = waiting.pop(key)
                if future.status not in ("finished", "error"):
                    _require_running(client)
                    submit(task, f"{key}-again")  # its result was lost with who had it
                    continue
                try:
                    error = _error(future)
                    result = future.result(LOOK_S) if error is None else given_up(task, error)
                except TimeoutError:  # who had it died before it was fetched: it is made anew
                    await_end(future, task)
                    look()
                    continue
                yield result


class _Looks:
    """Looks whether anybody is left to work, whenever nothing has come for a while."""

    def __init__(self, client: Any) -> None:
        self._client, self._without_workers = client, 0

    def __call__(self) -> None:
        """Raises ClusterLost when there was nobody for LOOKS looks, or the connection is gone."""
        _require_running(self._client)
        self._without_workers = 0 if self._client.nthreads() else self._without_workers + 1
        if self._without_workers == LOOKS:
            raise ClusterLost("the dask cluster has no workers left") from None


def _error(future: Any) -> Exception | None:
    """Why the cluster could not do the task, if so. Raises TimeoutError where nobody tells."""
    error: Exception | None = future.exception(LOOK_S)
    if isinstance(error, ImportError | Unfit):
        raise ClusterLost(f"a dask worker cannot do the work: {one_line(error)}")
    return error


def _require_running(client: Any) -> None:
    """Wait a moment for a lost connection to come back. Raises ClusterLost."""
    until_s = monotonic() + CONNECT_S
    while client.status != "running":
        if monotonic() > until_s:
            raise ClusterLost("the dask scheduler went away")
        sleep(LOOK_S / 20)
