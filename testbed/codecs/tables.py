"""What codecs learn of a network (scales, code books): arrays kept beside its weights.

Each has the name `<codec>/<cut>/<table>`. Both halves must hold the same ones, so the edge's hello
says which it holds.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Tables = Mapping[str, NDArray[Any]]


class HasTables(Protocol):
    """What codecs ask of a network (`testbed.network.Network` is one)."""

    tables: Tables


class Holding:
    """A network of which only the tables are asked."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables


def tables_of(network: HasTables, codec: str, cut: str) -> Tables:
    """The tables of one codec at one cut, by their own names; none where nothing was learned."""
    prefix = f"{codec}/{cut}/"
    return {
        name.removeprefix(prefix): table
        for name, table in network.tables.items()
        if name.startswith(prefix)
    }


def tables_identity(tables: Tables) -> str:
    """A digest of names, types, shapes and values; empty where there are no tables."""
    if not tables:
        return ""
    digest = hashlib.sha256()
    for name, table in sorted(tables.items()):
        digest.update(f"{name}{table.dtype.str}{table.shape}".encode())
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()
