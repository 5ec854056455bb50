"""From sweep files to points: what each sets, in which order, and one line for each mistake."""

from pathlib import Path

import pytest

from testbed.config.deployments import identity_of
from testbed.errors import BadInput
from testbed.sweep.expand import expand
from testbed.sweep.sweep_file import load_sweep_file
from tests.testbed.sweep.sweeps import expanded, write_base

SWEEPS = Path(__file__).parents[3] / "scenarios" / "sweeps"


@pytest.mark.parametrize("path", sorted(SWEEPS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_sweeps_have_points_and_say_what_they_are(path: Path) -> None:
    sweep, _ = load_sweep_file(path)
    assert sweep.name == path.stem
    assert sweep.description
    assert len(expand(sweep, path)[0]) >= 4


def test_axes_cross_and_the_keys_of_one_move_together(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        """
axes:
  - link.uplink.rate: {log: [1mbit, 100mbit], points: 3}
    link.downlink.rate: [3mbit, 30mbit, 300mbit]
  - link.uplink.delay: [1ms, 10ms]
""",
    )
    keys = ["link.uplink.rate", "link.downlink.rate", "link.uplink.delay"]
    assert all([*point.values] == keys for point in found)
    assert [list(point.values.values()) for point in found] == [
        [up, down, delay]
        for up, down in ((1e6, 3e6), (10e6, 30e6), (100e6, 300e6))
        for delay in (0.001, 0.01)
    ]
    assert [point.index for point in found] == list(range(6))
    spec = found[3].scenario.link.to_spec()
    assert (spec.uplink.rate_bps, spec.downlink.rate_bps, spec.uplink.delay_s) == (10e6, 30e6, 0.01)
    assert spec.downlink.delay_s == 0.005  # from the base


def test_set_and_repeats_hold_for_all_points(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        "set: {workload.requests: 3}\nrepeats: 5\naxes: [{seed: {linear: [1, 3], points: 3}}]",
    )
    facts = {(p.scenario.workload.requests, p.scenario.repeats) for p in found}
    assert facts == {(3, 5)}
    assert [point.scenario.seed for point in found] == [1, 2, 3]


def test_both_clocks_share_every_point(tmp_path: Path) -> None:
    found = expanded(tmp_path, "clock: both\naxes: [{seed: [1, 2]}]")
    assert [(point.values["seed"], point.clock) for point in found] == [
        (seed, clock) for seed in (1, 2) for clock in ("virtual", "wall")
    ]


def test_values_of_every_kind(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        """
axes:
  - deployments.1: [{split: {codec: fp32}}, {remote: {quality: 50}}]
    workload.arrival: [closed, {periodic: 10hz}]
    link.uplink.loss: [1%, {gilbert_elliott: {p: 1%, r: 50%}}]
    link.uplink.rate: [5mbit, null]
    link.uplink.reorder: [false, true]
""",
    )
    first, second = found
    assert identity_of(second.scenario.deployments[1]).name == "remote-jpeg-q50"
    assert first.values == {
        "deployments.1": "{split: {codec: fp32, cut: null}}",
        "workload.arrival": "closed",
        "link.uplink.loss": 0.01,
        "link.uplink.rate": 5e6,
        "link.uplink.reorder": "false",
    }
    assert second.values["workload.arrival"] == "{periodic: 10hz}"
    assert str(second.values["link.uplink.loss"]).startswith("{gilbert_elliott: ")
    assert second.values["link.uplink.rate"] is None


def test_keys_that_the_base_leaves_out_can_be_varied(tmp_path: Path) -> None:
    found = expanded(tmp_path, "axes: [{edge.slowdown: [1, 8]}]")
    assert [point.scenario.edge.slowdown for point in found] == [1, 8]


def test_paths_in_a_sweep_are_from_its_own_folder(tmp_path: Path) -> None:
    for name, milliseconds in (("fast.up", "1\n2\n"), ("slow.up", "1\n90\n")):
        (tmp_path / name).write_text(milliseconds)
    write_base(tmp_path)
    sweeps = tmp_path / "sweeps"
    sweeps.mkdir()
    file = sweeps / "traces.yaml"
    file.write_text(
        "name: traces\nbase: ../small.yaml\nset: {link.uplink.rate: null}\n"
        "axes: [{link.uplink.trace: [../fast.up, ../slow.up]}]"
    )
    points = expand(load_sweep_file(file)[0], file)[0]
    assert [point.scenario.link.uplink.trace for point in points] == [
        sweeps.resolve() / "../fast.up",
        sweeps.resolve() / "../slow.up",
    ]
    assert [point.values["link.uplink.trace"] for point in points] == ["../fast.up", "../slow.up"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("axes: []", "axes: found none, allowed: at least one axis"),
        ("axes: [{}]", "axes.0: found none, allowed: at least one key"),
        ("axes: [{seed: []}]", "axes.0.seed: found none, allowed: at least one value, or a range"),
        (
            "axes: [{link.uplink.speed: [1mbit]}]",
            r"at link.uplink.speed=1mbit: link.uplink.speed: unknown key, allowed: rate, delay",
        ),
        ("axes: [{colour: [red]}]", "axes: at colour=red: colour: unknown key"),
        ("set: {colour: red}\naxes: [{seed: [1]}]", "set: colour: unknown key"),
        ("axes: [{seed.x: [1]}]", "axes: at seed.x=1: seed: found {'x': 1}, allowed:"),
        ("axes: [{link..rate: [1]}]", "axes.0.link..rate"),
        (
            "axes: [{deployments.2: [local]}]",
            "axes: at deployments.2=local: deployments.2: found '2', allowed: 0 to 1",
        ),
        (
            "axes: [{link.uplink.rate: [5mbit, 12]}]",
            "axes: at link.uplink.rate=12: link.uplink.rate: found '12', allowed:",
        ),
        (
            "axes: [{link.uplink.rate: [0mbit]}]",
            "axes: at link.uplink.rate=0mbit: link.uplink: rate: found",
        ),
        ("axes: [{seed: [1, 2], repeats: [1]}]", "found seed with 2, repeats with 1, allowed:"),
        ("axes: [{seed: [1]}, {seed: [2]}]", "found seed twice, allowed: each key in one place"),
        ("set: {seed: 1}\naxes: [{seed: [2]}]", "found seed twice"),
        ("repeats: 2\naxes: [{repeats: [1]}]", "found repeats twice"),
        ("axes: [{seed: [1, 1]}]", "axes: found seed=1 twice, allowed: each point once"),
        ("axes: [{link.uplink.rate: [1mbit, 1000kbit]}]", "found link.uplink.rate=1000000.0 twice"),
        ("clock: sun\naxes: [{seed: [1]}]", "clock: found 'sun', allowed:"),
        ("colour: red\naxes: [{seed: [1]}]", "colour: unknown key"),
        ("axes: 5", "axes: found 5"),
        (
            "axes: [{seed: {linear: [1, 1000], points: 1000}}, "
            "{repeats: {linear: [1, 1000], points: 1000}}]",
            "axes: found 1000000 points, allowed: up to 100000",
        ),
    ],
)
def test_one_line_names_file_key_found_and_allowed(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        expanded(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'sweep.yaml'}: ")
    assert "\n" not in str(caught.value)


def test_axes_that_share_their_values_by_an_alias_vary_alone(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        """
axes:
  - link.uplink: &lanes [{rate: 1mbit}, {rate: 2mbit}]
    link.downlink: *lanes
  - link.uplink.delay: [1ms, 9ms]
""",
    )
    delays = [(p.scenario.link.uplink.delay, p.scenario.link.downlink.delay) for p in found]
    assert delays == 2 * [(0.001, 0.0), (0.009, 0.0)]


def test_a_key_of_a_sweep_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"sweep\.yaml: line 4: found key axes twice, first in line 3"
    ):
        expanded(tmp_path, "axes: [{seed: [1]}]\naxes: [{seed: [2]}]")


def test_a_base_that_is_missing_or_wrong_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text("name: s\nbase: small.yaml\naxes: [{seed: [1]}]")
    sweep, _ = load_sweep_file(file)
    with pytest.raises(BadInput, match=r"small\.yaml: no such file, allowed: a scenario"):
        expand(sweep, file)
    write_base(tmp_path, "colour: red\n")
    with pytest.raises(BadInput, match=r"small\.yaml: colour: unknown key, allowed: name"):
        expand(sweep, file)


def test_a_sweep_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.yaml: no such file, allowed: a sweep such as"):
        load_sweep_file(tmp_path / "none.yaml")
