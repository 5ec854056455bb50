"""JSON that every reader accepts: no NaN or Infinity, one layout, non-ASCII text as it is.

And reading what others may have written: `loads`.
"""

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import PurePath
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """The same in dicts, lists and scalars JSON knows; a number that is not finite becomes None.

    Raises TypeError for what has no such form.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str | PurePath):
        return str(value).encode(errors="backslashreplace").decode()  # a name may be any bytes
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def dumps(value: Any) -> str:
    """Indented JSON text with a final newline. Raises TypeError as `plain` does."""
    return json.dumps(plain(value), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def loads(text: str | bytes) -> Any:
    """What JSON text holds. Raises ValueError, for values nested too deeply as well."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("values nested too deeply") from None
