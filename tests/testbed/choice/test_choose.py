"""What is chosen: the fastest that keeps the limits, on made-up numbers and on a real link."""

from math import inf, isnan, nan

import pytest

from testbed.choice.answer import over_rates, sentences
from testbed.choice.candidates import candidates, classics, entries_of
from testbed.choice.choose import Limits, Option, asked, at_rates, fastest, options
from testbed.choice.judge import Judgement, TaskCounts
from testbed.choice.subject import check_energy, network_of
from testbed.commands.choose import limits_of
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.errors import BadInput
from testbed.halves.deployment import make_deployment
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.virtual.simulate import simulate


def option(
    name: str, mean_ms: float, loss: float = 0.0, kb: float = 1.0, mb: float = 1.0, mj: float = nan
) -> Option:
    mean_s = mean_ms / 1e3
    return Option(
        mean_s=mean_s,
        ci95_s=(0.9 * mean_s, 1.1 * mean_s),
        p95_s=1.2 * mean_s,
        energy_j=mj / 1e3,
        energy_range_j=(mj / 2e3, 2 * mj / 1e3),
        name=name,
        entry="local",
        loss=loss,
        loss_low=loss - 0.01,
        loss_high=loss + 0.01,
        agreement=1 - loss,
        size_bytes=kb * 1e3,
        memory_bytes=mb * 1e6,
    )


QUICK = option("quick", 10, loss=0.05, mj=300)
SLIM = option("slim", 20, kb=0.1, mj=40)
RIGHT = option("right", 30, mb=0.1, mj=50)
LOST = option("lost", float("inf"))
ALL = [QUICK, SLIM, RIGHT, LOST]


@pytest.mark.parametrize(
    ("limits", "order"),
    [
        (Limits(), ["quick", "slim", "right"]),
        (Limits(accuracy_loss=0.01), ["slim", "right"]),
        (Limits(memory_bytes=5e5), ["right"]),
        (Limits(size_bytes=500), ["slim"]),
        (Limits(deadline_s=0.013), ["quick"]),
        (Limits(energy_j=0.045), ["slim"]),
        (Limits(accuracy_loss=0.01, deadline_s=0.013), []),
    ],
)
def test_the_fastest_that_keeps_the_limits_comes_first(limits: Limits, order: list[str]) -> None:
    assert [one.name for one in fastest(ALL, limits)] == order


def test_the_answer_names_the_winner_the_second_and_what_the_limit_costs() -> None:
    answer, second, price = sentences(ALL, Limits(accuracy_loss=0.01), "lte on a and b")
    assert answer.startswith(
        "slim is fastest over lte on a and b: mean 20 ms (18.0 to 22.0), 100 B"
    )
    assert second.startswith("Second is right, 10 ms (50 %) slower: ")
    assert price.startswith("Without the limit on accuracy: quick, 10 ms less, mean 10 ms")
    assert "accuracy lost 5.00 points (4.00 to 6.00), 300 mJ at the edge (150 mJ to 600" in price


def test_a_limit_on_energy_has_its_price_too() -> None:
    *_, price = sentences(ALL, Limits(energy_j=0.1), "lte")
    assert price.startswith("Without the limit on energy: quick, 10 ms less")


def test_energy_is_not_mentioned_where_it_is_not_known() -> None:
    (answer,) = sentences([option("only", 10)], Limits(), "lte")
    assert "edge" not in answer


def test_where_nothing_keeps_the_limits_the_nearest_is_named() -> None:
    first, near = sentences(ALL, Limits(accuracy_loss=0.01, deadline_s=0.013), "lte")
    assert first == "Nothing keeps the limits over lte."
    assert near.startswith("quick breaks only: accuracy (mean 10 ms")


def test_rates_are_told_in_spans() -> None:
    winners = [(1e6, SLIM), (2e6, SLIM), (4e6, QUICK), (8e6, None)]
    assert over_rates(winners) == [
        "With other rates: slim from 1 Mbit/s to 2 Mbit/s; quick at 4 Mbit/s; "
        "nothing within the limits at 8 Mbit/s."
    ]
    assert over_rates(winners[:2]) == []


def test_limits_are_typed_in_their_units() -> None:
    found = limits_of("1%", "100ms", "8mb", "4kb", "300mj")
    assert found == Limits(0.01, 0.1, 8 * 2**20, 4096, 0.3)
    assert limits_of(None, None, None, None, None) == Limits(inf, inf, inf, inf, inf)
    with pytest.raises(BadInput, match=r"^--accuracy-loss: found '1', allowed: a percentage"):
        limits_of("1", None, None, None, None)
    with pytest.raises(BadInput, match=r"^--deadline: found 'soon', allowed: a time"):
        limits_of(None, "soon", None, None, None)
    with pytest.raises(BadInput, match=r"^--energy: found '3', allowed: an energy such as"):
        limits_of(None, None, None, None, "3")


