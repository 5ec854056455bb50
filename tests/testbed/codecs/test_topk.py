"""Only the values furthest from 0 cross the link."""

import numpy as np
import pytest

from testbed.codecs.topk import TopK

FEATURES = np.random.default_rng(0).standard_normal((1, 8, 5, 5), np.float32)


def kept(keep: int, array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[float]:
    codec = TopK(keep)
    found = codec.decode(codec.encode(array), array.shape)
    assert np.array_equal(found[found != 0], array[found != 0].astype(np.float16))
    sizes: list[float] = np.sort(np.abs(array[found != 0])).tolist()
    return sizes


@pytest.mark.parametrize("keep", [1, 10, 35, 100])
def test_so_many_are_kept_and_none_that_is_left_out_is_larger(keep: int) -> None:
    furthest = np.sort(np.abs(FEATURES.reshape(-1)))[-2 * keep :]
    assert kept(keep, FEATURES) == furthest.tolist()


def test_what_is_0_is_not_sent_however_many_may_be() -> None:
    sparse = np.where(FEATURES > 1.5, FEATURES, 0)
    count = int((sparse > 0).sum())
    assert TopK(100).encode(sparse).nbytes == 4 + 25 + 2 * count


def test_infinities_and_nan_are_kept_beyond_the_number() -> None:
    array = np.zeros(200, np.float32)
    array[:50] = [np.inf, np.nan] * 25
    array[60] = 1.0
    found = TopK(1).decode(TopK(1).encode(array), array.shape)
    assert np.array_equal(found[:50], array[:50], equal_nan=True)
    assert found[60] == 0
