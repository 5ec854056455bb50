"""What the harness costs: a null request through both halves against a bare pyzmq exchange.

`python -m benchmarks.floor [--out FILE]`. Both carry the same bytes over unshaped loopback between
two processes, in turns within one run, so that the machine's drift falls on both. Target: a ratio
of the medians of at most 1.15 at every size.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from time import perf_counter

import numpy as np
import zmq

from benchmarks.json_file import write_json
from emulation.link import Endpoint
from testbed.channel.zeromq import ZeroMqEdge
from testbed.config.scenario_file import dump_scenario
from testbed.halves.client import Client
from testbed.halves.deployment import hello_of, make_deployment
from testbed.halves.edge import RealEdge
from testbed.halves.events import Bound, Ready
from testbed.halves.workload import Sample
from testbed.lifecycle.asks import Rules
from testbed.lifecycle.edge import EdgeBlock
from testbed.model.load import load_network
from testbed.results.record import RequestRecord
from testbed.runs.environment import environment
from testbed.wall.floor import floor_scenario
from testbed.wall.half import Half

SIZES_BYTES = (2_000, 20_000, 60_000, 200_000, 600_000)
ROUNDS = 30
REQUESTS = 50
TARGET = 1.15
_ECHO = """
import sys, zmq
socket = zmq.Context().socket(zmq.ROUTER)
socket.bind("tcp://127.0.0.1:*")
print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
while True:
    peer, body = socket.recv_multipart(copy=False)
    if not len(body.buffer):
        break
    socket.send_multipart([peer.bytes, bytes(64)])
"""


def bare_round(socket: zmq.Socket[bytes], body: memoryview) -> list[float]:
    """REQUESTS exchanges of `body` against a short reply; seconds each."""
    times = []
    for _ in range(REQUESTS):
        began_s = perf_counter()
        socket.send(body, 0, len(body) < 16_384)
        socket.recv()
        times.append(perf_counter() - began_s)
    return times


class Harness:
    """The null model's two halves, the server's in a process of its own."""

    def __init__(self, size_bytes: int, folder: Path) -> None:
        scenario = floor_scenario(size_bytes, REQUESTS)
        scratch = folder / str(size_bytes)
        scratch.mkdir()
        file = scratch / "floor.yaml"
        file.write_text(dump_scenario(scenario), encoding="utf-8")
        self._half = Half(
            Endpoint("server", "127.0.0.1"),
            ["serve", str(file), "--bind", "tcp://127.0.0.1:*"],
            scratch,
        )
        port = self._half.expect(Bound).port
        self._half.expect(Ready)
        self._network = load_network(scenario, 1)
        self._channel = ZeroMqEdge(f"tcp://127.0.0.1:{port}")
        self._client = Client(self._channel)
        self._client.hello(hello_of(self._network), 5.0)
        self._deployment = make_deployment(scenario.deployments[0], self._network)
        self._samples = [Sample(0, {}, np.zeros((16, 16, 3), np.uint8))] * REQUESTS
        self._next_id = 0

    def round(self) -> list[float]:
        """REQUESTS null requests; seconds each, from due to answered."""
        records: list[RequestRecord] = []
        name, rules = self._deployment.name, Rules(deadline_s=1.0, timeout_s=5.0)
        block = EdgeBlock(name, 0, self._network.tasks, True, rules, records.append)
        edge = RealEdge(self._network, self._client, self._deployment, self._samples)
        edge.drive(block, block.life(self._samples, repeat(0.0), self._next_id))
        self._next_id += REQUESTS
        return [record.answered_s - record.due_s for record in records]

    def close(self) -> None:
        """End the server half."""
        self._channel.close()
        self._half.close()


def measure(size_bytes: int, folder: Path) -> dict[str, float]:
    """Both at one size, in turns, the first round of each dropped; times in microseconds."""
    body = np.random.default_rng(0).integers(0, 256, size_bytes, np.uint8).data
    echo = subprocess.Popen([sys.executable, "-c", _ECHO], stdout=subprocess.PIPE, text=True)
    assert echo.stdout is not None
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.DEALER)
    harness = Harness(size_bytes, folder)
    try:
        socket.connect(echo.stdout.readline().strip())
        turns: dict[str, Callable[[], list[float]]] = {
            "bare": lambda: bare_round(socket, body),
            "harness": harness.round,
        }
        times: dict[str, list[list[float]]] = {name: [] for name in turns}
        for _ in range(ROUNDS + 1):
            for name, turn in turns.items():
                times[name].append(turn())
        socket.send(b"")
    finally:
        harness.close()
        socket.close(linger=0)
        context.term()
        echo.kill()
        echo.wait()
        echo.stdout.close()
    return _compare(size_bytes, times)


def _compare(size_bytes: int, times: dict[str, list[list[float]]]) -> dict[str, float]:
    """Medians over all rounds, and the spread of the ratio between rounds side by side."""
    bare, harness = (np.array(times[name][1:]) * 1e6 for name in ("bare", "harness"))
    by_round = np.median(harness, axis=1) / np.median(bare, axis=1)
    low, middle, high = np.quantile(by_round, [0.25, 0.5, 0.75])
    return {
        "size_bytes": size_bytes,
        "bare_p50_us": float(np.median(bare)),
        "harness_p50_us": float(np.median(harness)),
        "bare_p99_us": float(np.quantile(bare, 0.99)),
        "harness_p99_us": float(np.quantile(harness, 0.99)),
        "ratio_p50": float(middle),
        "ratio_p50_quartiles": [float(low), float(high)],  # type: ignore[dict-item]
    }


def main() -> int:
    """Measure every size, print a table, and say whether the target holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="also write the figures as JSON")
    arguments = parser.parse_args()
    print(f"{'bytes':>8} {'bare p50':>10} {'harness':>10} {'ratio':>6}  (us; ratio per round)")
    rows = []
    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        for size_bytes in SIZES_BYTES:
            row = measure(size_bytes, Path(folder))
            rows.append(row)
            print(
                f"{size_bytes:>8} {row['bare_p50_us']:>10.0f} {row['harness_p50_us']:>10.0f} "
                f"{row['ratio_p50']:>6.2f}  quartiles {row['ratio_p50_quartiles']}"
            )
    worst = max(row["ratio_p50"] for row in rows)
    verdict = "holds" if worst <= TARGET else "MISSED"
    print(f"worst ratio {worst:.2f}, target {TARGET}: {verdict}")
    if arguments.out:
        facts = environment("loopback", "unshaped")
        report = {"target_ratio": TARGET, "rows": rows, "environment": facts}
        write_json(arguments.out, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
