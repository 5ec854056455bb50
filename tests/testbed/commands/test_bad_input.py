"""Each thing a user can get wrong is one line on standard error and exit code 2, in a moment."""

import sys
from pathlib import Path

import pytest

from testbed.commands.app import main
from tests.testbed.command_line import SCENARIOS, run_testbed, write_tiny

LTE = str(SCENARIOS / "lte.yaml")


def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> str:
    """The one line with which the command line refuses `arguments`."""
    monkeypatch.setattr(sys, "argv", ["testbed", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    captured = capsys.readouterr()
    assert left.value.code == 2, captured.err
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "No such command 'nope'"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["run", LTE, "--sead", "1"], "No such option: --sead"),
        (["run", LTE, "--seed", "x"], "Invalid value for '--seed'"),
        (["run", LTE, "--backend", "ns3"], "backend: found 'ns3', allowed: auto, netem, tun"),
        (["run", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["run", LTE, "--set", "link.uplink.rate=-5mbit"], "link.uplink.rate: found '-5mbit'"),
        (["run", LTE, "--set", "deployments=[]"], "deployments: found []"),
        (["codecs", LTE, "--resize", "4,64"], "--resize: found '4,64', allowed: whole numbers"),
        (["codecs", LTE, "--quality", "high"], "--quality: found 'high', allowed: whole numbers"),
        (["choose", LTE, "--energy", "3"], "--energy: found '3', allowed: an energy such as 300mj"),
        (
            ["choose", LTE, "--energy", "1j", "--set", "edge.device=pixel"],
            "--energy: the file of device pixel gives no power, allowed: edge.device with a power",
        ),
        (["device"], "Missing command"),
        (["device", "show", "raspbery-pi-4"], "device: found raspbery-pi-4 (did you mean rasp"),
        (["device", "measure", "x", "--backbones", "y"], "--backbones: found 'y', allowed: mob"),
        (["device", "measure", "a/b"], "NAME: found 'a/b', allowed: letters"),
        (["check", LTE, "--set", "edge.slowdown=8"], "edge: found device raspberry-pi-4 and slo"),
        (["check", LTE, "--set", "server.device=pixle"], "found pixle (did you mean pixel?)"),
        (
            ["run", LTE, "--virtual", "--set", "edge.device=host"],
            "edge.device: found host beside a named device, allowed in virtual time: named devices",
        ),
        (
            ["check", LTE, "--set", "deployments.4.split.cut=feature.8"],
            "split.cut: found 'feature.8' (did you mean features.8?), allowed: features.0, feat",
        ),
        (
            ["run", LTE, "--set", "deployments.4.split.cut=resize"],
            "split.cut: found 'resize', allowed instead: remote: {resize: model}",
        ),
        (
            ["run", LTE, "--virtual", "--set", "deployments.4.split.cut=heads"],
            "split.cut: found 'heads', allowed instead: local",
        ),
        (
            ["cuts", LTE, "--codec", "fp61"],
            "--codec: found 'fp61' (did you mean fp16?), allowed: r",
        ),
        (["cuts", LTE, "--figure", "x.pdf"], "--figure: found x.pdf, allowed: a file that ends in"),
        (["profile", LTE, "--set", "edge.device=host"], "edge.device: found host beside"),
        (["check", LTE, "--set", "nonsense"], "--set nonsense: allowed: a.b=value"),
        (
            ["plot", "/"],
            "/: found no summary.json and no sweep.json, allowed: the folder of ",
        ),
        (["run", LTE, "--out", "/proc/here"], "/proc"),
        (["serve", LTE, "--bind", "nonsense"], "--bind nonsense: allowed: an address such as tcp"),
        (["serve", LTE, "--bind", "tcp://127.0.0.1:99999"], "--bind tcp://127.0.0.1:99999: "),
        (
            ["serve", LTE, "--bind", "tcp://0.0.0.0:5555"],
            "--bind tcp://0.0.0.0:5555: found no --ke",
        ),
        (["serve", LTE, "--bind", "tcp://[::]:5555"], "--bind tcp://[::]:5555: found no --keys"),
        (
            ["edge", LTE, "--server", "tcp://192.0.2.7:5555"],
            "--server tcp://192.0.2.7:5555: found no --keys, allowed beyond this machine: --keys",
        ),
        (["edge", LTE, "--server", "tcp://[2001:db8::7]:5555"], "found no --keys"),
        (
            ["serve", LTE, "--keys", "nowhere"],
            "nowhere/server.key_secret: no such file, allowed: a",
        ),
        (["serve", LTE, "--keys", "k", "--insecure"], "--insecure: found beside --keys k, allowed"),
        (["keys"], "Missing command"),
        (["keys", "new", "/"], "/: found a folder that is not empty, allowed: a new or empty one"),
    ],
)
def test_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    assert message in refused(monkeypatch, capsys, *arguments)


def test_folder_that_is_not_empty(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "precious").write_text("mine")
    line = refused(monkeypatch, capsys, "run", LTE, "--out", str(tmp_path))
    assert "found a folder that is not empty" in line
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.weights=corrupt.safetensors", "corrupt.safetensors"),
        ("workload.images=empty", "found no readable picture"),
    ],
)
def test_what_only_a_half_can_find_out_is_one_line_too(
    tmp_path: Path, change: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "corrupt.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{garbage")
    ended = run_testbed(tmp_path, "run", LTE, "--backend", "simpy", "--set", change)
    assert ended.code == 2, ended.err
    last = ended.err.splitlines()[-1]
    assert last.startswith("testbed: ")
    assert message in last
    assert "allowed" in last
    assert ended.leftovers == []


def test_results_that_cannot_be_written_are_found_out_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file is in the way")
    ended = run_testbed(tmp_path, "run", str(write_tiny(tmp_path)))
    assert ended.code == 2
    assert "results" in ended.err.splitlines()[-1]
    assert len(ended.err.splitlines()) == 1
