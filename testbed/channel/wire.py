"""Messages between the halves: a small versioned msgpack header, then raw buffers.

A message is a ZeroMQ multipart: frame 0 is the header, a msgpack array whose first two items are
the protocol version and the kind; the frames after it are buffers, never copied and never
unpickled. Messages are named tuples, the cheapest thing to make while time counts. Everything read
here comes from a network: each field's type and size is checked, and whatever does not fit raises
ProtocolError.

    edge                               server
    [3, HELLO, model id, tables id, device]  ->
                                   <-  [3, WELCOME, clock id]  or  [3, REFUSED, reason]
    [3, REQUEST, id, cut, codec, shape, want_logits] + buffer  ->
                                   <-  [3, REPLY, id, classes, decode_s, tail_s, server_s,
                                        received_at, replied_at] (+ logits, if wanted),
                                        or after an overrun
                                   <-  [3, OVERRAN, ... the same ..., overruns, overrun_s]
                                   <-  [3, ERROR, id, reason]
    [3, PROBE, cut, codec, shape]  ->
                                   <-  [3, PROBED, timing, timing]
    [3, LOOK]  ->
                                   <-  [3, LOOKED, tally, tally, interference]
"""

from collections.abc import Sequence
from math import inf, prod
from typing import Any, NamedTuple, TypeAlias, get_args

import msgpack
from pydantic import TypeAdapter, ValidationError

from testbed.channel.survey import Survey
from testbed.errors import ProtocolError
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Buffer, Fault, Payload, Reply, Request

PROTOCOL_VERSION = 3
HELLO, WELCOME, REFUSED, REQUEST, REPLY, ERROR, OVERRAN = range(7)
_SURVEYS = dict(enumerate(get_args(Survey), start=7))
PROBE, PROBED, LOOK, LOOKED = _SURVEYS

MAX_HEADER_BYTES = 4096
_MAX_DIMENSIONS = 4
_MAX_TASKS = 64
_MAX_TEXT = 256
_MAX_OVERRUNS = 255

_KIND_OF = {survey: kind for kind, survey in _SURVEYS.items()}
_READ: dict[int, TypeAdapter[Any]] = {kind: TypeAdapter(one) for kind, one in _SURVEYS.items()}


class Hello(NamedTuple):
    """What both halves must hold alike: the model, and what codecs have learned of it.

    device: the one that the server stands for; empty where it stands for none.
    """

    model: str
    tables: str = ""
    device: str = ""

    def __str__(self) -> str:
        tables = f" with codec tables {self.tables}" if self.tables else ""
        return f"{self.model}{tables}" + (f" as {self.device}" if self.device else "")


class Notice(NamedTuple):
    """WELCOME (clock id) or REFUSED (reason): one text."""

    kind: int
    text: str


Message: TypeAlias = Hello | Notice | Request | Reply | Fault | Survey


def pack(message: Message) -> list[Buffer]:
    """Its frames: the header, and a request's payload or the logits of a reply as they are."""
    match message:
        case Request(number, cut, (codec, shape, buffer), want_logits):
            return [_header(REQUEST, number, cut, codec, shape, want_logits), buffer]
        case Reply():
            if message.overruns:
                header = _header(OVERRAN, *message[:-1])
            else:
                header = _header(REPLY, *message[:-3])
            return [header] if message.logits is None else [header, message.logits]
        case Fault(number, reason):
            return [_header(ERROR, number, reason[:_MAX_TEXT])]
        case Notice(kind, text):
            return [_header(kind, text[:_MAX_TEXT])]
        case Hello():
            return [_header(HELLO, *message)]
    return [_header(_KIND_OF[type(message)], *message)]


def unpack(frames: Sequence[Buffer]) -> Message:
    """One message from its frames. Raises ProtocolError for anything that is not one."""
    kind, fields, buffers = _open_header(frames)
    try:
        if kind == REQUEST:
            return _request(fields, buffers)
        if kind in (REPLY, OVERRAN):
            return _reply(kind, fields, buffers)
        if kind == ERROR:
            number, reason = fields
            return Fault(_integer(number, -1), _text(reason))
        if kind == HELLO:
            model, tables, device = fields
            return Hello(_text(model), _text(tables), _text(device))
        if kind in (WELCOME, REFUSED):
            (text,) = fields
            return Notice(kind, _text(text))
        if type(kind) is int and kind in _READ:
            return _survey(kind, fields)
    except ValueError as error:
        raise ProtocolError(f"malformed message of kind {kind}: {error}") from None
    raise ProtocolError(f"unknown kind of message {kind!r}")


def _header(*fields: Any) -> bytes:
    packed: bytes = msgpack.packb((PROTOCOL_VERSION, *fields))
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
        found = _brief(version)
        raise ProtocolError(f"protocol version {found}, this half speaks {PROTOCOL_VERSION}")
    return kind, fields, frames[1:]


def _request(fields: list[Any], buffers: Sequence[Buffer]) -> Request:
    number, cut, codec, shape, want_logits = fields
    (buffer,) = buffers
    sides = _integers("shape", shape, 1, _MAX_DIMENSIONS)
    if prod(sides) > MAX_FRAME_BYTES:
        raise ValueError(f"shape {shape} is larger than a frame may be")
    payload = Payload(_text(codec), sides, buffer)
    return Request(_integer(number, 0), _text(cut), payload, want_logits is True)


def _reply(kind: int, fields: list[Any], buffers: Sequence[Buffer]) -> Reply:
    number, classes, *times_s, overruns, overrun_s = (
        fields if kind == OVERRAN else (*fields, 0, 0.0)
    )
    found = _integers("classes", classes, 0, _MAX_TASKS)
    if type(overruns) is not int or not 0 <= overruns <= _MAX_OVERRUNS:
        raise ValueError(f"{_brief(overruns)} is not a count of stages")
    decode_s, tail_s, server_s, received_at_s, replied_at_s = times_s
    for value in (*times_s, overrun_s):
        if type(value) is not float or not 0 <= value < inf:
            raise ValueError(f"{_brief(value)} is not a time")
    logits = buffers[0] if buffers else None
    return Reply(
        _integer(number, 0),
        found,
        decode_s,
        tail_s,
        server_s,
        received_at_s,
        replied_at_s,
        overruns,
        overrun_s,
        logits,
    )


def _survey(kind: int, fields: list[Any]) -> Survey:
    try:
        found: Survey = _READ[kind].validate_python(fields)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from None
    return found


def _integers(name: str, values: Any, least: int, most: int) -> tuple[int, ...]:
    """At most `most` whole numbers, each from `least`."""
    if type(values) is not list or len(values) > most:
        raise ValueError(name)
    for value in values:
        _integer(value, least)
    return tuple(values)


def _integer(value: Any, least: int) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"{_brief(value)} is not a whole number from {least}")
    return value


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > _MAX_TEXT:
        raise ValueError(f"{_brief(value)} is not a short text")
    return value


def _brief(value: Any) -> str:
    return repr(value)[:40]
