"""What devices and radios draw, and what is known of an edge."""

import pytest

from testbed.devices.edge_power import edge_power
from testbed.devices.find import check_devices, find_device, shipped
from testbed.devices.power import Power
from testbed.devices.radios import find_radio, shipped_radios
from testbed.errors import BadInput
from testbed.results.power import EdgePower
from testbed.wall.compute_check import device_facts
from tests.testbed import synthetic


@pytest.mark.parametrize("name", shipped())
def test_power_that_ships_has_a_source_and_a_margin(name: str) -> None:
    power = find_device(name).file.power_w
    if power is not None:
        computing = power.computing()
        assert 0 < computing.lowest < computing.value < computing.highest
        assert computing.source.startswith("https://")


@pytest.mark.parametrize("name", shipped_radios())
def test_every_radio_can_be_used(name: str) -> None:
    radio = find_radio(name)
    figures = radio.up_j_per_bit, radio.down_j_per_bit, radio.connected_w, radio.tail_w
    assert all(0 < one.lowest < one.highest and one.source for one in figures)
    assert radio.tail_s > 0


def test_power_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="idle, lowest, busy, highest in this order"):
        Power(idle=3.0, lowest=2.0, busy=4.0, highest=5.0, basis="inferred", source="made up")


def power_of(edge: dict[str, str]) -> EdgePower:
    asked = synthetic.scenario(edge=edge)
    return edge_power(asked, device_facts(asked))


def test_an_edge_with_both_is_known() -> None:
    power = power_of({"device": "raspberry-pi-4", "radio": "lte"})
    assert power.unknown == ""
    assert power.computing_w is not None and power.computing_w.value == pytest.approx(3.05)
    assert power.radio == find_radio("lte")


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        ({"radio": "lte"}, "edge.device is host, whose power is not known"),
        (
            {"device": "jetson-nano", "radio": "lte"},
            "the file of device jetson-nano gives no power",
        ),
        (
            {"device": "raspberry-pi-4"},
            "no edge.radio is named, so that only local's energy may be known",
        ),
    ],
)
def test_what_is_missing_is_said(edge: dict[str, str], said: str) -> None:
    assert power_of(edge).unknown == said


def test_an_unknown_radio_gets_the_nearest_word() -> None:
    with pytest.raises(BadInput, match=r"edge\.radio: found 5g-lo \(did you mean 5g-low\?\), all"):
        check_devices(synthetic.scenario(edge={"radio": "5g-lo"}))
