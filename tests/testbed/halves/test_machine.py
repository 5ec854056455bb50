"""Asking for processors that stay awake: granted, refused, and nowhere to ask."""

from pathlib import Path

from testbed.halves.machine import NO_LATENCY, awake


def test_no_latency_is_asked_for_as_long_as_it_lasts(tmp_path: Path) -> None:
    device = tmp_path / "latency"
    device.write_bytes(b"")
    with awake(device) as granted:
        assert granted
        assert device.read_bytes() == NO_LATENCY


def test_where_there_is_nothing_to_ask_work_goes_on(tmp_path: Path) -> None:
    with awake(tmp_path / "missing") as granted:
        assert not granted


def test_a_device_that_refuses_is_no_error() -> None:
    with awake(Path("/dev/full")) as granted:
        assert not granted
