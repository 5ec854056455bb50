"""This machine as a device's file."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np
import torch

from testbed.config.yaml_text import dump_yaml
from testbed.data.camera import resize_image
from testbed.devices.measure import chains, classifiers, coding, exchange, quiet
from testbed.devices.tables import Curve, MeasuredFile
from testbed.errors import BadInput
from testbed.model.mtl import BACKBONES
from testbed.runs.environment import environment

SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
Say = Callable[[str], None]
FACTS = ("started_utc", "testbed", "python", "packages", "cpu", "memory_bytes", "os", "kernel")
PACKAGES = ("torch", "torchvision", "numpy", "pillow", "zstandard", "pyzmq", "msgspec")


ROUNDS = 3
"""Each time is the least of so many rounds' medians, minutes apart: the machine's own, where what
else the host does makes the same network half as slow again for minutes."""
SHARES_OF_TIMES = ("spread", "interpolation_off")
"""Of these, which are no times, the median."""


def measure_device(
    name: str, backbones: Sequence[str], threads: int, say: Say, rounds: int = ROUNDS
) -> MeasuredFile:
    """Every stage on this machine: four minutes for all backbones on a cloud processor.

    backbones: all where none is named. `say` gets a line at each step, and one if the machine has
    other things to do. Raises BadInput for an unknown backbone.
    """
    wanted = _known(backbones)
    torch.set_num_threads(threads)
    trees = []
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        trees.append(_measure_once(name, wanted, threads, say).model_dump(mode="json"))
    trees = [tree | {"environment": trees[0]["environment"]} for tree in trees]
    return MeasuredFile.model_validate(_joined(trees, min))


def _joined(values: Sequence[Any], pick: Callable[[Sequence[float]], float]) -> Any:
    """One of each number, whatever trees they are in; what is no number, from the first."""
    first = values[0]
    if isinstance(first, dict):
        return {
            key: _joined([each[key] for each in values], median if key in SHARES_OF_TIMES else pick)
            for key in first
        }
    if isinstance(first, list):
        return [_joined(each, pick) for each in zip(*values, strict=True)]
    return pick(values) if isinstance(first, float) else first


def _measure_once(name: str, wanted: Sequence[str], threads: int, say: Say) -> MeasuredFile:
    before = quiet.look()
    if against := before.against():
        say(f"this machine is not quiet: {against}; the file will say that it is slower than it is")
    images = coding.camera_images()
    found: dict[str, list[chains.Chain]] = {}
    for backbone in wanted:
        say(f"blocks of {backbone}")
        sized = (resize_image(images[720], px) for px in chains.SIZES_PX)
        found[backbone] = [chains.measure_chain(backbone, image) for image in sized]
    head_s = chains.measure_head()
    costs = {backbone: chains.costs_of(sizes, head_s) for backbone, sizes in found.items()}
    say("codecs, resizing, messages")
    resize, resize_off = coding.measure_resize(images)
    codecs = coding.measure_codecs(list(images.values()), coding.some_features())
    transport = exchange.measure_transport()
    networks = {}
    for network in classifiers.CLASSIFIERS:
        say(f"{network}, whole, to compare published figures with")
        networks[network] = classifiers.measure_classifier(network)
    facts = environment("none", "a device is measured without a link")
    here = {fact: facts[fact] for fact in FACTS}
    here["packages"] = {package: facts["packages"][package] for package in PACKAGES}
    here["quiet"] = {"before": before._asdict(), "after": quiet.look()._asdict()}
    return MeasuredFile(
        name=name,
        description=f"{facts['cpu']['model']}, threads of torch: {threads}",
        kind="measured",
        threads=threads,
        source="testbed device measure",
        environment=here,
        interpolation_off={name: off for name, (_, off) in costs.items()} | {"resize": resize_off},
        spread=_spread([chain for sizes in found.values() for chain in sizes]),
        resize=resize,
        transport=transport,
        codecs=codecs,
        backbones={name: tables for name, (tables, _) in costs.items()},
        networks=networks,
    )


def as_yaml(file: MeasuredFile) -> str:
    """The text of the file; tables a line each."""
    tree = file.model_dump(mode="json", exclude_defaults=True)
    return dump_yaml(tree, default_flow_style=None)


def _known(backbones: Sequence[str]) -> list[str]:
    for name in backbones:
        if name not in BACKBONES:
            raise BadInput(f"--backbones: found {name!r}, allowed: {', '.join(BACKBONES)}")
    return list(dict.fromkeys(backbones)) or list(BACKBONES)


def _spread(measured: Sequence[chains.Chain]) -> Curve:
    """Quantiles of whole chains' times to the median of each."""
    factors: list[float] = []
    for chain in measured:
        whole_s = [sum(steps) for steps in chain.times]
        middle_s = median(whole_s)
        factors += [taken_s / middle_s for taken_s in whole_s]
    quantiles = np.quantile(factors, SHARES)
    return tuple(
        (share, round(float(value), 4)) for share, value in zip(SHARES, quantiles, strict=True)
    )
