"""Where the one cut lies: after the network (local), before it (remote), or inside it (split).

A deployment is the edge's half of the answer: what to compute before the cut and how to encode
it. The server's half, what lies behind the cut, is `behind_cut`. To add a deployment, write a
class here, give it a section in `scenario.py` and a case in both functions below.
"""

from dataclasses import dataclass
from typing import Literal

from testbed.config.scenario import DeploymentEntry, Remote, Split, deployment_name
from testbed.errors import ProtocolError
from testbed.halves.codec import Array, Codec, make_codec
from testbed.lifecycle.messages import Payload
from testbed.network import Image, Logits, Network, predict

Kind = Literal["local", "remote", "split"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a run. codec is None where nothing crosses the link."""

    name: str
    kind: Kind
    codec_name: str | None
    codec: Codec | None
    resize: bool = False

    @property
    def crosses_link(self) -> bool:
        """Whether a request sends anything."""
        return self.codec is not None

    def before_cut(self, network: Network, image: Image) -> Array:
        """The edge's compute: the image as it is or resized, or the shared features."""
        if self.kind == "split":
            return network.head(network.resize(image))
        return network.resize(image) if self.resize else image

    def on_edge(self, network: Network, image: Image) -> tuple[int, ...]:
        """The whole network on the edge: the class of each task (local only)."""
        return predict(network.full(network.resize(image)))

    def encode(self, array: Array) -> Payload:
        """What crosses the link. Raises ProtocolError for a deployment that sends nothing."""
        if self.codec is None:
            raise ProtocolError(f"{self.name} sends nothing")
        return self.codec.encode(array)


def make_deployment(entry: DeploymentEntry) -> Deployment:
    """The deployment a scenario's entry describes."""
    name = deployment_name(entry)
    if isinstance(entry, Remote):
        section = entry.remote
        codec = make_codec(section.codec, section.quality)
        return Deployment(name, "remote", section.codec, codec, section.resize == "model")
    if isinstance(entry, Split):
        codec_name = entry.split.codec
        return Deployment(name, "split", codec_name, make_codec(codec_name))
    return Deployment(name, "local", None, None)


def behind_cut(network: Network, cut: str, array: Array) -> Logits:
    """The server's compute. Raises ProtocolError when the array does not fit the cut."""
    try:
        if cut == "remote":
            return network.full(network.resize(array))
        if cut == "split":
            return network.tail(array)
    except (ValueError, RuntimeError, TypeError) as error:
        raise ProtocolError(f"{cut}: array of shape {array.shape} does not fit: {error}") from None
    raise ProtocolError(f"cut {cut!r}, allowed: remote, split")
