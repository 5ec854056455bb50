"""Messages between the halves: a small versioned msgpack header, then raw buffers.

A message is a ZeroMQ multipart: frame 0 is the header, a msgpack array whose first two items are
the protocol version and the kind; the frames after it are buffers, never copied and never
unpickled. Messages are named tuples, the cheapest thing to make while time counts. Everything read
here comes from a network: each field's type and size is checked, and whatever does not fit raises
ProtocolError; what is said in words is for people's terminals, and reads as `storage.files.shown`.

    edge                               server
    [4, HELLO, model id, tables id, device]  ->
                                   <-  [4, WELCOME, clock id]  or  [4, REFUSED, reason]
    [4, REQUEST, id, cut, codec, shape, want_logits] + buffer  ->
                                   <-  [4, REPLY, id, classes, queue_s, decode_s, tail_s,
                                        received_at, replied_at] (+ logits, if wanted),
                                        or after an overrun
                                   <-  [4, OVERRAN, ... the same ..., overruns, overrun_s]
                                   <-  [4, ERROR, id, reason]
    [4, PROBE, cut, codec, shape]  ->
                                   <-  [4, PROBED, timing, timing]
    [4, LOOK]  ->
                                   <-  [4, LOOKED, tally, tally, interference]
"""

from collections.abc import Mapping, Sequence
from types import GenericAlias
from typing import Annotated, Any, NamedTuple, TypeAlias, get_args, get_type_hints

import msgspec
from msgspec import Meta

from testbed.channel.fields import MAX_TEXT, Classes, Count, Number, Seconds, Shape, Text
from testbed.channel.survey import Survey
from testbed.errors import ProtocolError
from testbed.lifecycle.messages import Buffer, Fault, Payload, Reply, Request
from testbed.storage.files import shown

PROTOCOL_VERSION = 4
HELLO, WELCOME, REFUSED, REQUEST, REPLY, ERROR, OVERRAN = range(7)
_SURVEYS: Mapping[int, type[Survey]] = dict(enumerate(get_args(Survey), start=OVERRAN + 1))
PROBE, PROBED, LOOK, LOOKED = _SURVEYS
_KIND_OF = {survey: kind for kind, survey in _SURVEYS.items()}

MAX_HEADER_BYTES = 4096


def _header_of(kind: int, *fields: Any) -> msgspec.msgpack.Decoder[tuple[Any, ...]]:
    """Reads a header of this kind, and takes nothing else for one."""
    first = (Annotated[int, Meta(ge=value, le=value)] for value in (PROTOCOL_VERSION, kind))
    return msgspec.msgpack.Decoder(GenericAlias(tuple, (*first, *fields)))


_REPLY = (Number, Classes, *(Seconds,) * 5)
_FIELDS: Mapping[int, Sequence[Any]] = {
    HELLO: (Text, Text, Text),
    WELCOME: (Text,),
    REFUSED: (Text,),
    REQUEST: (Number, Text, Text, Shape, bool),
    REPLY: _REPLY,
    OVERRAN: (*_REPLY, Count, Seconds),
    ERROR: (Annotated[int, Meta(ge=-1)], Text),
} | {
    kind: tuple(get_type_hints(survey, include_extras=True).values())
    for kind, survey in _SURVEYS.items()
}
_HEADERS = {kind: _header_of(kind, *fields) for kind, fields in _FIELDS.items()}
_KIND_AT = 2
"""The byte of a header that is its kind: one byte of an array's length, one of the version."""
_ENCODE = msgspec.msgpack.Encoder().encode


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
            header = _ENCODE((PROTOCOL_VERSION, REQUEST, number, cut, codec, shape, want_logits))
            return [header, buffer]
        case Reply():
            fields = (OVERRAN, *message[:-1]) if message.overrun_s else (REPLY, *message[:-3])
            header = _ENCODE((PROTOCOL_VERSION, *fields))
            return [header] if message.logits is None else [header, message.logits]
        case Fault(number, reason):
            return [_ENCODE((PROTOCOL_VERSION, ERROR, number, reason[:MAX_TEXT]))]
        case Notice(kind, text):
            return [_ENCODE((PROTOCOL_VERSION, kind, text[:MAX_TEXT]))]
        case Hello():
            return [_ENCODE((PROTOCOL_VERSION, HELLO, *message))]
    return [_ENCODE((PROTOCOL_VERSION, _KIND_OF[type(message)], *message))]


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
        if kind in (REPLY, OVERRAN):
            late = () if kind == OVERRAN else (0, 0.0)
            return Reply(*fields, *late, *buffers)
        if kind == ERROR:
            number, reason = fields
            return Fault(number, shown(reason))
        if kind in _SURVEYS:
            return _SURVEYS[kind](*fields)
        return Hello(*fields) if kind == HELLO else Notice(kind, *map(shown, fields))
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
