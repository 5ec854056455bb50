"""What keys cost: the same exchange over a connection as runs have it, and as two machines have it.

`python -m benchmarks.curve [--out FILE]`. Three servers, each a process of its own: `plain` as in a
run, `door` with what guards a server that is started by hand, `keys` with that and CURVE. All carry
the same bytes over unshaped loopback, in turns within one run, so that the machine's drift falls on
all alike: single exchanges one after the other, and messages back to back. Servers are started anew
several times, since a ratio depends on which processor each happens to get. Ratios are to `plain`.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.json_file import write_json
from testbed.channel import STOP_CHECK_S, Frames
from testbed.channel.door import Door
from testbed.channel.zeromq import ZeroMqEdge, ZeroMqServer
from testbed.channel.zeromq.curve import EdgeKeys, ServerKeys, read_edge_keys, read_server_keys
from testbed.channel.zeromq.curve import write_keys as new_keys
from testbed.runs.environment import environment

SIZES_BYTES = (2_000, 20_000, 60_000, 200_000, 600_000)
STARTS, ROUNDS = 8, 6
EXCHANGES = 50
BACK_TO_BACK = 6
"""Messages under way at once: fewer than a server with a door takes from one connection unread."""
PATIENCE_S = 10.0
KINDS = ("plain", "door", "keys")
Rounds = dict[str, list[float]]
"""Kind of connection -> a figure of each round."""
Found = dict[tuple[int, str], Rounds]
"""By size and figure."""


def answer(parent: Connection, door: Door | None, keys: ServerKeys | None) -> None:
    """Answer each message with a short one, until the parent closes its end of the pipe."""
    with closing(ZeroMqServer("tcp://127.0.0.1:*", door, keys)) as server:
        parent.send(server.address)
        while not parent.poll():
            while (received := server.receive(perf_counter() + STOP_CHECK_S)) is not None:
                server.send(received[0], [bytes(64)])


def _start(parent: Connection, kind: str, keys: ServerKeys) -> None:
    answer(parent, None if kind == "plain" else Door(), keys if kind == "keys" else None)


@contextmanager
def connection(kind: str, ours: ServerKeys, theirs: EdgeKeys) -> Iterator[ZeroMqEdge]:
    """An edge's, to a server in a process of its own."""
    spawn = get_context("spawn")
    here, there = spawn.Pipe()
    server = spawn.Process(target=_start, args=(there, kind, ours), daemon=True)
    server.start()
    there.close()
    try:
        with closing(ZeroMqEdge(here.recv(), theirs if kind == "keys" else None)) as edge:
            yield edge
    finally:
        here.close()
        server.join()


def exchange_s(edge: ZeroMqEdge, frames: Frames) -> float:
    """The median of single exchanges."""
    times = []
    for _ in range(EXCHANGES):
        began_s = perf_counter()
        edge.send(frames)
        _take(edge)
        times.append(perf_counter() - began_s)
    return float(np.median(times))


def throughput_bps(edge: ZeroMqEdge, frames: Frames) -> float:
    """Of the messages' own bytes, with several under way."""
    began_s = perf_counter()
    for number in range(EXCHANGES + BACK_TO_BACK):
        if number < EXCHANGES:
            edge.send(frames)
        if number >= BACK_TO_BACK:
            _take(edge)
    return 8 * EXCHANGES * sum(map(len, frames)) / (perf_counter() - began_s)


def _take(edge: ZeroMqEdge) -> None:
    if edge.receive(perf_counter() + PATIENCE_S) is None:
        raise RuntimeError(f"no answer: {edge.refusal or 'in time'}")


FIGURES: dict[str, Callable[[ZeroMqEdge, Frames], float]] = {
    "exchange_s": exchange_s,
    "throughput_bps": throughput_bps,
}


def measure(edges: dict[str, ZeroMqEdge], found: Found) -> None:
    """Add rounds of each size and figure, kinds in turns; the first warms up, and is dropped."""
    random = np.random.default_rng(0)
    for size_bytes in SIZES_BYTES:
        frames: Frames = [bytes(16), random.integers(0, 256, size_bytes, np.uint8).data]
        for name, figure in FIGURES.items():
            rounds = found.setdefault((size_bytes, name), {kind: [] for kind in KINDS})
            for number in range(ROUNDS + 1):
                first = number % len(KINDS)
                for kind in KINDS[first:] + KINDS[:first]:
                    value = figure(edges[kind], frames)
                    if number:
                        rounds[kind].append(value)


def _compared(figure: str, found: Rounds) -> dict[str, object]:
    """Medians over rounds, and of the ratios of rounds side by side, with their quartiles."""
    by_kind = {kind: np.array(rounds) for kind, rounds in found.items()}
    row: dict[str, object] = {}
    for kind, rounds in by_kind.items():
        row[f"{kind}_{figure}"] = float(np.median(rounds))
        quartiles = np.quantile(rounds / by_kind["plain"], [0.25, 0.5, 0.75])
        row[f"{kind}_{figure}_ratio"] = [float(each) for each in quartiles]
    return row


def main() -> int:
    """Measure every size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="also write the figures as JSON")
    arguments = parser.parse_args()
    found: Found = {}
    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        server, edge = new_keys(Path(folder) / "keys")
        keys = read_server_keys(server), read_edge_keys(edge)
        for _ in range(STARTS):
            with ExitStack() as opened:
                measure(
                    {kind: opened.enter_context(connection(kind, *keys)) for kind in KINDS}, found
                )
    print("bytes, kind: exchange (ratio), back to back (ratio)")
    rows = []
    for size_bytes in SIZES_BYTES:
        row: dict[str, object] = {"size_bytes": size_bytes}
        for name in FIGURES:
            row |= _compared(name, found[size_bytes, name])
        rows.append(row)
        for kind in KINDS:
            print(f"{size_bytes:>8} {kind:>6}: {_told(row, kind)}")
    if arguments.out:
        write_json(
            arguments.out, {"rows": rows, "environment": environment("loopback", "unshaped")}
        )
    return 0


def _told(row: dict[str, object], kind: str) -> str:
    told = []
    for figure, unit, scale in (("exchange_s", "us", 1e6), ("throughput_bps", "Mbit/s", 1e-6)):
        value, ratio = row[f"{kind}_{figure}"], row[f"{kind}_{figure}_ratio"]
        assert isinstance(value, float) and isinstance(ratio, list)
        told.append(f"{value * scale:>8.0f} {unit} ({ratio[1]:.2f})")
    return ", ".join(told)


if __name__ == "__main__":
    sys.exit(main())
