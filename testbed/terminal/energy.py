"""The energy of requests at the edge, as a table."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from testbed.results.wording import UNKNOWN, digits
from testbed.terminal.plain import in_two, plain_table


def energy_parts(summary: dict[str, Any]) -> list[RenderableType]:
    """A table, a row a deployment, where any energy is known; else why not, if a radio is named."""
    power = summary.get("edge_power")
    if power is None:
        return []
    deployments = summary["deployments"]
    known = any(d["edge_energy_j"]["mean"] is not None for d in deployments)
    counted = any(d["measured_energy_j"] is not None for d in deployments)
    missing = Text(f"energy at the edge: {UNKNOWN}: {power['unknown']}")
    if not known and not counted:
        return [missing] if power["radio"] else []
    table = plain_table(
        "energy at the edge, mJ a request",
        "modelled, above idle; range: all figures of device and radio at their lowest, or all at "
        "their highest" + ("; counted: by the machine, its idling included" if counted else ""),
    )
    table.add_column("deployment", no_wrap=True)
    headings = ["mean", "range", "computing", "bits", "radio on", "tail"]
    for heading in [*headings, *(["counted"] if counted else [])]:
        table.add_column(heading, justify="right", no_wrap=True)
    for deployment in deployments:
        cells = [*_energies(deployment), _millijoules(deployment["measured_energy_j"])]
        table.add_row(in_two(deployment["name"]), *(cells if counted else cells[:-1]))
    return [table, *([missing] if power["unknown"] else [])]


def _energies(deployment: dict[str, Any]) -> list[str]:
    """Mean, range; computing, bits, radio on, tail."""
    whole, parts = deployment["edge_energy_j"], deployment["energy_by_part_j"]
    ends = [_millijoules(whole[end]) for end in ("low", "high")]
    pairs = (("head", "encode"), ("uplink", "downlink"), ("radio_on",), ("radio_tail",))
    sums = [
        None if any(parts[name] is None for name in names) else sum(parts[name] for name in names)
        for names in pairs
    ]
    return [_millijoules(whole["mean"]), "..".join(ends), *map(_millijoules, sums)]


def _millijoules(joules: float | None) -> str:
    return "0" if joules == 0 else digits(None if joules is None else joules * 1e3)
