"""What a profile is, what it depends on, and how it is kept."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from testbed.config.scenario import Scenario
from testbed.errors import BadInput
from testbed.points.code import digest_of
from testbed.virtual.fingerprint import fingerprint_of
from testbed.virtual.measure import profile_among, profile_file, profile_for
from testbed.virtual.profile import against, load_profile, save_profile
from tests.testbed import synthetic
from tests.testbed.virtual import made_up


def key(scenario: Scenario) -> str:
    return digest_of(fingerprint_of(scenario))


def test_a_profile_is_the_same_after_a_file(tmp_path: Path) -> None:
    profile = made_up.profile()
    file = tmp_path / "new" / "profile.json"
    save_profile(profile, file)
    assert load_profile(file) == profile
    assert [path.name for path in file.parent.iterdir()] == ["profile.json"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"schema": 1}, "schema"),
        ({"samples": [1, 2]}, "2 values in every column"),
        ({"slowdown": 0.5}, "slowdown"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_file_that_is_no_profile_is_bad_input(
    tmp_path: Path, damage: dict[str, Any], said: str
) -> None:
    file = tmp_path / "profile.json"
    save_profile(made_up.profile(), file)
    file.write_text(json.dumps(json.loads(file.read_text()) | damage))
    with pytest.raises(BadInput, match=said) as caught:
        load_profile(file)
    assert "\n" not in str(caught.value)


def test_half_a_file_and_no_file_are_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    with pytest.raises(BadInput, match="no such file"):
        load_profile(file)
    save_profile(made_up.profile(), file)
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(BadInput, match="allowed: a profile that `testbed profile` wrote"):
        load_profile(file)


def test_a_folder_in_its_place_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        save_profile(made_up.profile(), tmp_path)


def test_it_does_not_depend_on_link_load_seed_or_device() -> None:
    usual = made_up.scenario()
    same = made_up.scenario(
        link={"rate": "1mbit"},
        seed=9,
        repeats=4,
        edge={"slowdown": 8},
        workload={"requests": 50, "arrival": {"periodic": "5hz"}},
    )
    assert key(usual) == key(same)


@pytest.mark.parametrize(
    "other",
    [
        made_up.scenario("local"),
        made_up.scenario(edge={"threads": 2}),
        made_up.scenario(workload={"camera_px": 100}),
        made_up.scenario(workload={"dataset": "multimnist"}),
    ],
)
def test_it_depends_on_halves_images_and_deployments(other: Scenario) -> None:
    assert key(made_up.scenario()) != key(other)


def test_it_depends_on_the_weights_own_bytes(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    keys = set()
    for content in (b"one", b"two"):
        file.write_bytes(content)
        model = {"backbone": "mobilenet_v3_small", "weights": str(file)}
        keys.add(key(synthetic.scenario(model=model)))
    file.unlink()
    keys.add(key(synthetic.scenario(model=model)))
    assert len(keys) == 3


def test_a_kept_profile_is_used_and_said_so(tmp_path: Path) -> None:
    scenario, profile = made_up.scenario(), made_up.profile()
    file = profile_file(scenario, tmp_path)
    save_profile(profile, file)
    said: list[str] = []
    assert profile_for(scenario, tmp_path, said.append) == profile
    assert said == [f"profile of both halves: {file}, measured {made_up.STARTED}"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"memory_bytes": 1}, "measured on another machine (memory_bytes 1, here "),
        ({"kernel": "Plan 9"}, "measured on another machine (kernel Plan 9, here "),
        ({"started_utc": "2026-01-01T00:00:00Z"}, "measured 2026-01-01T00:00:00Z, more than an"),
    ],
)
def test_a_profile_is_of_this_machine_within_the_hour(changes: dict[str, str], said: str) -> None:
    profile = made_up.profile()
    changed = profile.model_copy(update={"environment": profile.environment | changes})
    assert against(changed).startswith(said)
    assert bool(against(changed)) is bool(said)


def test_it_is_of_no_use_an_hour_later() -> None:
    profile = made_up.profile()
    started = datetime.fromisoformat(profile.environment["started_utc"])
    assert not against(profile, started + timedelta(minutes=59))
    assert against(profile, started + timedelta(minutes=61))


def test_a_kept_profile_is_found_by_what_it_depends_on(tmp_path: Path) -> None:
    scenario = made_up.scenario()
    save_profile(made_up.profile(), tmp_path / "a.json")
    assert profile_among(tmp_path, scenario) is None
    fitting = made_up.profile().model_copy(update={"fingerprint": fingerprint_of(scenario)})
    save_profile(fitting, tmp_path / "b.json")
    (tmp_path / "c.json").write_text("{}")
    assert profile_among(tmp_path, scenario) == fitting
