"""Traffic agrees with arithmetic by hand and with the scenarios' own links."""

import numpy as np
import pytest

from testbed.paper.links import ASSUMED, SCENARIOS, IdealLink, all_links
from testbed.paper.sizes import FACES_CAMERA, PUBLISHED_INPUT, Size, feature_shape
from testbed.paper.traffic.payloads import (
    REMOTE,
    feature_payloads,
    image_payloads,
    jpeg_bytes,
    photograph,
    pictures,
    rendered,
    seen_at,
)


def payload_bytes(size: Size, who: str, coding: str) -> float:
    sent = [
        *image_payloads(size, {}),
        *feature_payloads(size, ["vgg16"] if who == REMOTE else [who]),
    ]
    return {(one.who, one.coding): one.payload_bytes for one in sent}[who, coding]


@pytest.mark.parametrize(
    ("who", "coding", "expected"),
    [
        (REMOTE, "uint8", 150_528),
        ("mobilenet_v3_small", "float32", 112_896),
        ("efficientnet_b0", "float32", 250_880),
        ("vgg16", "float32", 100_352),
        ("vgg16", "float16", 50_176),
    ],
)
def test_bytes_at_the_published_input(who: str, coding: str, expected: int) -> None:
    assert payload_bytes(PUBLISHED_INPUT, who, coding) == expected


def test_bytes_at_full_resolution() -> None:
    assert payload_bytes(FACES_CAMERA, REMOTE, "float32") == 2835 * 3543 * 3 * 4 == 120_532_860
    assert payload_bytes(FACES_CAMERA, REMOTE, "resized, uint8") == 150_528
    # Five halvings: VGG's pooling rounds down, the strides of the others up.
    assert feature_shape("vgg16", FACES_CAMERA) == (512, 110, 88)
    assert feature_shape("mobilenet_v3_small", FACES_CAMERA) == (576, 111, 89)


def test_jpeg_is_really_encoded() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    flat = np.zeros_like(noise)
    assert 3 * jpeg_bytes([flat]) < jpeg_bytes([noise]) < noise.nbytes


def test_rendered_pictures_have_the_size_and_follow_the_seed() -> None:
    size = Size(48, 32)
    first, again, other = (rendered(size, 2, 4.0, seed) for seed in (1, 1, 2))
    assert [picture.shape for picture in first] == [(48, 32, 3)] * 2
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_a_camera_s_noise_makes_longer_files() -> None:
    found = pictures(PUBLISHED_INPUT, 2, 1, {})
    lengths = {source: jpeg_bytes(images) for source, images in found.items()}
    assert lengths["rendered"] < lengths["rendered with noise"] < lengths["photograph"]


def test_a_picture_is_shrunk_but_never_enlarged() -> None:
    own = photograph()
    assert own.shape == (600, 512, 3)
    assert seen_at(own, Size(600, 512)) is own
    small = seen_at(own, Size(64, 64))
    assert small is not None and small.shape == (64, 64, 3)
    assert seen_at(own, Size(700, 700)) is None
    assert seen_at(own, Size(100, 50)) is None
    assert "photograph" not in pictures(Size(80, 40), 1, 1, {})


def test_transfer_is_half_a_round_trip_and_the_bits_over_the_rate() -> None:
    assumed = {link.name: link for link in all_links()}[ASSUMED]
    # By hand: 150,528 B * 8 / 10^9 bit/s = 1.204224 ms, and 0.1 ms.
    assert assumed.transfer_s(150_528) == pytest.approx(1.304224e-3)
    assert IdealLink("unlimited", None, 0.02).transfer_s(10**9) == 0.01


def test_the_links_are_those_of_the_scenarios() -> None:
    found = {link.name: link for link in all_links()}
    names = {file.stem for file in SCENARIOS.glob("*.yaml")}
    assert found.keys() == names | {ASSUMED} and len(names) > 3
    assert found["lte"].rate_bps == 12e6
    assert found["lte"].rtt_s == pytest.approx(50e-3)
    assert found["5g"].rtt_s == pytest.approx(14e-3 + 7e-3)
    rates = [link.rate_bps or float("inf") for link in all_links()]
    assert rates == sorted(rates)
