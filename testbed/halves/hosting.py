"""A half in its own process, by hand (`commands/by_hand.py`) or as child of a run (`child.py`).

A half that is started by hand may be reached by anybody: it has a door, and keys unless its address
is this machine's own. A child has neither. Its address is the emulated link's: one that only the
namespaces of that run have, or a port of the loopback interface that nobody is told of, gone with
the run; and whatever guards a connection takes time, which would be measured as the harness's.
"""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from math import prod
from threading import Event as Flag

import numpy as np

from emulation.meter import open_meter
from testbed.channel.door import Door
from testbed.channel.zeromq import ZeroMqEdge, ZeroMqServer
from testbed.channel.zeromq.curve import EdgeKeys, ServerKeys
from testbed.config.frame import sides
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.halves.edge_run import EdgeParts, run_edge
from testbed.halves.energy_counter import open_counter
from testbed.halves.events import Bound, Ready, Served, Tell
from testbed.halves.machine import WALL_CLOCK, awake
from testbed.halves.pacer import Pacer, StageLaw, name_of
from testbed.halves.patience import Patience
from testbed.halves.server import Server
from testbed.halves.workload import load_dataset
from testbed.model.load import load_network


def host_server(
    scenario: Scenario,
    bind: str,
    tell: Tell,
    stop: Flag,
    door: Door | None = None,
    keys: ServerKeys | None = None,
) -> None:
    """Serve until `stop` is set. Raises BadInput for an address or weights it cannot use.

    door, keys: see `ZeroMqServer`.
    """
    channel = ZeroMqServer(bind, door, keys, Patience(scenario.link.to_spec()).hello_s())
    server = Server(channel)
    with awake() as kept_awake, closing(channel):
        tell(Bound(channel.address))
        network = load_network(scenario, scenario.server.threads)
        law = StageLaw.of(scenario.server.device, network)
        random = np.random.default_rng(seed_for(scenario.seed, "server pace"))
        pacer = None if law is None else Pacer(law, random, WALL_CLOCK)
        tell(Ready(network.identity, network.blocks, network.weights, kept_awake, dataset={}))
        try:
            camera = prod(sides(scenario.workload.camera_px))
            most_pixels = max(camera, network.input_px**2)  # resized, it may have grown
            server.serve(network, stop.is_set, pacer, most_pixels)
        finally:
            tell(Served(dict(server.counts)))


def host_edge(
    scenario: Scenario,
    address: str,
    meter_uri: str,
    tell: Tell,
    wait_for_go: Callable[[], object],
    keys: EdgeKeys | None = None,
    *,
    lasting: bool = False,
) -> None:
    """Run every request of the scenario against the server at `address`, telling each one.

    wait_for_go: returns each time the edge may go on: before it begins, and before each block.
    keys: see `ZeroMqEdge`. lasting: a server that is gone may come back, and is looked for.
    Raises BadInput for weights, images or an energy counter that it cannot use, PeerLost,
    CutMismatch.
    """
    network = load_network(scenario, scenario.edge.threads)
    dataset = load_dataset(scenario)
    law, server_device = StageLaw.of(scenario.edge.device, network), name_of(scenario.server.device)
    with awake() as kept_awake:
        described = dataset.describe()
        tell(Ready(network.identity, network.blocks, network.weights, kept_awake, described))
        wait_for_go()
        patience, meter = Patience.of(scenario, network), open_meter(meter_uri)
        dial = partial(ZeroMqEdge, address, keys, patience.hello_s())
        counter = open_counter(scenario.edge.energy_counter)
        parts = EdgeParts(
            scenario,
            network,
            dataset,
            dial,
            patience,
            meter,
            wait_for_go,
            WALL_CLOCK,
            law,
            server_device,
            counter,
            lasting,
        )
        run_edge(parts, tell)
