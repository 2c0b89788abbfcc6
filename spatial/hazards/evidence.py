"""Photos as evidence: only real pictures, each once, with a thumbnail and its time of taking."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps

from spatial.media import store_blob

from .models import Hazard, Photo
from .refusals import refuse
from .rules import Refusal, Workflow, evidence_refusal, gettext_noop

FORMATS = ("JPEG", "PNG", "WEBP")
THUMBNAIL_PX = 480
MOST_PIXELS = 120_000_000
PhotoGiven = bytes | BinaryIO


@dataclass(frozen=True)
class Picture:
    """A checked picture: its bytes, their hash, its thumbnail, and when it was taken if it says so."""

    content: bytes
    sha256: str
    thumbnail: bytes
    taken_at: datetime | None


def _bytes_of(given: PhotoGiven, largest: int) -> bytes:
    if isinstance(given, bytes | bytearray | memoryview):
        content = bytes(given)
    else:
        if hasattr(given, "seek"):
            given.seek(0)
        content = given.read(largest + 1)
    if len(content) > largest:
        sentence = gettext_noop("A photo is larger than %(limit)s MB: take it with a lower resolution.")
        refuse(Refusal("evidence", sentence, {"limit": largest // 2**20}, "photos"))
    return content


def _taken_at(image: Image.Image, time_zone: str) -> datetime | None:
    """Return the time of taking in EXIF; without an offset it is the site's local time."""
    exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
    text = str(exif.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    offset = str(exif.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    try:
        if offset:
            return datetime.strptime(text + offset, "%Y:%m:%d %H:%M:%S%z")
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZoneInfo(time_zone))
    except ValueError:
        return None


def _thumbnail(image: Image.Image) -> bytes:
    small = ImageOps.exif_transpose(image)
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    out = io.BytesIO()
    small.convert("RGB").save(out, "JPEG", quality=82)
    return out.getvalue()


def read_picture(given: PhotoGiven, *, time_zone: str, largest_bytes: int) -> Picture:
    """Return a checked picture (JPEG, PNG or WebP, decoded whole). Raises EvidenceRefused."""
    content = _bytes_of(given, largest_bytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise ValueError("too many pixels")
            image.load()
            taken_at = _taken_at(image, time_zone)
            thumbnail = _thumbnail(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        sentence = gettext_noop("A file is not a picture that can be shown (JPEG, PNG or WebP).")
        refuse(Refusal("evidence", sentence, field_name="photos"))
    return Picture(content, hashlib.sha256(content).hexdigest(), thumbnail, taken_at)


def read_pictures(given: Sequence[PhotoGiven], *, site: Any, workflow: Workflow, needed: bool = True) -> list[Picture]:
    """Return checked pictures, each new to the site, in a number that is allowed. Raises EvidenceRefused."""
    settings = workflow.settings
    given = list(given)
    count_refusal = evidence_refusal([str(number) for number in range(len(given))], (), settings, needed=needed)
    if count_refusal:
        refuse(count_refusal)
    largest = settings["photo_max_bytes"]
    pictures = [read_picture(photo, time_zone=site.time_zone, largest_bytes=largest) for photo in given]
    hashes = [picture.sha256 for picture in pictures]
    used = Photo.objects.filter(site=site, sha256__in=hashes).values_list("sha256", flat=True)
    refusal = evidence_refusal(hashes, used, settings, needed=needed)
    if refusal:
        refuse(refusal)
    return pictures


def store_pictures(
    pictures: Sequence[Picture], *, hazard: Hazard, step: str, now: datetime, workflow: Workflow
) -> list[str]:
    """This function will store checked pictures as evidence of a step and return their hashes.

    A time of taking more than 24 h away from the server's is flagged, not refused.
    """
    limit = timedelta(hours=workflow.settings["photo_flag_after_hours"])
    for picture in pictures:
        away = picture.taken_at is not None and abs(picture.taken_at - now) > limit
        Photo.objects.create(
            organisation_id=hazard.organisation_id,
            site_id=hazard.site_id,
            hazard=hazard,
            step=step,
            sha256=store_blob(io.BytesIO(picture.content)),
            thumbnail_sha256=store_blob(io.BytesIO(picture.thumbnail)),
            taken_at=picture.taken_at,
            flagged="exif_time_differs" if away else "",
            received_at=now,
        )
    return [picture.sha256 for picture in pictures]
