"""A small base scenario, sweeps over it, and the points they have."""

from pathlib import Path

from testbed.sweep.expand import SweepPoint, expand
from testbed.sweep.sweep_file import parse_sweep_file

BASE = """
name: small
link:
  uplink:   {rate: 10mbit, delay: 5ms}
  downlink: {rate: 10mbit, delay: 5ms}
model: {backbone: "null", tasks: [shape]}
workload: {dataset: blank, requests: 6, warmup: 2, deadline: 1s}
deployments: [local, split]
repeats: 2
"""


def write_base(folder: Path, more: str = "") -> Path:
    file = folder / "small.yaml"
    file.write_text(BASE + more)
    return file


def expanded(folder: Path, text: str) -> list[SweepPoint]:
    """The points of a sweep over `small.yaml`; `text` is the rest of its file."""
    write_base(folder)
    source = folder / "sweep.yaml"
    return expand(parse_sweep_file(f"name: s\nbase: small.yaml\n{text}", str(source)), source)[0]
