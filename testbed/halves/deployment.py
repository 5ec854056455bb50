"""A deployment is a cut and the codec that crosses it: the edge's half, and the server's behind it.

What the words of a scenario stand for: `local` is the cut at the end of the chain, `remote` the one
at its beginning (behind the resizing, if that is the edge's), `split` the one it names, or the
published one, between backbone and heads.
"""

from dataclasses import dataclass
from math import prod

from testbed.channel.wire import Hello
from testbed.codecs import CODECS, codecs_of
from testbed.codecs.codec import Array, Codec
from testbed.codecs.tables import tables_identity
from testbed.config.deployments import (
    AUTO,
    DeploymentEntry,
    Remote,
    Split,
    codec_section_of,
    identity_of,
    is_open,
)
from testbed.config.scenario import Scenario
from testbed.data.camera import resize_image
from testbed.devices.find import known_blocks
from testbed.errors import BadInput, ProtocolError, nearest
from testbed.lifecycle.messages import Payload
from testbed.network import (
    CAMERA,
    RESIZE,
    Activation,
    Image,
    Logits,
    Network,
    cuts_of,
    published_cut,
)

IMAGE_CUTS = (CAMERA, RESIZE)
"""What crosses here is an image, elsewhere features."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a run.

    cut: blocks before it run on the edge, the others on the server. cut_name: what the wire calls
    it. codec: None where nothing crosses the link. resize_px: the side to which the edge shrinks
    the camera's image before the first block; 0 where it does not.
    """

    name: str
    cut: int
    cut_name: str
    codec: Codec | None
    resize_px: int = 0

    @property
    def crosses_link(self) -> bool:
        """Whether a request sends anything."""
        return self.codec is not None

    @property
    def computes(self) -> bool:
        """Whether the edge does anything before it encodes."""
        return bool(self.cut or self.resize_px)

    def compute(self, network: Network, image: Image) -> Activation:
        """The edge's compute on a camera image: what crosses the link, or the class scores."""
        return network.run(self.shrunk(image), 0, self.cut)

    def finish(self, network: Network, image: Image, made: Activation | None) -> Activation:
        """The class scores that the whole network gives, by the edge alone.

        made: what it has computed for this image before the cut, where that is known. It is of use
        unless the edge shrinks the image: the whole network takes it as the camera has it.
        """
        start = self.finish_start(made is not None)
        x = image if made is None or self.resize_px else made
        return network.run(x, start, len(network.blocks))

    def finish_start(self, computed: bool) -> int:
        """The first block that `finish` runs. computed: whether what is before the cut was."""
        return self.cut if computed and not self.resize_px else 0

    def shrunk(self, image: Image) -> Image:
        """A camera image as it comes to the first block."""
        return resize_image(image, self.resize_px) if self.resize_px else image

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
    if is_open(entry):
        raise BadInput("deployments: split: found auto, allowed here: what `testbed choose` names")
    cut = cut_of(entry, network.blocks)
    name, section = cuts_of(network.blocks)[cut], codec_section_of(entry)
    codec = CODECS[section.codec].make(section.options, network, name) if section else None
    resize = entry.remote.resize if isinstance(entry, Remote) else "none"
    resize_px = resize if isinstance(resize, int) else 0
    return Deployment(identity_of(entry).name, cut, name, codec, resize_px)


def cut_of(entry: DeploymentEntry, blocks: tuple[str, ...]) -> int:
    """Where an entry cuts the chain of these blocks. Raises BadInput for a cut they have not."""
    if isinstance(entry, Remote):
        return blocks.index(RESIZE) + 1 if entry.remote.resize == "model" else 0
    if not isinstance(entry, Split):
        return len(blocks)
    if entry.split.cut is None:
        return published_cut(blocks)
    return _cut_named(entry.split.cut, blocks)


def check_cuts(scenario: Scenario) -> None:
    """Raise BadInput for a cut that the scenario's network has not; found without the network."""
    splits = [entry for entry in scenario.deployments if isinstance(entry, Split)]
    named = [entry for entry in splits if entry.split.cut not in (None, AUTO)]
    if named and (blocks := known_blocks(scenario.model.backbone)):
        for entry in named:
            cut_of(entry, blocks)


def feature_cuts(blocks: tuple[str, ...]) -> tuple[str, ...]:
    """The names of those at which features cross: behind resizing, before the last block."""
    return blocks[blocks.index(RESIZE) + 1 : -1]


def _cut_named(name: str, blocks: tuple[str, ...]) -> int:
    known = feature_cuts(blocks)
    if name in known:
        return blocks.index(name) + 1
    instead = {CAMERA: "remote: {resize: none}", RESIZE: "remote: {resize: model}"}
    instead |= {blocks[-1]: "local"}
    if name in instead:
        raise BadInput(f"deployments: split.cut: found {name!r}, allowed instead: {instead[name]}")
    found = f"{name!r}{nearest(name, known)}"
    raise BadInput(f"deployments: split.cut: found {found}, allowed: {', '.join(known)}")


class BehindCuts:
    """The server's part of every deployment of its network; codecs are made when first asked for.

    What raises ProtocolError here is what a peer chose: a cut, a codec, bytes, a shape.
    """

    def __init__(self, network: Network, most_pixels: int | None = None) -> None:
        """most_pixels: of an image; a camera gives no more, and a small file may hold many."""
        self._network, self._most_pixels = network, most_pixels
        self._blocks = len(network.blocks)
        cuts = cuts_of(network.blocks)[:-1]  # behind the last there is nothing to do
        self._positions = {cut: position for position, cut in enumerate(cuts)}
        self._codecs: dict[tuple[str, str], Codec] = {}

    def decode(self, cut: str, payload: Payload) -> Array:
        """What crossed the link. Raises ProtocolError for another cut or codec, or wrong bytes."""
        codec = self._codecs.get((cut, payload.codec)) or self.codec(cut, payload.codec)
        if codec.content == "image" and self._most_pixels is not None:
            pixels = prod(payload.shape[:2])
            if pixels > self._most_pixels:
                allowed = f"{self._most_pixels}, as in this server's workload.camera_px"
                raise ProtocolError(f"an image of {pixels} pixels, allowed: {allowed}")
        return codec.decode(memoryview(payload.buffer), payload.shape)

    def position(self, cut: str) -> int:
        """How many blocks lie before it. Raises ProtocolError for a cut with nothing behind it."""
        if cut not in self._positions:
            raise ProtocolError(f"cut {cut!r}, allowed: {', '.join(self._positions)}")
        return self._positions[cut]

    def finish(self, cut: str, array: Array) -> Logits:
        """The blocks behind a cut that `decode` took; ProtocolError for an array unfit for it."""
        start = self._positions[cut]
        try:
            logits = self._network.run(array, start, self._blocks)
        except Exception as error:  # numpy, PIL or torch may raise anything
            reason = f"{cut}: array of shape {array.shape} does not fit: {error}"
            raise ProtocolError(reason) from error
        assert isinstance(logits, list)  # noqa: S101  (what the last block makes)
        return logits

    def codec(self, cut: str, name: str) -> Codec:
        """The one of that name at that cut. Raises ProtocolError where there is none."""
        self.position(cut)
        known = codecs_of("image" if cut in IMAGE_CUTS else "features")
        if name not in known:
            raise ProtocolError(f"codec {name!r}, allowed at {cut}: {', '.join(known)}")
        try:
            codec = known[name].make(known[name].options(), self._network, cut)
        except BadInput as error:
            raise ProtocolError(f"{name}: {error}") from error
        return self._codecs.setdefault((cut, name), codec)
