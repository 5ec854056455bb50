"""A fresh connection for each block: what one block lost, or left under way, slows no other."""

from collections import Counter
from collections.abc import Callable

from testbed.channel import EdgeChannel
from testbed.channel.wire import Hello
from testbed.errors import PeerLost
from testbed.halves.client import Client
from testbed.halves.machine import Clock
from testbed.halves.patience import Patience

Dial = Callable[[], EdgeChannel]


class Connections:
    """The edge's connections to one server, one after another.

    client: of the present one. strays: messages over all of them that were no reply to a request.
    """

    client: Client

    def __init__(self, dial: Dial, hello: Hello, patience: Patience, clock: Clock) -> None:
        """Open the first. Raises PeerLost when nobody answers in time, or wrongly.

        Where the link lets nothing through, a server that does not answer is gone.
        """
        self.strays: Counter[str] = Counter()
        self._dial, self._hello, self._clock = dial, hello, clock
        self._patience = patience
        try:
            self._open()
        except PeerLost:
            if not patience.hopeless:
                self._channel.close()
                raise
            self._channel.connected = False

    def renew(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Leave the present connection for a new one; meanwhile, while there is none, do that.

        A server that is known to be gone is not dialled again, and one that does not answer is
        gone: its requests are lost at once, and the run goes on.
        """
        if not self.client.connected:
            return
        self.close()
        meanwhile()
        try:
            self._open()
        except PeerLost:
            self._channel.connected = False

    def close(self) -> None:
        """Release the present connection at once."""
        self._channel.close()
        self.strays += self.client.strays

    def _open(self) -> None:
        self._channel = self._dial()
        self.client = Client(self._channel, self._clock)
        self.client.hello(self._hello, self._patience.hello_s())
