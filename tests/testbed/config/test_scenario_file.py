"""Files and texts that hold a scenario, and the paths in them."""

import os
from pathlib import Path
from threading import Thread

import pytest
import yaml

from testbed.config.scenario_file import dump_scenario, load_scenario
from testbed.errors import BadInput
from tests.testbed.config.scenarios import LTE, lte, parse


def test_paths_in_a_file_start_from_the_file_and_overrides_from_here(tmp_path: Path) -> None:
    text = LTE.read_text().replace("{dataset: shapes3d,", "{images: mine,")
    file = tmp_path / "x.yaml"
    file.write_text(text)
    assert load_scenario(file).workload.images == tmp_path / "mine"
    assert load_scenario(file, ["workload.images=mine"]).workload.images == Path("mine")


def test_a_home_that_nobody_has() -> None:
    text = LTE.read_text().replace("{dataset: shapes3d,", "{images: ~nobody-at-all/x,")
    with pytest.raises(BadInput, match="~nobody-at-all/x: found no such home, allowed: a path"):
        parse(text)


def test_effective_scenario_for_another_process_has_absolute_paths() -> None:
    scenario = lte("workload.images=mine", "model.weights=mine.safetensors")
    tree = yaml.safe_load(dump_scenario(scenario, absolute=True))
    assert tree["workload"]["images"] == str(Path.cwd() / "mine")
    assert tree["model"]["weights"] == str(Path.cwd() / "mine.safetensors")


@pytest.mark.parametrize("name", ["auto", "bundled", "random", "imagenet"])
def test_weights_by_name_are_no_paths(name: str) -> None:
    text = dump_scenario(lte(f"model.weights={name}"), absolute=True)
    assert yaml.safe_load(text)["model"]["weights"] == name
    assert parse(text).model.weights == name


@pytest.mark.parametrize(
    ("device", "found"),
    [("pixel", "pixel"), ("./mine.yaml", "{here}/mine.yaml"), ("/a/mine.yaml", "/a/mine.yaml")],
)
def test_a_device_is_a_name_or_a_file_beside_the_scenario(
    tmp_path: Path, device: str, found: str
) -> None:
    file = tmp_path / "x.yaml"
    tree = yaml.safe_load(LTE.read_text()) | {"edge": {"device": device}}
    file.write_text(yaml.safe_dump(tree))
    assert load_scenario(file).edge.device == found.format(here=tmp_path)
    assert load_scenario(file, ["server.device=./b.yaml"]).server.device == "./b.yaml"


ALIASED = """
name: aliased
link:
  uplink: &lane {delay: 25ms, trace: one}
  downlink: *lane
model: {backbone: "null"}
deployments: [local]
"""
MERGED = ALIASED.replace("*lane", "{<<: *lane, jitter: 1ms}")


@pytest.mark.parametrize("text", [ALIASED, MERGED])
def test_of_two_directions_written_once_each_can_be_changed_alone(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one").write_text("1\n")
    file = tmp_path / "sub" / "x.yaml"
    file.write_text(text)
    link = load_scenario(file, ["link.uplink.delay=1ms"]).link
    assert (link.uplink.delay, link.downlink.delay) == (0.001, 0.025)
    assert link.uplink.trace == link.downlink.trace == tmp_path / "sub" / "one"


@pytest.mark.parametrize("text", [ALIASED, MERGED])
def test_relative_paths_below_an_alias_start_from_the_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("sub/one").write_text("1\n")
    Path("sub/x.yaml").write_text(text)
    link = load_scenario(Path("sub/x.yaml")).link
    assert link.uplink.trace == link.downlink.trace == Path("sub/one")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16 without a mark"]
)
def test_encodings_and_line_ends(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "x.yaml"
    text = LTE.read_text(encoding="utf-8").replace("\n", "\r\n") + "# \N{SNOWMAN}\r\n"
    marked = encoding.removesuffix(" without a mark")
    file.write_bytes(text.encode("utf-16-le" if marked != encoding else encoding))
    if marked == encoding:
        assert load_scenario(file) == lte()
    else:
        with pytest.raises(BadInput, match=r"x\.yaml: not UTF-8 text, allowed: a scenario"):
            load_scenario(file)


def test_a_pipe_is_read_and_its_paths_start_from_here(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = LTE.read_text().replace("{dataset: shapes3d,", "{images: mine,")
    writer = Thread(target=pipe.write_text, args=(text,))
    writer.start()
    assert load_scenario(pipe).workload.images == Path("mine")
    writer.join()


@pytest.mark.parametrize(
    ("device", "message"), [("/dev/zero", "more than"), ("/dev/null", "found nothing")]
)
def test_a_device_is_no_scenario(device: str, message: str) -> None:
    with pytest.raises(BadInput, match=f"{device}: {message}"):
        load_scenario(Path(device))


def test_a_name_of_any_bytes_survives_being_written_out() -> None:
    scenario = lte("workload.images=caf\udce9")
    assert scenario.workload.images == Path("caf\udce9")
    text = dump_scenario(scenario)
    assert text.isascii()
    assert parse(text) == scenario


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.yaml: no such file, allowed:"):
        load_scenario(tmp_path / "none.yaml")


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Is a directory, allowed: a scenario"):
        load_scenario(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.yaml: found nothing, allowed: a mapping"),
        ("- a\n- b\n", "x.yaml: found list, allowed: a mapping"),
        ("a: [1, 2", "x.yaml: line 1: not YAML"),
        ("a: b: c", "x.yaml: line 1: not YAML"),
        ("\x00", "x.yaml: line 1: not YAML"),
    ],
)
def test_what_is_not_a_scenario(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "override",
    [
        *("", "link", "=1", "a..b=1", "seed.x=1", "deployments.9=x", "deployments.0.x=1"),
        *("deployments.\uff11=local", "deployments.-1=local"),
    ],
)
def test_override_that_names_nothing(override: str) -> None:
    with pytest.raises(BadInput, match="--set"):
        lte(override)
