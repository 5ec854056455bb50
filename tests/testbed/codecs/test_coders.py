"""Coders: what they save, and data that hold more than they look."""

import struct
import tracemalloc
import zlib

import lz4.frame
import numpy as np
import pytest
import zstandard

from testbed.codecs import CODECS, CODERS
from testbed.codecs.codec import Codec
from testbed.codecs.coders import Coder, Lz4, Range
from testbed.errors import ProtocolError
from testbed.model.load import NullNetwork

NULL = NullNetwork(("scale",), 8)
RELU = np.maximum(np.random.default_rng(0).standard_normal((1, 16, 16, 16), np.float32), 0)
SKEWED = np.minimum(np.random.default_rng(1).geometric(0.2, 20_000), 255).astype(np.uint8)

each_coder = pytest.mark.parametrize("coder", CODERS)


def codec(name: str) -> Codec:
    return CODECS[name].make(CODECS[name].options(), NULL, "features")


def refused(name: str, data: bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        codec(name).decode(memoryview(data), RELU.shape)
    return str(caught.value)


def entropy_bytes(plain: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> float:
    """What no coder of single bytes goes below (Shannon 1948)."""
    counts = np.bincount(plain)
    counts = counts[counts > 0]
    return float((counts * np.log2(counts.sum() / counts)).sum() / 8)


@each_coder
@pytest.mark.parametrize("transform", ["fp32", "fp16", "int8", "int4", "topk"])
def test_it_is_the_transform_in_fewer_bytes(coder: type[Coder], transform: str) -> None:
    both = codec(f"{transform}+{coder.name}")
    plain, compressed = codec(transform).encode(RELU), both.encode(RELU)
    if coder is not Lz4 or transform not in ("int4", "topk"):  # it looks for whole words only
        assert compressed.nbytes < plain.nbytes
    decoded = both.decode(compressed, RELU.shape)
    assert decoded.tobytes() == codec(transform).decode(plain, RELU.shape).tobytes()


@each_coder
@pytest.mark.parametrize("plain", [b"", b"a", b"a" * 5000, bytes(range(256)) * 9])
def test_any_bytes_come_back(coder: type[Coder], plain: bytes) -> None:
    made = coder()
    assert bytes(made.unpack(made.pack(memoryview(plain)), (len(plain),))) == plain


@each_coder
def test_what_cannot_be_compressed_takes_some_bytes_more(coder: type[Coder]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 8192).astype(np.uint8)
    assert coder().pack(noise.data).nbytes < noise.size + 300


def test_a_range_coder_comes_close_to_the_entropy_with_learned_counts_closer() -> None:
    least = entropy_bytes(SKEWED)
    own = Range().pack(SKEWED.data).nbytes
    counts = np.bincount(SKEWED, minlength=256).astype(np.uint16)
    learned = Range(counts).pack(SKEWED.data).nbytes
    assert least < learned < 1.005 * least + 16
    assert learned < own < 1.01 * least + 300


def test_a_byte_that_was_never_met_when_counts_were_learned_may_come_yet() -> None:
    made = Range(np.bincount(SKEWED, minlength=256).astype(np.uint16))
    plain = bytes([0, 255, 3])
    assert bytes(made.unpack(made.pack(memoryview(plain)), (3,))) == plain


def test_bytes_coded_with_other_tables_are_refused() -> None:
    learned = Range(np.ones(256, np.uint16))
    with pytest.raises(ValueError, match="another table"):
        Range().unpack(learned.pack(SKEWED.data), (SKEWED.size,))
    with pytest.raises(ValueError, match="another table"):
        learned.unpack(Range().pack(SKEWED.data), (SKEWED.size,))


ZEROS = bytes(200_000_000)


@pytest.mark.parametrize(
    ("name", "bomb"),
    [
        ("fp16+zstd", zstandard.ZstdCompressor().compress(ZEROS)),
        ("fp16+lz4", lz4.frame.compress(ZEROS, store_size=True)),
        ("fp16+range", bytes(4) + struct.pack("<IBB", len(ZEROS), 0, 0) + b"\1"),
    ],
)
def test_zeros_are_not_unpacked_when_less_was_announced(name: str, bomb: bytes) -> None:
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    try:
        assert "holds 200000000 bytes, allowed: 8192" in refused(name, bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_500_000
    finally:
        tracemalloc.stop()


def test_a_frame_that_holds_more_than_it_says_is_refused() -> None:
    frame = bytearray(lz4.frame.compress(bytes(9000), store_size=True))
    honest = lz4.frame.compress(bytes(8192), store_size=True)
    header = lz4.frame.get_frame_info(honest)["content_size"], len(frame)
    assert header[0] == 8192
    frame[:15] = honest[:15]  # magic, flags, content size and their checksum
    refused("fp16+lz4", bytes(frame))


@pytest.mark.parametrize(
    ("name", "silent"),
    [
        ("fp16+zstd", zstandard.ZstdCompressor(write_content_size=False).compress(bytes(8192))),
        ("fp16+lz4", lz4.frame.compress(bytes(8192), store_size=False)),
    ],
)
def test_a_frame_that_does_not_say_what_it_holds_is_refused(name: str, silent: bytes) -> None:
    assert "bytes, allowed: 8192" in refused(name, silent)


@each_coder
def test_changed_bytes_are_noticed_unless_they_mean_the_same(coder: type[Coder]) -> None:
    name = f"fp16+{coder.name}"
    content = bytearray(codec(name).encode(RELU))
    wanted, refusals = codec(name).decode(memoryview(content), RELU.shape).tobytes(), 0
    for place in range(12, len(content), 97):
        content[place] ^= 1
        try:
            found = codec(name).decode(memoryview(bytes(content)), RELU.shape).tobytes()
        except ProtocolError:
            refusals += 1
        else:
            assert found == wanted
        content[place] ^= 1
    assert refusals > 20


def test_weights_that_leave_no_byte_possible_are_refused() -> None:
    body = struct.pack("<IBB", 8192, 7, 7) + b"\0" + bytes(8)
    assert "no byte is possible" in refused(
        "fp16+range", struct.pack("<I", zlib.crc32(body)) + body
    )
