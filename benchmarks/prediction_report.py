"""What a comparison leaves: cells.csv, errors.csv, prediction.md, provenance.json and a figure."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.prediction_errors import TARGETS, error_table, misses
from testbed.figures import prediction, style
from testbed.storage.files import replacing
from testbed.storage.strict_json import dumps

MOST_MISSES = 20


def write_report(
    cells: pd.DataFrame, stale: pd.DataFrame, facts: dict[str, Any], out: Path
) -> list[Path]:
    """Write everything below `out`; returns the files. stale: the cells as the first profile alone
    predicts them. Raises OSError.
    """
    errors = error_table(cells)
    files = {
        "cells.csv": cells.to_csv(index=False, float_format="%.6g"),
        "errors.csv": errors.to_csv(index=False, float_format="%.4f"),
        "prediction.md": "\n".join(_page(cells, errors, error_table(stale), facts)) + "\n",
        "provenance.json": dumps(facts),
    }
    for name, text in files.items():
        with replacing(out / name) as draft:
            draft.write_text(text, encoding="utf-8")
    shown = cells.rename(
        columns={"measured_p50_ms": "measured_ms", "predicted_p50_ms": "predicted_ms"}
    ).dropna(subset=["measured_ms", "predicted_ms"])
    said = [
        f"Measured: tun link, wall clock, {int(cells['requests'].min())} requests a cell. "
        "Predicted: simpy link, virtual clock, from a profile of both halves."
    ]
    with style.applied():
        drawn = style.write(prediction.draw(shown, said), out / "prediction")
    return [*(out / name for name in files), *drawn]


def verdict(errors: pd.DataFrame) -> Iterator[str]:
    """The targets, and whether they hold on the cells that were held out."""
    held_out = _held_out(errors)
    for name, target in TARGETS.items():
        found = float(held_out[f"p50_{name}"])
        which = "median" if name == "median" else "95th percentile"
        yield (
            f"{which} of the absolute error of p50 over {held_out['cells']} held-out cells: "
            f"{found * 100:.1f} %, target {target * 100:g} %: "
            f"{'holds' if found <= target else 'MISSED'}"
        )


def _held_out(errors: pd.DataFrame) -> pd.Series:
    return errors[errors["is"] == "held out"].iloc[0]


def _page(
    cells: pd.DataFrame, errors: pd.DataFrame, stale: pd.DataFrame, facts: dict[str, Any]
) -> Iterator[str]:
    times = facts["measured_utc"]
    old = _held_out(stale)
    yield "# Virtual time against the wall clock"
    yield ""
    yield f"`{facts['command']}`; both halves were measured {len(times)} times between"
    yield f"{times[0]} and {times[-1]}, and each link is predicted from the last time before it."
    yield ""
    yield from (f"- {line}" for line in verdict(errors))
    yield (
        f"- from the first profile alone, however old: median {old['p50_median'] * 100:.1f} %, "
        f"95th percentile {old['p50_p95'] * 100:.1f} %"
    )
    yield (
        f"- measured again: of two repeats one p50 is larger by a median of "
        f"{errors['repeats_median'].iloc[0] * 100:.1f} %, 95th percentile "
        f"{errors['repeats_p95'].iloc[0] * 100:.1f} %: no prediction can be expected to do better"
    )
    yield f"- compute time in later profiles, against the first: {facts['drift']}"
    yield from ("", "## Errors by region", "")
    yield (
        "Absolute, in percent of what was measured: median / 95th percentile. bias: median error "
        "of p50 with its sign. inside: share of cells whose predicted p50 lies in the 95 % "
        "interval of the measured one. network: uplink and downlink alone."
    )
    yield ""
    yield "| region | | cells | p50 | mean | p95 | network p50 | bias | inside |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for _, row in errors.iterrows():
        pairs = " | ".join(
            f"{row[f'{name}_median'] * 100:.1f} / {row[f'{name}_p95'] * 100:.1f}"
            for name in ("p50", "mean", "p95", "network_p50")
        )
        yield (
            f"| {row['region']} | {row['is']} | {row['cells']} | {pairs} | "
            f"{row['bias'] * 100:+.1f} | {row['within_interval'] * 100:.0f} |"
        )
    worst = misses(cells)
    yield from ("", f"## Cells off by more than {TARGETS['p95'] * 100:g} %: {len(worst)}", "")
    yield "| link | deployment | measured p50 (95 % interval), ms | predicted | error, % | |"
    yield "| --- | --- | ---: | ---: | ---: | --- |"
    for _, row in worst.head(MOST_MISSES).iterrows():
        yield (
            f"| {row['link']} | {row['deployment']} | {row['measured_p50_ms']:.1f} "
            f"({row['measured_p50_low_ms']:.1f} to {row['measured_p50_high_ms']:.1f}) | "
            f"{row['predicted_p50_ms']:.1f} | {row['error_p50'] * 100:+.1f} | "
            f"{'held out' if row['held_out'] else 'tuning'} |"
        )
