"""Every cut of a scenario's network: what crosses there, what each end takes and holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import fmean
from typing import Any, NamedTuple

from testbed.choice.candidates import entries_of
from testbed.choice.choose import asked, ends_of, performances
from testbed.codecs import CODECS
from testbed.codecs.codec import Content
from testbed.config.deployments import (
    AUTO,
    DeploymentEntry,
    Remote,
    Split,
    codec_section_of,
    identity_of,
)
from testbed.config.scenario import Scenario
from testbed.devices.tables import decoded_bytes
from testbed.halves.deployment import cut_of, feature_cuts
from testbed.model.torch_network import TorchNetwork
from testbed.network import Network, cuts_of, published_cut
from testbed.results.estimates import Interval
from testbed.virtual.content import Contents, Crossing
from testbed.virtual.from_devices import names_devices, repertoire_of

ROWS = 16
"""Images whose bytes are averaged."""

CodecChoice = Mapping[str, Any]
"""As below `remote:` or `split:` in a scenario: `codec` and its options."""


class Times(NamedTuple):
    """Of one request, in seconds: means on the devices, coding included, and in virtual time over
    the link, with its 95 % interval.
    """

    edge_s: float
    server_s: float
    mean_s: float
    ci95_s: Interval


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut. shape: of what crosses, empty where nothing does; uncoded_bytes: of that, uncoded.

    coded_bytes: means by codec, the one of `deployment` and `times` first. memory_bytes: of the
    edge's part. times: None where the halves are this host, which takes what it takes.
    """

    name: str
    deployment: str
    published: bool
    shape: tuple[int, ...]
    uncoded_bytes: int
    coded_bytes: Mapping[str, float]
    memory_bytes: int
    times: Times | None

    @property
    def payload_bytes(self) -> float:
        """What `deployment` sends, mean."""
        return next(iter(self.coded_bytes.values()), 0.0)


def cuts(scenario: Scenario, network: TorchNetwork, codecs: Sequence[CodecChoice]) -> list[Cut]:
    """Images before and behind resizing, features at every cut, and all of it local.

    codecs: the first for images and the first for features are those of which times are told. Where
    there is none, that of the scenario's first such deployment, or the usual one.

    Raises BadInput for a codec that the network lacks, and as `names_devices` does.
    """
    contents = Contents(ROWS, own_answers=False)
    of_each = _entries(scenario, network, codecs)
    every = asked(scenario, list(chain.from_iterable(of_each)))
    crossings = contents.of(every).crossings
    times: Mapping[str, Times] = {}
    if names_devices(scenario):
        times = _times(asked(scenario, [entries[0] for entries in of_each]), contents)
    return [_cut(network, entries, crossings, times) for entries in of_each]


def _entries(
    scenario: Scenario, network: Network, codecs: Sequence[CodecChoice]
) -> list[tuple[DeploymentEntry, ...]]:
    """Of each cut, an entry a codec."""
    images = _of(codecs, "image") or [_usual(scenario, Remote)]
    features = _of(codecs, "features") or [_usual(scenario, Split)]
    return [
        *(
            entries_of([{"remote": {**codec, "resize": resize}} for codec in images])
            for resize in ("none", "model")
        ),
        *(
            entries_of([{"split": {**codec, "cut": cut}} for codec in features])
            for cut in feature_cuts(network.blocks)
        ),
        ("local",),
    ]


def _of(codecs: Sequence[CodecChoice], content: Content) -> list[CodecChoice]:
    return [codec for codec in codecs if CODECS[codec["codec"]].content == content]


def _usual(scenario: Scenario, kind: type[Remote | Split]) -> CodecChoice:
    """Of the scenario's first deployment of that kind that names a codec, or the usual one."""
    entries = (*scenario.deployments, *entries_of(["remote", "split"]))
    sections = (codec_section_of(entry) for entry in entries if isinstance(entry, kind))
    return dict(next(section for section in sections if section and section.codec != AUTO))


def _times(every: Scenario, contents: Contents) -> dict[str, Times]:
    """Of each deployment, by its name."""
    repertoire = repertoire_of(every, contents)
    found = {}
    for name, over_link in performances(every, repertoire).items():
        edge_s, server_s = ends_of(repertoire.of(name))
        found[name] = Times(edge_s, server_s, over_link.mean_s, over_link.ci95_s)
    return found


def _cut(
    network: TorchNetwork,
    entries: Sequence[DeploymentEntry],
    crossings: Mapping[str, Crossing],
    times: Mapping[str, Times],
) -> Cut:
    place, names = (
        cut_of(entries[0], network.blocks),
        [identity_of(entry).name for entry in entries],
    )
    crossing = crossings[names[0]]
    coded_bytes = {
        section.label: fmean(crossings[name].payload_bytes)
        for entry, name in zip(entries, names, strict=True)
        if (section := codec_section_of(entry))
    }
    return Cut(
        name=cuts_of(network.blocks)[place],
        deployment=names[0],
        published=place == published_cut(network.blocks),
        shape=crossing.shape,
        uncoded_bytes=decoded_bytes(crossing.codec, crossing.shape) if crossing.codec else 0,
        coded_bytes=coded_bytes,
        memory_bytes=network.edge_bytes(place),
        times=times.get(names[0]),
    )
