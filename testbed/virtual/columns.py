"""What a run in virtual time leaves: `results/table.py` made a block at a time, in numpy.

`results/record.py` says what a column means, and which ones a request has that was lost.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from testbed.halves.block import BUSY
from testbed.results.derived import STAGES
from testbed.results.record import Outcome
from testbed.results.table import LABEL, PREDICTED
from testbed.virtual.edge import FAULTS, Block
from testbed.virtual.work import Replay

Column = NDArray[Any]
Columns = dict[str, Column]

TEXTS = ("deployment", "outcome", "fault")


def columns_of(block: Block, repeat: int, deadline_s: float) -> Columns:
    """The finished requests of a block in the order in which they ended."""
    ended = np.asarray(block.ended)
    replay, rows = block.work.replay, block.work.rows[ended]
    faults = np.asarray(block.faults)[ended]
    answered = faults == 0
    begun = faults != FAULTS.index(BUSY)
    rested = np.asarray(block.rested)[ended]
    due_s = _mark(block.due_s, block, ended)
    issued_s = np.maximum(_mark(block.issued_s, block, ended), due_s)
    headed_s = issued_s + np.where(begun, replay.head.of(rows, rested), 0.0)
    encoded_s = headed_s + np.where(begun, replay.encode.of(rows, rested), 0.0)
    sent = begun & replay.crosses_link
    sent_s = np.where(sent, encoded_s, np.nan)
    came_back = sent & answered
    answered_s = np.where(answered, _mark(block.answered_s, block, ended), np.nan)
    uplink_s = np.where(came_back, _mark(block.received_s, block, ended) - sent_s, np.nan)
    server = {
        name: np.where(came_back, stage.of(rows, rested), np.nan)
        for name, stage in (
            ("server_decode_s", replay.decode),
            ("server_tail_s", replay.tail),
            ("server_s", replay.server),
        )
    }
    up, down = np.diff(np.asarray(block.metered), axis=0).T
    late = answered_s - due_s > deadline_s
    outcome = np.where(answered, np.where(late, Outcome.LATE, Outcome.ANSWERED), Outcome.LOST)
    marks: Columns = {
        "deployment": np.full(len(ended), replay.name, object),
        "repeat": np.full(len(ended), repeat),
        "index": ended,
        "sample": replay.samples[rows],
        "due_s": due_s,
        "issued_s": issued_s,
        "head_done_s": headed_s,
        "encode_done_s": encoded_s,
        "sent_s": sent_s,
        "answered_s": answered_s,
        "uplink_s": uplink_s,
        **server,
        "downlink_s": answered_s - sent_s - uplink_s - server["server_s"],
        "payload_up_bytes": np.where(sent, replay.payload_bytes[rows], 0),
        "payload_down_bytes": np.where(came_back, block.work.reply_bytes[ended], 0),
        "wire_up_bytes": up,
        "wire_down_bytes": down,
        "fault": np.asarray(FAULTS, object)[faults],
        "outcome": outcome.astype(object),
        "latency_s": answered_s - due_s,
    }
    return marks | _stages(marks) | _classes(replay, rows)


def table_of(blocks: Sequence[Columns]) -> pd.DataFrame:
    """All blocks below one another, typed as `table.table_of` types records."""
    joined = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    lost = np.isnan(joined["latency_s"])
    typed: dict[str, Any] = {}
    for name, column in joined.items():
        if name in TEXTS:
            typed[name] = pd.array(column, "str")
        elif name.startswith((PREDICTED, LABEL)):
            known = ~lost if name.startswith(PREDICTED) else np.ones_like(lost)
            typed[name] = pd.arrays.IntegerArray(column, ~known)
        else:
            typed[name] = column
    return pd.DataFrame(typed)


def _mark(marks: list[float], block: Block, ended: Column) -> Column:
    """Seconds since the block began."""
    return np.asarray(marks)[ended] - block.start_s


def _stages(marks: Columns) -> Columns:
    """`RequestRecord.stages_s` for all at once: one-way times belong to requests that came back."""
    sent, lost = ~np.isnan(marks["sent_s"]), np.isnan(marks["answered_s"])
    zero = np.zeros(len(sent))
    stages = {
        "wait": marks["issued_s"] - marks["due_s"],
        "head": marks["head_done_s"] - marks["issued_s"],
        "encode": marks["encode_done_s"] - marks["head_done_s"],
        "uplink": np.where(sent & ~lost, marks["uplink_s"], zero),
        "decode": np.where(sent, marks["server_decode_s"], zero),
        "tail": np.where(sent, marks["server_tail_s"], zero),
        "downlink": np.where(sent & ~lost, marks["downlink_s"], zero),
        "network": np.where(sent & lost, np.nan, zero),
    }
    stages["other"] = marks["latency_s"] - sum(stages.values())
    return {f"stage_{stage}_s": stages[stage] for stage in STAGES}


def _classes(replay: Replay, rows: Column) -> Columns:
    """What was predicted, whether or not it came back, and what was true."""
    predicted = {PREDICTED + task: of[rows] for task, of in replay.predictions.items()}
    return predicted | {LABEL + task: of[rows] for task, of in replay.labels.items()}
