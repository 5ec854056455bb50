"""The light of a picture."""

import numpy as np
import pytest
from PIL import Image as Pillow

from testbed.data.light import LIGHTS, ONE, light_up

GREY = Pillow.new("RGB", (2, 2), (112, 112, 112))
STEPS = Pillow.fromarray(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2))


def seen(name: str, picture: Pillow.Image = GREY, exposure: int = ONE) -> np.ndarray:
    return np.asarray(light_up(picture, LIGHTS[name], exposure)).astype(int)


def test_day_changes_nothing_and_exposure_all() -> None:
    assert np.array_equal(seen("day", STEPS), np.asarray(STEPS))
    assert seen("day", exposure=ONE // 2)[0, 0].tolist() == [56, 56, 56]
    assert seen("day", STEPS, 2 * ONE).max() == 255


def test_dusk_is_dark_and_blue_lamp_is_warm() -> None:
    red, green, blue = seen("dusk")[0, 0]
    assert red < green < blue < 112
    red, green, blue = seen("lamp")[0, 0]
    assert red > green > blue


def test_overcast_takes_contrast() -> None:
    levels = seen("overcast", STEPS)
    assert levels.min() > 60
    assert np.ptp(levels[..., 0]) < 160
    assert (np.diff(levels[0, :, 0]) >= 0).all()


@pytest.mark.parametrize("name", LIGHTS)
def test_no_two_lights_are_alike_at_any_exposure_a_picture_gets(name: str) -> None:
    others = [other for other in LIGHTS if other != name]
    exposures = (224, 256, 287)
    mine = [seen(name, STEPS, exposure) for exposure in exposures]
    theirs = [seen(other, STEPS, exposure) for other in others for exposure in exposures]
    assert min(np.abs(a - b).max() for a in mine for b in theirs) > 40
