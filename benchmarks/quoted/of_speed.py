"""How fast virtual time is, and how true links are."""

from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.quoted.tables import read_json, table


def speed(file: Path) -> str:
    """Requests a second, and what transfers take beside a packet simulator."""
    found = read_json(file)
    rows = [
        (
            row["name"],
            f"{row['up_bytes']:,}",
            f"{row['us_s'] * 1e6:.0f} us",
            f"{row['ns_s'] * 1e6:,.0f} us",
            f"{row['ratio']:.0f}",
        )
        for row in found["rows"]
    ]
    heads = ("a request of", "bytes up", "here", f"ns.py {found['peer']}", "times")
    per_s, least = (round(found[name], -2) for name in ("requests_per_s", "target_per_s"))
    return (
        f"{per_s:,.0f} requests a second of one core on lte.yaml (target {least:,.0f}); ns.py "
        f"takes {found['ratio']:.0f} times as long for its transfers (target "
        f"{found['target_ratio']}):\n\n{table(heads, rows)}"
    )


def links(folder: Path) -> str:
    """How many targets of each backend hold, and which are missed."""
    found = pd.read_csv(folder / "fidelity.csv")
    judged = found[found["target"].notna()]
    lines = []
    for backend, of_one in judged.groupby("backend", sort=False):
        hold = of_one["holds"].astype(bool)
        lines.append(f"- {backend}: {hold.sum()} of {len(of_one)} targets hold\n")
        for _, row in of_one[~hold].iterrows():
            lines.append(
                f"  - missed: {row['link']}, {row['instrument']}, {row['quantity']} "
                f"({row['direction']}): {_found(row)}, target: {row['target']}\n"
            )
    return "".join(lines)


def _found(row: "pd.Series[Any]") -> str:
    """By how much it was off; where there is no error, what it was."""
    if pd.notna(row["error"]):
        return f"{row['error']:+.3g} {row['unit']}"
    return f"{row['achieved']:.3g} {row['unit']}"
