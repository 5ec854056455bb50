"""What a device draws, as its file says it."""

from typing import Self

from pydantic import model_validator

from testbed.config.section import Section
from testbed.results.power import Amount, Basis, Figure


class Power(Section):
    """Of the whole device, in watts. idle: at rest.

    busy: while it computes as its times were taken: on one core, or on all where the figures that
    scale it are of all. lowest, highest: of busy.
    """

    idle: Amount
    busy: Amount
    lowest: Amount
    highest: Amount
    basis: Basis
    source: str

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not self.idle <= self.lowest <= self.busy <= self.highest:
            raise ValueError("allowed: idle, lowest, busy, highest in this order")
        return self

    def computing(self) -> Figure:
        """Above idle, while it computes."""
        return Figure(
            value=self.busy - self.idle,
            lowest=self.lowest - self.idle,
            highest=self.highest - self.idle,
            basis=self.basis,
            source=self.source,
        )
