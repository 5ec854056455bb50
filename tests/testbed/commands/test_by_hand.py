"""`testbed serve` and `testbed edge` started by hand, as on two machines."""

import json
import re
import shutil
import signal
import socket
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from testbed.channel.zeromq.edge import NOT_ADMITTED
from tests.testbed.command_line import (
    TIMEOUT_S,
    Ended,
    finish,
    run_testbed,
    started,
    write_tiny,
)
from tests.testbed.halves_in_threads import soon

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


def lose_the_server(folder: Path, *, returns: bool) -> tuple[Ended, dict[str, Any]]:
    """An edge whose server half is killed in mid-run; how it ended, and its link.json."""
    file, address = write_tiny(folder), f"tcp://127.0.0.1:{free_port()}"
    few = ("workload.requests=30", "workload.timeout=500ms", "repeats=1", "deployments=[split]")
    changes = [
        word for change in (*few, "workload.arrival={pause: 100ms}") for word in ("--set", change)
    ]
    serve = ("serve", str(file), "--bind", address)
    lines = folder / "mine" / "requests.jsonl"
    with started(folder, *serve) as (_, server):
        edge = ("edge", str(file), "--server", address, "--out", "mine", *changes)
        with started(folder, *edge) as (command, process):
            assert soon(lambda: lines.is_file() and lines.read_bytes().count(b"\n") >= 3, TIMEOUT_S)
            server.kill()
            server.wait()
            if not returns:
                ended = finish(command, process)
            else:
                with started(folder, *serve):
                    ended = finish(command, process)
    return ended, json.loads((folder / "mine" / "link.json").read_text())


def test_a_server_that_comes_back_is_used_again_within_the_block(tmp_path: Path) -> None:
    ended, link = lose_the_server(tmp_path, returns=True)
    (split,) = json.loads((tmp_path / "mine" / "summary.json").read_text())["deployments"]
    assert (link["server_lost"], link["server_found"]) == (1, 1)
    assert split["answered"] + split["late"] + split["lost"] == 30
    assert split["lost"] >= 1
    rows = pq.read_table(tmp_path / "mine" / "requests.parquet").to_pandas()
    assert rows["outcome"].iloc[-1] == "answered"
    said = f"found again: 1); {split['lost']} of 30 requests were lost"
    assert said in ended.err
    assert ended.code == 1  # 1 of 30 is more than 1 %


def test_a_server_that_never_comes_back_costs_its_requests_and_the_exit_code(
    tmp_path: Path,
) -> None:
    ended, link = lose_the_server(tmp_path, returns=False)
    (split,) = json.loads((tmp_path / "mine" / "summary.json").read_text())["deployments"]
    assert split["answered"] + split["late"] + split["lost"] == 30
    assert ended.code == 1
    (fault,) = link["faults"]
    assert fault.startswith("the server half was gone (times lost: 1, found again: 0); ")
    assert fault.endswith(f"{split['lost']} of 30 requests were lost, more than 1%")
    assert ended.err.splitlines()[-1] == f"testbed: {fault}; what was measured is in mine"


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
