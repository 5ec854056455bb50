"""Which weights a run uses: what a scenario says, turned into a file or a way to make them.

Imports no torch: the cards of the weights that ship with the package are read as JSON.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from testbed.config.weights import Weights
from testbed.errors import BadInput

BUNDLED = Path(__file__).parent / "bundled"
RANDOM, IMAGENET = "random", "imagenet"
HIDDEN = 256
"""Width of a published head."""
_NOTHING = "accuracy says nothing"


def choose_weights(
    weights: str | Path, backbone: str, tasks: Mapping[str, int], input_px: int | None, hidden: int
) -> tuple[str | Path, Weights]:
    """RANDOM, IMAGENET or a file, and what the results say about it.

    `weights`: as in a scenario. "auto" takes bundled weights where there are some, else random
    ones. A file is not looked at. Raises BadInput for "bundled" where there are none.
    """
    if weights in ("auto", "bundled"):
        file = find_bundled(backbone, tasks, input_px, hidden)
        if file is not None:
            return file, Weights("bundled")
        wanted = _described(backbone, tasks, input_px, hidden)
        if weights == "bundled":
            those = "; ".join(
                _described(card["backbone"], card["tasks"], card["input_px"], card["hidden"])
                for _, card in _bundled_cards()
            )
            raise BadInput(
                f"model.weights: no bundled weights for {wanted}, allowed: one that has them "
                f"({those}), auto, random, imagenet, or a file that `testbed train` wrote"
            )
        why = f"no bundled weights for {wanted}: random weights, {_NOTHING}"
        return RANDOM, Weights(RANDOM, why)
    if weights == RANDOM:
        return RANDOM, Weights(RANDOM, f"random weights: {_NOTHING}")
    if weights == IMAGENET:
        why = f"ImageNet's weights in the backbone, random heads: {_NOTHING}"
        return IMAGENET, Weights(IMAGENET, why)
    return Path(weights), Weights(str(weights))


def find_bundled(
    backbone: str, tasks: Mapping[str, int], input_px: int | None, hidden: int
) -> Path | None:
    """The bundled weights of such a network that have these tasks, with the fewest others.

    `input_px`: None takes any size, the smallest first.
    """
    fitting = [
        (len(card["tasks"]), card["input_px"], file)
        for file, card in _bundled_cards()
        if (card["backbone"], card["hidden"]) == (backbone, hidden)
        and input_px in (None, card["input_px"])
        and tasks.items() <= card["tasks"].items()
    ]
    return min(fitting)[-1] if fitting else None


def _bundled_cards() -> list[tuple[Path, dict[str, Any]]]:
    cards = sorted(BUNDLED.glob("*.json"))
    return [(file.with_suffix(".safetensors"), json.loads(file.read_text())) for file in cards]


def _described(backbone: str, tasks: Mapping[str, int], input_px: int | None, hidden: int) -> str:
    """In a scenario's words; the size of input and heads only where they are not the usual ones."""
    px = "" if input_px is None else f" at {input_px} px"
    width = "" if hidden == HIDDEN else f", hidden {hidden}"
    return f"{backbone}{px} with tasks {', '.join(tasks)}{width}"
