"""The links on which a frozen model is held against the wall clock: drawn by a seed, after it.

Over all that a scenario can say. Every feature's values are dealt out evenly over the links, like
cards, and the features independently of each other (a Latin hypercube, McKay 1979): so few links
meet every value of every feature, and none is chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from testbed.config.scenario import Scenario

TRACES_FOLDER = Path(__file__).parents[1] / "scenarios" / "traces"
TRACES = ("congested-wifi", "driving-lte", "mmwave", "subway-3g")
LINKS, QUICK_LINKS = 40, 4
REPEATS, REQUESTS, WARMUP = 6, 8, 2
"""A repeat is a connection of its own."""
DEPLOYMENTS = (
    "local",
    {"remote": {"codec": "jpeg", "quality": 90, "resize": "none"}},
    {"remote": {"codec": "jpeg", "quality": 90, "resize": "model"}},
    {"split": {"codec": "fp16"}},
)
RATE_MBPS, RTT_MS = (0.5, 100.0), (2.0, 200.0)
"""Both are drawn evenly on a logarithmic scale."""
FEATURES: Mapping[str, Sequence[Any]] = {
    "asymmetry": (1, 1, 4, 10),
    "jitter": (0.0, 0.0, 0.1, 0.3),
    "distribution": ("normal", "uniform", "pareto"),
    "loss": ("none", "none", "0.1%", "1%", "3%", "bursts"),
    "queue": ("100ms", "300ms", "codel"),
    "varies": ("no", "no", "no", "no", "trace", "outages"),
    "congestion_control": ("cubic", "reno", "bbr"),
    "arrival": ("closed", "closed", "periodic", "poisson", "overload"),
    "edge": ("raspberry-pi-4", "pixel", "jetson-nano"),
    "backbone": ("mobilenet_v3_small", "resnet18"),
}
PERIODS = {"periodic": 2.0, "poisson": 2.0, "overload": 0.7}
"""From one request to the next, in times that the slowest deployment takes, roughly."""


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """One link, the devices at its ends, and how requests come.

    asymmetry: downlink over uplink rate. jitter: a share of the delay one way. varies: what of the
    link changes with time; a trace takes the place of the rates, and trace is its name. seed: of
    its scenario.
    """

    number: int
    rate_mbps: float
    rtt_ms: float
    asymmetry: int
    jitter: float
    distribution: str
    loss: str
    queue: str
    varies: str
    congestion_control: str
    arrival: str
    edge: str
    backbone: str
    trace: str
    seed: int

    @property
    def name(self) -> str:
        """Such as `07-2.4mbit-51ms-cubic-closed`."""
        rate = self.trace or f"{self.rate_mbps:.3g}mbit"
        link = f"{self.number:02}-{rate}-{self.rtt_ms:.3g}ms"
        return f"{link}-{self.congestion_control}-{self.arrival}"

    def axes(self) -> dict[str, Any]:
        """The columns that say which link it is."""
        return {"link": self.name, **asdict(self)}

    def scenario(self, requests: int = REQUESTS, repeats: int = REPEATS) -> Scenario:
        """All deployments over this link."""
        link = {
            "uplink": self._lane(self.rate_mbps, "up"),
            "downlink": self._lane(self.rate_mbps * self.asymmetry, "down"),
            "congestion_control": self.congestion_control,
        }
        workload = {
            "requests": requests,
            "warmup": WARMUP,
            "timeout": "20s",
            "arrival": self._arrival(),
        }
        tree = {
            "name": self.name,
            "link": link,
            "edge": {"device": self.edge},
            "server": {"device": "server-core"},
            "model": {"backbone": self.backbone},
            "workload": workload,
            "deployments": list(DEPLOYMENTS),
            "repeats": repeats,
            "seed": self.seed,
        }
        return Scenario.model_validate(tree)

    def _lane(self, rate_mbps: float, way: str) -> dict[str, Any]:
        delay_ms = self.rtt_ms / 2
        lane: dict[str, Any] = {"delay": f"{delay_ms:.4g}ms", "queue": self.queue}
        if self.trace:
            lane["trace"] = str(TRACES_FOLDER / f"{self.trace}.{way}")
        else:
            lane["rate"] = f"{rate_mbps:.4g}mbit"
        if self.queue == "codel":
            lane["queue"] = {"codel": {"limit": "1s"}}
        if self.jitter:
            lane |= {"jitter": f"{self.jitter * delay_ms:.4g}ms", "distribution": self.distribution}
        if self.loss == "bursts":
            lane["loss"] = {"gilbert_elliott": {"p": "1%", "r": "30%", "loss_bad": "50%"}}
        elif self.loss != "none":
            lane["loss"] = self.loss
        if self.varies == "outages":
            lane["outages"] = [{"at": "1s", "lasting": "300ms"}, {"at": "4s", "lasting": "800ms"}]
        return lane

    def _arrival(self) -> Any:
        if self.arrival == "closed":
            return "closed"
        slowest_s = 0.15 + 0.5 / self.rate_mbps + 3 * self.rtt_ms / 1e3
        rate = f"{1 / (PERIODS[self.arrival] * slowest_s):.4g}hz"
        return {"poisson" if self.arrival == "poisson" else "periodic": rate}


def draw(seed: int, count: int = LINKS) -> list[DrawnLink]:
    """So many links; the same ones for the same seed and count."""
    random = np.random.default_rng(seed)
    dealt = {name: _dealt(random, values, count) for name, values in FEATURES.items()}
    rates_mbps = _spread(random, RATE_MBPS, count)
    rtts_ms = _spread(random, RTT_MS, count)
    traces = _dealt(random, TRACES, count)
    links = []
    for number in range(count):
        features = {name: values[number] for name, values in dealt.items()}
        trace = traces[number] if features["varies"] == "trace" else ""
        place: dict[str, Any] = {
            "number": number,
            "rate_mbps": rates_mbps[number],
            "rtt_ms": rtts_ms[number],
        }
        links.append(
            DrawnLink(**place, **features, trace=trace, seed=int(random.integers(1, 2**31)))
        )
    return links


def _dealt(random: np.random.Generator, values: Sequence[Any], count: int) -> list[Any]:
    """Each value as often as any other, in an order of chance."""
    return [values[place % len(values)] for place in random.permutation(count).tolist()]


def _spread(random: np.random.Generator, ends: tuple[float, float], count: int) -> list[float]:
    """A value out of each of as many equal parts of a logarithmic scale, in an order of chance."""
    shares = (random.permutation(count) + random.random(count)) / count
    low, high = ends
    return [low * (high / low) ** share for share in shares.tolist()]
