"""What a comparison leaves: cells.csv, errors.csv, prediction.md, provenance.json and a figure."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.prediction_errors import TARGETS, error_table, interval_of, misses, size_of, sizes
from benchmarks.prediction_rivals import AGAIN, CHANCES, MODEL, RIVALS, STATISTICS
from testbed.figures import prediction, style
from testbed.storage.files import replacing
from testbed.storage.strict_json import dumps

SIZES = {"median": "median", "p95": "95th percentile"}
MUCH = 0.05
"""What chance on the link does not explain, and is worth a look into packet logs."""
SHOWN = {
    "measured_p50_ms": "measured p50, ms",
    f"{MODEL} p50_ms": MODEL,
    f"{AGAIN} p50_ms": "again",
    "measured_mean_ms": "measured mean, ms",
    f"{MODEL} mean_ms": MODEL,
    f"{AGAIN} mean_ms": "again",
}


def write_report(cells: pd.DataFrame, facts: dict[str, Any], out: Path) -> list[Path]:
    """Write everything below `out`; returns the files. Raises OSError."""
    errors = error_table(cells)
    files = {
        "cells.csv": cells.to_csv(index=False, float_format="%.6g"),
        "errors.csv": errors.to_csv(index=False, float_format="%.4f"),
        "prediction.md": "\n".join(_page(cells, errors, facts)) + "\n",
        "provenance.json": dumps(facts),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with replacing(out / name) as draft:
            draft.write_text(text, encoding="utf-8")
    shown = cells.assign(
        measured_ms=cells["measured_p50_ms"], predicted_ms=cells[f"{MODEL} p50_ms"]
    )
    finite = shown[np.isfinite(shown["measured_ms"] + shown["predicted_ms"])]
    said = [
        "Measured: tun link, wall clock. Predicted: simpy link, virtual clock, the same devices.",
        f"{len(shown) - len(finite)} of {len(shown)} cells lose half of their requests or more.",
    ]
    with style.applied():
        drawn = style.write(prediction.draw(finite, said), out / "prediction")
    return [*(out / name for name in files), *drawn]


def verdict(cells: pd.DataFrame) -> Iterator[str]:
    """The targets and whether the model meets them, each beside what its rivals reach."""
    found = {who: sizes(cells, who) for who in RIVALS}
    for (name, size), target in TARGETS.items():
        error = found[MODEL][f"{name}_{size}"]
        low, high = interval_of(cells, MODEL, (name, size))
        others = ", ".join(
            f"{who} {_percent(found[who][f'{name}_{size}'])} %" for who in RIVALS if who != MODEL
        )
        yield (
            f"{SIZES[size]} of the absolute error of {name} over {len(cells)} cells: "
            f"{_percent(error)} % ({_percent(low)} to {_percent(high)}), target "
            f"{target * 100:g} %: "
            f"{'holds' if error <= target else 'MISSED'} ({others})"
        )


def _beyond_runs(cells: pd.DataFrame) -> str:
    """What is left of the errors where a run may be any of the model's."""
    left = []
    for name in STATISTICS:
        errors = cells[f"beyond_runs {name}"]
        middle, far = (_percent(size) for size in size_of(errors))
        much = f"more than {MUCH * 100:g} % in {(errors.abs() > MUCH).sum()} cells"
        left.append(f"{name} {middle} and {far} %, {much}")
    return (
        f"beyond the least and the most of {CHANCES} runs of the model, each as large as the "
        f"measured one, median and 95th percentile: {'; '.join(left)}"
    )


def _page(cells: pd.DataFrame, errors: pd.DataFrame, facts: dict[str, Any]) -> Iterator[str]:
    yield "# Virtual time against the wall clock"
    yield ""
    if facts["hindsight"]:
        mended = facts["environment"]["git"]["commit"]
        yield f"`{facts['command']}`. The model is that of commit {mended},"
        yield "mended since by what these cells showed: they are no test of it. Links and"
        yield f"measurements are those for the model of {facts['frozen_at']}. Beside the model"
    else:
        yield f"`{facts['command']}`. The model is that of commit {facts['frozen_at']};"
        yield (
            "the links were drawn after it, by a seed made of that commit's hash. Beside the model"
        )
    yield "stand a closed form (compute of the devices + round trip + bytes over the rate) and"
    yield "measuring a second time, judged by the same measurement on the same cells. Measuring"
    yield "again meets the same losses, jitter, traces and outages, draw by draw; the model does"
    yield "not know which those are. Intervals: whole links drawn again and again."
    yield ""
    yield from (f"- {line}" for line in verdict(cells))
    inside = {who: sizes(cells, who)["inside"] for who in RIVALS}
    said = ", ".join(f"{who} {share * 100:.0f} %" for who, share in inside.items())
    yield f"- inside the 95 % interval of the measured mean: {said}"
    yield f"- {_beyond_runs(cells)}"
    yield from ("", "## Errors by region", "")
    yield (
        "Absolute, in percent of what was measured: median / 95th percentile. inside: share of "
        "cells whose mean lies in the 95 % interval of the measured one."
    )
    yield ""
    yield "| region | | cells | " + " | ".join(f"{w}: p50 | mean | inside" for w in RIVALS) + " |"
    yield "| --- | --- | ---: |" + " ---: |" * 3 * len(RIVALS)
    for (region, value), rows in errors.groupby(["region", "is"], sort=False):
        by_rival = {row["rival"]: row for _, row in rows.iterrows()}
        figures = " | ".join(_figures(by_rival[who]) for who in RIVALS)
        yield f"| {region} | {value} | {by_rival[MODEL]['cells']} | {figures} |"
    worst = misses(cells)
    yield from ("", f"## Cells off by more than {_targets()}: {len(worst)}", "")
    heads = [*SHOWN.values(), "beyond runs: p50, mean, %", "lost of link", "jitter", "varies"]
    yield f"| link | deployment | {' | '.join(heads)} |"
    yield "| --- | --- |" + " ---: |" * len(SHOWN) + " --- |" * (len(heads) - len(SHOWN))
    for _, row in worst.iterrows():
        figures = " | ".join(f"{row[name]:.1f}" for name in SHOWN)
        beyond = ", ".join(_percent(row[f"beyond_runs {name}"]) for name in STATISTICS)
        about = f"{beyond} | {row['loss']} | {row['jitter']:g} | {row['varies']}"
        yield f"| {row['link']} | {row['deployment']} | {figures} | {about} |"


def _targets() -> str:
    worst = {name: target for (name, size), target in TARGETS.items() if size == "p95"}
    return " or ".join(f"{target * 100:g} % in {name}" for name, target in worst.items())


def _figures(row: "pd.Series[Any]") -> str:
    pairs = (
        f"{_percent(row[f'{n}_median'])} / {_percent(row[f'{n}_p95'])}" for n in ("p50", "mean")
    )
    return f"{' | '.join(pairs)} | {row['inside'] * 100:.0f}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"