def scenario(rate: str = "12mbit") -> Scenario:
    lane = {"rate": rate, "delay": "10ms"}
    tree = {
        "name": "made-up",
        "link": {"uplink": lane, "downlink": lane},
        "edge": {"device": "raspberry-pi-4"},
        "server": {"device": "server-core"},
        "model": {"backbone": "mobilenet_v3_small", "weights": "random", "input_px": 32},
        "workload": {"camera_px": 96, "camera_noise": 0},
        "deployments": ["local"],
    }
    return Scenario.model_validate(tree)


def test_every_candidate_can_be_made_and_the_classics_are_among_them() -> None:
    network = network_of(scenario())
    found = candidates(network, camera_px=96)
    names = [identity_of(entry).name for entry in found]
    assert len(set(names)) == len(names) > 80
    assert set(classics()) <= set(found)
    cuts = {make_deployment(entry, network).cut_name for entry in found}
    assert cuts == {"camera", *network.blocks}
    assert "remote-jpeg-q50-64px" in names
    assert not any("px" in name for name in (identity_of(e).name for e in candidates(network, 40)))


def test_numbers_are_those_of_virtual_time_and_the_front_is_marked() -> None:
    entries = entries_of(["local", {"split": {"codec": "fp32"}}, {"split": {"codec": "fp16"}}])
    every = asked(scenario(), entries)
    repertoire = repertoire_of(every, Contents(4))
    counts = {"scale": TaskCounts(right=8, lost=2, agreed=8)}
    judged = [
        Judgement(identity_of(entry).name, counts, 10, 10 * size, 0.0, size, size)
        for entry, size in zip(entries, (0, 2304, 1152), strict=True)
    ]
    found = {one.name: one for one in options(every, repertoire, judged, [3.0, 2.0, 2.0])}
    requests = simulate(every, repertoire).requests
    means_s = requests.groupby("deployment")["latency_s"].mean()
    for name, one in found.items():
        assert one.mean_s == pytest.approx(means_s[name])
        low, high = one.ci95_s
        assert low is not None and high is not None and low < one.mean_s < high
    assert found["local"].on_front and found["split-fp16"].on_front
    assert not found["split-fp32"].on_front
    assert (found["local"].loss, found["split-fp16"].loss) == pytest.approx((0.0, 0.2))


def with_radio(radio: str | None, device: str = "raspberry-pi-4") -> Scenario:
    edge = scenario().edge.model_copy(update={"device": device, "radio": radio})
    return scenario().model_copy(update={"edge": edge})


def test_energy_is_virtual_time_s_and_has_a_say_in_the_front_where_all_is_known() -> None:
    entries = entries_of(["local", {"split": {"codec": "fp32"}}])
    counts = {"scale": TaskCounts(right=10, agreed=10)}
    judged = [Judgement(identity_of(e).name, counts, 10, 10, 0.0, 1, 1) for e in entries]
    found = {}
    for radio in ("lte", None):
        every = asked(with_radio(radio), entries)
        repertoire = repertoire_of(every, Contents(4))
        rows = simulate(every, repertoire).requests.groupby("deployment")["edge_energy_j"].mean()
        of_all = {one.name: one for one in options(every, repertoire, judged, [2.0, 2.0])}
        for name, one in of_all.items():
            assert one.energy_j == pytest.approx(rows[name], nan_ok=True)
        found[radio] = of_all
    split, local = found["lte"]["split-fp32"], found["lte"]["local"]
    low, high = split.energy_range_j
    assert 0 < low < split.energy_j < high
    assert split.energy_j > local.energy_j > 0  # a radio in use for a round trip costs the most
    assert isnan(found[None]["split-fp32"].energy_j)
    assert found[None]["local"].energy_j == pytest.approx(local.energy_j)


def test_a_limit_on_energy_needs_figures_of_device_and_radio() -> None:
    check_energy(with_radio("lte"))
    with pytest.raises(BadInput, match=r"^--energy: the file of device pixel gives no power, all"):
        check_energy(with_radio("lte", "pixel"))
    with pytest.raises(BadInput, match=r"^--energy: no edge.radio is named.*edge.radio \(lte, 5g"):
        check_energy(with_radio(None))


def test_other_rates_are_the_same_link_with_other_rates() -> None:
    every = asked(scenario(), ("local",))
    quarter, twice = at_rates(every, (0.25, 2.0))
    assert (quarter.link.uplink.rate, twice.link.downlink.rate) == (3e6, 24e6)
    assert quarter.link.uplink.delay == every.link.uplink.delay


def test_halves_without_devices_and_networks_without_answers_are_refused() -> None:
    host = scenario().model_copy(
        update={"edge": scenario().edge.model_copy(update={"device": "host"})}
    )
    with pytest.raises(BadInput, match=r"found host beside a named device"):
        network_of(host)
    tree = scenario().model_dump(mode="json") | {"model": {"backbone": "null"}}
    with pytest.raises(BadInput, match=r"model.backbone: found null"):
        network_of(Scenario.model_validate(tree))
