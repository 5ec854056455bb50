"""Packages that only some data sets need, and what to say when one is missing."""

from importlib import import_module
from types import ModuleType

from testbed.errors import BadInput


def import_extra(module: str, dataset: str) -> ModuleType:
    """A module of the `data` extra. Raises BadInput where its package is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise BadInput(
            f"{dataset}: found no package {error.name}, "
            "allowed: after `pip install 'split-testbed[data]'`"
        ) from error
