"""Features in whole steps: how close they come, and where the steps come from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from testbed.codecs import CODECS
from testbed.codecs.affine import Affine, AffineOptions, Int4, Int8, Scale
from testbed.codecs.codec import Codec
from testbed.errors import BadInput, ProtocolError

CUT, CHANNELS = "features.5", 6
WIDTHS = np.array([0.1, 1, 1, 5, 20, 0], np.float32)
FEATURES = np.maximum(np.random.default_rng(0).standard_normal((1, CHANNELS, 5, 7), np.float32), 0)
FEATURES = FEATURES * WIDTHS[:, None, None]

both = pytest.mark.parametrize("kind", [Int8, Int4])


class Calibrated:
    """A network whose channels have these ranges."""

    def __init__(self, low: NDArray[Any], high: NDArray[Any]) -> None:
        self.tables: Mapping[str, NDArray[Any]] = {
            f"{codec}/{CUT}/{name}": np.asarray(table, np.float32)
            for codec in ("int8", "int4")
            for name, table in (("low", low), ("high", high))
        }


RANGES = Calibrated(np.zeros(CHANNELS), FEATURES.max(axis=(0, 2, 3)))


def made(kind: type[Affine], scale: Scale = "own", network: Calibrated = RANGES) -> Codec:
    return kind.make(AffineOptions(scale=scale), network, CUT)


def there_and_back(codec: Codec, array: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(codec.decode(codec.encode(array), array.shape))


@both
@pytest.mark.parametrize("scale", ["own", "tensor", "channel"])
def test_no_value_is_off_by_more_than_half_a_step(kind: type[Affine], scale: Scale) -> None:
    found = there_and_back(made(kind, scale), FEATURES)
    high = FEATURES.max(axis=(0, 2, 3)) if scale == "channel" else FEATURES.max()
    step = np.broadcast_to(np.asarray(high) / (2**kind.bits - 1), CHANNELS)[:, None, None]
    assert (np.abs(found - FEATURES) <= 0.501 * step + 1e-9).all()


@both
@pytest.mark.parametrize("scale", ["own", "tensor", "channel"])
def test_zero_stays_zero(kind: type[Affine], scale: Scale) -> None:
    lows = np.full(CHANNELS, -3.3)
    shifted = made(kind, scale, Calibrated(lows, WIDTHS + 1))
    array = FEATURES.copy()
    array[0, 0, 0, 0] = -3.1
    assert (there_and_back(shifted, array)[FEATURES == 0][1:] == 0).all()


@both
@pytest.mark.parametrize("scale", ["own", "tensor", "channel"])
def test_whoever_decodes_need_not_know_where_the_steps_come_from(
    kind: type[Affine], scale: Scale
) -> None:
    codec = made(kind, scale)
    data = codec.encode(FEATURES)
    assert made(kind).decode(data, FEATURES.shape).tobytes() == bytes(
        codec.decode(data, FEATURES.shape).tobytes()
    )
    packed = FEATURES.size * kind.bits // 8 + FEATURES.size * kind.bits % 8 // 4
    assert data.nbytes == packed + (6 if scale == "own" else 1)


@both
def test_what_lies_outside_what_was_calibrated_becomes_its_end(kind: type[Affine]) -> None:
    array = FEATURES.copy()
    array[0, 3, 0, 0] = 1e6
    found = there_and_back(made(kind, "channel"), array)
    assert found[0, 3, 0, 0] == pytest.approx(FEATURES[0, 3].max(), rel=1e-5)


@both
def test_a_scale_that_the_network_has_not_is_bad_input_or_a_peer_s_fault(
    kind: type[Affine],
) -> None:
    bare = Calibrated(np.zeros(CHANNELS), np.ones(CHANNELS))
    bare.tables = {}
    with pytest.raises(BadInput, match=f"codec {kind.name}: found scale tensor, allowed: own"):
        made(kind, "tensor", bare)
    data = made(kind, "channel").encode(FEATURES)
    with pytest.raises(ProtocolError, match=f"{kind.name}: .*nothing was calibrated"):
        made(kind, "own", bare).decode(data, FEATURES.shape)


@pytest.mark.parametrize("shape", [(210,), (1, 5, 6, 7)])
def test_channels_must_be_those_that_were_calibrated(shape: tuple[int, ...]) -> None:
    with pytest.raises(ProtocolError, match="6 channels"):
        made(Int8, "channel").encode(np.ones(shape, np.float32))


def test_infinities_go_as_float16_and_so_does_all_beside_them() -> None:
    array = FEATURES.copy()
    array[0, 0, 0, 0] = np.inf
    assert np.array_equal(there_and_back(made(Int4), array), array.astype(np.float16))


@both
@pytest.mark.parametrize("value", [0.0, 1e-45, -1e-45, 3.4e38, -3.4e38, 1.0])
def test_features_that_are_all_the_same_come_back(kind: type[Affine], value: float) -> None:
    array = np.full((1, 2, 3), value, np.float32)
    assert there_and_back(made(kind), array) == pytest.approx(array, rel=1e-5)


def test_odd_numbers_of_small_values_are_padded() -> None:
    array = np.array([15, 0, 7], np.float32)
    assert bytes(made(Int4).encode(array))[6:] == b"\x0f\x07"
    assert there_and_back(made(Int4), array).tolist() == [15, 0, 7]


@pytest.mark.parametrize("step", [0.0, -1.0, np.nan, np.inf])
def test_steps_that_are_none_are_refused(step: float) -> None:
    content = bytearray(made(Int8).encode(FEATURES))
    content[1:5] = np.array(step, "<f4").tobytes()
    with pytest.raises(ProtocolError, match=r"int8: .*allowed: above 0"):
        made(Int8).decode(memoryview(content), FEATURES.shape)


def test_names_of_results_say_where_steps_come_from() -> None:
    kinds: tuple[Scale, ...] = ("own", "tensor", "channel")
    labels = [AffineOptions(scale=scale).label() for scale in kinds]
    assert labels == ["", "-tensor", "-channel"]
    assert CODECS["int8+zstd"].options is AffineOptions
