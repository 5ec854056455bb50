"""The grid on which virtual time is held against the wall clock, and how it is split.

A link of the grid is measured with every deployment that crosses it; a cell is one deployment on
one link. Which links are taken, and which of them are held out from tuning the model, is drawn with
a fixed seed and does not depend on anything measured.
"""

from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario

BASE = Path(__file__).parents[1] / "scenarios" / "lte.yaml"
RATES_MBPS = (1, 2, 5, 10, 20, 50, 100)
RTTS_MS = (2, 10, 25, 50, 100, 200)
LOSSES = (0.0, 0.001, 0.01, 0.03)
CONGESTION_CONTROLS = ("cubic", "reno", "bbr")
ARRIVALS = ("closed", "periodic")
QUEUE = "100ms"
"""As in the scenarios that ship: at 1 and 2 Mbit/s a camera image does not fit."""

SEED = 40
SEEN_SEED, SEEN_LINKS = 20, 48
"""An earlier grid, which was looked at while the model was made: none of it is held out."""
LINKS, QUICK_LINKS = 40, 4
REPEATS = 2
REQUESTS, QUICK_REQUESTS = 14, 8
WARMUP = 3
PREDICTED_RUNS = 20
"""So that what chance adds to a prediction is small beside what it adds to a measurement. Runs, not
repeats: a connection that lives longer than the measured one has lost more, and is slower for it.
"""


@dataclass(frozen=True, slots=True)
class LinkCell:
    """One link of the grid. held_out: the model was not tuned on it."""

    rate_mbps: float
    rtt_ms: float
    loss: float
    congestion_control: str
    arrival: str
    held_out: bool

    @property
    def name(self) -> str:
        """Such as `10mbit-50ms-1pct-cubic-closed`."""
        loss = f"{self.loss * 100:g}pct"
        link = f"{self.rate_mbps:g}mbit-{self.rtt_ms:g}ms-{loss}"
        return f"{link}-{self.congestion_control}-{self.arrival}"

    @property
    def period_s(self) -> float:
        """Of periodic arrivals: time for a camera image on this link, and then a silence.

        Longer than a retransmission timeout, after which TCP starts slowly again.
        """
        image_s = 0.5 / self.rate_mbps
        return 0.1 + image_s + 5 * self.rtt_ms / 1e3 + 0.4

    def scenario(self, requests: int, repeats: int, run: int = 0) -> Scenario:
        """scenarios/lte.yaml on this link; local, which no link can touch, is left out.

        run: each has a seed of its own.
        """
        lane = {
            "rate": f"{self.rate_mbps:g}mbit",
            "delay": f"{self.rtt_ms / 2:g}ms",
            "loss": f"{self.loss * 100:g}%",
            "queue": QUEUE,
        }
        base = load_scenario(BASE)
        tree = base.model_dump(mode="json")
        changes: dict[str, Any] = {
            "name": self.name,
            "link": {
                "uplink": lane,
                "downlink": lane,
                "congestion_control": self.congestion_control,
            },
            "deployments": [entry for entry in tree["deployments"] if entry != "local"],
            "repeats": repeats,
            "seed": tree["seed"] + run,
            "workload": tree["workload"]
            | {"requests": requests, "warmup": WARMUP, "timeout": "30s", "arrival": self._arrival},
        }
        return Scenario.model_validate(tree | changes)

    @property
    def _arrival(self) -> Any:
        return "closed" if self.arrival == "closed" else {"periodic": f"{1 / self.period_s:.6g}hz"}

    def axes(self) -> dict[str, Any]:
        """The columns that say which link it is."""
        return {"link": self.name, **asdict(self)}


def grid(count: int) -> list[LinkCell]:
    """`count` links of the grid, each as likely as any other; every second new one is held out.

    The first of them are the same whatever the count.
    """
    every = list(product(RATES_MBPS, RTTS_MS, LOSSES, CONGESTION_CONTROLS, ARRIVALS))
    order = np.random.default_rng(SEED).permutation(len(every))[:count]
    seen = set(np.random.default_rng(SEEN_SEED).permutation(len(every))[:SEEN_LINKS])
    links = []
    for place, number in enumerate(order):
        rate_mbps, rtt_ms, loss, congestion_control, arrival = every[number]
        held_out = bool(place % 2) and number not in seen
        links.append(LinkCell(rate_mbps, rtt_ms, loss, congestion_control, arrival, held_out))
    return links
