"""A channel that finds its server again: for halves started by hand, whose server may be restarted.

What was asked of a server that goes is lost with it: the next knows nothing of it, and has to be
greeted anew. What is asked while there is none waits for its timeout, as it would on a link that is
down, and no longer, so that a server which comes back is not met by old requests.
"""

from collections import deque
from collections.abc import Callable
from math import inf

from testbed.channel import READ_AHEAD, EdgeChannel, Frames
from testbed.channel.wire import Hello, pack
from testbed.errors import PeerLost
from testbed.halves.client import Presence, welcomed
from testbed.halves.machine import Clock

RECONNECT_S = 30.0
"""How long a server that was there a moment ago is waited for: longer than usual outages."""
REDIAL_S = 0.1
"""Between attempts, where somebody takes the connection and ends it at once."""

Dial = Callable[[], EdgeChannel]


class LastingChannel:
    """An `EdgeChannel`. Like the one it dials until that has heard from its server once."""

    def __init__(
        self,
        dial: Dial,
        hello: Hello,
        timeout_s: float,
        clock: Clock,
        presence: Presence,
        on_welcome: Callable[[str], None],
    ) -> None:
        """on_welcome: is given the clock of a server that was found again."""
        self._dial, self._hello, self._timeout_s = dial, hello, timeout_s
        self._clock, self._presence, self._on_welcome = clock, presence, on_welcome
        self._channel = dial()
        self._heard = False
        self._waiting: deque[tuple[float, Frames]] = deque()
        self._since_s = self._redial_s = inf
        self.address, self.refusal, self.connected = self._channel.address, "", True

    def send(self, frames: Frames) -> bool:
        """See `EdgeChannel`; while the server is away, what is sent waits for it."""
        if not self._away:
            return self._channel.send(frames)
        now_s = self._clock.now_s()
        self._drop_older_than(now_s)
        if len(self._waiting) == READ_AHEAD:
            return False
        self._waiting.append((now_s + self._timeout_s, frames))
        return True

    def receive(self, until_s: float) -> Frames | None:
        """See `EdgeChannel`; None also at once when the server goes, which `presence` counts."""
        while self.connected:
            limit_s = min(until_s, self._redial_s, self._since_s + RECONNECT_S)
            frames = self._channel.receive(limit_s)
            if frames is not None and not self._away:
                self._heard = True
                return frames
            if frames is not None:
                self._meet(frames)
            elif not self._away and not self._channel.connected:
                self._lose()
                return None
            elif self._away:
                self._look_for_it()
            if self._clock.now_s() >= until_s:
                return None
        self._clock.wait_until(until_s)
        return None

    def close(self) -> None:
        """See `EdgeChannel`."""
        self._channel.close()

    @property
    def _away(self) -> bool:
        return self._since_s < inf

    def _lose(self) -> None:
        """The server has gone; one that was never heard is as `Client.hello` takes it."""
        if not self._heard:
            self.refusal, self.connected = self._channel.refusal, False
            return
        self._presence.lose()
        self._since_s = self._clock.now_s()
        self._redial()

    def _redial(self) -> None:
        self._channel.close()
        self._channel = self._dial()
        self._channel.send(pack(self._hello))
        self._redial_s = inf

    def _look_for_it(self) -> None:
        """Nothing came: dial again, or give up, where it is time for that."""
        now_s = self._clock.now_s()
        if now_s >= self._since_s + RECONNECT_S:
            self.connected = False
        elif now_s >= self._redial_s:
            self._redial()
        elif not self._channel.connected and self._redial_s == inf:
            self._redial_s = now_s + REDIAL_S

    def _meet(self, frames: Frames) -> None:
        """Whoever answers the hello is the server again, or none of ours."""
        try:
            clock = welcomed(frames, self.address, self._hello)
        except PeerLost as error:
            self.refusal, self.connected = str(error), False
            return
        self._since_s = self._redial_s = inf
        self._presence.find()
        self._on_welcome(clock)
        self._drop_older_than(self._clock.now_s())
        while self._waiting:
            self._channel.send(self._waiting.popleft()[1])

    def _drop_older_than(self, now_s: float) -> None:
        while self._waiting and self._waiting[0][0] <= now_s:
            self._waiting.popleft()
