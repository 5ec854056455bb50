"""Codecs: lossless ones return the same bits, lossy ones come close, lies are refused."""

import numpy as np
import pytest

from testbed.errors import ProtocolError
from testbed.halves.codec import DECODERS, Jpeg, make_codec
from testbed.lifecycle.messages import Payload


def picture(px: int = 64) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    y, x = np.mgrid[0:px, 0:px]
    return np.stack([x * 3 % 256, y * 3 % 256, (x + y) % 256], axis=-1).astype(np.uint8)


def features() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(0).standard_normal((1, 8, 2, 3)).astype(np.float32)


def test_lossless_codecs_return_the_same_bits() -> None:
    for name, array in (("raw", picture()), ("fp32", features())):
        codec = make_codec(name)
        assert codec.lossless
        decoded = codec.decode(codec.encode(array))
        assert decoded.dtype == array.dtype
        assert np.array_equal(decoded, array)


def test_plain_codecs_do_not_copy_what_already_fits() -> None:
    array = features()
    encoded = make_codec("fp32").encode(array)
    assert np.shares_memory(np.frombuffer(encoded.buffer, "<f4"), array)


def test_fp16_halves_the_bytes_and_rounds() -> None:
    codec, array = make_codec("fp16"), features()
    encoded = codec.encode(array)
    assert not codec.lossless
    assert encoded.size_bytes * 2 == array.nbytes
    decoded = codec.decode(encoded)
    assert decoded.dtype == np.float32
    assert np.allclose(decoded, array, rtol=2**-10)
    assert not np.array_equal(decoded, array)


def test_array_that_is_not_contiguous_is_sent_in_order() -> None:
    array = np.asfortranarray(features())
    codec = make_codec("fp32")
    assert np.array_equal(codec.decode(codec.encode(array)), array)


def test_jpeg_is_smaller_and_close_and_quality_matters() -> None:
    low, high = Jpeg(30), Jpeg(95)
    assert low.encode(picture()).size_bytes < high.encode(picture()).size_bytes
    assert high.encode(picture()).size_bytes < picture().nbytes
    decoded = high.decode(high.encode(picture()))
    error = np.abs(decoded.astype(int) - picture())
    assert decoded.shape == picture().shape
    assert np.median(error) <= 4


@pytest.mark.parametrize("name", sorted(DECODERS))
@pytest.mark.parametrize("content", [b"", b"abc", b"\xff\xd8\xff\xe0garbage"])
def test_bytes_that_are_not_what_they_claim_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(ProtocolError):
        DECODERS[name].decode(Payload(name, (2, 2, 3), content))


def test_jpeg_of_another_size_than_it_claims_is_refused() -> None:
    encoded = Jpeg(90).encode(picture(32))
    with pytest.raises(ProtocolError, match="32x32"):
        Jpeg(90).decode(Payload("jpeg", (64, 64, 3), encoded.buffer))


def test_truncated_jpeg_is_refused() -> None:
    encoded = Jpeg(90).encode(picture())
    half = bytes(encoded.buffer)[: encoded.size_bytes // 2]
    with pytest.raises(ProtocolError):
        Jpeg(90).decode(Payload("jpeg", encoded.shape, half))


def test_unknown_codec_is_refused() -> None:
    with pytest.raises(ProtocolError, match="allowed: raw, jpeg, fp32, fp16"):
        make_codec("pickle")
