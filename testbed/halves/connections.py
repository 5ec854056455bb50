"""A fresh connection for each block: what one block lost, or left under way, slows no other."""

from collections import Counter
from collections.abc import Callable

from testbed.channel.wire import Hello
from testbed.errors import PeerLost
from testbed.halves.client import Client, Presence
from testbed.halves.lasting import RECONNECT_S, Dial, LastingChannel
from testbed.halves.machine import Clock


class Connections:
    """The edge's connections to one server, one after another.

    client: of the present one. strays: messages over all of them that were no reply to a request.
    presence: how often the server was lost, and found again.
    """

    client: Client

    def __init__(
        self, dial: Dial, hello: Hello, timeout_s: float, clock: Clock, *, lasting: bool = False
    ) -> None:
        """Open the first. Raises PeerLost when nobody answers within `timeout_s`, or wrongly.

        timeout_s: of a request. lasting: a server that is gone may come back, and is looked for.
        """
        self.strays: Counter[str] = Counter()
        self.presence = Presence()
        self._dial, self._hello, self._clock = dial, hello, clock
        self._timeout_s, self._lasting = timeout_s, lasting
        try:
            self._open(timeout_s)
        except PeerLost:
            self._channel.close()
            raise

    def renew(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Leave the present connection for a new one; meanwhile, while there is none, do that.

        A server that does not answer is gone: its requests are lost at once, and the run goes on.
        One that is known to be gone is not dialled again, unless it may come back: then it is
        waited for as long as for any answer.
        """
        known_gone = not self.client.connected
        if known_gone and not self._lasting:
            return
        self.close()
        meanwhile()
        try:
            self._open(self._timeout_s if known_gone else RECONNECT_S)
        except PeerLost:
            self.presence.lose()
            self._channel.connected = False
        else:
            self.presence.find()

    def close(self) -> None:
        """Release the present connection at once."""
        self._channel.close()
        self.strays += self.client.strays

    def _open(self, timeout_s: float) -> None:
        self._channel = self._dial_lasting() if self._lasting else self._dial()
        self.client = Client(self._channel, self._clock, presence=self.presence)
        self.client.hello(self._hello, timeout_s)

    def _dial_lasting(self) -> LastingChannel:
        return LastingChannel(
            self._dial,
            self._hello,
            self._timeout_s,
            self._clock,
            self.presence,
            self._welcome_back,
        )

    def _welcome_back(self, clock: str) -> None:
        self.client.welcome(clock)
