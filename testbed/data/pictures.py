"""Picture files: opening one, and saying why it cannot be opened."""

import warnings
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

# What Pillow raises on files that are damaged, too large, or something else than their suffix says.
UNREADABLE = (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError)


def open_upright(file: Path) -> Pillow.Image:
    """Decode as RGB and turn upright. Raises one of `UNREADABLE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)  # large is allowed
        with Pillow.open(file) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")


def reason(error: Exception) -> str:
    """Why a file could not be read, in a few words and without its path."""
    if isinstance(error, UnidentifiedImageError):
        return "no picture Pillow knows"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0] or type(error).__name__
