"""Every cut of a scenario's network with one codec: what it takes at each end, sends, and holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from testbed.choice.candidates import entries_of
from testbed.choice.choose import asked, latencies
from testbed.config.deployments import DeploymentEntry, Split, identity_of
from testbed.config.scenario import Scenario
from testbed.halves.deployment import cut_of, feature_cuts
from testbed.model.torch_network import TorchNetwork
from testbed.network import Network, cuts_of, published_cut
from testbed.results.estimates import Interval
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of

ROWS = 16
"""Images whose bytes are averaged."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut. Times are means of one request, on the devices; mean_s: in virtual time, with its
    95 % interval. shape: of what crosses; payload_bytes: of that, coded, mean. memory_bytes: of
    the edge's part.
    """

    name: str
    deployment: str
    published: bool
    shape: tuple[int, ...]
    payload_bytes: float
    edge_s: float
    server_s: float
    memory_bytes: int
    mean_s: float
    ci95_s: Interval


def cuts(scenario: Scenario, network: TorchNetwork, codec: dict[str, Any] | None) -> list[Cut]:
    """Raw images before and behind resizing, features at every cut, and all of it local.

    codec: as below `split:` in a scenario; None takes that of the scenario's first split
    deployment, fp16 where there is none. Raises BadInput for a codec that the network lacks.
    """
    every = asked(scenario, _entries(scenario, network, codec))
    contents = Contents(ROWS)
    repertoire, crossings = repertoire_of(every, contents), contents.of(every).crossings
    found = latencies(every, repertoire)
    names, published = cuts_of(network.blocks), published_cut(network.blocks)
    rows = []
    for entry in every.deployments:
        name, place = identity_of(entry).name, cut_of(entry, network.blocks)
        of = repertoire.of(name)
        stages, shape = of.at_once, crossings[name].shape
        latency = found[name]
        rows.append(
            Cut(
                name=names[place],
                deployment=name,
                published=place == published,
                shape=shape,
                payload_bytes=fmean(of.payload_up_bytes),
                edge_s=fmean(stages.head_s) + fmean(stages.encode_s),
                server_s=fmean(stages.server_decode_s) + fmean(stages.server_tail_s),
                memory_bytes=network.edge_bytes(place),
                mean_s=latency.mean_s,
                ci95_s=latency.ci95_s,
            )
        )
    return rows


def _entries(
    scenario: Scenario, network: Network, codec: dict[str, Any] | None
) -> tuple[DeploymentEntry, ...]:
    if codec is None:
        splits = [entry for entry in scenario.deployments if isinstance(entry, Split)]
        codec = dict(splits[0].split) if splits else {"codec": "fp16"}
    features: Sequence[Any] = [
        {"split": {**codec, "cut": cut}} for cut in feature_cuts(network.blocks)
    ]
    images: Sequence[Any] = [
        {"remote": {"codec": "raw", "resize": resize}} for resize in ("none", "model")
    ]
    return entries_of([*images, *features, "local"])
