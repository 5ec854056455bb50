"""The edge half at work on one block: real work, over a real channel.

`lifecycle/edge.py` says what happens next; here it is done, and the time told.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple, cast

from testbed.channel import READ_AHEAD
from testbed.halves.client import Client, Received
from testbed.halves.deployment import Deployment
from testbed.halves.machine import WALL_CLOCK, Clock
from testbed.halves.pacer import Pacer, StageLaw
from testbed.halves.workload import Sample
from testbed.lifecycle.asks import Compute, Life, Receive, Send
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.messages import Payload, Request
from testbed.lifecycle.reasons import SERVER_GONE, TOO_LATE, UNSENT
from testbed.network import Activation, Network, predict


class Kept(NamedTuple):
    """What a head leaves. factor: of the pacer, if there is one, for this request."""

    made: Activation
    factor: float


@dataclass
class RealEdge:
    """An edge that does one block's work. samples: one a request, in their order.

    slowdown: each stage lasts that many times the processor time it took, for a slower device.
    pacer: where the edge stands for a device that is named. start_s: when the block begins, by the
    clock.
    """

    network: Network
    client: Client
    deployment: Deployment
    samples: Sequence[Sample]
    slowdown: float = 1.0
    clock: Clock = WALL_CLOCK
    pacer: Pacer | None = None

    def __post_init__(self) -> None:
        self.start_s = self.clock.now_s()
        self._came: deque[Received] = deque()
        self._lost = self.client.presence.lost
        self._block: EdgeBlock
        self._activation: Activation
        self._payload: Payload

    def drive(self, block: EdgeBlock, life: Life) -> None:
        """Do what the life asks for, to its end."""
        self._block = block
        clock, start_s = self.clock, self.start_s
        try:
            ask = next(life)
            while True:
                if isinstance(ask, Compute):
                    self._compute(ask)
                    if block.waits:
                        self._hear(clock.now_s())
                elif isinstance(ask, Send):
                    self._send(ask)
                else:
                    self._receive(ask)
                ask = life.send(clock.now_s() - start_s)
        except StopIteration:
            return

    def _compute(self, ask: Compute) -> None:
        if self.pacer is not None:
            self._compute_paced(ask, self.pacer)
            return
        if self.slowdown == 1:
            self._do(ask)
            return
        clock = self.clock
        began_s, used_s = clock.now_s(), clock.busy_s()
        self._do(ask)
        done_s = clock.now_s()
        # Processor time, because a moment in which the machine did something else would otherwise
        # be stretched as well; wall time where several threads took more.
        busy_s = min(done_s - began_s, clock.busy_s() - used_s)
        self._wait_until(done_s + busy_s * (self.slowdown - 1))

    def _compute_paced(self, ask: Compute, pacer: Pacer) -> None:
        stage, record, kept = ask.stage, ask.record, cast(Kept | None, ask.kept)
        began_s = pacer.start()
        if stage == "fallback" and kept is not None:
            pacer.resume(kept.factor, record)
        elif stage != "encode":
            pacer.begin()
        self._do(ask)
        if stage != "head" or self.deployment.computes:
            lasts_s = self._lasts_s(ask, pacer.device, computed=kept is not None)
            pacer.hold(stage, began_s, lasts_s, self._wait_until)
        record.edge_overrun_s, record.overruns = pacer.overrun_s, pacer.overruns

    def _lasts_s(self, ask: Compute, device: StageLaw, computed: bool) -> float:
        """What the stage that was just done takes the device."""
        deployment, shape = self.deployment, self.samples[ask.record.index].image.shape
        if ask.stage == "encode":
            return device.encode_s(self._payload)
        if ask.stage == "head":
            return device.head_s(deployment.cut, shape, deployment.resize_px)
        return device.tail_s(deployment.finish_start(computed), shape)

    def _do(self, ask: Compute) -> None:
        deployment = self.deployment
        if ask.stage == "encode":
            self._payload = deployment.encode(self._activation)
            ask.record.payload_up_bytes = memoryview(self._payload.buffer).nbytes
            return
        image = self.samples[ask.record.index].image
        if ask.stage == "fallback":
            kept = cast(Kept | None, ask.kept)
            made = None if kept is None else kept.made
            ask.classes = predict(deployment.finish(self.network, image, made))
            return
        self._activation = deployment.compute(self.network, image)
        ask.kept = Kept(self._activation, self.pacer.factor if self.pacer else 1.0)
        if not deployment.crosses_link:
            ask.classes = predict(self._activation)

    def _send(self, ask: Send) -> None:
        client = self.client
        self._note_loss()
        if not client.submit(Request(ask.number, self.deployment.cut_name, self._payload)):
            ask.fault = UNSENT if client.connected else SERVER_GONE
        if not client.connected:
            self._block.lose_server()

    def _receive(self, ask: Receive) -> None:
        """Take what comes first, and what is there with it, as long as anything is waited for."""
        client, came = self.client, self._came
        if came:
            self._hear(0.0)
            at_s = self.clock.now_s()
            while came:
                self._take(came.popleft(), at_s)
        else:
            received = client.receive(self.start_s + ask.until_s)
            taken = 0
            while received is not None:
                self._take(received, received.at_s)
                taken += 1  # a server that never ends must not keep the edge from its own work
                more = self._block.waits and taken < READ_AHEAD
                received = client.receive(0.0) if more else None
        self._note_loss()

    def _note_loss(self) -> None:
        """What was asked of a server that has gone is lost, also where it is there again."""
        presence, block = self.client.presence, self._block
        if not self.client.connected:
            block.lose_server()
        elif presence.lost != self._lost:
            self._lost = presence.lost
            block.lose_server()
            block.find_server()

    def _wait_until(self, time_s: float) -> None:
        """Do nothing until then but notice when answers come."""
        if self._block.waits:
            self._hear(time_s)
        self.clock.wait_until(time_s)

    def _hear(self, until_s: float) -> None:
        """Note what comes until then, with when; it is taken when the life asks for it."""
        came = self._came
        for _ in range(READ_AHEAD - len(came)):
            received = self.client.receive(until_s)
            if received is None:
                return
            came.append(received)

    def _take(self, received: Received, at_s: float) -> None:
        zero_s = self.start_s
        start_s = zero_s if self.client.shared_clock else nan
        times_s = received.at_s - zero_s, at_s - zero_s
        if not self._block.take(received.message, *times_s, received.size_bytes, start_s):
            self.client.strays[TOO_LATE] += 1
