"""What tells one network from another, so that both halves can check they hold the same one.

Imports no torch. `checkpoint.py` computes the digest.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelIdentity:
    """Two halves with equal identities hold the same network with the same weights.

    `sha256` is over names, shapes and float32 values of all weights, so it does not depend on how
    a file stored them.
    """

    backbone: str
    tasks: tuple[tuple[str, int], ...]
    input_px: int
    sha256: str
