"""An edge with round figures: 2 W to compute, a radio with a tail of 10 s."""

from typing import Any

from testbed.results.power import EdgePower, Figure, Radio


def figure(value: float, lowest: float | None = None, highest: float | None = None) -> Figure:
    """From half to twice, unless said otherwise."""
    return Figure(
        value=value,
        lowest=value / 2 if lowest is None else lowest,
        highest=2 * value if highest is None else highest,
        basis="inferred",
        source="made up",
    )


RADIO = Radio(
    description="made up",
    up_j_per_bit=figure(1e-6),
    down_j_per_bit=figure(1e-7),
    connected_w=figure(1.0),
    tail_w=figure(0.5),
    tail_s=10.0,
)
POWER = EdgePower(computing_w=figure(2.0), radio=RADIO, unknown="")


def facts(power: EdgePower = POWER, **changes: Any) -> dict[str, Any]:
    """As link.json has it."""
    return power.model_copy(update=changes).model_dump(mode="json")
