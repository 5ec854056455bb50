"""A fresh connection for each block: what one block lost, or left under way, slows no other."""

from collections import Counter
from collections.abc import Callable

from testbed.channel.wire import Hello
from testbed.errors import PeerLost
from testbed.halves.client import Client, Presence
from testbed.halves.lasting import RECONNECT_S, Dial, LastingChannel
from testbed.halves.machine import Clock
from testbed.halves.patience import Patience


class Connections:
    """The edge's connections to one server, one after another.

    client: of the present one. strays: messages over all of them that were no reply to a request.
    presence: how often the server was lost, and found again.
    """

    client: Client

    def __init__(
        self,
        dial: Dial,
        hello: Hello,
        patience: Patience,
        clock: Clock,
        request_timeout_s: float | None = None,
    ) -> None:
        """Open the first. Raises PeerLost when nobody answers in time, or wrongly.

        Where the link lets nothing through, a server that does not answer is gone.
        request_timeout_s: where a server that is gone may come back and is looked for, how long
        what is asked meanwhile waits.
        """
        self.strays: Counter[str] = Counter()
        self.presence = Presence()
        self._dial, self._hello, self._clock = dial, hello, clock
        self._patience, self._request_timeout_s = patience, request_timeout_s
        try:
            self._open(patience.hello_s())
        except PeerLost:
            if not patience.hopeless:
                self._channel.close()
                raise
            self._channel.connected = False

    def renew(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Leave the present connection for a new one; meanwhile, while there is none, do that.

        A server that does not answer is gone: its requests are lost at once, and the run goes on.
        One that is known to be gone is not dialled again, unless it may come back: then it is
        waited for as long as what is asked of it.
        """
        known_gone = not self.client.connected
        if known_gone and self._request_timeout_s is None:
            return
        self.close()
        meanwhile()
        try:
            self._open(self._patience_s(known_gone))
        except PeerLost:
            self.presence.lose()
            self._channel.connected = False
        else:
            self.presence.find()

    def close(self) -> None:
        """Release the present connection at once."""
        self._channel.close()
        self.strays += self.client.strays

    def _patience_s(self, known_gone: bool) -> float:
        """How long a server that was there before is waited for."""
        hello_s, timeout_s = self._patience.hello_s(), self._request_timeout_s
        if timeout_s is None:
            return hello_s
        return min(timeout_s, hello_s) if known_gone else max(RECONNECT_S, hello_s)

    def _open(self, patience_s: float) -> None:
        timeout_s = self._request_timeout_s
        self._channel = self._dial() if timeout_s is None else self._dial_lasting(timeout_s)
        self.client = Client(self._channel, self._clock, presence=self.presence)
        self.client.hello(self._hello, patience_s)

    def _dial_lasting(self, request_timeout_s: float) -> LastingChannel:
        return LastingChannel(
            self._dial,
            self._hello,
            request_timeout_s,
            self._clock,
            self.presence,
            self._welcome_back,
        )

    def _welcome_back(self, clock: str) -> None:
        self.client.welcome(clock)
