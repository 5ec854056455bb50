"""The netem backend where the kernel has no netem; test_netem_link.py has the rest."""

import json
from dataclasses import replace
from typing import Any

import pytest

from emulation.errors import CommandFailed, LinkUnavailable
from emulation.host import netns, shell
from emulation.link import load_backend
from emulation.netem import kernel as netem_kernel
from emulation.netem.argv import router_commands
from emulation.netem.link import added, backend, counters, shaping_again
from emulation.queues.codel import CoDel
from emulation.spec import LaneSpec, LinkSpec
from emulation.trace import RateTrace

FREE = LinkSpec(LaneSpec(), LaneSpec())
TRACED = LinkSpec(LaneSpec(trace=RateTrace("steady", (1,))), LaneSpec())


@pytest.fixture
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """`missing` without what it remembers, on a machine that has the programs."""
    monkeypatch.setattr(netem_kernel, "missing", netem_kernel.missing.__wrapped__)
    monkeypatch.setattr(shell, "missing_program", lambda _: None)
    monkeypatch.setattr(netns, "missing", lambda: None)


def shell_without(monkeypatch: pytest.MonkeyPatch, word: str) -> list[tuple[str, ...]]:
    """A `shell.run` that fails where `word` is needed; the list fills with what was run."""
    ran: list[tuple[str, ...]] = []

    def run(argv: tuple[str, ...], *, input_text: str = "") -> str:
        ran.append(argv)
        if word in (*argv, *input_text.split()):
            raise CommandFailed(argv, 2, "Error: Specified qdisc kind is unknown.")
        return ""

    monkeypatch.setattr(shell, "run", run)
    return ran


def test_it_is_registered() -> None:
    assert load_backend("netem") is backend
    assert backend.name == "netem"


@pytest.mark.parametrize(
    ("word", "modules"),
    [
        ("netem", "sch_netem"),
        ("ifb", "ifb"),
        ("mirred", "sch_ingress, cls_matchall or act_mirred"),
    ],
)
@pytest.mark.usefixtures("asked_anew")
def test_a_kernel_that_lacks_a_module(
    monkeypatch: pytest.MonkeyPatch, word: str, modules: str
) -> None:
    shell_without(monkeypatch, word)
    monkeypatch.setattr("platform.release", lambda: "6.18.1")
    assert netem_kernel.missing() == (
        f"kernel 6.18.1 has no {modules}: modprobe it as root, "
        "or boot a kernel that ships it (Debian: linux-image-amd64)"
    )


@pytest.mark.usefixtures("asked_anew")
@pytest.mark.parametrize(("privileged", "apart"), [(True, "-n"), (False, "-Urn")])
def test_the_kernel_is_tried_apart(
    monkeypatch: pytest.MonkeyPatch, privileged: bool, apart: str
) -> None:
    ran = shell_without(monkeypatch, "nothing")
    monkeypatch.setattr(netns, "privileged", lambda: privileged)
    assert netem_kernel.missing() is None
    assert len(ran) == 3
    assert {argv[:2] for argv in ran} == {("unshare", apart)}


@pytest.mark.usefixtures("asked_anew")
def test_no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netns, "missing", lambda: "neither root nor allowed")
    assert netem_kernel.missing() == "neither root nor allowed"


@pytest.mark.usefixtures("asked_anew")
def test_no_tc_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "missing_program", lambda name: f"no program {name!r}")
    assert netem_kernel.missing() == "no program 'tc'"


def test_what_is_missing_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = backend.missing()

    def fail(*_: Any, **__: Any) -> str:
        raise AssertionError("asked again")

    monkeypatch.setattr(shell, "run", fail)
    assert backend.missing() == first
    assert first is None or "\n" not in first


def test_opening_says_why_not() -> None:
    with pytest.raises(LinkUnavailable, match=r"^backend netem: no luck$"):
        replace(backend, missing=lambda: "no luck").open(FREE, 1)


def test_opening_says_what_netem_cannot_do() -> None:
    with pytest.raises(LinkUnavailable, match=r"^backend netem: netem cannot follow a rate trace"):
        replace(backend, missing=lambda: None).open(TRACED, 1)


def test_version_of_iproute2(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = netem_kernel.iproute2_version.__wrapped__
    monkeypatch.setattr(shell, "run", lambda _: "tc utility, iproute2-6.1.0, libbpf 1.1.2\n")
    assert ask() == "6.1.0"
    monkeypatch.setattr(shell, "run", lambda _: "tc utility, iproute2-ss200127\n")
    assert ask() == "ss200127"
    monkeypatch.setattr(shell, "run", lambda _: "tc from busybox\n")
    assert ask() == "unknown"


def shown(device: str, packets: int, drops: int, waiting: int, kind: str = "netem") -> Any:
    return {
        "kind": kind,
        "root": kind != "ingress",
        "dev": device,
        "bytes": packets * 1514,
        "packets": packets,
        "drops": drops,
        "qlen": waiting,
        "backlog": waiting * 1514,
    }


def test_counters_are_those_of_each_netem_in_the_order_packets_meet_them() -> None:
    lane = LaneSpec(rate_bps=1e6, delay_s=0.1)
    commands = router_commands(LinkSpec(lane, LaneSpec()), "in", "out")["uplink"]
    every = [
        shown("out", 90, 0, 5),
        shown("in", 1, 1, 1, kind="ingress"),
        shown("in", 7, 0, 0),
        shown("ifb-up", 100, 3, 10),
    ]
    assert counters(json.dumps(every), commands) == [
        {
            "device": "ifb-up",
            "sent_packets": 100,
            "sent_bytes": 150_000,
            "dropped_packets": 3,
            "backlog_packets": 10,
            "backlog_bytes": 15_000,
        },
        {
            "device": "out",
            "sent_packets": 90,
            "sent_bytes": 135_000,
            "dropped_packets": 0,
            "backlog_packets": 5,
            "backlog_bytes": 7_500,
        },
    ]


def test_counters_go_on_over_renewals_and_backlogs_do_not() -> None:
    commands = router_commands(FREE, "in", "out")["uplink"]
    before, now = (
        counters(json.dumps([shown("out", packets, drops, waiting)]), commands)
        for packets, drops, waiting in ((90, 2, 5), (10, 1, 3))
    )
    assert added([], now) == now
    (total,) = added(before, now)
    assert (total["sent_packets"], total["sent_bytes"]) == (100, 150_000)
    assert (total["dropped_packets"], total["backlog_packets"]) == (3, 3)


def test_shaping_again_takes_every_root_away_and_leaves_what_leads_through_it() -> None:
    managed = LaneSpec(rate_bps=1e6, loss=0.1, queue_policy=CoDel())
    commands = router_commands(LinkSpec(managed, LaneSpec()), "in", "out", seed=3)
    again = [" ".join(argv).removeprefix("tc qdisc ") for argv in shaping_again(commands)]
    assert again[:3] == [f"del dev {device} root" for device in ("ifb-up", "out", "in")]
    assert [line.split()[:3] for line in again[3:]] == [
        ["add", "dev", device] for device in ("ifb-up", "ifb-up", "ifb-up", "out", "in")
    ]
    assert [line for line in again if "seed" in line] == again[3:4] + again[7:]
