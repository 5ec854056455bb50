"""Images and features to bytes and back. To add a codec: a class in a file, its import below.

`codec.py` says what a codec owes. Scenarios then allow its name and its options, names in results
show them, and `tests/testbed/codecs/test_contract.py` runs over it. A codec for features that is a
`Transform` comes with each coder behind it as well (`int8`, `int8+zstd`, ...). Nothing here knows
torch or the halves, and Pillow is imported when an image is coded, not before.
"""

from collections.abc import Mapping

from testbed.codecs.codec import Codec, Content
from testbed.codecs.coders import Lz4, Range, Zstd
from testbed.codecs.features import Transform, with_coder

# In the order in which scenarios list them.
# isort: off
from testbed.codecs.raw import Raw as Raw
from testbed.codecs.jpeg import Jpeg as Jpeg
from testbed.codecs.png import Png as Png
from testbed.codecs.webp import Webp as Webp
from testbed.codecs.avif import Avif as Avif
from testbed.codecs.fp32 import Fp32 as Fp32
from testbed.codecs.fp16 import Fp16 as Fp16
from testbed.codecs.affine import Int8 as Int8
from testbed.codecs.affine import Int4 as Int4
from testbed.codecs.topk import TopK as TopK
from testbed.codecs.bottleneck import Bottleneck as Bottleneck
# isort: on

CODERS = (Zstd, Lz4, Range)

_IMPORTED = [
    imported
    for imported in list(globals().values())
    if isinstance(imported, type) and issubclass(imported, Codec) and hasattr(imported, "name")
]
_TRANSFORMS = [imported for imported in _IMPORTED if issubclass(imported, Transform)]
_CODED = [with_coder(transform, coder) for coder in CODERS for transform in _TRANSFORMS]
CODECS: Mapping[str, type[Codec]] = {codec.name: codec for codec in (*_IMPORTED, *_CODED)}
"""By the name that scenarios and payloads give them."""


def codecs_of(content: Content) -> dict[str, type[Codec]]:
    """The codecs for images, or those for features."""
    return {name: codec for name, codec in CODECS.items() if codec.content == content}
