"""From a sweep file to its points: every combination of the axes, each a scenario of its own."""

import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from testbed.config import scenario_file
from testbed.config.scenario import Scenario
from testbed.config.yaml_text import dump_yaml
from testbed.errors import BadInput
from testbed.sweep.identity import point_digest
from testbed.sweep.sweep_file import MAX_POINTS, Clock, SweepFile, values_of


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One run to do. values: what the axes say here, each key in SI units; text if no number."""

    index: int
    clock: Clock
    values: Mapping[str, float | str | None]
    scenario: Scenario


def expand(sweep: SweepFile, source: Path) -> tuple[list[SweepPoint], str]:
    """Every point of the sweep in `source`, and its base scenario as given.

    The last axis moves fastest, but for the clock. All are checked here, before the first one runs.
    Raises BadInput with one line that names the file, the key, what was found and what is allowed.
    """
    folder = scenario_file.folder_of(source).resolve()
    base = Path(
        os.path.normpath(scenario_file.folder_of(source) / scenario_file.at_home(sweep.base))
    )
    base_text = scenario_file.read_text(base)
    tree = scenario_file.scenario_tree(base_text, str(base), base.parent.resolve())
    scenario_file.build_scenario(tree, str(base))
    change = partial(_changed, base=base, folder=folder)
    own = {} if sweep.repeats is None else {"repeats": sweep.repeats}
    tree, _ = change(tree, {**sweep.settings, **own}, f"{source}: set")
    steps = [_steps(axis) for axis in sweep.axes]
    count = prod(map(len, steps)) * len(sweep.clocks)
    if count > MAX_POINTS:
        raise BadInput(f"{source}: axes: found {count} points, allowed: up to {MAX_POINTS}")
    points: list[SweepPoint] = []
    for parts in product(*steps):
        changes = {key: value for part in parts for key, value in part.items()}
        _, scenario = change(tree, changes, f"{source}: axes: at {in_words(changes)}")
        values = {key: value_at(scenario, key, folder) for key in changes}
        for clock in sweep.clocks:
            points.append(SweepPoint(len(points), clock, values, scenario))
    _each_once(points, source)
    return points, base_text


def value_at(scenario: Scenario, dotted: str, folder: Path) -> float | str | None:
    """What the scenario has under a key: a number in SI units, else text, None where it is off.

    A path is text, as seen from `folder`.
    """
    node: Any = scenario
    for key in dotted.split("."):
        if isinstance(node, Mapping):
            node = node[key]
        else:
            node = node[int(key)] if isinstance(node, tuple) else getattr(node, key)
    if node is None or isinstance(node, str):
        return node
    if isinstance(node, int | float) and not isinstance(node, bool):
        return node
    if isinstance(node, Path):
        return os.path.relpath(node, folder)
    plain = to_jsonable_python(node, by_alias=False)
    return dump_yaml(plain, default_flow_style=True, sort_keys=True, width=10_000).split("\n")[0]


def _steps(axis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The values of its keys, as they move together."""
    columns = [values_of(values) for values in axis.values()]
    return [dict(zip(axis, row, strict=True)) for row in zip(*columns, strict=True)]


def _changed(
    tree: dict[str, Any], changes: Mapping[str, Any], said: str, *, base: Path, folder: Path
) -> tuple[dict[str, Any], Scenario]:
    """A copy of the tree with the changes made, and what it describes.

    Relative paths among the changes are from `folder`, where the sweep file is.
    """
    changed = deepcopy(tree)
    for key, value in changes.items():
        scenario_file.set_key(changed, key, deepcopy(value), f"{said}: {key}")
    scenario_file.anchor_paths(changed, folder)
    return changed, scenario_file.build_scenario(changed, said)


def in_words(values: Mapping[str, Any]) -> str:
    """link.uplink.rate=2000000.0, repeats=3."""
    return ", ".join(f"{key}={value}" for key, value in values.items())


def _each_once(points: list[SweepPoint], source: Path) -> None:
    """Two equal points would be done twice, or one be taken for the other."""
    seen: dict[str, SweepPoint] = {}
    for point in points:
        first = seen.setdefault(point_digest(point.scenario, point.clock, {}), point)
        if first is not point:
            raise BadInput(
                f"{source}: axes: found {in_words(point.values)} twice, allowed: each point once"
            )
