"""Scenarios for tests: of a text, and the shipped one with changes."""

from pathlib import Path

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario, parse_scenario
from tests.testbed.command_line import SCENARIOS as FOLDER

SCENARIOS = sorted(FOLDER.glob("*.yaml"))
LTE = FOLDER / "lte.yaml"


def parse(text: str, *overrides: str) -> Scenario:
    """What a text means that stands in this folder."""
    return parse_scenario(text, "x.yaml", Path(), list(overrides))


def lte(*overrides: str) -> Scenario:
    """scenarios/lte.yaml with these keys changed."""
    return load_scenario(LTE, list(overrides))
