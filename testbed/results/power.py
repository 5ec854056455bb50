"""What an edge draws: sourced figures of its device and its radio, as a run keeps them.

Where they come from is in `testbed/devices`; what follows from them for requests, in `energy.py`.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from testbed.config.section import Section

Basis = Literal["measured", "published", "inferred"]
"""Where a figure is from: our own measuring, somebody else's, or a conclusion from others."""

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Figure(Section):
    """A number with its uncertainty: the value used, and the lowest and highest it may be."""

    value: Amount
    lowest: Amount
    highest: Amount
    basis: Basis
    source: str

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not self.lowest <= self.value <= self.highest:
            raise ValueError("allowed: lowest, value, highest in this order")
        return self


class Radio(Section):
    """A radio, by what the device draws for it above what it draws when the radio rests.

    up_j_per_bit, down_j_per_bit: for each bit sent or received. connected_w: while a message is
    under way or an answer is waited for. tail_w: afterwards, for `tail_s`, until it rests again.
    """

    description: str
    up_j_per_bit: Figure
    down_j_per_bit: Figure
    connected_w: Figure
    tail_w: Figure
    tail_s: Amount


class EdgePower(Section):
    """Of one scenario's edge. computing_w: above idle, while it computes. None: not known.

    unknown: what is missing, and why, in words; empty where nothing is.
    """

    computing_w: Figure | None
    radio: Radio | None
    unknown: str
