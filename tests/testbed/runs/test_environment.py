"""Where a run took place is told, and whose machine it was is not."""

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from testbed.runs import environment as module
from testbed.runs.environment import command_line, environment, git_state
from testbed.storage.strict_json import dumps, plain


def test_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    # The keys are listed so that a new fact is weighed: could it tell whose machine this is?
    started = datetime(2026, 1, 31, 13, tzinfo=timezone(timedelta(hours=1)))
    monkeypatch.setattr(sys, "argv", ["/opt/bin/testbed", "run", "lte.yaml"])
    facts = environment("tun", "netem: no sch_netem", started=started)
    assert set(facts) == {
        *("started_utc", "command", "backend", "testbed", "git", "python", "packages", "cpu"),
        *("memory_bytes", "os", "kernel", "virtualisation", "tcp_congestion_control"),
    }
    assert set(facts["cpu"]) == {
        *("model", "architecture", "count", "affinity", "governor", "load_average"),
    }
    assert facts["started_utc"] == "2026-01-31T12:00:00Z"
    assert facts["command"] == ["testbed", "run", "lte.yaml"]
    assert facts["backend"] == {"name": "tun", "why": "netem: no sch_netem"}
    assert facts["packages"]["numpy"].count(".") == 2
    assert all(facts["packages"].values())
    assert json.loads(dumps(facts)) == plain(facts)


def test_torch_is_not_imported_to_learn_its_version() -> None:
    code = "import sys, testbed.runs.environment as e; e.environment('x', 'y'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "testbed.runs.environment" in done.stdout.split()
    assert "torch" not in done.stdout.split()


def test_a_user_without_name_and_home_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert command_line(["/opt/bin/testbed", "run", "x.yaml"]) == ["testbed", "run", "x.yaml"]


def test_nothing_readable_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_read", lambda path: None)
    monkeypatch.setattr(module, "PACKAGES", ("no-such-package-here",))
    monkeypatch.setenv("PATH", "")
    facts = environment("tun", "first choice")
    assert facts["memory_bytes"] is facts["git"] is facts["tcp_congestion_control"] is None
    assert facts["packages"] == {"no-such-package-here": None}


def test_the_command_tells_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/data/ada")
    given = [
        "/data/ada/venv/bin/testbed",
        "run",
        "/data/ada/lte.yaml",
        "--images=/home/grace/faces",
        "/Users/alan/x",
        "/root",
        "/rootless/homes/x",
    ]
    assert command_line(given) == [
        "testbed",
        "run",
        "~/lte.yaml",
        "--images=~/faces",
        "~/x",
        "~",
        "/rootless/homes/x",
    ]
    assert command_line([]) == []


def test_a_module_is_called_as_it_was() -> None:
    argv = ["/opt/lib/testbed/__main__.py", "train", "--steps", "3"]
    assert command_line(argv) == ["python", "-m", "testbed", "train", "--steps", "3"]


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=no"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    package = tmp_path / "checkout" / "testbed"
    package.mkdir(parents=True)
    (package / "a.py").write_text("a = 1\n")
    _git(package.parent, "init", "--quiet")
    _git(package.parent, "add", ".")
    _git(package.parent, "commit", "--quiet", "-m", "first")
    return package


def test_a_checkout_tells_its_commit_and_whether_it_was_changed(checkout: Path) -> None:
    commit = _git(checkout, "rev-parse", "HEAD")
    assert git_state(checkout) == {"commit": commit, "dirty": False}
    (checkout / "b.py").touch()
    assert git_state(checkout) == {"commit": commit, "dirty": True}
    (checkout / "b.py").unlink()
    (checkout / "a.py").write_text("a = 2\n")
    assert git_state(checkout) == {"commit": commit, "dirty": True}


def test_without_a_checkout_of_its_own_there_is_no_commit(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = checkout / "venv" / "site-packages" / "testbed"
    installed.mkdir(parents=True)
    assert git_state(installed) is None  # in somebody's checkout, but not the package's
    bare = tmp_path / "plain" / "testbed"
    bare.mkdir(parents=True)
    assert git_state(bare) is None
    _git(bare.parent, "init", "--quiet")
    assert git_state(bare) is None  # no commit yet
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(checkout) is None  # no git
