"""The `link:` part of a scenario, and how it becomes a `LinkSpec`.

The rest of a scenario is in `scenario.py`; the unit types are in `quantity.py`.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from emulation.spec import (
    CongestionControl,
    Distribution,
    GilbertElliott,
    LaneSpec,
    LinkSpec,
    Outage,
)
from emulation.trace import load_trace
from testbed.config.quantity import Duration, Fraction, Rate
from testbed.config.queue_section import DEFAULT_LIMIT, Queue, queue_of
from testbed.config.section import Section


class GilbertElliottSection(Section):
    """Two-state loss, parameters as netem's `loss gemodel` (p, r, 1-h, 1-k)."""

    p: Fraction
    r: Fraction
    loss_bad: Fraction = 1.0
    loss_good: Fraction = 0.0


class BurstLoss(Section):
    """`loss: {gilbert_elliott: {...}}`."""

    gilbert_elliott: GilbertElliottSection


class OutageSection(Section):
    """`{at: 5s, lasting: 500ms}`: nothing is carried for that long.

    `at` counts from the beginning of each block, which is that of its warm-up; where programs of
    others use the link, from its opening.
    """

    at: Duration
    lasting: Duration


Loss = Annotated[
    Annotated[Fraction, Tag("<random>")] | Annotated[BurstLoss, Tag("<burst>")],
    Discriminator(lambda value: "<burst>" if isinstance(value, dict | BurstLoss) else "<random>"),
]


class LaneSection(Section):
    """One direction of the link. `rate` or `trace`; neither means unlimited."""

    rate: Rate | None = None
    delay: Duration = 0.0
    jitter: Duration = 0.0
    distribution: Distribution = "normal"
    loss: Loss = 0.0
    queue: Queue = DEFAULT_LIMIT
    reorder: bool = False
    trace: Path | None = None
    outages: tuple[OutageSection, ...] = ()

    @model_validator(mode="after")
    def _is_a_lane(self) -> Self:
        self.to_spec()
        return self

    def to_spec(self) -> LaneSpec:
        """The same in SI. Raises SpecError for what no lane can have (or a bad trace file)."""
        loss = self.loss
        lane = LaneSpec(
            rate_bps=self.rate,
            delay_s=self.delay,
            jitter_s=self.jitter,
            distribution=self.distribution,
            loss=GilbertElliott(**dict(loss.gilbert_elliott))
            if isinstance(loss, BurstLoss)
            else loss,
            reorder=self.reorder,
            trace=load_trace(self.trace) if self.trace is not None else None,
            outages=tuple(Outage(o.at, o.lasting) for o in self.outages),
        )
        queue_bytes, policy = queue_of(self.queue, lane.mean_rate_bps)
        return replace(lane, queue_bytes=queue_bytes, queue_policy=policy)


class ToleranceSection(Section):
    """How far a run may be from what was configured.

    rate, rtt: the link, as the probe finds it; a share of each. compute: where devices are named,
    the share of a half's stages, and of its time, by which its host may be later than its device.
    """

    rate: Fraction = 0.05
    rtt: Fraction = 0.05
    compute: Fraction = 0.01


class LinkSection(Section):
    """Both directions; uplink runs from the edge to the server."""

    uplink: LaneSection
    downlink: LaneSection
    congestion_control: CongestionControl = "cubic"
    tolerance: Annotated[
        ToleranceSection | None,
        BeforeValidator(lambda value: None if value is False or value == "off" else value),
        Field(description="null or off: measure, warn, and go on"),
    ] = ToleranceSection()

    def to_spec(self) -> LinkSpec:
        """The same in SI units."""
        return LinkSpec(self.uplink.to_spec(), self.downlink.to_spec(), self.congestion_control)
