"""`testbed serve` and `testbed edge` started by hand, as on two machines."""

import json
import re
import shutil
import signal
import socket
from pathlib import Path

import pytest

from testbed.channel.zeromq.edge import NOT_ADMITTED
from tests.testbed.command_line import finish, run_testbed, started, write_tiny

pytestmark = pytest.mark.realtime


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_the_same_scenario_gives_the_same_kind_of_results(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    address = f"tcp://127.0.0.1:{free_port()}"
    with started(tmp_path, "serve", str(file), "--bind", address) as (command, server):
        edge = run_testbed(tmp_path, "edge", str(file), "--server", address, "--out", "mine")
        server.send_signal(signal.SIGINT)
        served = finish(command, server)
    assert edge.code == 0, edge.err
    assert edge.out.splitlines()[-1].endswith("mine")
    assert served.code == 130
    assert re.search(r"answered 43 requests", served.err)
    summary = json.loads((tmp_path / "mine" / "summary.json").read_text())
    assert summary["backend"] == "none"
    assert summary["link"]["configured"] is None
    for deployment in summary["deployments"]:
        assert deployment["answered"] == deployment["requests"] == 16
        assert deployment["wire_bytes"]["up"] is None
        assert sum(deployment["stages_ms"].values()) == pytest.approx(
            deployment["latency_ms"]["mean"]
        )


def test_with_keys_only_who_has_them_takes_part(tmp_path: Path) -> None:
    file, port = write_tiny(tmp_path), free_port()
    for folder in ("ours", "theirs"):
        made = run_testbed(tmp_path, "keys", "new", folder)
        assert made.code == 0, made.err
    everywhere, here = f"tcp://0.0.0.0:{port}", f"tcp://127.0.0.1:{port}"
    served_with = ("--bind", everywhere, "--keys", "ours/server")
    few = ("--set", "workload.requests=2", "--set", "repeats=2")
    with started(tmp_path, "serve", str(file), *served_with) as (command, server):
        edge = ("edge", str(file), "--server", here, *few)
        ours = run_testbed(tmp_path, *edge, "--keys", "ours/edge", "--out", "mine")
        shutil.copy(tmp_path / "ours" / "edge" / "server.key", tmp_path / "theirs" / "edge")
        theirs = run_testbed(tmp_path, *edge, "--keys", "theirs/edge")
        server.send_signal(signal.SIGINT)
        served = finish(command, server)
    assert ours.code == 0, ours.err
    assert json.loads((tmp_path / "mine" / "link.json").read_text())["encrypted"] is True
    assert theirs.code == 1
    assert theirs.err.splitlines()[-1] == f"testbed: the server at {here} {NOT_ADMITTED}"
    assert re.search(r"turned away 1 connections, dropped 0", served.err)


def test_an_edge_without_a_server_says_so_and_leaves_no_folder(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    address = f"tcp://127.0.0.1:{free_port()}"
    ended = run_testbed(
        tmp_path, "edge", str(file), "--server", address, "--set", "workload.timeout=500ms"
    )
    assert ended.code == 1
    said = f"testbed: no server half answers at {re.escape(address)} within 1[0-9](\\.[0-9])? s"
    assert re.fullmatch(said, ended.err.splitlines()[-1])
    assert not (tmp_path / "results").exists()


def test_halves_with_different_models_find_out_before_the_first_request(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    address = f"tcp://127.0.0.1:{free_port()}"
    with started(tmp_path, "serve", str(file), "--bind", address):
        ended = run_testbed(
            tmp_path,
            *("edge", str(file), "--server", address),
            *("--set", "model.feature_bytes=9000", "--set", "workload.timeout=10s"),
        )
    assert ended.code == 1
    assert "the halves hold different models" in ended.err


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "127.0.0.1:5555"])
def test_an_address_that_is_none(tmp_path: Path, address: str) -> None:
    ended = run_testbed(tmp_path, "edge", str(write_tiny(tmp_path)), "--server", address)
    assert ended.code == 2
    assert "--server" in ended.err.splitlines()[-1]
