"""What is known of each request.

Times are seconds on the edge's monotonic clock, from the start of the request's block (one
deployment in one repeat), except the server's own durations. NaN marks what never happened.
Each column is declared here once (`column.py` says how); `derived.py` has those that follow from
them, such as the stages; `table.py` makes a table of many requests.
"""

from enum import StrEnum
from math import nan
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from testbed.results.column import Aggregate, column, columns_of, record_type


class Outcome(StrEnum):
    """How a request ended; every request ends in one of the three."""

    ANSWERED = "answered"
    LATE = "late"
    LOST = "lost"


def _mark(doc: str) -> float:
    return column(unit="s", doc=doc, default=nan)


def _joined_later(doc: str) -> float:
    """Of which tables from before it have nothing: it is in the times of both ways there."""
    return column(unit="s", doc=doc, default=nan, unknown=0.0)


def _overrun(half: str) -> float:
    doc = (
        f"by how much the {half}'s host was later than the device it stands for, all its stages "
        "together; 0 where it stands for none, and in virtual time"
    )
    return column(unit="s", doc=doc, default=0.0, unknown=0.0)


def _bytes(default: int, place: tuple[str, str], doc: str) -> int:
    mean = Aggregate.MEAN_OF_KNOWN
    return column(unit="bytes", doc=doc, default=default, aggregate=mean, summary=place)


def _energy(part: str, doc: str) -> float:
    """A part of a request's energy; NaN is unknown, as in tables from before it."""
    mean, place = Aggregate.MEAN_OF_KNOWN, ("energy_by_part_j", part)
    return column(unit="J", doc=doc, default=nan, aggregate=mean, summary=place, summary_unit="J")


@record_type
class RequestRecord:
    """One request: made when it is issued, filled in as it goes on, complete when it has ended."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", ser_json_inf_nan="constants"
    )

    deployment: str = column(doc="its name, as in the scenario's results: local, split-fp16")
    repeat: int = column(doc="of the scenario's repeats, from 0")
    index: int = column(doc="of the request in its block, from 0")
    sample: int = column(doc="number of the image in the data set")
    due_s: float = column(unit="s", doc="when it was due; latency counts from here")
    issued_s: float = _mark("when the edge began it")
    head_done_s: float = _mark("when the edge's part of the network was computed")
    encode_done_s: float = _mark("when what crosses the link was encoded")
    sent_s: float = _mark("when it was handed to the transport")
    answered_s: float = _mark("when the edge had the answer")
    uplink_s: float = _mark(
        "from the transport to the server; known only where both halves share a clock"
    )
    server_queue_s: float = _joined_later("from its arrival at the server until its turn came")
    server_decode_s: float = _mark("the server's decoding")
    server_tail_s: float = _mark("the server's part of the network")
    server_s: float = _mark("from its arrival at the server to the server's reply")
    downlink_s: float = _mark(
        "from the server's reply to the edge; known only where both halves share a clock"
    )
    reply_wait_s: float = _joined_later(
        "from the answer's arrival until the edge was free to take it"
    )
    fell_back_s: float = column(
        unit="s",
        doc="when the edge turned to computing the answer itself, in the server's stead",
        default=nan,
        aggregate=Aggregate.COUNT_OF_KNOWN,
        summary=("fell_back",),
        summary_unit="",
        sweep="fell_back",
    )
    fallback_done_s: float = _mark("when the edge had computed that answer")
    edge_overrun_s: float = _overrun("edge")
    server_overrun_s: float = _overrun("server")
    overruns: int = column(
        doc="stages, of both halves, for which a host took longer than the device it stands for",
        default=0,
        unknown=0,
    )
    block_start_s: float = _mark(
        "when its block's marks begin, since the link was renewed for the block: its outages and "
        "traces count from there"
    )
    attempt: int = column(
        doc="0, or 1 and 2 where its block was disturbed and run again; only the last one counts",
        default=0,
        unknown=0,
    )
    payload_up_bytes: int = _bytes(
        0, ("payload_bytes", "up"), "the encoded image or features alone; 0 where nothing is sent"
    )
    payload_down_bytes: int = _bytes(
        0, ("payload_bytes", "down"), "the reply, one small header; 0 where nothing came back"
    )
    wire_up_bytes: int = _bytes(
        -1,
        ("wire_bytes", "up"),
        "IP bytes on the uplink between the end of the request before and the end of this one: "
        "they sum to what it carried, and blur where requests overlap; -1 is unknown",
    )
    wire_down_bytes: int = _bytes(-1, ("wire_bytes", "down"), "the same of the downlink")
    energy_head_j: float = _energy(
        "head", "modelled: the edge computing its part, and what it fell back on, above idle"
    )
    energy_encode_j: float = _energy("encode", "modelled: the edge encoding, above idle")
    energy_uplink_j: float = _energy("uplink", "modelled: the bits sent; 0 where nothing is")
    energy_downlink_j: float = _energy("downlink", "modelled: the bits received")
    energy_radio_on_j: float = _energy(
        "radio_on",
        "modelled: the radio in use, from sent until the answer was there; time that requests "
        "share is the earlier one's",
    )
    energy_radio_tail_j: float = _energy(
        "radio_tail",
        "modelled: the radio after the answer, until the next request of the block is sent or the "
        "radio rests",
    )
    predictions: dict[str, int] = column(
        doc="class answered for the task; missing where none came",
        default_factory=dict,
        prefix="predicted_",
        aggregate=Aggregate.SHARE_RIGHT,
        summary=("accuracy",),
        summary_unit="share",
        sweep="accuracy_",
    )
    labels: dict[str, int] = column(
        doc="true class for the task; missing where it is not known",
        default_factory=dict,
        prefix="label_",
    )
    fault: str = column(
        doc="why it was lost, or why the edge fell back; empty where neither", default=""
    )
    outcome: Outcome = column(
        doc="answered (before the deadline), late or lost",
        default=Outcome.LOST,
        aggregate=Aggregate.COUNTS,
        summary=(),
    )


COLUMNS = columns_of(RequestRecord)
"""What a record holds, in the order of the table."""

_JSON = TypeAdapter(RequestRecord)


def record_to_json(record: RequestRecord) -> dict[str, object]:
    """The record as plain values that `json` writes; what never happened stays NaN."""
    fields: dict[str, object] = _JSON.dump_python(record, mode="json")
    return fields


def record_from_json(fields: object) -> RequestRecord:
    """The same record again. Raises ValueError for what is none."""
    return _JSON.validate_python(fields)
