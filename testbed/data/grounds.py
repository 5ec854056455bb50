"""Photographs that packages ship: the grounds on which collages stand. None of them lies here.

Free to be shown and changed, some with attribution, as each package says (scikit-image's
`data/_fetchers.py`, scikit-learn's `datasets/images/README.txt`).
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from PIL import Image as Pillow

from testbed.data.factors import Split
from testbed.data.photos import open_upright
from testbed.errors import BadInput


class Ground(NamedTuple):
    """package: as imported. file: within it. credit: who made it, and under which terms."""

    package: str
    file: str
    credit: str


def _scikit_image(name: str, credit: str) -> Ground:
    return Ground("skimage", f"data/{name}", credit)


def _scikit_learn(name: str, credit: str) -> Ground:
    return Ground("sklearn", f"datasets/images/{name}", credit)


GROUNDS: Mapping[Split, tuple[Ground, ...]] = {
    "train": (
        _scikit_image("astronaut.png", "NASA, public domain"),
        _scikit_image("brick.png", "CC0Textures, CC0"),
        _scikit_image("coffee.png", "Rachel Michetti, CC0"),
        _scikit_image("coins.png", "Brooklyn Museum, no known restrictions"),
        _scikit_image("gravel.png", "CC0Textures, CC0"),
        _scikit_image("ihc.png", "scikit-image, no known restrictions"),
        _scikit_image("motorcycle_left.png", "Scharstein et al., CC0"),
        _scikit_image("retina.jpg", "Mikael Häggström, CC0"),
        _scikit_image("rocket.jpg", "SpaceX, public domain"),
        _scikit_learn("china.jpg", "danielbuechele, CC-BY 2.0"),
    ),
    "test": (
        _scikit_image("camera.png", "Lav Varshney, CC0"),
        _scikit_image("chelsea.png", "Stefan van der Walt, CC0"),
        _scikit_image("grass.png", "CC0Textures, CC0"),
        _scikit_image("hubble_deep_field.jpg", "NASA, public domain"),
        _scikit_image("moon.png", "scikit-image, no known restrictions"),
        _scikit_learn("flower.jpg", "vultilion, CC-BY 2.0"),
    ),
}
"""No photograph is in both splits."""


@lru_cache(maxsize=32)
def photograph(ground: Ground) -> Pillow.Image:
    """As RGB. Raises BadInput where its package is not installed."""
    spec = find_spec(ground.package)  # the package itself is not imported: that takes a second
    if spec is None or not spec.submodule_search_locations:
        raise BadInput(
            f"collage: found no package {ground.package}, "
            "allowed: after `pip install 'split-testbed[data]'`"
        )
    return open_upright(Path(spec.submodule_search_locations[0]) / ground.file)
