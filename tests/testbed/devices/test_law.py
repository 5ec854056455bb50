"""What a law says, beside the tables that it reads."""

import pytest

from testbed.devices.device import Device
from testbed.devices.law import Law
from testbed.devices.published import PublishedFile
from testbed.errors import BadInput
from tests.testbed.devices import made_up
from tests.testbed.devices.made_up import Network

POWER_W = {
    "idle": 2.0,
    "busy": 5.0,
    "lowest": 3.0,
    "highest": 6.0,
    "basis": "published",
    "source": "a page",
}


def device(**changes: object) -> Device:
    file = made_up.measured(**changes)
    return Device.of(file.name, file, file)


def slow(**changes: object) -> Device:
    file = PublishedFile.model_validate(made_up.published(**changes))
    return Device.of("slow", file, made_up.measured())


def test_blocks_add_up_and_every_cut_divides_them() -> None:
    law = Law(device(), Network())
    assert law.compute_s(0, 1, 1000) == pytest.approx(0.002)
    assert law.compute_s(1, 2, 1000) == pytest.approx(0.004)
    assert law.compute_s(3, 4, 1000) == pytest.approx(0.001 + 2 * 0.0001)
    whole_s = law.compute_s(0, 4, 1000)
    assert whole_s == pytest.approx(0.002 + 0.004 + 0.002 + 0.0012)
    for cut in range(5):
        parts_s = law.compute_s(0, cut, 1000) + law.compute_s(cut, 4, 1000)
        assert parts_s == pytest.approx(whole_s)
        assert law.compute_s(cut, cut, 1000) == 0


def test_the_heads_time_is_divided_by_weights_and_no_sum_changes() -> None:
    usual, cut = Network(), Network(blocks=("resize", "a", "b", "hidden", "heads"))
    whole, divided = Law(device(), usual), Law(device(), cut)
    assert divided.compute_s(3, 4, 1) == pytest.approx(0.9 * 0.0012)
    assert divided.compute_s(4, 5, 1) == pytest.approx(0.1 * 0.0012)
    assert divided.compute_s(3, 5, 1) == whole.compute_s(3, 4, 1)
    assert divided.compute_s(0, 5, 1000) == whole.compute_s(0, 4, 1000)


@pytest.mark.parametrize(
    ("input_px", "block_s"), [(32, 0.001), (48, 0.001 + 0.003 * 1280 / 3072), (128, 0.016)]
)
def test_a_block_goes_by_pixels_of_the_input(input_px: int, block_s: float) -> None:
    """Between two sizes on a line, beyond them in proportion."""
    law = Law(device(), Network(input_px=input_px))
    assert law.compute_s(1, 2, 1) == pytest.approx(block_s)


def test_resizing_goes_by_the_camera_and_costs_nothing_where_sizes_agree() -> None:
    law = Law(device(), Network())
    assert law.compute_s(0, 1, 2000) == pytest.approx(0.003)
    assert law.compute_s(0, 1, 6000) == pytest.approx(0.008)
    assert law.compute_s(0, 1, 64 * 64) == 0
    assert law.compute_s(1, 3, 2000) == law.compute_s(1, 3, 6000)


def test_an_image_may_become_a_square_of_another_size() -> None:
    law = Law(slow(), Network())
    assert law.resize_s(1000, 32) == pytest.approx(3 * 0.001)
    assert law.resize_s(2000, 64) == law.compute_s(0, 1, 2000) == pytest.approx(3 * 0.003)
    assert law.resize_s(32 * 32, 32) == 0


def test_more_tasks_and_weights_cost_more() -> None:
    usual, more = Network(), Network(head_weights=3000, tasks=("a", "b", "c"))
    assert Law(device(), usual).compute_s(3, 4, 1) == pytest.approx(0.0012)
    assert Law(device(), more).compute_s(3, 4, 1) == pytest.approx(0.0033)


def test_codecs_go_by_decoded_bytes_and_messages_by_payload() -> None:
    law = Law(device(), Network())
    assert law.encode_s("jpeg", (10, 18, 1)) == pytest.approx(1.8e-4)
    assert law.encode_s("fp16", (1, 25)) == pytest.approx(1e-4)
    assert law.decode_s("fp16", (1, 50)) == pytest.approx(4e-4)
    assert law.transport_s(10) == pytest.approx(1e-4)
    assert law.transport_s(6000) == pytest.approx(1.5e-4)


def test_spread_is_read_between_its_quantiles() -> None:
    law = Law(device(), Network())
    assert [law.factor(share) for share in (0, 0.25, 0.5, 0.75, 1)] == pytest.approx(
        [0.9, 0.95, 1, 1.5, 2]
    )


def test_a_published_device_is_slower_in_everything() -> None:
    fast, three = Law(device(), Network()), Law(slow(), Network())
    assert three.compute_s(0, 4, 5000) == pytest.approx(3 * fast.compute_s(0, 4, 5000))
    assert three.encode_s("jpeg", (9, 9, 3)) == pytest.approx(3 * fast.encode_s("jpeg", (9, 9, 3)))
    assert three.transport_s(9) == pytest.approx(3 * fast.transport_s(9))
    assert three.factor(0.75) == fast.factor(0.75)


def test_a_neural_processor_runs_blocks_and_the_rest_is_its_phones() -> None:
    own = {"times": 7, "lowest": 6, "highest": 8, "basis": "inferred", "source": "a guess"}
    fast, law = Law(device(), Network()), Law(slow(scales={"image": own}), Network())
    assert law.compute_s(1, 4, 1) == pytest.approx(3 * fast.compute_s(1, 4, 1))
    assert law.compute_s(0, 1, 1000) == pytest.approx(7 * 0.002)
    assert law.decode_s("jpeg", (9, 9, 3)) == pytest.approx(7 * fast.decode_s("jpeg", (9, 9, 3)))


def test_facts_say_how_sure_the_scale_is() -> None:
    facts = Law(slow(power_w=POWER_W), Network()).facts()
    assert facts["like"] == "made-up"
    assert facts["power_w"] == POWER_W
    compute, image = facts["scales"]["compute"], facts["scales"]["image"]
    assert compute == pytest.approx(
        {"times": 3.0, "lowest": 2.0, "highest": 4.0, "basis": "published"}
    )
    assert image["basis"] == "inferred"


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (Network(backbone="null"), "found model.backbone null, allowed: small"),
        (Network(blocks=("resize", "a", "c", "heads")), "found no block c in its small"),
    ],
)
def test_what_a_device_has_not_is_bad_input(network: Network, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Law(device(), network)
