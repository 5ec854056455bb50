"""Messages between the halves: a small versioned msgpack header, then raw buffers.

A message is a ZeroMQ multipart: frame 0 is the header, a msgpack array whose first two items are
the protocol version and the kind; the frames after it are buffers, never copied and never
unpickled. Messages are named tuples, the cheapest thing to make while time counts. Everything read
here comes from a network: each field's type and size is checked, and whatever does not fit raises
ProtocolError.

    edge                               server
    [2, HELLO, model id, tables id]  ->
                                   <-  [2, WELCOME, clock id]  or  [2, REFUSED, reason]
    [2, REQUEST, id, cut, codec, shape, want_logits] + buffer  ->
                                   <-  [2, REPLY, id, classes, decode_s, tail_s, server_s,
                                        received_at, replied_at] (+ logits, if wanted)
                                   <-  [2, ERROR, id, reason]
"""

from collections.abc import Sequence
from math import isfinite, prod
from typing import Any, NamedTuple

import msgpack

from testbed.errors import ProtocolError
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Buffer, Fault, Payload, Reply, Request

PROTOCOL_VERSION = 2
HELLO, WELCOME, REFUSED, REQUEST, REPLY, ERROR = range(6)

MAX_HEADER_BYTES = 4096
_MAX_DIMENSIONS = 4
_MAX_TASKS = 64
_MAX_TEXT = 256


class Hello(NamedTuple):
    """What both halves must hold alike: the model, and what codecs have learned of it."""

    model: str
    tables: str = ""

    def __str__(self) -> str:
        return f"{self.model} with codec tables {self.tables}" if self.tables else self.model


class Notice(NamedTuple):
    """WELCOME (clock id) or REFUSED (reason): one text."""

    kind: int
    text: str


def pack_hello(hello: Hello) -> list[Buffer]:
    """HELLO."""
    return [_pack(PROTOCOL_VERSION, HELLO, *hello)]


def pack_notice(kind: int, text: str) -> list[Buffer]:
    """WELCOME or REFUSED."""
    return [_pack(PROTOCOL_VERSION, kind, text[:_MAX_TEXT])]


def pack_request(request: Request) -> list[Buffer]:
    """Header and the payload's buffer, as it is."""
    payload = request.payload
    header = _pack(
        PROTOCOL_VERSION,
        REQUEST,
        request.id,
        request.cut,
        payload.codec,
        payload.shape,
        request.want_logits,
    )
    return [header, payload.buffer]


def pack_reply(reply: Reply) -> list[Buffer]:
    """Header, and the logits where they were asked for."""
    header = _pack(
        PROTOCOL_VERSION,
        REPLY,
        reply.id,
        reply.classes,
        reply.decode_s,
        reply.tail_s,
        reply.server_s,
        reply.received_at_s,
        reply.replied_at_s,
    )
    return [header] if reply.logits is None else [header, reply.logits]


def pack_fault(fault: Fault) -> list[Buffer]:
    """ERROR."""
    return [_pack(PROTOCOL_VERSION, ERROR, fault.id, fault.reason[:_MAX_TEXT])]


def unpack(frames: Sequence[Buffer]) -> Hello | Request | Reply | Notice | Fault:
    """One message from its frames. Raises ProtocolError for anything that is not one."""
    kind, fields, buffers = _open_header(frames)
    try:
        if kind == REQUEST:
            return _request(fields, buffers)
        if kind == REPLY:
            return _reply(fields, buffers)
        if kind == ERROR:
            number, reason = fields
            return Fault(_integer(number, -1), _text(reason))
        if kind == HELLO:
            model, tables = fields
            return Hello(_text(model), _text(tables))
        if kind in (WELCOME, REFUSED):
            (text,) = fields
            return Notice(kind, _text(text))
    except ValueError as error:
        raise ProtocolError(f"malformed message of kind {kind}: {error}") from None
    raise ProtocolError(f"unknown kind of message {kind!r}")


def _pack(*fields: Any) -> bytes:
    packed: bytes = msgpack.packb(fields)
    return packed


def _open_header(frames: Sequence[Buffer]) -> tuple[Any, list[Any], Sequence[Buffer]]:
    if not 1 <= len(frames) <= 2:
        raise ProtocolError(f"{len(frames)} frames, allowed: a header and at most one buffer")
    if len(frames[0]) > MAX_HEADER_BYTES:
        raise ProtocolError(f"header of {len(frames[0])} bytes, allowed: {MAX_HEADER_BYTES}")
    try:
        header = msgpack.unpackb(frames[0], use_list=True, strict_map_key=True)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise ProtocolError(f"header is not msgpack: {type(error).__name__}") from None
    if not isinstance(header, list) or len(header) < 2:
        raise ProtocolError("header is not a message")
    version, kind, *fields = header
    if version != PROTOCOL_VERSION or isinstance(version, bool):
        raise ProtocolError(
            f"protocol version {_brief(version)}, this half speaks {PROTOCOL_VERSION}"
        )
    return kind, fields, frames[1:]


def _request(fields: list[Any], buffers: Sequence[Buffer]) -> Request:
    number, cut, codec, shape, want_logits = fields
    (buffer,) = buffers
    if type(shape) is not list or len(shape) > _MAX_DIMENSIONS:
        raise ValueError("shape")
    for side in shape:
        _integer(side, 1)
    if prod(shape) > MAX_FRAME_BYTES:
        raise ValueError(f"shape {shape} is larger than a frame may be")
    payload = Payload(_text(codec), tuple(shape), buffer)
    return Request(_integer(number, 0), _text(cut), payload, want_logits is True)


def _reply(fields: list[Any], buffers: Sequence[Buffer]) -> Reply:
    number, classes, decode_s, tail_s, server_s, received_at_s, replied_at_s = fields
    if type(classes) is not list or len(classes) > _MAX_TASKS:
        raise ValueError("classes")
    for index in classes:
        _integer(index, 0)
    return Reply(
        _integer(number, 0),
        tuple(classes),
        _seconds(decode_s),
        _seconds(tail_s),
        _seconds(server_s),
        _seconds(received_at_s),
        _seconds(replied_at_s),
        buffers[0] if buffers else None,
    )


def _integer(value: Any, least: int) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"{_brief(value)} is not a whole number from {least}")
    return value


def _seconds(value: Any) -> float:
    if type(value) is not float or not isfinite(value) or value < 0:
        raise ValueError(f"{_brief(value)} is not a time")
    return value


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > _MAX_TEXT:
        raise ValueError(f"{_brief(value)} is not a short text")
    return value


def _brief(value: Any) -> str:
    return repr(value)[:40]
