"""Coders: bytes in fewer bytes, without loss; the second half of codecs such as `int8+zstd`.

Whoever decodes says how many bytes may come out, before memory is taken for them; every coder
notices changed bytes by a checksum.
"""

import struct
import zlib
from abc import ABC, abstractmethod
from typing import ClassVar, Self

import lz4.frame
import numpy as np
import zstandard
from numpy.typing import NDArray

from testbed.codecs.tables import HasTables, tables_of

Counts = NDArray[np.uint16]
Sizes = range | tuple[int, ...]
"""How many bytes something may be."""


class Coder(ABC):
    """Bytes and back. name: what follows the `+` in a codec's name."""

    name: ClassVar[str]

    @classmethod
    def make(cls, codec: str, network: HasTables, cut: str) -> Self:
        """For what the codec of that name sends at a cut of this network."""
        return cls()

    @abstractmethod
    def pack(self, plain: memoryview) -> memoryview:
        """Fewer bytes, or some more where that cannot be."""

    @abstractmethod
    def unpack(self, data: memoryview, allowed: Sizes) -> memoryview:
        """What was packed. allowed: how many bytes it may be. May raise anything."""


def _require(found: int, allowed: Sizes) -> None:
    if found not in allowed:
        words = f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed, range) else str(allowed)
        raise ValueError(f"holds {found} bytes, allowed: {words.strip('(,)')}")


def learned_counts(coded: bytes) -> Counts:
    """How often each byte comes, as tables keep it: at most 65,535 times."""
    counts = np.bincount(np.frombuffer(coded, np.uint8), minlength=256)
    return np.asarray(np.rint(counts * (65_535 / counts.max())), np.uint16)


class Zstd(Coder):
    """Zstandard (RFC 8878) at its default level.

    Without a transform before it: putting high and low bytes of float16 apart saved nothing on
    trained features.
    """

    name = "zstd"
    level = 3
    window_bytes = 8 * 1024 * 1024
    """A frame that refers further back is none of ours: at this level zstd looks back 2 MiB."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(self.level, write_checksum=True)
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=self.window_bytes)

    def pack(self, plain: memoryview) -> memoryview:
        """One frame, which says how much it holds."""
        return memoryview(self._compressor.compress(plain))

    def unpack(self, data: memoryview, allowed: Sizes) -> memoryview:
        """What the frame says it holds is what gets allocated."""
        _require(zstandard.frame_content_size(data), allowed)
        return memoryview(self._decompressor.decompress(data, allow_extra_data=False))


class Lz4(Coder):
    """LZ4's frame format, version 1.6, at its default level: quicker than zstd, and longer."""

    name = "lz4"

    def pack(self, plain: memoryview) -> memoryview:
        """One frame, which says how much it holds."""
        return memoryview(lz4.frame.compress(plain, content_checksum=True, store_size=True))

    def unpack(self, data: memoryview, allowed: Sizes) -> memoryview:
        """What the frame says it holds is what gets allocated, and never more than that."""
        holds = lz4.frame.get_frame_info(data)["content_size"]
        _require(holds, allowed)
        frame = lz4.frame.LZ4FrameDecompressor()
        plain = frame.decompress(data, max_length=holds)
        if not frame.eof or frame.unused_data:
            raise ValueError("allowed: one whole frame")
        return memoryview(plain)


class Range(Coder):
    """A range coder over single bytes with integer tables, by the library constriction.

    Source: Martin, "Range encoding", 1979. How often each byte comes is in the network's tables
    (`counts`) or, where nothing was learned, rounded, in front of the bytes. Probabilities are
    integers on both halves, so no machine decodes what another did not encode.
    """

    name = "range"
    _checksum = struct.Struct("<I")
    """CRC-32 of all that follows: the last words of a range coder may be missing unnoticed."""
    _head = struct.Struct("<IBB")
    """Bytes it holds, the least and the largest byte that the weights are of."""

    def __init__(self, counts: Counts | None = None) -> None:
        self._counts = counts

    @classmethod
    def make(cls, codec: str, network: HasTables, cut: str) -> Self:
        """With the counts that were learned of this codec at this cut."""
        counts = tables_of(network, codec, cut).get("counts")
        if counts is not None and counts.shape != (256,):
            raise ValueError(f"{codec}/{cut}/counts: found {counts.shape}, allowed: (256,)")
        return cls(counts)

    def pack(self, plain: memoryview) -> memoryview:
        """A head, then weights unless they were learned, then the range coder's words."""
        from constriction import stream  # is not built for every edge device

        symbols = np.frombuffer(plain, np.uint8)
        if self._counts is None:
            low, high = (int(symbols.min()), int(symbols.max())) if symbols.size else (0, 0)
            levels = _levels(np.bincount(symbols, minlength=256)[low : high + 1])
        else:
            low, high, levels = 1, 0, np.empty(0, np.uint8)
        encoder = stream.queue.RangeEncoder()
        if symbols.size:
            encoder.encode(symbols.astype(np.int32), self._model(low, high, levels))
        words = np.asarray(encoder.get_compressed(), "<u4").tobytes()
        body = self._head.pack(symbols.size, low, high) + levels.tobytes() + words
        return memoryview(self._checksum.pack(zlib.crc32(body)) + body)

    def unpack(self, data: memoryview, allowed: Sizes) -> memoryview:
        """The head says how much it holds."""
        from constriction import stream

        (checksum,), body = self._checksum.unpack_from(data), data[self._checksum.size :]
        holds, low, high = self._head.unpack_from(body)
        _require(holds, allowed)
        if zlib.crc32(body) != checksum:
            raise ValueError("its checksum is another")
        own = high + 1 - low  # weights in front of the words
        if bool(own) == (self._counts is not None):
            raise ValueError("holds weights of another table")
        levels = np.frombuffer(body, np.uint8, own, self._head.size)
        words = np.frombuffer(body[self._head.size + own :], "<u4").astype(np.uint32)
        if not holds:
            return memoryview(b"")
        decoder = stream.queue.RangeDecoder(words)
        symbols = decoder.decode(self._model(low, high, levels), holds)
        return memoryview(symbols.astype(np.uint8).tobytes())

    def _model(self, low: int, high: int, levels: NDArray[np.uint8]) -> object:
        """How likely each byte is. Raises ValueError for weights that are all 0."""
        from constriction import stream

        weights = np.zeros(256)
        if self._counts is not None:
            weights += self._counts
            weights += 1  # what never came may come yet
        else:
            weights[low : high + 1] = _WEIGHTS[levels]
        if not weights.any():
            raise ValueError("no byte is possible")
        return stream.model.Categorical(weights, perfect=False)


_EIGHTHS = (256, 279, 304, 332, 362, 395, 431, 470)
"""256 times 2 to the power of 0 to 7 eighths."""
_WEIGHTS = np.array([0, *(_EIGHTHS[n % 8] << n // 8 for n in range(255))], np.float64)
"""What a byte in front of the words stands for: 0, or 2 to the power of some eighths. Exact."""


def _levels(counts: NDArray[np.intp]) -> NDArray[np.uint8]:
    """The least of `_WEIGHTS` that is no smaller than 256 times each count."""
    return np.searchsorted(_WEIGHTS[:255], 256.0 * counts).astype(np.uint8)
