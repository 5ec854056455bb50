import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from emulation.errors import LinkFault
from emulation.host import child
from emulation.host.child import Child
from tests.contract.leftovers import descendants

ECHO = """
import json, os, sys
for line in sys.stdin:
    command = json.loads(line)
    if command.get("do") == "fail":
        sys.exit("no such device")
    print(json.dumps({"heard": command, "process": os.getpid()}), flush=True)
"""
DEAF = "import time; time.sleep(60)"


@pytest.fixture
def echo() -> Iterator[Child]:
    running = Child("test link", (sys.executable, "-c", ECHO))
    yield running
    running.close()


def test_answers(echo: Child) -> None:
    assert echo.ask(port=1)["heard"] == {"port": 1}
    assert echo.ask(port=2)["heard"] == {"port": 2}
    echo.require_alive()


def test_what_lasts_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "ANSWER_TIMEOUT_S", 0.0)
    slow = ECHO.replace("    print", "    __import__('time').sleep(0.2)\n    print")
    with closing(Child("test link", (sys.executable, "-c", slow))) as running:
        assert running.ask(20.0, port=1)["heard"] == {"port": 1}
        with pytest.raises(LinkFault, match=r"no answer within 0\.05 s"):
            running.ask(0.05, port=2)


def test_its_last_words_are_told(echo: Child) -> None:
    with pytest.raises(LinkFault, match="its process has ended: no such device"):
        echo.ask(do="fail")


def test_a_killed_child_is_noticed(echo: Child) -> None:
    process: int = echo.ask()["process"]
    os.kill(process, signal.SIGKILL)
    with pytest.raises(LinkFault, match="ended"):
        echo.ask()
    with pytest.raises(LinkFault, match="ended"):
        echo.require_alive()


def test_closing_ends_it_and_frees_all() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    running = Child("test link", (sys.executable, "-c", ECHO))
    process = running.ask()["process"]
    running.close()
    running.close()
    assert not Path("/proc", str(process)).exists()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with pytest.raises(LinkFault, match="closed"):
        running.ask()
    with pytest.raises(LinkFault, match="closed"):
        running.require_alive()


def test_one_that_does_not_answer_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "ANSWER_TIMEOUT_S", 0.1)
    monkeypatch.setattr(child, "CLOSE_TIMEOUT_S", 0.1)
    before = descendants(os.getpid())
    deaf = Child("test link", (sys.executable, "-c", DEAF))
    began_s = time.perf_counter()
    with pytest.raises(LinkFault, match=r"no answer within 0\.1 s"):
        deaf.ask()
    deaf.close()
    assert time.perf_counter() - began_s < 5
    assert descendants(os.getpid()) == before
