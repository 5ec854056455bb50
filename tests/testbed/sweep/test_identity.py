"""What makes a point another point."""

from pathlib import Path

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import parse_scenario
from testbed.points.code import DIGITS
from testbed.sweep.identity import code_of, point_digest
from tests.testbed.sweep.sweeps import BASE


def small(*overrides: str) -> Scenario:
    return parse_scenario(BASE, "small.yaml", Path(), list(overrides))


def test_the_same_point_has_the_same_name_however_it_is_written() -> None:
    name = point_digest(small(), "virtual", {"profile": "p"})
    assert name == point_digest(small("link.uplink.rate=10000kbit"), "virtual", {"profile": "p"})
    assert name == point_digest(small("description=other words"), "virtual", {"profile": "p"})
    assert len(name) == DIGITS


def test_everything_the_numbers_depend_on_is_in_the_name() -> None:
    names = {
        point_digest(small(), "virtual", {"profile": "p"}),
        point_digest(small(), "virtual", {"profile": "q"}),
        point_digest(small(), "wall", {"profile": "p"}),
        point_digest(small("seed=8"), "virtual", {"profile": "p"}),
        point_digest(small("repeats=3"), "virtual", {"profile": "p"}),
        point_digest(small("link.uplink.rate=10.001mbit"), "virtual", {"profile": "p"}),
        point_digest(small("deployments=[split]"), "virtual", {"profile": "p"}),
    }
    assert len(names) == 7


def test_files_count_by_what_they_hold(tmp_path: Path) -> None:
    def named(file: Path) -> str:
        scenario = small("link.uplink.rate=null", f"link.uplink.trace={file}")
        return point_digest(scenario, "virtual", {})

    one, same, other = (tmp_path / name for name in ("one", "same", "other"))
    one.write_text("1\n2\n")
    same.write_text("1\n2\n")
    other.write_text("1\n3\n")
    assert named(one) == named(same) != named(other)


def test_each_clock_and_backend_has_code_of_its_own() -> None:
    found = [code_of("virtual"), code_of("wall", "simpy"), code_of("wall", "tun")]
    assert len({made_by["code"] for made_by in found}) == 3
    assert "zmq" not in found[0] and found[1]["pyzmq"]
