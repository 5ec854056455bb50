"""What a half reads of the link's bytes, also when there is no link any more."""

import sys

import pytest

from emulation.meter import NetdevMeter

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/net/dev")


@needs_linux
def test_an_interface_is_counted_without_its_frame_headers() -> None:
    bare, framed = NetdevMeter("lo", 0).read(), NetdevMeter("lo", 1000).read()
    assert bare is not None and framed is not None
    assert bare[0] >= 0
    assert framed[0] <= bare[0]


@needs_linux
def test_an_interface_that_is_gone_counts_nothing_and_ends_nobody() -> None:
    assert NetdevMeter("gone0").read() is None
