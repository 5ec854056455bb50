"""What follows from a request's marks: its latency, the stages its time divides into, its energy.

Each column is declared once, with the rule that makes it of other columns, for all requests of a
table at once. The stages of an answered request sum to its latency; a lost one has NaN where no
time is known.
"""

from collections.abc import Callable, Mapping
from math import nan
from operator import itemgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from testbed.results.column import Aggregate, Column
from testbed.results.energy import PARTS

Values: TypeAlias = NDArray[np.float64]
Known: TypeAlias = Mapping[str, Values]
Rule: TypeAlias = Callable[[Known], Values]


def _time(
    name: str,
    doc: str,
    aggregate: Aggregate,
    place: tuple[str, ...],
    sweep: str,
    unknown: float | None = None,
) -> Column:
    return Column(name, "float64", doc, "s", aggregate, place, "ms", sweep, unknown=unknown)


def _stage(name: str, doc: str) -> Column:
    """Tables from before a stage was told apart have it in another, and 0 of it."""
    place, sweep = ("stages_ms", name), f"stage_{name}_ms"
    unknown = 0.0 if name in _JOINED_LATER else None
    return _time(f"stage_{name}_s", doc, Aggregate.MEAN, place, sweep, unknown)


def _span(start: str, end: str) -> Rule:
    return lambda of: of[end] - of[start]


def _where_known(mark: str, values: str | Rule) -> Rule:
    """The values, or those of a column; 0 for requests without that mark."""
    rule = values if callable(values) else itemgetter(values)
    return lambda of: np.where(np.isnan(of[mark]), 0.0, rule(of))


def _of_server(values: str | Rule) -> Rule:
    """The values, or those of a column; 0 for requests that the edge answered itself."""
    rule = _where_known("sent_s", values)
    return lambda of: np.where(np.isnan(of["fell_back_s"]), rule(of), 0.0)


def _network(of: Known) -> Values:
    both_ways = of["answered_s"] - of["reply_wait_s"] - of["sent_s"] - of["server_s"]
    return np.where(np.isnan(of["uplink_s"]), both_ways, 0.0)


def _energy(of: Known) -> Values:
    return np.asarray(sum(of[f"energy_{part}_j"] for part in PARTS))


def _other(of: Known) -> Values:
    return of["latency_s"] - sum(of[f"stage_{name}_s"] for name in STAGES if name != "other")


_STAGES: tuple[tuple[str, Rule, str], ...] = (
    ("wait", _span("due_s", "issued_s"), "due until issued"),
    (
        "head",
        _span("issued_s", "head_done_s"),
        "computing on the edge, which for local is the whole network",
    ),
    ("encode", _span("head_done_s", "encode_done_s"), "tensor or image to bytes, on the edge"),
    (
        "uplink",
        _where_known("uplink_s", "uplink_s"),
        "from the edge's transport until the server has it; 0 where only both ways are known",
    ),
    (
        "queue",
        _of_server("server_queue_s"),
        "at the server, behind requests that came before",
    ),
    (
        "decode",
        _of_server("server_decode_s"),
        "bytes to tensor or image, on the server",
    ),
    ("tail", _of_server("server_tail_s"), "computing on the server"),
    (
        "downlink",
        _where_known("uplink_s", "downlink_s"),
        "from the server's reply until the edge has it; 0 where only both ways are known",
    ),
    (
        "network",
        _of_server(_network),
        "both ways together, where the halves share no clock; else 0",
    ),
    (
        "reply_wait",
        _of_server("reply_wait_s"),
        "the answer is there, and the edge is busy with other requests",
    ),
    (
        "unanswered",
        _where_known("fell_back_s", _span("encode_done_s", "fell_back_s")),
        "waiting for an answer that did not come in time",
    ),
    (
        "fallback",
        _where_known("fell_back_s", _span("fell_back_s", "fallback_done_s")),
        "computing on the edge, in the server's stead, what is left of the whole network",
    ),
    ("other", _other, "what is left of the latency; all stages sum to it"),
)
_ENERGY = Column(
    "edge_energy_j",
    "float64",
    "modelled: all parts of a request's energy at the edge, above what it draws when it rests",
    "J",
    Aggregate.MEAN_OF_KNOWN,
    ("edge_energy_j", "mean"),
    "J",
    "edge_energy_j",
    unknown=nan,
)
_JOINED_LATER = ("queue", "reply_wait", "unanswered", "fallback")
STAGES = tuple(name for name, _, _ in _STAGES)
"""In the order a request meets them."""

DERIVED: tuple[tuple[Column, Rule], ...] = (
    (
        _time("latency_s", "from due until answered", Aggregate.SPREAD, ("latency_ms",), ""),
        _span("due_s", "answered_s"),
    ),
    *((_stage(name, doc), rule) for name, rule, doc in _STAGES),
    (_ENERGY, _energy),
)
"""Columns, each with the rule that makes it of those before it."""
