"""Pictures of other tools, checked and bare of metadata."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

FORMATS: Final = ("PNG", "JPEG")
MOST_PIXELS: Final = 40_000_000
WIDEST_PX: Final = 3_000


class PictureUnreadable(ValueError):
    """The bytes are no picture that is taken."""


def bare_picture(content: bytes, *, widest_px: int = WIDEST_PX) -> bytes:
    """Return a PNG or JPEG as a JPEG that holds nothing but its pixels, upright, at most so wide and high.

    The same bytes give the same picture. Raises PictureUnreadable.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureUnreadable("too many pixels")
            upright = ImageOps.exif_transpose(picture)
            seen = upright.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureUnreadable(str(error)) from error
    seen.thumbnail((widest_px, widest_px))
    flat = Image.new("RGB", seen.size, "white")
    flat.paste(seen, mask=seen.getchannel("A"))
    out = BytesIO()
    flat.save(out, "JPEG", quality=90)
    return out.getvalue()
