"""Which addresses only this machine can reach; whatever is not surely one of them is not."""

import pytest

from testbed.channel.address import stays_here
from testbed.errors import BadInput


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:5555", "tcp://127.8.8.8:*", "tcp://[::1]:65535", "tcp://localhost:5555"],
)
def test_loopback(address: str) -> None:
    assert stays_here(address, "--bind")


@pytest.mark.parametrize(
    "address",
    [
        "tcp://0.0.0.0:5555",
        "tcp://*:5555",
        "tcp://[::]:5555",
        "tcp://192.0.2.7:5555",
        "tcp://[2001:db8::7]:5555",
        "tcp://eth0:5555",
        "tcp://lo:5555",
        "tcp://example.org:5555",
        "tcp://localhost.example.org:5555",
        "tcp://127.0.0.1.example.org:5555",
        "tcp://2130706433:5555",
    ],
)
def test_others_may_reach_it(address: str) -> None:
    assert not stays_here(address, "--bind")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "tcp://",
        "nonsense",
        "127.0.0.1:5555",
        "tcp://127.0.0.1",
        "tcp://::1:5555",
        "udp://127.0.0.1:5555",
        "ipc:///tmp/half",
        "tcp://127.0.0.1:0;192.0.2.7:5555",
        "tcp://127.0.0.1:5555\n",
        "tcp://127.0.0.1:65536",
        "tcp:// 127.0.0.1:5555",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(
        BadInput, match=r"--bind .*allowed: an address such as tcp://192.0.2.7:5555"
    ):
        stays_here(address, "--bind")
