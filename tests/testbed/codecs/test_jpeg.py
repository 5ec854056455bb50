"""JPEG: what quality does, and files that would cost more than they look."""

import io
from time import process_time

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from testbed.codecs.jpeg import MAX_SCANS, START_OF_SCAN, Jpeg
from testbed.errors import ProtocolError


def picture(px: int = 64) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:px, 0:px]
    return np.stack([x * 3 % 256, y * 3 % 256, (x + y) % 256], axis=-1).astype(np.uint8)


def test_quality_matters() -> None:
    low, high = Jpeg(quality=30).encode(picture()), Jpeg(quality=95).encode(picture())
    assert low.nbytes < high.nbytes < picture().nbytes


def test_the_bytes_are_pillows() -> None:
    stream = io.BytesIO()
    Image.fromarray(picture()).save(stream, "JPEG", quality=90)
    assert bytes(Jpeg(quality=90).encode(picture())) == stream.getvalue()


@pytest.mark.parametrize("quality", [1, 25, 50, 90, 100])
def test_every_quality_has_few_scans(quality: int) -> None:
    noise = np.random.default_rng(quality).integers(0, 256, (64, 64, 3), np.uint8)
    assert bytes(Jpeg(quality=quality).encode(noise)).count(START_OF_SCAN) <= MAX_SCANS


def test_hundreds_of_scans_are_refused_before_the_first_is_decoded() -> None:
    px = 4096
    stream = io.BytesIO()
    Image.new("RGB", (px, px)).save(stream, "JPEG", progressive=True)
    whole = stream.getvalue()
    first, last = whole.index(START_OF_SCAN), whole.rindex(START_OF_SCAN)
    bomb = whole[:first] + 500 * whole[first:last] + whole[last:]
    began_s = process_time()
    with pytest.raises(ProtocolError, match=r"jpeg: .* more than 4 scans"):
        Jpeg(quality=90).decode(memoryview(bomb), (px, px, 3))
    assert process_time() - began_s < 0.5


def test_gray_images_are_refused() -> None:
    stream = io.BytesIO()
    Image.new("L", (8, 8)).save(stream, "JPEG")
    with pytest.raises(ProtocolError, match=r"jpeg: .* found 8x8 L"):
        Jpeg(quality=90).decode(memoryview(stream.getvalue()), (8, 8, 3))
