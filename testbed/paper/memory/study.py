"""Study: what the device must hold when it does everything, and when it runs the backbone only.

Three deployments: a network for each task (`stl`), one network for all (`mtl`), the backbone alone
(`sc`). Each is computed, and measured as the peak resident memory of a process of its own.
"""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import pandas as pd

from testbed.model.mtl import BACKBONES
from testbed.paper.memory import figures
from testbed.paper.memory.cases import (
    FULL_RESOLUTION,
    WORKLOADS,
    Case,
    cases,
    footprint,
    summary_tool_bytes,
)
from testbed.paper.memory.process import Measured, can_be_measured, measure
from testbed.paper.memory.verdicts import table, verdicts
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table

QUICK_BACKBONES = ("mobilenet_v3_small", "vgg16")
QUICK_WORKLOADS = ("shapes3d", "faces")
MB = 1e6

NOTES = (
    "Deployments: `stl` is local with a network for each task, `mtl` local with one network for "
    "all tasks, `sc` the backbone alone, as in split computing. Computed bytes are float32: "
    "weights (with batch normalisation's statistics) and, for one image, the most activations "
    "alive at once. Networks of `stl` run one after the other.",
    "Measured is the peak resident memory (VmHWM) of a fresh process that imports torch, builds "
    "only what its deployment needs with random weights, and infers once; `above torch` is that "
    "less what the same process held when torch and torchvision were imported. It exceeds the "
    "computed bytes by code that torch loads upon first use, by scratch memory of its operations, "
    "and by what the allocator keeps. The import itself is several hundred megabytes, more than "
    "most of these networks: on a device the runtime matters as much as the split.",
    "At full resolution `stl` and `mtl` are computed only: the published head is "
    "Linear(C*h*w, 256), which for such features has billions of weights. `sc` is measured where "
    "the computed bytes are at most half of the memory free at that moment.",
    "115 MB, 6.9 GB and torchsummary: `summary(mobilenet_v3_small().features, (3, 2835, 3543))` of "
    "torchsummary 1.5.1 prints an input size of 114.95 MB and a forward/backward pass size of "
    "6934.93 MB (its MB is 2^20 B). The latter adds up the outputs of all modules as if all "
    "existed at once, counts a block's output again as that of its last layer, and doubles the sum "
    "for gradients. Inference holds none of that at once.",
)


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Compute and measure every case. Raises PeerLost when a measuring process fails."""
    backbones = options.backbones or (QUICK_BACKBONES if options.quick else tuple(BACKBONES))
    workloads = tuple(w for w in WORKLOADS if not options.quick or w.name in QUICK_WORKLOADS)
    usual = _frame(cases(workloads, backbones), len(options.seeds), options, say)
    # Only once: it takes minutes a case, and repeats of the others differ by a few per cent.
    full = _frame(cases((FULL_RESOLUTION,), backbones), 0 if options.quick else 1, options, say)
    full["torchsummary_bytes"] = [
        summary_tool_bytes(name, FULL_RESOLUTION.size) for name in full["backbone"]
    ]
    return Report(
        name="memory",
        title="Memory on the device: everything local, or the backbone only",
        tables=(
            Table("memory", usual, "Inputs as published.", _shown(usual)),
            Table("full", full, "FACES at its camera's resolution.", _shown(full)),
            Table("explained", table(), "Quantities printed as the published figures are."),
        ),
        drawings=(
            Drawing(
                "memory",
                figures.by_workload(usual),
                "Peak resident memory above torch (bars) and computed weights and activations "
                "(marks), one image, float32.",
            ),
            Drawing(
                "full",
                figures.full(full),
                "FACES at 2835x3543: computed weights and activations of the device's share, "
                "measured where there was room, beside the published figures and torchsummary's.",
            ),
        ),
        verdicts=verdicts(usual, full),
        provenance={
            "what": "peak resident memory of one process a case; each repeat a new process",
            "repeats": len(options.seeds),
            "backbones": backbones,
            "images": "uniform noise: memory does not depend on values",
        },
        notes=NOTES,
    )


def _frame(
    wanted: Sequence[Case], repeats: int, options: StudyOptions, say: Callable[[str], None]
) -> pd.DataFrame:
    rows = []
    for case in wanted:
        measured = []
        if repeats and can_be_measured(case):
            say(f"measuring {case.workload.name} {case.backbone} {case.deployment}")
            measured = [measure(case, options.threads) for _ in range(repeats)]
        rows.append(_row(case, measured))
    return pd.DataFrame(rows)


def _row(case: Case, measured: Sequence[Measured]) -> dict[str, Any]:
    held = footprint(case)
    above = [one.above_torch_bytes for one in measured]
    return {
        "workload": case.workload.name,
        "size": str(case.workload.size),
        "tasks": len(case.workload.tasks),
        "backbone": case.backbone,
        "deployment": case.deployment,
        "weights_bytes": held.weights_bytes,
        "activations_bytes": held.peak_bytes,
        "computed_bytes": held.total_bytes,
        "measured_above_torch_bytes": median(above) if above else None,
        "measured_spread_bytes": max(above) - min(above) if len(above) > 1 else None,
        "measured_peak_bytes": median(one.peak_bytes for one in measured) if measured else None,
    }


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The same in MB (10^6 B), for people."""
    shown = pd.DataFrame()
    for name in map(str, frame.columns):
        in_words = name.replace("_bytes", ", MB").replace("_", " ")
        shown[in_words] = frame[name].astype(float) / MB if name.endswith("_bytes") else frame[name]
    return shown
