"""What follows from a request's marks: its latency, and the stages its time divides into.

Each column is declared once, with the rule that makes it of other columns, for all requests of a
table at once. The stages of an answered request sum to its latency; a lost one has NaN where no
time is known.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from testbed.results.column import Aggregate, Column, derived

Values: TypeAlias = NDArray[np.float64]
Known: TypeAlias = Mapping[str, Values]
Rule: TypeAlias = Callable[[Known], Values]


class Derived(NamedTuple):
    """A column, and the rule that makes it of those before it."""

    column: Column
    rule: Rule


def _unless_unknown(mark: str, values: Rule) -> Rule:
    """The values; 0 for requests without that mark."""
    return lambda of: np.where(np.isnan(of[mark]), 0.0, values(of))


def _network(of: Known) -> Values:
    both_ways = of["answered_s"] - of["sent_s"] - of["server_s"]
    return np.where(np.isnan(of["uplink_s"]), both_ways, 0.0)


def _other(of: Known) -> Values:
    return of["latency_s"] - sum(of[f"stage_{name}_s"] for name in _RULES if name != "other")


_RULES: dict[str, tuple[str, Rule]] = {
    "wait": ("due until issued", lambda of: of["issued_s"] - of["due_s"]),
    "head": (
        "computing on the edge, which for local is the whole network",
        lambda of: of["head_done_s"] - of["issued_s"],
    ),
    "encode": (
        "tensor or image to bytes, on the edge",
        lambda of: of["encode_done_s"] - of["head_done_s"],
    ),
    "uplink": (
        "from the edge's transport until the server has it; 0 where only both ways are known",
        _unless_unknown("uplink_s", lambda of: of["uplink_s"]),
    ),
    "decode": (
        "bytes to tensor or image, on the server",
        _unless_unknown("sent_s", lambda of: of["server_decode_s"]),
    ),
    "tail": (
        "computing on the server",
        _unless_unknown("sent_s", lambda of: of["server_tail_s"]),
    ),
    "downlink": (
        "from the server's reply until the edge has it; 0 where only both ways are known",
        _unless_unknown("uplink_s", lambda of: of["downlink_s"]),
    ),
    "network": (
        "both ways together, where the halves share no clock; else 0",
        _unless_unknown("sent_s", _network),
    ),
    "other": ("what is left of the latency; all stages sum to it", _other),
}
STAGES = tuple(_RULES)
"""In the order a request meets them."""

DERIVED = (
    Derived(
        derived(
            "latency_s",
            unit="s",
            doc="from due until answered",
            aggregate=Aggregate.SPREAD,
            summary=("latency_ms",),
            summary_unit="ms",
            sweep="",
        ),
        lambda of: of["answered_s"] - of["due_s"],
    ),
    *(
        Derived(
            derived(
                f"stage_{stage}_s",
                unit="s",
                doc=doc,
                aggregate=Aggregate.MEAN,
                summary=("stages_ms", stage),
                summary_unit="ms",
                sweep=f"stage_{stage}_ms",
            ),
            rule,
        )
        for stage, (doc, rule) in _RULES.items()
    ),
)
