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

from collections.abc import Mapping, Sequence
from sys import float_info
from types import GenericAlias
from typing import Annotated, Any, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from testbed.errors import ProtocolError
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Buffer, Fault, Payload, Reply, Request

PROTOCOL_VERSION = 2
HELLO, WELCOME, REFUSED, REQUEST, REPLY, ERROR = range(6)

MAX_HEADER_BYTES = 4096
_MAX_TEXT = 256

_Text = Annotated[str, Meta(max_length=_MAX_TEXT)]
_Number = Annotated[int, Meta(ge=0)]
_Seconds = Annotated[float, Meta(ge=0, le=float_info.max)]
_Shape = Annotated[tuple[Annotated[int, Meta(ge=1, le=MAX_FRAME_BYTES)], ...], Meta(max_length=4)]
_Classes = Annotated[tuple[_Number, ...], Meta(max_length=64)]


def _header_of(kind: int, *fields: Any) -> msgspec.msgpack.Decoder[tuple[Any, ...]]:
    """Reads a header of this kind, and takes nothing else for one."""
    first = (Annotated[int, Meta(ge=value, le=value)] for value in (PROTOCOL_VERSION, kind))
    return msgspec.msgpack.Decoder(GenericAlias(tuple, (*first, *fields)))


_HEADERS: Mapping[int, msgspec.msgpack.Decoder[tuple[Any, ...]]] = {
    HELLO: _header_of(HELLO, _Text, _Text),
    WELCOME: _header_of(WELCOME, _Text),
    REFUSED: _header_of(REFUSED, _Text),
    REQUEST: _header_of(REQUEST, _Number, _Text, _Text, _Shape, bool),
    REPLY: _header_of(REPLY, _Number, _Classes, *(_Seconds,) * 5),
    ERROR: _header_of(ERROR, Annotated[int, Meta(ge=-1)], _Text),
}
_KIND_AT = 2
"""The byte of a header that is its kind: one byte of an array's length, one of the version."""
_ENCODE = msgspec.msgpack.Encoder().encode


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


Message: TypeAlias = Hello | Notice | Request | Reply | Fault


def pack(message: Message) -> list[Buffer]:
    """Its frames: the header, and a request's payload or the logits of a reply as they are."""
    match message:
        case Request(number, cut, (codec, shape, buffer), want_logits):
            header = _ENCODE((PROTOCOL_VERSION, REQUEST, number, cut, codec, shape, want_logits))
            return [header, buffer]
        case Reply():
            *fields, logits = message
            header = _ENCODE((PROTOCOL_VERSION, REPLY, *fields))
            return [header] if logits is None else [header, logits]
        case Fault(number, reason):
            return [_ENCODE((PROTOCOL_VERSION, ERROR, number, reason[:_MAX_TEXT]))]
        case Notice(kind, text):
            return [_ENCODE((PROTOCOL_VERSION, kind, text[:_MAX_TEXT]))]
        case Hello():
            return [_ENCODE((PROTOCOL_VERSION, HELLO, *message))]


def unpack(frames: Sequence[Buffer]) -> Message:
    """One message from its frames. Raises ProtocolError for anything that is not one."""
    if not 1 <= len(frames) <= 2:
        raise ProtocolError(f"{len(frames)} frames, allowed: a header and at most one buffer")
    header, *buffers = frames
    if len(header) > MAX_HEADER_BYTES:
        raise ProtocolError(f"header of {len(header)} bytes, allowed: {MAX_HEADER_BYTES}")
    try:
        _, kind, *fields = _HEADERS[header[_KIND_AT]].decode(header)
        if kind == REQUEST:
            number, cut, codec, shape, want_logits = fields
            (buffer,) = buffers
            return Request(number, cut, Payload(codec, shape, buffer), want_logits)
        if kind == REPLY:
            return Reply(*fields, *buffers)
        if kind == ERROR:
            return Fault(*fields)
        return Hello(*fields) if kind == HELLO else Notice(kind, *fields)
    except (LookupError, ValueError, RecursionError) as error:
        raise ProtocolError(_refusal(header, error)) from None


def _refusal(header: Buffer, error: Exception) -> str:
    """Why a header, or what came with it, is no message."""
    try:
        version = msgspec.msgpack.decode(header, type=list[Any])[0]
    except (LookupError, ValueError, RecursionError):
        return "header is no msgpack array"
    if type(version) is not int or version != PROTOCOL_VERSION:
        return f"protocol version {repr(version)[:40]}, this half speaks {PROTOCOL_VERSION}"
    return f"malformed message: {error}"
