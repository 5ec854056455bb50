"""Images and features to bytes and back. To add a codec: a class in a file, its import below.

`codec.py` says what a codec owes. Scenarios then allow its name and its options, names in results
show them, and `tests/testbed/codecs/test_contract.py` runs over it. Nothing here knows torch or the
halves, and Pillow is imported when an image is coded, not before.
"""

from collections.abc import Mapping

from testbed.codecs.codec import Codec, Content

# In the order in which scenarios list them.
# isort: off
from testbed.codecs.raw import Raw as Raw
from testbed.codecs.jpeg import Jpeg as Jpeg
from testbed.codecs.png import Png as Png
from testbed.codecs.webp import Webp as Webp
from testbed.codecs.avif import Avif as Avif
from testbed.codecs.fp32 import Fp32 as Fp32
from testbed.codecs.fp16 import Fp16 as Fp16
from testbed.codecs.fp16_zstd import Fp16Zstd as Fp16Zstd
# isort: on

CODECS: Mapping[str, type[Codec]] = {
    imported.name: imported
    for imported in list(globals().values())
    if isinstance(imported, type) and issubclass(imported, Codec) and imported is not Codec
}
"""By the name that scenarios and payloads give them."""


def codecs_of(content: Content) -> dict[str, type[Codec]]:
    """The codecs for images, or those for features."""
    return {name: codec for name, codec in CODECS.items() if codec.content == content}
