"""The server half: greets an edge, runs what lies behind the cut, answers, and counts faults.

It never sees labels, and nothing a peer sends can end it: whatever is not a message of ours is
counted and, where the sender can be told, refused. What it does with requests, and in which order,
is `lifecycle/server.py`'s to say; the edge half is `edge.py`.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from testbed.channel import MAX_EDGES, READ_AHEAD, STOP_CHECK_S, Frames, ServerChannel
from testbed.channel.survey import Look, Looked, Probe, Survey, Tally
from testbed.channel.wire import REFUSED, WELCOME, Hello, Message, Notice, pack, unpack
from testbed.codecs.codec import Array
from testbed.errors import ProtocolError
from testbed.halves.deployment import BehindCuts, hello_of
from testbed.halves.interference import interference, since
from testbed.halves.machine import WALL_CLOCK, Clock, clock_id
from testbed.halves.pacer import SERVER_STAGES, Pacer
from testbed.halves.probe import probe_server
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Fault, Reply, Request
from testbed.lifecycle.server import Answer, Compute, life
from testbed.network import Logits, Network, flatten_logits, predict

READ_AHEAD_BYTES = MAX_FRAME_BYTES
"""With so much in hand, the server takes no more messages before their turn."""


class Asked(NamedTuple):
    """A request, and who wants the answer."""

    peer: bytes
    request: Request


class Server:
    """Serves over a channel, which has an address before there is a network."""

    def __init__(self, channel: ServerChannel, clock: Clock = WALL_CLOCK) -> None:
        self.counts = channel.counts
        self._pacer: Pacer | None = None
        self._looked = interference()
        self._channel = channel
        self._clock = clock
        self._greeted: OrderedDict[bytes, None] = OrderedDict()  # silent for longest first
        self._came: deque[tuple[float, bytes, Frames]] = deque()
        self._waiting: deque[tuple[float, Asked]] = deque()
        self._network: Network
        self._behind: BehindCuts
        self._array: Array
        self._logits: Logits

    def serve(
        self,
        network: Network,
        stopped: Callable[[], bool],
        pacer: Pacer | None = None,
        most_pixels: int | None = None,
    ) -> None:
        """Answer for `network` until `stopped()`, which is asked several times a second.

        pacer: where the server stands for a device. most_pixels: of an image.
        """
        self._network, self._pacer = network, pacer
        self._behind = BehindCuts(network, most_pixels)
        compute = self._compute if pacer is None else partial(self._compute_paced, pacer)
        asking = life(self._waiting)
        ask = next(asking)
        while True:
            if isinstance(ask, Compute):
                compute(ask)
            else:
                if isinstance(ask, Answer):
                    self._answer(ask)
                    self._hear(self._clock.now_s())
                else:
                    self._hear(self._clock.now_s() + STOP_CHECK_S, most=1)
                self._admit()
                if stopped():
                    return
            ask = asking.send(self._clock.now_s())

    def _wait_until(self, time_s: float) -> None:
        """Do nothing until then but notice when messages come."""
        self._hear(time_s)
        self._clock.wait_until(time_s)

    def _hear(self, until_s: float, most: int = READ_AHEAD) -> None:
        """Note what comes until then, with when."""
        came, held_bytes = self._came, self._held_bytes()
        for _ in range(min(most, READ_AHEAD - len(came) - len(self._waiting))):
            if held_bytes > READ_AHEAD_BYTES:
                return
            received = self._channel.receive(until_s)
            if received is None:
                return
            came.append((self._clock.now_s(), *received))
            held_bytes += sum(map(len, received[1]))

    def _held_bytes(self) -> int:
        """Of the messages that wait for their turn here."""
        waiting = sum(len(asked.request.payload.buffer) for _, asked in self._waiting)
        return waiting + sum(len(frame) for *_, frames in self._came for frame in frames)

    def _admit(self) -> None:
        """What has come, in its order: requests are queued, all else is answered in its turn."""
        while self._came:
            came_s, peer, frames = self._came[0]
            number = -1
            try:
                message = unpack(frames)
                if isinstance(message, Request):
                    number = message.id
                    self._require_greeted(peer)
                    self._waiting.append((came_s, Asked(peer, message)))
                elif self._waiting:
                    return
                else:
                    self._converse(peer, message)
            except ProtocolError as error:
                self._refuse(peer, number, str(error))
            self._came.popleft()

    def _converse(self, peer: bytes, message: Message) -> None:
        """Answer what is no request. Raises ProtocolError for what no edge should say."""
        if isinstance(message, Hello):
            self._channel.send(peer, self._greet(peer, message))
        elif isinstance(message, Probe | Look):
            self._require_greeted(peer)
            self._channel.send(peer, pack(self._survey(message)))
        else:
            raise ProtocolError("only HELLO, REQUEST, PROBE and LOOK are for a server")

    def _require_greeted(self, peer: bytes) -> None:
        if peer not in self._greeted:
            raise ProtocolError("a HELLO comes first")

    def _greet(self, peer: bytes, hello: Hello) -> Frames:
        held = hello_of(self._network, self._pacer.device.name if self._pacer else "")
        if hello != held:
            self.counts["refused"] += 1
            return pack(Notice(REFUSED, f"this server holds {held}"))
        self._greeted[peer] = None
        self._greeted.move_to_end(peer)
        while len(self._greeted) > MAX_EDGES:
            self._greeted.popitem(last=False)
        return pack(Notice(WELCOME, clock_id()))

    def _survey(self, asked: Probe | Look) -> Survey:
        """Raises ProtocolError where the server stands for no device, and as `probe_server`."""
        pacer = self._pacer
        if pacer is None:
            raise ProtocolError("this server stands for no device")
        self._clock.run_first(False)  # as the pacer left it
        if isinstance(asked, Probe):
            return probe_server(self._behind, pacer.device, asked, self._clock)
        decode, tail = (pacer.tallies().get(stage, Tally()) for stage in SERVER_STAGES)
        looked = Looked(decode, tail, since(self._looked))
        pacer.forget()
        self._looked = interference()
        return looked

    def _compute_paced(self, pacer: Pacer, ask: Compute[Asked]) -> None:
        """The same, but for as long as it takes the device."""
        began_s, request = pacer.start(), ask.request.request
        if ask.stage == "decode":
            pacer.begin()
        self._compute(ask)
        if ask.fault:
            return
        device, payload = pacer.device, request.payload
        if ask.stage == "decode":
            lasts_s = device.decode_s(payload)
        else:
            lasts_s = device.tail_s(self._behind.position(request.cut), payload.shape)
        pacer.hold(ask.stage, began_s, lasts_s, self._wait_until)

    def _compute(self, ask: Compute[Asked]) -> None:
        request = ask.request.request
        try:
            if ask.stage == "decode":
                self._array = self._behind.decode(request.cut, request.payload)
            else:
                self._logits = self._behind.finish(request.cut, self._array)
                ask.classes = predict(self._logits)
        except ProtocolError as error:
            ask.fault = str(error)

    def _answer(self, ask: Answer[Asked]) -> None:
        peer, request = ask.request
        if ask.fault:
            self._refuse(peer, request.id, ask.fault)
            return
        self.counts["answered"] += 1
        logits = flatten_logits(self._logits).data.cast("B") if request.want_logits else None
        replied_at_s = self._clock.now_s()
        times = (ask.queue_s, ask.decode_s, ask.tail_s, ask.arrived_s, replied_at_s)
        pacer = self._pacer
        late = (pacer.overruns, pacer.overrun_s) if pacer else (0, 0.0)
        reply = Reply(request.id, ask.classes, *times, *late, logits)
        self._channel.send(peer, pack(reply))

    def _refuse(self, peer: bytes, number: int, reason: str) -> None:
        self.counts["refused"] += 1
        self._channel.send(peer, pack(Fault(number, reason)))
