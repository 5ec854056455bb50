"""What a link is asked to be: frozen, SI units in the names, checked on construction.

`units.py` turns what people write into these numbers; `lane/` obeys them.
"""

import json
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any, Literal, get_args

from emulation.errors import SpecError
from emulation.queues import POLICIES, QueuePolicy, name_of
from emulation.queues.drop_tail import DropTail
from emulation.trace import RateTrace

Distribution = Literal["normal", "uniform", "pareto"]
CongestionControl = Literal["cubic", "bbr", "reno"]

MTU_BYTES = 1500
"""Largest IP packet on every link here (Ethernet)."""


@dataclass(frozen=True, slots=True)
class GilbertElliott:
    """Two-state loss: a good and a bad state, each with its own loss probability.

    Same parameters as netem's `loss gemodel p r 1-h 1-k` (tc-netem(8); Gilbert 1960,
    Elliott 1963): `p` good->bad and `r` bad->good per packet, `loss_bad` = 1-h, `loss_good` = 1-k.
    """

    p: float
    r: float
    loss_bad: float = 1.0
    loss_good: float = 0.0

    def __post_init__(self) -> None:
        for name in ("p", "r", "loss_bad", "loss_good"):
            _require_fraction(f"gilbert_elliott.{name}", getattr(self, name))
        if self.p + self.r == 0:
            raise SpecError("gilbert_elliott: p and r are both 0, allowed: at least one above 0")

    @property
    def mean(self) -> float:
        """Long-run fraction of packets lost."""
        bad = self.p / (self.p + self.r)
        return bad * self.loss_bad + (1 - bad) * self.loss_good


@dataclass(frozen=True, slots=True)
class Outage:
    """The lane carries nothing from `start_s` after its opening on, for `duration_s`."""

    start_s: float
    duration_s: float

    def __post_init__(self) -> None:
        _require_not_negative("outage.start_s", self.start_s)
        _require_not_negative("outage.duration_s", self.duration_s)

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """One direction of a link.

    rate_bps: bits per second at the IP layer; None is unlimited. delay_s: one-way propagation.
    jitter_s: spread of the delay (standard deviation; half width for `uniform`).
    loss: fraction of packets lost at random, before they use any rate (as netem does).
    queue_bytes: limit of the queue in front of the bottleneck, bytes waiting or in service.
    queue_policy: what is done about that queue beside dropping what comes while it is full.
    reorder: whether jitter may let a packet overtake another.
    trace: packet-delivery opportunities that replace `rate_bps`. trace_offset_s: where in it the
    lane is when it is opened; a trace has no end, so any time will do.

    Raises SpecError for a value no link can have.
    """

    rate_bps: float | None = None
    delay_s: float = 0.0
    jitter_s: float = 0.0
    distribution: Distribution = "normal"
    loss: float | GilbertElliott = 0.0
    queue_bytes: int = 1_000_000
    reorder: bool = False
    trace: RateTrace | None = None
    trace_offset_s: float = 0.0
    outages: tuple[Outage, ...] = ()
    queue_policy: QueuePolicy = DropTail()

    def __post_init__(self) -> None:
        if self.rate_bps is not None and not (isfinite(self.rate_bps) and self.rate_bps > 0):
            raise SpecError(f"rate: found {self.rate_bps:g} bit/s, allowed: above 0")
        _require_not_negative("delay", self.delay_s)
        _require_not_negative("jitter", self.jitter_s)
        _require_not_negative("trace offset", self.trace_offset_s)
        if not isinstance(self.loss, GilbertElliott):
            _require_fraction("loss", self.loss)
        if self.queue_bytes < MTU_BYTES:
            raise SpecError(
                f"queue: found {self.queue_bytes} bytes, allowed: at least one packet ({MTU_BYTES})"
            )
        if self.distribution not in get_args(Distribution):
            raise SpecError(
                f"distribution: found {self.distribution!r}, "
                f"allowed: {', '.join(get_args(Distribution))}"
            )
        if self.trace is not None and self.rate_bps is not None:
            raise SpecError("rate: found both a rate and a trace, allowed: one of the two")

    @property
    def mean_rate_bps(self) -> float | None:
        """Long-run rate: the trace's mean, or `rate_bps`; None is unlimited."""
        return self.trace.mean_rate_bps if self.trace is not None else self.rate_bps

    @property
    def mean_loss(self) -> float:
        """Long-run fraction of packets lost at random (queue overflow not counted)."""
        return self.loss.mean if isinstance(self.loss, GilbertElliott) else self.loss


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """Both directions (uplink: edge to server) and the congestion control of TCP across them."""

    uplink: LaneSpec
    downlink: LaneSpec
    congestion_control: CongestionControl = "cubic"

    @property
    def period_s(self) -> float:
        """After which the longer of its traces begins again; 0 without any."""
        traces = (self.uplink.trace, self.downlink.trace)
        return max(trace.period_ms / 1000 if trace is not None else 0.0 for trace in traces)


@dataclass(frozen=True, slots=True)
class Weather:
    """Everything random or scheduled that a link does from a moment on.

    seed: of what is lost and of all jitter. offset_s: where in their traces both lanes are at that
    moment. outages: whether those of the spec come, counted from that moment.
    """

    seed: int
    offset_s: float = 0.0
    outages: bool = True

    def over(self, spec: LinkSpec) -> LinkSpec:
        """The link that `spec` asks for, in this weather."""
        up, down = (self._over(lane) for lane in (spec.uplink, spec.downlink))
        return replace(spec, uplink=up, downlink=down)

    def _over(self, lane: LaneSpec) -> LaneSpec:
        outages = lane.outages if self.outages else ()
        return replace(lane, trace_offset_s=self.offset_s, outages=outages)


def link_to_json(spec: LinkSpec) -> str:
    """One line of JSON, for handing it to another process; every number survives exactly."""
    fields = asdict(spec)
    for name, lane in (("uplink", spec.uplink), ("downlink", spec.downlink)):
        policy = fields[name]["queue_policy"]
        fields[name]["queue_policy"] = {name_of(lane.queue_policy): policy}
    return json.dumps(fields)


def link_from_json(text: str) -> LinkSpec:
    """The spec that `link_to_json` wrote. Raises SpecError for values no link can have."""
    fields = json.loads(text)
    return LinkSpec(
        uplink=_lane_from(fields["uplink"]),
        downlink=_lane_from(fields["downlink"]),
        congestion_control=fields["congestion_control"],
    )


def _lane_from(fields: dict[str, Any]) -> LaneSpec:
    loss, trace = fields["loss"], fields["trace"]
    ((policy, parameters),) = fields["queue_policy"].items()
    nested = {
        "loss": GilbertElliott(**loss) if isinstance(loss, dict) else loss,
        "trace": trace and RateTrace(trace["name"], tuple(trace["delivery_ms"])),
        "outages": tuple(Outage(**outage) for outage in fields["outages"]),
        "queue_policy": POLICIES[policy](**parameters),
    }
    return LaneSpec(**(fields | nested))


def _require_fraction(name: str, value: float) -> None:
    if not (isfinite(value) and 0 <= value <= 1):
        raise SpecError(f"{name}: found {value:g}, allowed: 0 to 1 (0% to 100%)")


def _require_not_negative(name: str, value: float) -> None:
    if not (isfinite(value) and value >= 0):
        raise SpecError(f"{name}: found {value:g} s, allowed: 0 or more")
