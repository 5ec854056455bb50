"""The `link:` part of a scenario, and how it becomes a `LinkSpec`.

The rest of a scenario is in `scenario.py`; the unit types are in `quantity.py`.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from emulation import units
from emulation.errors import SpecError
from emulation.spec import (
    CongestionControl,
    Distribution,
    GilbertElliott,
    LaneSpec,
    LinkSpec,
    Outage,
)
from emulation.trace import RateTrace, load_trace
from testbed.config.quantity import Duration, Fraction, Rate

UNLIMITED_QUEUE_BYTES = 4_000_000
"""What a queue given as a time means on a lane without a rate: there it never fills."""


class Section(BaseModel):
    """Base of every part of a scenario: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    """`{at: 5s, lasting: 500ms}`: nothing is carried for that long, counted from link opening."""

    at: Duration
    lasting: Duration


def _loss_kind(value: object) -> str:
    return "burst" if isinstance(value, dict | BurstLoss) else "random"


Loss = Annotated[
    Annotated[Fraction, Tag("random")] | Annotated[BurstLoss, Tag("burst")],
    Discriminator(_loss_kind),
]


class LaneSection(Section):
    """One direction of the link. `rate` or `trace`; neither means unlimited."""

    rate: Rate | None = None
    delay: Duration = 0.0
    jitter: Duration = 0.0
    distribution: Distribution = "normal"
    loss: Loss = 0.0
    queue: str = "100ms"
    reorder: bool = False
    trace: Path | None = None
    outages: tuple[OutageSection, ...] = ()

    @field_validator("queue", mode="before")
    @classmethod
    def _queue_has_a_unit(cls, value: object) -> str:
        text = str(value)
        _queue_bytes(text, rate_bps=1e6)
        return text

    @model_validator(mode="after")
    def _is_a_lane(self) -> Self:
        self.to_spec()
        return self

    def to_spec(self) -> LaneSpec:
        """The same in SI. Raises SpecError for what no lane can have (or a bad trace file)."""
        trace = load_trace(self.trace) if self.trace is not None else None
        return LaneSpec(
            rate_bps=self.rate,
            delay_s=self.delay,
            jitter_s=self.jitter,
            distribution=self.distribution,
            loss=_loss_spec(self.loss),
            queue_bytes=_queue_bytes(self.queue, _nominal_rate(self.rate, trace)),
            reorder=self.reorder,
            trace=trace,
            outages=tuple(Outage(o.at, o.lasting) for o in self.outages),
        )


def _loss_spec(loss: float | BurstLoss) -> float | GilbertElliott:
    if not isinstance(loss, BurstLoss):
        return loss
    model = loss.gilbert_elliott
    return GilbertElliott(model.p, model.r, model.loss_bad, model.loss_good)


def _nominal_rate(rate_bps: float | None, trace: RateTrace | None) -> float | None:
    return trace.mean_rate_bps if trace is not None else rate_bps


def _queue_bytes(text: str, rate_bps: float | None) -> int:
    """A queue length as bytes: a size as it is, a time at the lane's mean rate."""
    try:
        duration_s = units.parse_time(text)
    except SpecError:
        try:
            return int(units.parse_size(text))
        except SpecError:
            raise SpecError(
                f"found {text!r}, allowed: a time or a size, such as 100ms or 64kb"
            ) from None
    if rate_bps is None:
        return UNLIMITED_QUEUE_BYTES
    return int(duration_s * rate_bps / 8)


class ToleranceSection(Section):
    """How far the probe may find the link from what was configured; a share of each."""

    rate: Fraction = 0.05
    rtt: Fraction = 0.05


def _tolerance_may_be_off(value: object) -> object:
    return None if value is False or value == "off" else value


class LinkSection(Section):
    """Both directions; uplink runs from the edge to the server."""

    uplink: LaneSection
    downlink: LaneSection
    congestion_control: CongestionControl = "cubic"
    tolerance: Annotated[
        ToleranceSection | None,
        BeforeValidator(_tolerance_may_be_off),
        Field(description="null or off: measure, warn, and go on"),
    ] = ToleranceSection()

    def to_spec(self) -> LinkSpec:
        """The same in SI units."""
        return LinkSpec(self.uplink.to_spec(), self.downlink.to_spec(), self.congestion_control)
