"""A deployment is a cut and the codec that crosses it: the edge's half, and the server's behind it.

What the words of a scenario stand for: `local` is the cut at the end of the chain, `remote` the one
at its beginning (behind the resizing, if that is the edge's), `split` the published one, between
backbone and heads.
"""

from dataclasses import dataclass
from functools import cache

from testbed.channel.wire import Hello
from testbed.codecs import CODECS, codecs_of
from testbed.codecs.codec import Array, Codec
from testbed.codecs.tables import tables_identity
from testbed.config.deployments import DeploymentEntry, Remote, Split, codec_section_of, identity_of
from testbed.errors import BadInput, ProtocolError
from testbed.lifecycle.messages import Payload
from testbed.network import CAMERA, HEADS, RESIZE, Activation, Image, Logits, Network, cuts_of

IMAGE_CUTS = (CAMERA, RESIZE)
"""What crosses here is an image, elsewhere features."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a run.

    cut: blocks before it run on the edge, the others on the server. cut_name: what the wire calls
    it. codec: None where nothing crosses the link.
    """

    name: str
    cut: int
    cut_name: str
    codec: Codec | None

    @property
    def crosses_link(self) -> bool:
        """Whether a request sends anything."""
        return self.codec is not None

    def compute(self, network: Network, image: Image) -> Activation:
        """The edge's compute on a camera image: what crosses the link, or the class scores."""
        return network.run(image, 0, self.cut)

    def encode(self, array: Activation) -> Payload:
        """What crosses the link. Raises ProtocolError for a deployment that sends nothing."""
        if self.codec is None or isinstance(array, list):
            raise ProtocolError(f"{self.name} sends nothing")
        return Payload(self.codec.name, array.shape, self.codec.encode(array))


def hello_of(network: Network, device: str = "") -> Hello:
    """What a half that holds this network says of it. device: the server's, if it has one."""
    return Hello(network.identity, tables_identity(network.tables), device)


def make_deployment(entry: DeploymentEntry, network: Network) -> Deployment:
    """The deployment a scenario's entry describes. Raises BadInput as `Codec.make` does."""
    cut = cut_of(entry, network.blocks)
    name, section = cuts_of(network.blocks)[cut], codec_section_of(entry)
    codec = CODECS[section.codec].make(section.options, network, name) if section else None
    return Deployment(identity_of(entry).name, cut, name, codec)


def cut_of(entry: DeploymentEntry, blocks: tuple[str, ...]) -> int:
    """Where an entry cuts the chain of these blocks."""
    if isinstance(entry, Remote):
        return blocks.index(RESIZE) + 1 if entry.remote.resize == "model" else 0
    return blocks.index(HEADS) if isinstance(entry, Split) else len(blocks)


class Decoders:
    """The server's codecs for its network, each made when the first payload asks for it.

    codec: the one of that name at that cut. Raises ProtocolError where there is none.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.codec = cache(self._make)

    def decode(self, cut: str, payload: Payload) -> Array:
        """What crossed the link. Raises ProtocolError for another cut or codec, or wrong bytes."""
        codec = self.codec(cut, payload.codec)
        return codec.decode(memoryview(payload.buffer), payload.shape)

    def _make(self, cut: str, name: str) -> Codec:
        position_of(self._network, cut)
        known = codecs_of("image" if cut in IMAGE_CUTS else "features")
        if name not in known:
            raise ProtocolError(f"codec {name!r}, allowed at {cut}: {', '.join(known)}")
        try:
            return known[name].make(known[name].options(), self._network, cut)
        except BadInput as error:
            raise ProtocolError(f"{name}: {error}") from error


def finish(network: Network, cut: str, array: Array) -> Logits:
    """The server's compute: the blocks behind the cut.

    Raises ProtocolError for a cut that the network has not, and an array that does not fit it.
    """
    start = position_of(network, cut)
    try:
        logits = network.run(array, start, len(network.blocks))
    except Exception as error:  # a peer chose the array: numpy, PIL or torch may raise anything
        raise ProtocolError(f"{cut}: array of shape {array.shape} does not fit: {error}") from error
    assert isinstance(logits, list)  # noqa: S101  (what the last block makes)
    return logits


def position_of(network: Network, cut: str) -> int:
    """Of a cut that leaves the server something to do. Raises ProtocolError for any other."""
    cuts = cuts_of(network.blocks)[:-1]
    if cut not in cuts:
        raise ProtocolError(f"cut {cut!r}, allowed: {', '.join(cuts)}")
    return cuts.index(cut)
