"""Small programs that tests run at the ends of a link: `python programs.py NAME ARGUMENTS`.

Standard library only, so that they start fast and under any interpreter. Each prints one JSON
value, a server `ready` before it.
"""

import json
import os
import socket
import struct
import sys
import threading
import time
from typing import Any

SO_TIMESTAMPNS = 35
TIMESTAMP = struct.Struct("qq")
ECHO_REQUEST, ECHO_REPLY = 8, 0
RECEIVE_BUFFER_BYTES = 64 << 20
SO_RCVBUFFORCE = 33
UDP_TIMEOUT_S = 0.5


def ping(address: str, count: str, interval_s: str) -> list[float]:
    """Round trip times in seconds, as the kernel saw the answers arrive. Needs a raw socket."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.settimeout(3)
    sent: dict[int, int] = {}
    times: list[float] = []

    def listen() -> None:
        while len(times) < int(count):
            packet, ancillary, _, _ = sock.recvmsg(2048, 256)
            if packet[20] == ECHO_REPLY:
                sequence = int.from_bytes(packet[26:28], "big")
                times.append((_stamp_ns(ancillary) - sent[sequence]) / 1e9)

    listener = threading.Thread(target=listen)
    listener.start()
    for sequence in range(int(count)):
        body = struct.pack("!HH", os.getpid() & 0xFFFF, sequence) + bytes(56)
        packet = struct.pack("!BBH", ECHO_REQUEST, 0, _checksum(body)) + body
        sent[sequence] = time.time_ns()
        sock.sendto(packet, (address, 0))
        time.sleep(float(interval_s))
    listener.join()
    return times


def sink(address: str, port: str) -> dict[str, Any]:
    """Numbers and arrival times of the datagrams that come, until a while after the last."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind((address, int(port)))
    print("ready", flush=True)
    numbers: list[int] = []
    times_s: list[float] = []
    sock.settimeout(20)
    while True:
        try:
            datagram, ancillary, _, _ = sock.recvmsg(2048, 256)
        except TimeoutError:
            return {"numbers": numbers, "times_s": times_s}
        sock.settimeout(UDP_TIMEOUT_S)
        numbers.append(int.from_bytes(datagram[:4], "big"))
        times_s.append(_stamp_ns(ancillary) / 1e9)


def blast(address: str, port: str, count: str, size_bytes: str) -> None:
    """Numbered datagrams, as IP packets of `size_bytes`, as fast as they can be sent."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((address, int(port)))
    padding = bytes(int(size_bytes) - 28 - 4)
    for number in range(int(count)):
        sock.send(number.to_bytes(4, "big") + padding)


def receive(address: str, port: str) -> dict[str, Any]:
    """One TCP connection until its end: bytes, and the time from its first byte to its last."""
    with socket.create_server((address, int(port))) as listener:
        print("ready", flush=True)
        connection, _ = listener.accept()
        received = len(connection.recv(1))
        began_s = ended_s = time.perf_counter()
        while data := connection.recv(1 << 16):
            received += len(data)
            ended_s = time.perf_counter()
        control = _congestion_control(connection)
    return {"bytes": received, "time_s": ended_s - began_s, "congestion_control": control}


def send(address: str, port: str, size_bytes: str) -> dict[str, Any]:
    """One TCP connection that carries `size_bytes`."""
    with socket.create_connection((address, int(port))) as connection:
        connection.sendall(bytes(int(size_bytes)))
        return {"congestion_control": _congestion_control(connection)}


def wait() -> None:
    """Stay until killed."""
    print("ready", flush=True)
    time.sleep(60)


def _congestion_control(connection: socket.socket) -> str:
    name = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
    return name.rstrip(b"\0").decode()


def _stamp_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    for _, kind, value in ancillary:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = map(int, TIMESTAMP.unpack(value[: TIMESTAMP.size]))
            return seconds * 1_000_000_000 + nanoseconds
    raise ValueError("no time stamp")


def _checksum(body: bytes) -> int:
    """Of an echo request with this after its checksum (RFC 1071)."""
    words: tuple[int, ...] = struct.unpack(f"!{len(body) // 2}H", body)
    total = (ECHO_REQUEST << 8) + sum(words)
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


if __name__ == "__main__":
    programs = {each.__name__: each for each in (ping, sink, blast, receive, send, wait)}
    print(json.dumps(programs[sys.argv[1]](*sys.argv[2:])))
