"""A photo of a public risk point: only a real picture, made smaller, without what the camera wrote into it."""

from __future__ import annotations

import io
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from spatial.media import store_blob

LONGEST_PX: Final = 1600
MAX_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 80_000_000


def store_photo(upload: Any) -> str:
    """Return the hash under which a photo is stored. Raises ValidationError for what is no picture."""
    if upload.size > MAX_BYTES:
        raise ValidationError(_("A photo is larger than %(limit)s MB: take it smaller.") % {"limit": MAX_BYTES >> 20})
    try:
        picture = Image.open(upload, formats=("JPEG", "PNG", "WEBP"))
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image = ImageOps.exif_transpose(picture)
        image.thumbnail((LONGEST_PX, LONGEST_PX))
        out = io.BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=85)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError(_("The photo cannot be read: give a JPEG, PNG or WebP.")) from error
    out.seek(0)
    return store_blob(out)
