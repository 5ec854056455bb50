"""Scenario files: what is valid, what the effective one is, one line for each mistake."""

import os
from pathlib import Path
from threading import Thread

import pytest
import yaml

from emulation.queues.codel import CoDel
from emulation.spec import MTU_BYTES, GilbertElliott
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario, load_scenario, parse_scenario
from testbed.errors import BadInput

SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
LTE = next(path for path in SCENARIOS if path.stem == "lte")


def parse(text: str, *overrides: str) -> Scenario:
    return parse_scenario(text, "x.yaml", Path(), list(overrides))


def lte(*overrides: str) -> Scenario:
    return load_scenario(LTE, list(overrides))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_load_and_say_what_they_are(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.name == path.stem
    assert scenario.description
    assert {identity_of(entry).kind for entry in scenario.deployments} == {
        "local",
        "remote",
        "split",
    }


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_effective_scenario_loads_to_the_same(path: Path) -> None:
    scenario = load_scenario(path)
    assert parse(dump_scenario(scenario)) == scenario


def test_units_become_si() -> None:
    uplink = lte().link.to_spec().uplink
    assert uplink.rate_bps == 12e6
    assert uplink.delay_s == 0.025
    assert uplink.loss == 0.001
    assert uplink.queue_bytes == 150_000


def test_effective_scenario_shows_units_and_defaults() -> None:
    tree = yaml.safe_load(dump_scenario(lte()))
    assert tree["link"]["uplink"]["rate"] == "12mbit"
    assert tree["link"]["uplink"]["distribution"] == "normal"
    assert tree["deployments"] == [
        "local",
        {"remote": {"codec": "jpeg", "quality": 90, "resize": "none"}},
        {"remote": {"codec": "jpeg", "quality": 90, "resize": "model"}},
        {"remote": {"codec": "raw", "resize": "model"}},
        {"split": {"codec": "fp16", "cut": None}},
    ]


def test_overrides_reach_every_depth() -> None:
    scenario = lte(
        "link.uplink.rate=1gbit",
        "deployments.1.remote.quality=50",
        "workload.arrival={periodic: 10hz}",
        "link.tolerance=off",
        "model.backbone=null",
    )
    assert scenario.link.uplink.rate == 1e9
    assert identity_of(scenario.deployments[1]).name == "remote-jpeg-q50"
    assert scenario.link.tolerance is None
    assert scenario.model.backbone == "null"
    assert parse(dump_scenario(scenario)) == scenario


def test_an_image_may_be_resized_to_less_than_the_camera_s_shorter_side() -> None:
    changes = ("deployments.1.remote.resize=719", "workload.camera_px=1280x720")
    assert identity_of(lte(*changes).deployments[1]).name == "remote-jpeg-q90-719px"
    assert parse(dump_scenario(lte(*changes))) == lte(*changes)


def test_burst_loss() -> None:
    scenario = lte("link.uplink.loss={gilbert_elliott: {p: 1%, r: 50%}}")
    assert scenario.link.to_spec().uplink.loss == GilbertElliott(0.01, 0.5)


@pytest.mark.parametrize("queue", ["100ms", "50ms", "0s", "codel"])
def test_a_queue_given_as_a_time_holds_a_packet_on_however_slow_a_lane(queue: str) -> None:
    for rate in ("9600bit", "1kbit", "100bit"):
        lane = lte(f"link.uplink.queue={queue}", f"link.uplink.rate={rate}").link.to_spec().uplink
        assert lane.queue_bytes == MTU_BYTES
    wide = lte("link.uplink.queue=100ms", "link.uplink.rate=1mbit").link.to_spec().uplink
    assert wide.queue_bytes == 12_500


@pytest.mark.parametrize(
    ("queue", "target_s", "queue_bytes"),
    [("codel", 5e-3, 150_000), ("{codel: {target: 2ms, limit: 64kb}}", 2e-3, 65_536)],
)
def test_a_queue_with_a_policy(queue: str, target_s: float, queue_bytes: int) -> None:
    scenario = lte(f"link.uplink.queue={queue}")
    uplink = scenario.link.to_spec().uplink
    assert (uplink.queue_policy, uplink.queue_bytes) == (CoDel(target_s), queue_bytes)
    assert parse(dump_scenario(scenario)) == scenario


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


@pytest.mark.parametrize("change", ["0100", "1e2", "0x64", "'100'", "1_00", "+100"])
def test_a_number_is_what_people_mean_by_it(change: str) -> None:
    assert lte(f"workload.requests={change}").workload.requests == 100


@pytest.mark.parametrize(("word", "value"), [("on", True), ("no", False), ("true", True)])
def test_words_for_true_and_false(word: str, value: bool) -> None:
    assert lte(f"link.uplink.reorder={word}").link.uplink.reorder is value


@pytest.mark.parametrize("word", ["on", "yes", "n"])
def test_a_word_stays_one_where_a_word_is_meant(word: str) -> None:
    assert lte(f"name={word}", f"description={word}").name == word


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
    ("override", "message"),
    [
        ("colour=red", "colour: unknown key, allowed: name, description, link, edge, "),
        ("link.uplink.rat=1mbit", "link.uplink.rat: unknown key (did you mean rate?), allowed: r"),
        ("deployments.1.remote.qualty=1", "deployments.1.remote.qualty: unknown key (did you mean"),
        ("link.uplink=5", "link.uplink: found 5, allowed: a mapping of rate, delay, jitter, "),
        ("model=", "model: found nothing, allowed: a mapping of backbone, weights, "),
        (
            "link.uplink.rate=\uff11\uff12mbit",
            "link.uplink.rate: found '\uff11\uff12mbit', allowed:",
        ),
        (
            "workload.requests=\u0661\u0660",
            "workload.requests: found '\u0661\u0660', allowed: a whole",
        ),
        (
            "workload.requests=caf\udce9",
            "workload.requests: found 'caf\\xe9', allowed: text in UTF-8",
        ),
        ("link.uplink.speed=1mbit", "link.uplink.speed: unknown key"),
        ("link.uplink.rate=12", "link.uplink.rate: found '12'"),
        ("link.uplink.rate='12'", "link.uplink.rate: found '12'"),
        ("link.uplink.rate=1e3", "link.uplink.rate: found '1000.0'"),
        ("link.uplink.rate='1e3'", "link.uplink.rate: found '1e3'"),
        ("link.uplink.delay=true", "link.uplink.delay: found True, allowed: a number"),
        ("link.uplink.rate=12parsec", "link.uplink.rate: found '12parsec'"),
        ("link.uplink.rate=-1mbit", "link.uplink.rate: found '-1mbit'"),
        ("link.uplink.rate=0mbit", "link.uplink: rate: found"),
        ("link.uplink.delay=25", "link.uplink.delay: found '25'"),
        ("link.uplink.loss=200%", "link.uplink.loss: found"),
        ("link.uplink.queue=10", "link.uplink.queue: found '10', allowed: a time or a size"),
        ("link.uplink.queue=[]", "link.uplink.queue: found [], allowed: a time or a size"),
        ("link.uplink.queue={red: {}}", "link.uplink.queue: found {'red': {}}, allowed: a time"),
        ("link.uplink.queue={codel: {limit: 1}}", "link.uplink.queue.codel.limit: found '1'"),
        ("link.uplink.queue={codel: {aim: 1}}", "link.uplink.queue.codel.aim: unknown key"),
        ("link.uplink.queue={codel: {target: 0}}", "link.uplink: codel.target: found 0 s"),
        ("link.uplink.queue=100b", "link.uplink: queue: found 100 bytes"),
        ("link.uplink.distribution=poisson", "link.uplink.distribution: found 'poisson'"),
        ("link.congestion_control=vegas", "link.congestion_control: found 'vegas', allowed:"),
        ("edge.slowdown=0.5", "edge.slowdown: found 0.5, allowed:"),
        ("edge.slowdown=8", "edge: found device raspberry-pi-4 and slowdown 8, allowed: one"),
        ("edge.after=300ms", "edge: after: found 300ms without fallback, allowed: beside fallback"),
        ("edge.fallback=local", "edge: after: found none, allowed beside fallback: a time above 0"),
        ("edge.fallback=remote", "edge.fallback: found 'remote', allowed: "),
        ("edge={fallback: local, after: 0s}", "edge: after: found 0s, allowed beside fallback: a"),
        ("edge={fallback: local, after: 300}", "edge.after: found '300', allowed: a number with"),
        (
            "edge={fallback: local, after: 5s}",
            "scenario: edge.after: found 5s, allowed: less than workload.timeout, which is 5s",
        ),
        ("server.device=''", "server.device: found '', allowed:"),
        ("server.slowdown=2", "server.slowdown: unknown key"),
        ("workload.requests=0", "workload.requests: found 0, allowed:"),
        ("workload.requests=true", "workload.requests: found True, allowed: a number"),
        ("workload.requests=12:30", "workload.requests: found '12:30', allowed:"),
        ("edge.slowdown=.inf", "edge.slowdown: found inf, allowed:"),
        ("workload.camera_noise=.nan", "workload.camera_noise: found nan, allowed:"),
        ("workload.requests=many", "workload.requests: found 'many', allowed:"),
        ("workload.arrival=open", "workload.arrival: found 'open', allowed:"),
        ("workload.arrival={periodic: 10}", "workload.arrival.periodic: found '10'"),
        ("workload.deadline=0ms", "workload.deadline: found"),
        ("workload.requests=1.5", "workload.requests: found 1.5, allowed: a whole number"),
        ("workload.requests=[1]", "workload.requests: found [1], allowed: a whole number"),
        ("workload.requests=1e30", "workload.requests: found 1e+30, allowed: a whole number"),
        ("workload.requests=1e9", "workload.requests: found 1000000000.0, allowed: less than or"),
        ("workload.timeout=1e300s", "workload.timeout: found '1e300s', allowed: a time up to 1000"),
        ("workload.arrival={pause: 1e7s}", "workload.arrival.pause: found '1e7s', allowed: a time"),
        (
            "workload.arrival={poisson: 1e-300hz}",
            "workload.arrival.poisson: found '1e-300hz', allowed: a frequency from 0.000001hz on",
        ),
        ("model.feature_bytes=1e12", "model.feature_bytes: found 1000000000000.0, allowed: less"),
        ("edge={slowdown: 1e300}", "edge.slowdown: found 1e+300, allowed: less than or equal to"),
        ("edge.threads=1e9", "edge.threads: found 1000000000.0, allowed: less than or equal to"),
        ("link.uplink.reorder=2", "link.uplink.reorder: found 2, allowed: true or false"),
        ("workload.images=3", "workload.images: found 3, allowed: a path"),
        ("deployments=local", "deployments: found 'local', allowed: a list"),
        ("deployments=[]", "deployments: found [], allowed: at least 1"),
        ("deployments=[cloud]", "deployments.0: found 'cloud', allowed: local, remote"),
        ("deployments=[local, local]", "deployments: allowed: each deployment once"),
        ("deployments.1.remote.codec=gif", "deployments.1.remote.codec: found 'gif', allowed:"),
        (
            "deployments.1.remote.codec=jpg",
            "deployments.1.remote.codec: found 'jpg' (did you mean jpeg?), allowed: 'raw', 'jpeg'",
        ),
        ("deployments.1.remote.resize=4", "deployments.1.remote.resize: found 4, allowed:"),
        ("deployments.1.remote.resize=big", "deployments.1.remote.resize: found 'big', allowed: n"),
        (
            "deployments.2.remote.resize=720",
            "scenario: deployments.2.remote.resize: found 720, allowed: none, model or less than",
        ),
        ("deployments.4.split.cut=''", "deployments.4.split.cut: found '', allowed:"),
        ("deployments.1.remote.quality=0", "deployments.1.remote.quality: found 0, allowed:"),
        ("deployments=[{remote: {remote: 1}}]", "deployments.0.remote.remote: unknown key"),
        ("model.tasks=[]", "model.tasks: found [], allowed: at least one task"),
        ("model.input_px=0", "model.input_px: found 0, allowed:"),
        ("model.hidden=0", "model.hidden: found 0, allowed:"),
        ("model.dropout=1", "model.dropout: found 1, allowed:"),
        ("name=../../etc", "name: found '../../etc', allowed:"),
        ("seed=-1", "seed: found -1, allowed:"),
        ("link.uplink.trace=/nowhere.trace", "link.uplink"),
    ],
)
def test_each_mistake_is_one_line_with_file_key_found_and_allowed(
    override: str, message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        lte(override)
    line = str(caught.value)
    assert line.startswith(f"{LTE}: {message}")
    assert "\n" not in line


def test_missing_required_key() -> None:
    tree = yaml.safe_load(LTE.read_text())
    del tree["link"]["downlink"]
    with pytest.raises(BadInput, match=r"link\.downlink: missing, and it is required"):
        parse(yaml.safe_dump(tree))


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


def test_scenarios_are_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        lte().seed = 8


def test_what_is_computed_has_local_where_the_edge_falls_back_on_it() -> None:
    falls_back = ("edge.fallback=local", "edge.after=300ms")
    assert lte().computed == lte().deployments
    assert lte(*falls_back).computed == lte().deployments
    split = "deployments=[split: {}]"
    assert lte(*falls_back, split).computed == (*lte(split).deployments, "local")
