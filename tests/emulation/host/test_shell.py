import sys

import pytest

from emulation.errors import CommandFailed, LinkUnavailable
from emulation.host.shell import environment, missing_program, run


def test_returns_what_the_program_says() -> None:
    assert run((sys.executable, "-c", "print(input())"), input_text="hello\n") == "hello\n"


def test_a_failure_tells_what_was_attempted_and_what_was_said() -> None:
    argv = (sys.executable, "-c", "import sys; sys.exit('no such device')")
    with pytest.raises(CommandFailed, match="no such device") as caught:
        run(argv)
    assert caught.value.argv == argv
    assert caught.value.returncode == 1
    assert caught.value.stderr == "no such device"


def test_arguments_pass_no_shell() -> None:
    echo = "import sys; print(sys.argv[1:])"
    assert run((sys.executable, "-c", echo, "$HOME", "; ls")) == "['$HOME', '; ls']\n"


def test_a_program_that_hangs_is_killed() -> None:
    with pytest.raises(CommandFailed, match=r"not done after 0\.2 s"):
        run((sys.executable, "-c", "import time; time.sleep(30)"), timeout_s=0.2)


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulation.host.shell.ADMIN_DIRECTORIES", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LinkUnavailable, match="no program 'tc': apt-get install iproute2"):
        run(("tc", "qdisc"))
    assert missing_program("modprobe") == "no program 'modprobe': apt-get install kmod"


def test_a_missing_program_of_no_known_package() -> None:
    assert missing_program("no-such-program") == "no program 'no-such-program' on PATH"
    with pytest.raises(LinkUnavailable, match="no-such-program"):
        run(("no-such-program",))


def test_a_program_that_may_not_be_run() -> None:
    with pytest.raises(LinkUnavailable, match="cannot start /etc: Permission denied"):
        run(("/etc",))


def test_the_administrators_programs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    assert "/usr/sbin" in environment()["PATH"].split(":")
    assert environment()["LC_ALL"] == "C"
