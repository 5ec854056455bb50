"""Peak memory of a fresh process that holds what one deployment needs and infers once.

Run as `python -m testbed.paper.memory.child JSON`; `process.py` starts it. Prints JSON
with `imported_bytes` (the peak when torch and torchvision are imported and nothing is built) and
`peak_bytes` (the peak at the end). VmHWM of /proc/self/status, which starts anew with each program;
getrusage's ru_maxrss would carry over the peak of the process that started this one.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from testbed.model.mtl import BACKBONES, MtlNet
from testbed.paper.sizes import CHANNELS


def peak_bytes() -> int:
    """The most memory this process had resident so far. Raises OSError without Linux's /proc."""
    return proc_bytes("/proc/self/status", "VmHWM")


def proc_bytes(file: str, name: str) -> int:
    """The value of a line such as `VmHWM: 12 kB`. Raises OSError where there is none."""
    for line in Path(file).read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {name} in {file}")


def build(asked: dict[str, Any]) -> list[nn.Module]:
    """The networks a device holds. `asked`: deployment, backbone, tasks, height, width."""
    backbone, tasks, height = asked["backbone"], asked["tasks"], asked["height"]
    if asked["deployment"] == "sc":
        return [BACKBONES[backbone]()]
    if asked["deployment"] == "mtl":
        return [MtlNet(backbone, tasks, height)]
    return [MtlNet(backbone, {task: classes}, height) for task, classes in tasks.items()]


def main() -> None:
    """Measure what the first argument asks for: an image through one network after the other."""
    asked = json.loads(sys.argv[1])
    torch.set_num_threads(asked["threads"])
    imported = peak_bytes()
    networks = build(asked)
    image = torch.rand(1, CHANNELS, asked["height"], asked["width"])
    with torch.inference_mode():
        for network in networks:
            network.eval()(image)
    sys.stdout.write(json.dumps({"imported_bytes": imported, "peak_bytes": peak_bytes()}) + "\n")


if __name__ == "__main__":
    main()
