"""Reading a scenario file, changing it by `--set`, and saying in one line what is wrong with it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from emulation import text
from testbed.config.complaint import first_line
from testbed.config.scenario import WEIGHTS_BY_NAME, Scenario, is_device_file
from testbed.config.yaml_text import dump_yaml, parse_value, parse_yaml
from testbed.errors import BadInput
from testbed.storage.files import reading, shown

MAX_SCENARIO_BYTES = 1_000_000
PATH_KEYS = (
    ("workload", "images"),
    ("workload", "data"),
    ("workload", "arrival", "trace"),
    ("model", "weights"),
    ("link", "uplink", "trace"),
    ("link", "downlink", "trace"),
    ("edge", "device"),
    ("edge", "energy_counter", "file"),
    ("server", "device"),
)
"""Where a scenario names a file or folder; two of them may hold another word instead."""


def read_text(path: Path, wanted: str = "a scenario such as scenarios/lte.yaml") -> str:
    """A file's text, or a pipe's. Raises BadInput when it is missing, too large or not text."""
    with reading(path, wanted):
        return text.read_text(path, MAX_SCENARIO_BYTES)


def load_scenario(path: Path, overrides: list[str] | None = None) -> Scenario:
    """The scenario in `path`, with each `a.b=c` of `overrides` applied in order.

    Paths inside the file are relative to the file, paths in overrides to the working directory.
    Raises BadInput with one line naming file, key, what was found and what is allowed.
    """
    return read_scenario(path, overrides)[0]


def read_scenario(path: Path, overrides: list[str] | None = None) -> tuple[Scenario, str]:
    """As `load_scenario`, and the text of the file."""
    text = read_text(path)
    return parse_scenario(text, shown(path), folder_of(path), overrides), text


def folder_of(path: Path) -> Path:
    """Where relative paths in a file start: beside it, or here where it is a pipe."""
    opened = path.is_relative_to("/dev") or path.is_relative_to("/proc")  # such as /dev/stdin
    return Path() if opened or path.is_fifo() else path.parent


def parse_scenario(
    text: str, source: str, directory: Path, overrides: list[str] | None = None
) -> Scenario:
    """As `load_scenario`, from text; `source` names it in errors."""
    tree = scenario_tree(text, source, directory)
    for override in overrides or []:
        _apply_override(tree, override)
    return build_scenario(tree, source)


def scenario_tree(text: str, source: str, directory: Path) -> dict[str, Any]:
    """The keys as they are in the file, its paths anchored; `set_key` and `build_scenario` next."""
    tree = parse_yaml(text, source, "a mapping of scenario keys")
    anchor_paths(tree, directory)
    return tree


def build_scenario(tree: Mapping[str, Any], source: str) -> Scenario:
    """The scenario a tree describes. Raises BadInput with one line."""
    try:
        return Scenario.model_validate(tree)
    except ValidationError as error:
        raise BadInput(f"{source}: {first_line(error)}") from None


def dump_scenario(scenario: Scenario, absolute: bool = False) -> str:
    """The effective scenario as YAML: every key, defaults included, values in tc's units.

    absolute: make its paths absolute, for a process that reads it from another folder.
    """
    tree = scenario.model_dump(mode="json")
    if absolute:
        anchor_paths(tree, Path.cwd())
    return dump_yaml(tree)


def anchor_paths(tree: dict[str, Any], directory: Path) -> None:
    """Make the relative paths in a tree point from `directory`."""
    change_paths(tree, lambda path: str(directory / at_home(path)))


def at_home(path: Path) -> Path:
    """With `~` and `~user` replaced. Raises BadInput where nobody knows of such a home."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise BadInput(f"{shown(path)}: found no such home, allowed: a path without ~") from None


def change_paths(tree: dict[str, Any], change: Callable[[Path], str]) -> None:
    """Put something else in place of each path in a tree of scenario keys."""
    for *parents, key in PATH_KEYS:
        section: Any = tree
        for parent in parents:
            section = section.get(parent) if isinstance(section, dict) else None
        value = section.get(key) if isinstance(section, dict) else None
        if isinstance(value, str) and not _is_word(key, value):
            section[key] = change(Path(value))


def _is_word(key: str, value: str) -> bool:
    """Whether what could be a path is a name."""
    if key == "device":
        return not is_device_file(value)
    return key == "weights" and value in WEIGHTS_BY_NAME


def _apply_override(tree: dict[str, Any], override: str) -> None:
    dotted, equals, text = override.partition("=")
    if not equals:
        raise BadInput(f"--set {override}: allowed: a.b=value")
    said = f"--set {override}"
    set_key(tree, dotted, parse_value(text, said), said)


def set_key(tree: dict[str, Any], dotted: str, value: Any, said: str) -> None:
    """Set one dotted key; list items go by their position (`deployments.1.remote.quality`).

    said: what the user wrote, for errors. Raises BadInput.
    """
    keys = dotted.strip().split(".")
    if not all(keys):
        raise BadInput(f"{said}: allowed: a.b=value")
    node: Any = tree
    for depth, key in enumerate(keys[:-1], start=1):
        place = _place(node, key, said)
        if isinstance(node, dict) and node.get(place) is None:
            node[place] = {}
        node = node[place]
        if not isinstance(node, dict | list):
            so_far = ".".join(keys[:depth])
            raise BadInput(f"{said}: {so_far} is {node!r} and has no keys below it")
    node[_place(node, keys[-1], said)] = value


def _place(node: dict[str, Any] | list[Any], key: str, said: str) -> Any:
    """Where `key` is in a node: a list's items are at their positions."""
    if isinstance(node, dict):
        return key
    if not (key.isascii() and key.isdecimal()) or int(key) >= len(node):
        raise BadInput(f"{said}: found {key!r}, allowed: 0 to {len(node) - 1}")
    return int(key)
