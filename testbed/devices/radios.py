"""Radios by the name that a scenario gives them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from testbed.config.scenario_file import read_text
from testbed.config.yaml_text import parse_yaml
from testbed.errors import BadInput, nearest
from testbed.results.power import Radio

FILE = Path(__file__).with_name("radios.yaml")

_RADIOS = TypeAdapter(Mapping[str, Radio])


@cache
def shipped_radios() -> Mapping[str, Radio]:
    """Those that come with the package, by name."""
    return _RADIOS.validate_python(parse_yaml(read_text(FILE), FILE.name, "radios"))


def find_radio(name: str) -> Radio:
    """The radio a scenario names. Raises BadInput, with the nearest word for an unknown one."""
    radios = shipped_radios()
    if name not in radios:
        raise BadInput(
            f"edge.radio: found {name}{nearest(name, radios)}, allowed: {', '.join(radios)}"
        )
    return radios[name]
