"""Compressed features: what is saved, and frames that hold more than they look."""

import tracemalloc

import numpy as np
import pytest
import zstandard

from testbed.codecs.fp16 import Fp16
from testbed.codecs.fp16_zstd import Fp16Zstd
from testbed.errors import ProtocolError

RELU = np.maximum(np.random.default_rng(0).standard_normal((1, 16, 16, 16), np.float32), 0)


def refused(data: bytes) -> str:
    with pytest.raises(ProtocolError, match=r"^fp16\+zstd: ") as caught:
        Fp16Zstd().decode(memoryview(data), RELU.shape)
    return str(caught.value)


def test_it_is_fp16_in_fewer_bytes() -> None:
    plain, compressed = Fp16().encode(RELU), Fp16Zstd().encode(RELU)
    assert compressed.nbytes < 0.8 * plain.nbytes
    decoded = Fp16Zstd().decode(compressed, RELU.shape)
    assert decoded.tobytes() == Fp16().decode(plain, RELU.shape).tobytes()


def test_what_cannot_be_compressed_takes_a_few_bytes_more() -> None:
    noise = np.random.default_rng(0).integers(0, 2**15, 4096).astype(np.uint16).view(np.float16)
    noise = np.nan_to_num(noise.astype(np.float32))
    assert Fp16Zstd().encode(noise).nbytes < Fp16().encode(noise).nbytes + 20


def test_a_frame_of_zeros_is_not_unpacked_when_less_was_announced() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(200_000_000))
    assert len(bomb) < 20_000
    tracemalloc.start()
    try:
        assert "holds 200000000 bytes, allowed: 8192" in refused(bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_frame_that_does_not_say_what_it_holds_is_refused() -> None:
    silent = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(8192))
    assert "holds -1 bytes" in refused(silent)


def test_changed_bytes_are_noticed() -> None:
    content = bytearray(Fp16Zstd().encode(RELU))
    content[len(content) // 2] ^= 1
    refused(bytes(content))
