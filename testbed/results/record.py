"""What is known of each request, and how a request's time divides into stages.

Times are seconds on the edge's monotonic clock, from the start of the request's block (one
deployment in one repeat), except the server's own durations. NaN marks what never happened.
`run_folder.py` writes records; `summary.py` reads them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from math import isnan, nan
from typing import Any

STAGES = (
    "wait",
    "head",
    "encode",
    "uplink",
    "decode",
    "tail",
    "downlink",
    "network",
    "other",
)
"""In the order a request meets them.

wait: due until issued. head: compute on the edge (for local, the whole network). encode: tensor
or image to bytes. uplink, downlink: handed to the transport until the other half has it; known
only when both halves share a clock. decode, tail: the server's work. network: both ways together,
when the halves have no common clock. other: what is left of the end-to-end time.
"""


class Outcome(StrEnum):
    """How a request ended; every request ends in one of the three."""

    ANSWERED = "answered"
    LATE = "late"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request, from due to answered.

    deployment, repeat, index: which block, and which request in it. sample: which image.
    due_s .. answered_s: marks. server_decode_s, server_tail_s: the server's durations;
    server_s: from the request's arrival at the server to its reply. uplink_s, downlink_s: one-way
    times where both halves share a clock, else NaN.
    payload_up_bytes: the encoded image or features alone; payload_down_bytes: the reply, which is
    one small header (0 when nothing is sent or nothing came back).
    wire_*_bytes: IP bytes of the link between this request and the next one, -1 when unknown;
    they sum to what the link carried, neighbours blur when requests overlap.
    """

    deployment: str
    repeat: int
    index: int
    sample: int
    outcome: Outcome
    due_s: float
    issued_s: float
    headed_s: float
    encoded_s: float
    sent_s: float = nan
    answered_s: float = nan
    uplink_s: float = nan
    server_decode_s: float = nan
    server_tail_s: float = nan
    server_s: float = nan
    downlink_s: float = nan
    payload_up_bytes: int = 0
    payload_down_bytes: int = 0
    wire_up_bytes: int = -1
    wire_down_bytes: int = -1
    predictions: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    fault: str = ""

    @property
    def latency_s(self) -> float:
        """From due to answered; NaN when lost."""
        return self.answered_s - self.due_s

    def stages_s(self) -> dict[str, float]:
        """Seconds in each of STAGES; they sum to `latency_s`. Lost requests give NaN."""
        stages = dict.fromkeys(STAGES, 0.0)
        stages["wait"] = self.issued_s - self.due_s
        stages["head"] = self.headed_s - self.issued_s
        stages["encode"] = self.encoded_s - self.headed_s
        if not isnan(self.sent_s):
            stages["decode"] = self.server_decode_s
            stages["tail"] = self.server_tail_s
            if isnan(self.uplink_s):
                stages["network"] = self.answered_s - self.sent_s - self.server_s
            else:
                stages["uplink"] = self.uplink_s
                stages["downlink"] = self.downlink_s
        stages["other"] = self.latency_s - sum(stages.values())
        return stages

    def as_row(self) -> dict[str, Any]:
        """Flat columns: marks and sizes by their own names, the rest as `stage_*`, `label_*` ..."""
        row: dict[str, Any] = {
            name: getattr(self, name)
            for name in self.__slots__
            if name not in ("predictions", "labels", "outcome")
        }
        row["outcome"] = str(self.outcome)
        row["latency_s"] = self.latency_s
        row |= {f"stage_{stage}_s": value for stage, value in self.stages_s().items()}
        row |= {f"predicted_{task}": value for task, value in self.predictions.items()}
        row |= {f"label_{task}": value for task, value in self.labels.items()}
        return row
