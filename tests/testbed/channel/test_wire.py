"""Messages: what goes in comes out, and whatever is not ours is refused, never crashed on."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import encode

from testbed.channel.survey import (
    Interference,
    Look,
    Looked,
    Probe,
    Probed,
    Survey,
    Tally,
    Timing,
)
from testbed.channel.wire import (
    ERROR,
    HELLO,
    LOOK,
    MAX_HEADER_BYTES,
    OVERRAN,
    PROBE,
    PROBED,
    PROTOCOL_VERSION,
    REFUSED,
    REPLY,
    REQUEST,
    WELCOME,
    Hello,
    Notice,
    pack,
    unpack,
)
from testbed.errors import ProtocolError
from testbed.lifecycle.messages import Fault, Payload, Reply, Request


def a_reply(logits: bytes | None = None) -> Reply:
    return Reply(3, (1, 2), 0.001, 0.002, 0.004, 10.0, 10.004, logits=logits)


def test_request_round_trip_shares_the_buffer() -> None:
    array = np.arange(24, dtype="<f4")
    request = Request(7, "features.12", Payload("fp32", (1, 6, 2, 2), array.data.cast("B")))
    frames = pack(request)
    assert unpack(frames) == request
    assert np.shares_memory(np.frombuffer(frames[1], "<f4"), array)


@pytest.mark.parametrize("logits", [None, b"\x00" * 12])
def test_reply_round_trip(logits: bytes | None) -> None:
    assert unpack(pack(a_reply(logits))) == a_reply(logits)


def test_only_a_reply_after_an_overrun_carries_it() -> None:
    late = a_reply(b"\x00" * 12)._replace(overruns=1, overrun_s=0.0025)
    assert unpack(pack(late)) == late
    assert len(pack(late)[0]) == len(pack(a_reply())[0]) + 10


@pytest.mark.parametrize(
    "message",
    [
        Probe("features.12", "fp16", (1, 6, 2, 2)),
        Probed(Timing(15, 0.001, 0.002), Timing(15, 0.0, 0.0)),
        Look(),
        Looked(Tally(4, 1, 0.5, 2.5), Tally(), Interference(0.25, None, 7)),
    ],
)
def test_what_is_asked_between_blocks_round_trip(message: Survey) -> None:
    assert unpack(pack(message)) == message


def test_hello_notice_and_fault_round_trip() -> None:
    assert unpack(pack(Hello("model", "tables"))) == Hello("model", "tables")
    assert unpack(pack(Notice(WELCOME, "clock"))) == Notice(WELCOME, "clock")
    assert unpack(pack(Fault(-1, "why"))) == Fault(-1, "why")


def test_long_texts_are_cut_so_that_a_peer_accepts_them() -> None:
    answer = unpack(pack(Fault(1, "x" * 5000)))
    assert isinstance(answer, Fault)
    assert set(answer.reason) == {"x"}


def test_what_a_peer_says_cannot_command_a_terminal() -> None:
    assert unpack(pack(Notice(REFUSED, "\x1b[2J\r\nno"))) == Notice(REFUSED, r"\x1b[2J\r\nno")
    assert unpack(pack(Fault(1, "a\tb\x00"))) == Fault(1, r"a\tb\x00")


def test_another_version_is_named() -> None:
    with pytest.raises(ProtocolError, match=r"protocol version 1, this half speaks 4"):
        unpack([encode([1, HELLO, "model"])])


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b""],
        [b"\xc1"],
        [b"GET / HTTP/1.1\r\n"],
        [encode({"version": 1})],
        [encode([PROTOCOL_VERSION])],
        [encode([True, HELLO, "model"])],
        [encode([PROTOCOL_VERSION, 99])],
        [encode([PROTOCOL_VERSION, [HELLO], "model"])],
        [encode([PROTOCOL_VERSION, HELLO, "x" * 300, ""])],
        [encode([PROTOCOL_VERSION, HELLO, "model", None])],
        [encode([PROTOCOL_VERSION, HELLO])],
        [
            encode([PROTOCOL_VERSION, REQUEST, 1, "features.12", "fp32", [4], False])
        ],  # half a message
        [encode([PROTOCOL_VERSION, REQUEST, -1, "features.12", "fp32", [4], False]), b"1234"],
        [encode([PROTOCOL_VERSION, REQUEST, 1.0, "features.12", "fp32", [4], False]), b"1234"],
        [encode([PROTOCOL_VERSION, REQUEST, 1, "features.12", "fp32", [1] * 5, False]), b"1234"],
        [
            encode([PROTOCOL_VERSION, REQUEST, 1, "features.12", "fp32", [2**40, 2**20], False]),
            b"1234",
        ],
        [encode([PROTOCOL_VERSION, REQUEST, 1, "features.12", "fp32", ["4"], False]), b"1234"],
        [encode([PROTOCOL_VERSION, REPLY, 1, [0], 0.0, 0.0, 0.0, float("nan"), 0.0])],
        [encode([PROTOCOL_VERSION, REPLY, 1, [0], 0.0, 0.0, -1.0, 0.0, 0.0])],
        [encode([PROTOCOL_VERSION, REPLY, 1, [2**31], 0.0, 0.0, 0.0, 0.0, 0.0])],
        [encode([PROTOCOL_VERSION, REPLY, 1, [-1], 0.0, 0.0, 0.0, 0.0, 0.0])],
        [encode([PROTOCOL_VERSION, REPLY, 1, [0], 0.0, 0.0, 0.0, 2.0**31, 0.0])],
        [encode([PROTOCOL_VERSION, REPLY, 1, [0] * 65, 0.0, 0.0, 0.0, 0.0, 0.0])],
        [encode([PROTOCOL_VERSION, OVERRAN, 1, [0], 0.0, 0.0, 0.0, 0.0, 0.0])],
        [encode([PROTOCOL_VERSION, OVERRAN, 1, [0], 0.0, 0.0, 0.0, 0.0, 0.0, -1, 0.0])],
        [encode([PROTOCOL_VERSION, OVERRAN, 1, [0], 0.0, 0.0, 0.0, 0.0, 0.0, 2**63, 0.0])],
        [encode([PROTOCOL_VERSION, OVERRAN, 1, [0], 0.0, 0.0, 0.0, 0.0, 0.0, 1, float("inf")])],
        [encode([PROTOCOL_VERSION, REPLY, 1, [0], 0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.1])],
        [encode([PROTOCOL_VERSION, PROBE, "features.12", "fp16", [1, -1]])],
        [encode([PROTOCOL_VERSION, PROBE, "features.12", "fp16"])],
        [encode([PROTOCOL_VERSION, PROBED, [15, 0.1, 0.1], [15, 0.1, float("nan")]])],
        [encode([PROTOCOL_VERSION, PROBED, [15, 0.1, 0.1], 4])],
        [encode([PROTOCOL_VERSION, LOOK, 1])],
        [encode([PROTOCOL_VERSION, ERROR, "one", "reason"])],
        [encode([PROTOCOL_VERSION, HELLO, "model"]), b"", b""],
        [b"\x91" * (MAX_HEADER_BYTES + 1)],
        [b"\x91" * 2000],  # arrays in arrays, as deep as the header allows
    ],
)
def test_what_is_no_message_is_refused(frames: list[bytes]) -> None:
    with pytest.raises(ProtocolError):
        unpack(frames)


@given(st.lists(st.binary(max_size=200), max_size=3))
def test_random_bytes_are_refused_or_understood(frames: list[bytes]) -> None:
    with suppress(ProtocolError):
        unpack(frames)


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(max_size=5), st.lists))
def test_random_msgpack_is_refused_or_understood(value: object) -> None:
    for header in ([PROTOCOL_VERSION, REPLY, value], value):
        with suppress(ProtocolError, OverflowError):
            unpack([encode(header), b""])
