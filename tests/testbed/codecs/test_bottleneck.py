"""A learned codec: what it owes at the cut it was learned for, and that it is refused elsewhere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from testbed.codecs import CODECS
from testbed.codecs.bottleneck import Bottleneck
from testbed.codecs.codec import Codec, Options
from testbed.errors import BadInput, ProtocolError

CUT, CHANNELS, FEW = "features.4", 12, 3
RANDOM = np.random.default_rng(0)
BASIS = np.linalg.qr(RANDOM.standard_normal((CHANNELS, FEW)))[0].astype(np.float32)
SHIFT = RANDOM.standard_normal(CHANNELS).astype(np.float32)
FEATURES = (np.einsum("ck,kp->cp", BASIS, RANDOM.standard_normal((FEW, 35), np.float32))).reshape(
    1, CHANNELS, 5, 7
)
NAMES = [name for name, codec in CODECS.items() if codec.learned]


class Holding:
    def __init__(self, **tables: NDArray[Any]) -> None:
        self.tables: Mapping[str, NDArray[Any]] = {
            f"bottleneck/{CUT}/{name}": table for name, table in tables.items()
        }


FEW_VALUES = np.einsum("kc,cp->kp", BASIS.T, FEATURES.reshape(CHANNELS, -1))
NETWORK = Holding(
    squeeze=BASIS.T.copy(),
    expand=BASIS,
    bias=SHIFT,
    low=FEW_VALUES.min(axis=1),
    high=FEW_VALUES.max(axis=1),
)


def made(name: str = "bottleneck", network: Holding = NETWORK) -> Codec:
    return CODECS[name].make(Options(), network, CUT)


@pytest.mark.parametrize("name", NAMES)
def test_what_lies_in_the_learned_directions_comes_back_to_half_a_step(name: str) -> None:
    data = made(name).encode(FEATURES)
    found = made(name).decode(data, FEATURES.shape)
    steps = (FEW_VALUES.max(axis=1) - np.minimum(FEW_VALUES.min(axis=1), 0)) / 255
    off = found.reshape(CHANNELS, -1) - SHIFT[:, None] - FEATURES.reshape(CHANNELS, -1)
    assert np.abs(off).max() <= 0.51 * np.linalg.norm(steps)
    assert (found.dtype.name, found.shape) == ("float32", FEATURES.shape)


def test_it_sends_a_byte_a_learned_channel_and_place() -> None:
    assert made().encode(FEATURES).nbytes == 1 + FEW * 35


def test_infinities_go_as_float16() -> None:
    array = FEATURES.copy()
    array[0, 0, 0, 0] = np.inf
    found = made().decode(made().encode(array), array.shape)
    assert np.array_equal(found, array.astype(np.float16))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 11, 5, 7), (2, 12, 5, 7), (12,), ()])
def test_another_shape_is_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ProtocolError, match=r"allowed: \(1, 12, \.\.\.\)"):
        made(name).encode(np.zeros(shape, np.float32))


@pytest.mark.parametrize("name", NAMES)
def test_truncated_changed_and_longer_bytes_are_refused_or_of_that_shape(name: str) -> None:
    data = bytes(made(name).encode(FEATURES))
    for length in range(len(data)):
        with pytest.raises(ProtocolError, match=f"^{name.replace('+', '.')}: "):
            made(name).decode(memoryview(data[:length]), FEATURES.shape)
    with pytest.raises(ProtocolError):
        made(name).decode(memoryview(data + b"more"), FEATURES.shape)
    changed = bytearray(data)
    changed[0] ^= 255
    with pytest.raises(ProtocolError):
        made(name).decode(memoryview(changed), FEATURES.shape)


def test_a_cut_for_which_nothing_was_learned_is_bad_input() -> None:
    with pytest.raises(BadInput, match=rf"found none .* for features.5, allowed: {CUT} \("):
        Bottleneck.make(Options(), NETWORK, "features.5")
    with pytest.raises(BadInput, match=r"allowed: none \("):
        Bottleneck.make(Options(), Holding(), CUT)
