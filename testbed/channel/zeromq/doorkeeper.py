"""Who comes to a server's socket and who goes, as ZeroMQ tells it, and who is let in at all."""

from threading import Thread
from time import perf_counter

import zmq
from zmq.auth.base import Authenticator
from zmq.utils.monitor import recv_monitor_message

from testbed.channel.door import Door
from testbed.channel.zeromq.curve import ServerKeys

LOOK_S = 0.25
"""So often connections are looked at while there are any; meanwhile a link brings what it can."""
_WATCHED = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_MONITOR_STOPPED


class Doorkeeper:
    """Keeps the door of one ROUTER, in threads of its own: a server may compute for seconds.

    It must be there before the socket is bound, and be closed before the socket.
    """

    def __init__(self, socket: "zmq.Socket[bytes]", door: Door, keys: ServerKeys | None) -> None:
        """keys: only the clients they name get in, by CURVE; without, whoever connects."""
        self._authenticator: Authenticator | None = None
        self._socket, self._door = socket, door
        if keys is not None:
            from zmq.auth.thread import ThreadAuthenticator  # with asyncio, which takes a while

            self._authenticator = ThreadAuthenticator(socket.context)
            self._authenticator.start()
            self._authenticator.configure_curve_callback(credentials_provider=_Listed(keys))
            socket.curve_server = True
            socket.curve_secretkey = keys.own.secret
        self._events = socket.get_monitor_socket(_WATCHED)
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Watch no longer."""
        self._socket.disable_monitor()  # the last event
        self._thread.join()
        self._events.close(linger=0)
        if self._authenticator is not None:
            self._authenticator.stop()

    def _watch(self) -> None:
        somebody, looked_s = False, perf_counter()
        while True:
            if self._events.poll(int(LOOK_S * 1000) if somebody else None):
                event = recv_monitor_message(self._events)
                if event["event"] == zmq.EVENT_MONITOR_STOPPED:
                    return
                come = event["event"] == zmq.EVENT_ACCEPTED
                (self._door.opened if come else self._door.closed)(int(event["value"]))
                somebody = True
            if perf_counter() - looked_s >= LOOK_S:
                somebody, looked_s = self._door.look(), perf_counter()


class _Listed:
    """What pyzmq's authenticator asks about a key (`Authenticator.configure_curve_callback`)."""

    def __init__(self, keys: ServerKeys) -> None:
        self._clients = keys.clients

    def callback(self, domain: str, key: bytes) -> bool:
        """Whether whoever holds its secret half is let in."""
        return key in self._clients
