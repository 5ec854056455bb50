"""Does a published figure follow from anything? Compare it, as printed, with what can be computed.

The more quantities are tried the likelier it is that one agrees by chance, so every result says how
many there were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

UNITS: Mapping[str, Sequence[tuple[str, float]]] = {
    "GB": (("10^9 B", 1e9), ("2^30 B", 2**30), ("1000 * 2^20 B", 1000 * 2**20)),
    "MB": (("10^6 B", 1e6), ("2^20 B", 2**20)),
    "%": (("0.01", 0.01),),
}
"""What the unit of a printed figure can mean."""


@dataclass(frozen=True)
class Printed:
    """A figure as it is printed: 6.9 GB has amount 6.9, decimals 1, unit GB."""

    amount: float
    decimals: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount:.{self.decimals}f} {self.unit}"


def explained(*tried: tuple[Printed, Mapping[str, float]]) -> pd.DataFrame:
    """The candidates (name -> bytes, or a share for %) that round to the figure they are tried for.

    A row for each and for each meaning of the unit with which it does.
    """
    rows = [
        (str(printed), name, value, means)
        for printed, candidates in tried
        for name, value in candidates.items()
        for means, unit in UNITS[printed.unit]
        if f"{value / unit:.{printed.decimals}f} {printed.unit}" == str(printed)
    ]
    return pd.DataFrame(rows, columns=["published", "quantity", "value", "unit_read_as"])


def agreeing(printed: Printed, candidates: Mapping[str, float]) -> list[str]:
    """Names of the candidates that would be printed so."""
    return list(dict.fromkeys(explained((printed, candidates))["quantity"]))


def sentence(printed: Printed, candidates: Mapping[str, float]) -> str:
    """What agrees with the printed figure, in words."""
    tried, found = f"of {len(candidates)} quantities computed here", agreeing(printed, candidates)
    if not found:
        return f"none {tried} is printed as {printed}"
    return f"{tried}, printed as {printed}: {'; '.join(found)}"
