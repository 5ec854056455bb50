"""Where a request's energy at the edge goes: a stacked bar of joules a deployment."""

from typing import Any

from matplotlib.figure import Figure

from testbed.figures import bars, style
from testbed.figures.axis import CannotDraw
from testbed.figures.stages import LOOKS
from testbed.results.energy import PARTS
from testbed.results.wording import joules

RADIO = {"radio_on": ("#fbe3c8", "....."), "radio_tail": ("#f5f5f5", "xxxx")}
TOTAL_ROOM = 1.65  # of the longest bar, so that its total and range fit to the right of it
SAYS = (
    "Modelled, above what the edge draws when it rests; range: all figures at their lowest, all at "
    "their highest."
)


def is_known(summary: dict[str, Any]) -> bool:
    """Whether there is anything to draw."""
    return any(_mean_j(deployment) is not None for deployment in summary["deployments"])


def draw(summary: dict[str, Any]) -> Figure:
    """Over all requests; where it is not known, a bar says so. Raises CannotDraw where none is."""
    if not is_known(summary):
        power = summary.get("edge_power") or {"unknown": "a run from before energy was asked"}
        raise CannotDraw(f"found {power['unknown']}; needed: the power of device and radio")
    deployments = summary["deployments"]
    drawn, axes = bars.stacked(
        [bars.Bar(one["name"], _parts_j(one), _total(one)) for one in deployments],
        {part: LOOKS[part] for part in PARTS if part not in RADIO} | RADIO,
    )
    longest_j = max(_mean_j(one) or 0.0 for one in deployments)
    bars.frame(axes, TOTAL_ROOM * longest_j or 1.0)
    axes.set_xlabel("mean energy of a request at the edge (J)")
    style.small_print(drawn, [*style.caption_lines(summary), SAYS])
    return drawn


def _mean_j(deployment: dict[str, Any]) -> float | None:
    known: float | None = deployment.get("edge_energy_j", {}).get("mean")
    return known


def _parts_j(deployment: dict[str, Any]) -> dict[str, float]:
    if _mean_j(deployment) is None:
        return {}
    parts_j = deployment["energy_by_part_j"]
    return {part: parts_j[part] for part in PARTS if parts_j[part] > 0}


def _total(deployment: dict[str, Any]) -> str:
    mean_j = _mean_j(deployment)
    if mean_j is None:
        return "not known"
    low, high = (joules(deployment["edge_energy_j"][end]) for end in ("low", "high"))
    return f"{joules(mean_j)} ({low} to {high})"
