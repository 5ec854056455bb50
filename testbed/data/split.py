"""Which files are for training and which for testing, where nobody has said."""

import hashlib
from collections.abc import Iterable

from testbed.data.factors import Split

TEST_SHARE = 5
"""One file in five is for testing, and never none."""


def drawn_by_name(names: Iterable[str]) -> dict[str, Split]:
    """Name -> its split: for testing are those whose names have the lowest SHA-256.

    The same everywhere, and what is added to a folder moves hardly any other file.
    """
    ranked = sorted(set(names), key=lambda name: (_digest(name), name))
    tested = max(1, len(ranked) // TEST_SHARE)
    return {name: "test" if rank < tested else "train" for rank, name in enumerate(ranked)}


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
