"""A half inside its own process: load what it needs, tell its events, stop when told.

By hand (`commands/halves.py`) or as children of a run (`commands/child.py`).
"""

from collections.abc import Callable
from contextlib import closing
from threading import Event as Flag

from emulation.meter import open_meter
from testbed.channel import ZeroMqEdge, ZeroMqServer
from testbed.config.scenario import Scenario
from testbed.halves.awake import awake
from testbed.halves.client import Client
from testbed.halves.edge import EdgeParts, run_edge
from testbed.halves.server import Server
from testbed.halves.workload import load_dataset
from testbed.model.load import load_network
from testbed.results.record import record_to_json

Tell = Callable[..., None]
"""tell(name, **fields): one event of `events.py`."""


def host_server(scenario: Scenario, bind: str, tell: Tell, stop: Flag) -> None:
    """Serve until `stop` is set. Raises BadInput for an address or weights it cannot use."""
    channel = ZeroMqServer(bind)
    server = Server(channel)
    with awake(), closing(channel):
        tell("bound", address=channel.address, port=int(channel.address.rpartition(":")[2]))
        network = load_network(scenario, scenario.server.threads)
        tell("ready", identity=network.identity)
        try:
            server.serve(network, stop.is_set)
        finally:
            tell("served", counts=dict(server.counts))


def host_edge(
    scenario: Scenario, address: str, meter_uri: str, tell: Tell, wait_for_go: Callable[[], None]
) -> None:
    """Run every request of the scenario against the server at `address`, telling each one.

    Raises BadInput for weights or images it cannot use, PeerLost, CutMismatch.
    """
    network = load_network(scenario, scenario.edge.threads)
    dataset = load_dataset(scenario)
    with awake() as kept_awake:
        tell(
            "ready",
            identity=network.identity,
            weights=network.weights._asdict(),
            dataset=dataset.describe(),
            kept_awake=kept_awake,
        )
        wait_for_go()
        with closing(ZeroMqEdge(address)) as channel:
            client = Client(channel)
            parts = EdgeParts(scenario, network, dataset, client, open_meter(meter_uri))
            run_edge(
                parts,
                lambda checks: tell("checked", checks=[check.as_dict() for check in checks]),
                lambda record: tell("request", record=record_to_json(record)),
            )
            tell("done", strays=dict(client.strays), connected=client.connected)
