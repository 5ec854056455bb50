"""What every registered codec owes, on whatever it may be given."""

import re
import tracemalloc
from collections.abc import Iterator
from math import inf, nan
from typing import Any, Literal, get_origin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from testbed.codecs import CODECS, codecs_of
from testbed.codecs.codec import DTYPES, MAX_DECODED_BYTES, Codec
from testbed.errors import ProtocolError
from testbed.model.load import NullNetwork

Array = NDArray[Any]

NETWORK = NullNetwork(("scale",), 400)
NAMES = [name for name, codec in CODECS.items() if not codec.learned]
IMAGES, FEATURES = list(codecs_of("image")), list(codecs_of("features"))

each_codec = pytest.mark.parametrize("name", NAMES)
few = settings(max_examples=25, deadline=None)

images = arrays(
    np.uint8,
    st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)),
    elements=st.integers(0, 255),
)
features = arrays(
    np.float32,
    array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
    elements=st.floats(width=32) | st.sampled_from([nan, inf, -inf, -0.0, 70000.0, 1e-7]),
)


def made(name: str) -> Codec:
    codec = CODECS[name]
    cut = "camera" if codec.content == "image" else "features"
    return codec.make(codec.options(), NETWORK, cut)


def given_to(name: str) -> st.SearchStrategy[Array]:
    return images if CODECS[name].content == "image" else features


def usual(name: str) -> Array:
    """An image or features as they come: smooth, with some noise."""
    if CODECS[name].content == "features":
        return np.maximum(np.random.default_rng(0).standard_normal((1, 16, 8, 8), np.float32), 0)
    y, x = np.mgrid[0:48, 0:64]
    smooth = np.stack([x * 3, y * 4, x + y], axis=-1)
    return (smooth + np.random.default_rng(0).integers(0, 9, smooth.shape)).astype(np.uint8)


def refused(name: str, data: bytes, shape: tuple[int, ...]) -> str:
    with pytest.raises(ProtocolError, match=f"^{re.escape(name)}: ") as caught:
        made(name).decode(memoryview(data), shape)
    return str(caught.value)


@each_codec
@few
@given(st.data())
def test_what_was_encoded_is_decoded(name: str, data: st.DataObject) -> None:
    array = data.draw(given_to(name))
    before = array.tobytes()
    encoded = made(name).encode(array)
    decoded = made(name).decode(encoded, array.shape)
    assert (decoded.shape, decoded.dtype) == (array.shape, DTYPES[CODECS[name].content])
    assert array.tobytes() == before
    if CODECS[name].lossless:
        assert decoded.tobytes() == before
    elif CODECS[name].content == "features":
        assert np.array_equal(np.isnan(decoded), np.isnan(array))
        assert np.array_equal(decoded[np.isinf(array)], array[np.isinf(array)])


@each_codec
def test_lossy_ones_come_close(name: str) -> None:
    array = usual(name)
    decoded = made(name).decode(made(name).encode(array), array.shape)
    error = np.abs(decoded.astype(float) - array.astype(float))
    assert np.median(error) <= 0.03 * (float(array.max()) - float(array.min()))
    assert np.array_equal(decoded, array) == CODECS[name].lossless


@each_codec
def test_arrays_in_another_order_are_sent_as_what_they_are(name: str) -> None:
    array = usual(name)
    wanted = bytes(made(name).encode(array))
    assert bytes(made(name).encode(np.asfortranarray(array))) == wanted
    assert bytes(made(name).encode(np.repeat(array, 2, axis=1)[:, ::2])) == wanted


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("shape", [(4, 4, 4), (4, 4), (3,), ()])
def test_what_is_no_image_is_refused(name: str, shape: tuple[int, ...]) -> None:
    assert "no image" in refused(name, bytes(np.zeros(shape, np.uint8)), shape)


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 0, 3)])
def test_an_empty_image_comes_back_or_is_refused(name: str, shape: tuple[int, ...]) -> None:
    try:
        encoded = made(name).encode(np.zeros(shape, np.uint8))
    except ProtocolError as error:
        assert str(error).startswith(f"{name}: cannot encode {shape}")
    else:
        assert made(name).decode(encoded, shape).shape == shape


@each_codec
def test_decoding_does_not_depend_on_options(name: str) -> None:
    codec, array = CODECS[name], usual(name)
    for options in _some_options(codec):
        encoded = codec.make(options, NETWORK, "camera").encode(array)
        assert made(name).decode(encoded, array.shape).shape == array.shape


def _some_options(codec: type[Codec]) -> Iterator[Any]:
    yield codec.options()
    for key, field in codec.options.model_fields.items():
        # What has words for values needs tables, which this network has not, but for the default.
        for value in () if get_origin(field.annotation) is Literal else (1, 50, 100):
            yield codec.options.model_validate({key: value})


@each_codec
def test_truncated_bytes_are_refused(name: str) -> None:
    array = usual(name)
    data = bytes(made(name).encode(array))
    for length in {*range(40), len(data) // 2, *range(len(data) - 40, len(data))}:
        refused(name, data[: max(length, 0)], array.shape)


@each_codec
def test_bytes_with_more_behind_them_are_refused(name: str) -> None:
    array = usual(name)
    refused(name, bytes(made(name).encode(array)) + b"more", array.shape)


@each_codec
@few
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(name: str, data: bytes) -> None:
    refused(name, data, (20, 20, 3))


@each_codec
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_changed_bytes_are_refused_or_an_array_of_that_shape(
    name: str, data: st.DataObject
) -> None:
    array = usual(name)
    content = bytearray(made(name).encode(array))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 60) | st.integers(0, len(content) - 1))
        content[min(at, len(content) - 1)] = data.draw(st.integers(0, 255))
    try:
        decoded = made(name).decode(memoryview(content), array.shape)
    except ProtocolError as error:
        assert str(error).startswith(f"{name}: ")
    else:
        assert (decoded.shape, decoded.dtype) == (array.shape, DTYPES[CODECS[name].content])


@each_codec
@pytest.mark.parametrize("times", [(2, 1, 1), (1, 2, 1), (1, 1, 2), (1000, 1000, 1)])
def test_another_shape_than_the_bytes_hold_is_refused(
    name: str, times: tuple[int, int, int]
) -> None:
    array = usual(name)
    shape = (*array.shape[:-3], *(a * b for a, b in zip(array.shape[-3:], times, strict=True)))
    tracemalloc.start()
    try:
        refused(name, bytes(made(name).encode(array)), shape)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@each_codec
def test_no_array_is_larger_than_allowed(name: str) -> None:
    side = MAX_DECODED_BYTES
    assert "allowed" in refused(name, b"", (side, side, 3))


@each_codec
def test_options_have_defaults_and_letters_of_their_own(name: str) -> None:
    keys = CODECS[name].options.model_fields
    assert CODECS[name].options() == CODECS[name].options.model_validate({})
    assert len({key[0] for key in keys}) == len(keys)
    assert not keys.keys() & {"codec", "resize"}


@pytest.mark.parametrize("names", [IMAGES, FEATURES])
def test_options_of_the_same_name_are_the_same(names: list[str]) -> None:
    found: dict[str, Any] = {}
    for name in names:
        for key, field in CODECS[name].options.model_fields.items():
            assert repr(found.setdefault(key, field)) == repr(field)


@pytest.mark.parametrize("name", ["raw", "fp32"])
def test_what_already_fits_is_not_copied(name: str) -> None:
    array = usual(name)
    encoded = made(name).encode(array)
    assert np.shares_memory(np.frombuffer(encoded, np.uint8), array)
    assert np.shares_memory(made(name).decode(encoded, array.shape), array)
