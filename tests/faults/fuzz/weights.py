"""Files of weights whose header says something else: of the network, or of the tensors."""

import json
import struct

from hypothesis.strategies import SearchStrategy

from tests.faults.fuzz.damage import tree_edited
from tests.faults.fuzz.programs import PROGRAMS

_LENGTH = struct.Struct("<Q")
"""Before the header, JSON, behind which the tensors' bytes lie (safetensors' format)."""


def weights_edited(content: bytes) -> SearchStrategy[bytes]:
    """The header or the card in it edited as a tree; or a program."""
    (length,) = _LENGTH.unpack_from(content)
    header, rest = content[_LENGTH.size :][:length], content[_LENGTH.size + length :]
    card = json.loads(header)["__metadata__"]["card"].encode()

    def with_header(changed: bytes) -> bytes:
        return _LENGTH.pack(len(changed)) + changed + rest

    def with_card(changed: bytes) -> bytes:
        tree = json.loads(header)
        tree["__metadata__"]["card"] = changed.decode(errors="surrogateescape")
        return with_header(json.dumps(tree).encode(errors="replace"))

    return tree_edited(card).map(with_card) | tree_edited(header).map(with_header) | PROGRAMS
