"""Wall time: events come when they are due, and sockets are heard in between."""

import socket
from collections.abc import Iterator
from statistics import median
from time import sleep

import pytest

from emulation.userspace.pacer import Pacer, call_at

pytestmark = pytest.mark.realtime

LATE_S = 0.1
"""A busy machine wakes a process up this late, now and then."""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def test_events_come_at_their_time_in_order() -> None:
    pacer = Pacer()
    seen: list[tuple[float, float]] = []
    for due_s in (0.03, 0.01, 0.02, 0.0):
        call_at(pacer, due_s, lambda due_s=due_s: seen.append((due_s, pacer.elapsed_s())))  # type: ignore[misc]
    pacer.run()
    assert [due_s for due_s, _ in seen] == [0.0, 0.01, 0.02, 0.03]
    for due_s, at_s in seen:
        assert due_s <= at_s < due_s + LATE_S


def median_lateness_s() -> float:
    """Of events 5 ms apart."""
    pacer = Pacer()
    late_s: list[float] = []
    for n in range(1, 21):
        due_s = n * 0.005
        call_at(pacer, due_s, lambda due_s=due_s: late_s.append(pacer.elapsed_s() - due_s))  # type: ignore[misc]
    pacer.run()
    assert min(late_s) >= 0
    return median(late_s)


def test_sleeping_is_exact_when_the_machine_lets_it() -> None:
    """A timer that counts milliseconds would be half of one late, in each of these attempts."""
    assert any(median_lateness_s() < 0.0002 for _ in range(8))


def test_a_late_event_keeps_its_own_time() -> None:
    pacer = Pacer()
    seen: list[float] = []
    call_at(pacer, 0.0, lambda: sleep(0.05))
    call_at(pacer, 0.01, lambda: seen.append(pacer.now))
    pacer.run()
    assert seen == [pytest.approx(0.01, abs=1e-6)]


def test_what_arrives_is_heard_before_the_next_event(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    pacer = Pacer()
    heard: list[float] = []

    def read() -> None:
        near.recv(10)
        heard.append(pacer.now)
        pacer.on_readable(near, None)

    pacer.on_readable(near, read)
    call_at(pacer, 0.01, lambda: far.sendall(b"x"))
    call_at(pacer, 0.5, lambda: None)
    pacer.run()
    assert len(heard) == 1
    assert 0.01 <= heard[0] < 0.01 + 5 * LATE_S


def test_sockets_are_heard_at_their_time_though_events_are_overdue(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    pacer = Pacer()
    sent_s: list[float] = []
    heard_s: list[float] = []

    def send() -> None:
        far.send(b"x")
        sent_s.append(pacer.elapsed_s())

    def read() -> None:
        heard_s.append(pacer.now)
        pacer.on_readable(near, None)

    pacer.on_readable(near, read)
    for n in range(50):  # each takes twice as long as there is until the next
        call_at(pacer, n * 0.001, lambda: sleep(0.002))
    call_at(pacer, 0.0105, send)
    pacer.run()
    assert 0 <= heard_s[0] - sent_s[0] < LATE_S


def test_a_socket_is_answered_once_for_each_time_it_has_something(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    pacer = Pacer()
    reads: list[bytes] = []

    def read() -> None:
        reads.append(near.recv(1))
        if len(reads) == 3:
            pacer.on_readable(near, None)

    pacer.on_readable(near, read)
    far.send(b"abc")
    pacer.run()
    assert reads == [b"a", b"b", b"c"]


def test_a_socket_is_not_taken_for_one_that_had_its_number_before(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """Both are seen to be readable at once; the first one's callback replaces the second."""
    near, far = pair
    second, second_far = socket.socketpair()
    pacer = Pacer()
    heard: list[str] = []
    fresh: list[socket.socket] = []

    def replace() -> None:
        near.recv(1)
        number = second.fileno()
        pacer.on_readable(second, None)
        second.close()
        fresh.extend(socket.socketpair())
        assert fresh[0].fileno() == number
        pacer.on_readable(fresh[0], lambda: heard.append("fresh"))
        call_at(pacer, pacer.now + 0.02, lambda: pacer.on_readable(fresh[0], None))
        pacer.on_readable(near, None)

    pacer.on_readable(near, replace)
    pacer.on_readable(second, lambda: heard.append("second"))
    far.send(b"x")
    second_far.send(b"x")
    pacer.run()
    for end in (second_far, *fresh):
        end.close()
    assert heard == []


def test_writable_sockets_are_told_so(pair: tuple[socket.socket, socket.socket]) -> None:
    near, _ = pair
    pacer = Pacer()
    told: list[float] = []

    def write() -> None:
        told.append(pacer.now)
        pacer.on_writable(near, None)

    pacer.on_writable(near, write)
    pacer.run()
    assert len(told) == 1


def test_without_events_or_sockets_it_ends() -> None:
    assert Pacer().run() is None
