"""A real dask cluster on this machine: a scheduler and workers, all processes of their own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from testbed.errors import BadInput
from testbed.points.cluster import check_cluster

ROOT = Path(__file__).parents[3]


@dataclass
class Cluster:
    address: str
    scheduler: "subprocess.Popen[bytes]"
    workers: "list[subprocess.Popen[bytes]]"

    def count(self) -> int:
        return check_cluster(self.address)


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Workers without a nanny, so that one that is killed stays dead."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    processes = []

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},  # for its scratch
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        return process

    try:
        local = ("--host", "127.0.0.1", "--no-dashboard")
        scheduler = start("scheduler", *local, "--port", str(port))
        own = ("--host", "127.0.0.1", "--no-dashboard", "--no-nanny", "--nthreads", "1")
        found = Cluster(
            address, scheduler, [start("worker", address, *own) for _ in range(workers)]
        )
        _wait_for(found, workers)
        yield found
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _wait_for(found: Cluster, workers: int) -> None:
    end_s = monotonic() + 60
    while monotonic() < end_s:
        try:
            if found.count() >= workers:
                return
        except BadInput:
            sleep(0.1)
    raise AssertionError("the cluster did not start")
