"""The photo of a patrol: only a real picture, turned upright and without the data that phones add."""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

from PIL import Image, ImageOps

from spatial.media import store_blob

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_BYTES = 20 << 20
LONGEST_PX = 1600


class PictureRefused(ValueError):
    """A file is not a picture that can be shown."""


def store_picture(given: BinaryIO) -> str:
    """Store a picture as JPEG and return its SHA-256. Raises PictureRefused."""
    content = given.read(LARGEST_BYTES + 1)
    try:
        if len(content) > LARGEST_BYTES:
            raise ValueError("too large")
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            image.load()
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("The file is not a picture of at most 20 MB (JPEG, PNG or WebP).") from error
    upright.thumbnail((LONGEST_PX, LONGEST_PX))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85)
    return store_blob(io.BytesIO(out.getvalue()))
