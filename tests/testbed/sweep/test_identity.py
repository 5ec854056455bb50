"""What makes a point another point."""

from pathlib import Path

import pytest

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import parse_scenario
from testbed.sweep import identity
from testbed.sweep.identity import point_hash
from tests.testbed.sweep.sweeps import BASE


def small(*overrides: str) -> Scenario:
    return parse_scenario(BASE, "small.yaml", Path(), list(overrides))


def test_the_same_point_has_the_same_name_however_it_is_written() -> None:
    name = point_hash(small(), "virtual", {"profile": "p"})
    assert name == point_hash(small("link.uplink.rate=10000kbit"), "virtual", {"profile": "p"})
    assert name == point_hash(small("description=other words"), "virtual", {"profile": "p"})
    assert len(name) == identity.DIGITS


def test_everything_the_numbers_depend_on_is_in_the_name() -> None:
    names = {
        point_hash(small(), "virtual", {"profile": "p"}),
        point_hash(small(), "virtual", {"profile": "q"}),
        point_hash(small(), "wall", {"profile": "p"}),
        point_hash(small("seed=8"), "virtual", {"profile": "p"}),
        point_hash(small("repeats=3"), "virtual", {"profile": "p"}),
        point_hash(small("link.uplink.rate=10.001mbit"), "virtual", {"profile": "p"}),
        point_hash(small("deployments=[split]"), "virtual", {"profile": "p"}),
    }
    assert len(names) == 7


def test_files_count_by_what_they_hold(tmp_path: Path) -> None:
    def named(file: Path) -> str:
        scenario = small("link.uplink.rate=null", f"link.uplink.trace={file}")
        return point_hash(scenario, "virtual", {})

    one, same, other = (tmp_path / name for name in ("one", "same", "other"))
    one.write_text("1\n2\n")
    same.write_text("1\n2\n")
    other.write_text("1\n3\n")
    assert named(one) == named(same) != named(other)


def test_other_code_or_packages_make_other_points(monkeypatch: pytest.MonkeyPatch) -> None:
    before = point_hash(small(), "virtual", {})
    made_by = identity.made_by()
    for changed in ("code", "numpy"):
        monkeypatch.setattr(identity, "made_by", lambda it=changed: {**made_by, it: "other"})
        assert point_hash(small(), "virtual", {}) != before
