"""Drawn evidence pictures of the demo's tickets, before and after; each says that it is a demo picture. Pure."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Literal

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageFont

from webmap.demo.drawing_sheet import find_font

Scene = Literal["edge", "hole", "scaffold", "box", "stack", "passage"]
SIZE = (960, 720)
_RED, _WHITE, _YELLOW, _CONCRETE = (206, 44, 40), (240, 240, 236), (244, 190, 40), (158, 156, 150)


def draw_evidence(scene: Scene, *, fixed: bool, label: str, seed: str, taken_at: datetime) -> bytes:
    """A JPEG of a scene as found (``fixed`` False) or put right, with its time of taking in EXIF.

    Equal arguments give equal bytes; another ``seed`` gives another picture.
    """
    random = Random(seed)
    image = Image.new("RGB", SIZE, (134, 138, 132))
    draw = ImageDraw.Draw(image)
    _sky(draw, random)
    _SCENES[scene](draw, random, fixed)
    image = _grained(image, random)
    _caption(ImageDraw.Draw(image), label, taken_at)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=84, exif=_exif(taken_at))
    return out.getvalue()


def _exif(taken_at: datetime) -> Image.Exif:
    exif = Image.Exif()
    offset = taken_at.strftime("%z") or "+0000"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: taken_at.strftime("%Y:%m:%d %H:%M:%S"),
            ExifTags.Base.OffsetTimeOriginal: f"{offset[:3]}:{offset[3:5]}",
        }
    )
    return exif


def _sky(draw: ImageDraw.ImageDraw, random: Random) -> None:
    blue = random.randint(205, 235)
    for row in range(420):
        shade = row / 420
        draw.line((0, row, SIZE[0], row), fill=(int(150 + 70 * shade), int(180 + 45 * shade), blue))
    left = -40
    while left < SIZE[0]:
        width, height = random.randint(50, 120), random.randint(40, 170)
        grey = random.randint(150, 190)
        draw.rectangle((left, 420 - height, left + width, 420), fill=(grey, grey, grey + 8))
        left += width + random.randint(6, 40)


def _floor(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon(((0, 720), (0, 470), (960, 400), (960, 720)), fill=_CONCRETE)
    draw.line(((0, 470), (960, 400)), fill=(96, 94, 90), width=7)
    for offset in (60, 140, 240):
        draw.line(((0, 470 + offset), (960, 400 + offset * 1.3)), fill=(146, 144, 138), width=2)


def _rail(draw: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int], height: int) -> None:
    posts = 6
    for index in range(posts + 1):
        share = index / posts
        x, y = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
        draw.line((x, y, x, y - height), fill=_WHITE, width=9)
    for level in (0.5, 1.0):
        for index in range(12):
            a, b = index / 12, (index + 1) / 12
            colour = _RED if index % 2 else _WHITE
            points = [
                (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share - height * level)
                for share in (a, b)
            ]
            draw.line(points, fill=colour, width=11)


def _edge(draw: ImageDraw.ImageDraw, random: Random, fixed: bool) -> None:
    _floor(draw)
    gap = random.randint(300, 420)
    _rail(draw, (0, 468), (gap - 120, 445), 150)
    if fixed:
        _rail(draw, (gap - 120, 445), (960, 402), 140)
    else:
        for index in range(4):
            x = gap + index * 70
            draw.rectangle((x, 520 + index * 6, x + 62, 556 + index * 6), fill=(198, 192, 180), outline=(120, 116, 108))


def _hole(draw: ImageDraw.ImageDraw, random: Random, fixed: bool) -> None:
    draw.rectangle((0, 400, 960, 720), fill=_CONCRETE)
    draw.rectangle((0, 0, 960, 400), fill=(176, 172, 164))
    left = random.randint(230, 300)
    draw.polygon(((left, 640), (left + 60, 470), (left + 400, 470), (left + 480, 640)), fill=(34, 34, 38))
    draw.line(((left, 640), (left + 60, 470), (left + 400, 470), (left + 480, 640)), fill=(90, 88, 84), width=6)
    if fixed:
        _rail(draw, (left + 50, 468), (left + 410, 468), 120)
        _rail(draw, (left - 14, 648), (left + 494, 648), 180)


def _scaffold(draw: ImageDraw.ImageDraw, random: Random, fixed: bool) -> None:
    for x in range(40, 960, 180):
        draw.line((x, 0, x, 720), fill=(176, 138, 60), width=13)
    for y in (120, 380, 640):
        draw.line((0, y, 960, y), fill=(176, 138, 60), width=11)
    missing = {random.randint(1, 2), 3} if not fixed else set()
    for index in range(6):
        if index not in missing:
            draw.rectangle((index * 162, 392, index * 162 + 154, 414), fill=(186, 146, 92), outline=(120, 90, 50))
    draw.rectangle((0, 0, 960, 112), fill=(44, 120, 76))


def _box(draw: ImageDraw.ImageDraw, random: Random, fixed: bool) -> None:
    draw.rectangle((0, 0, 960, 720), fill=(196, 190, 178))
    left = random.randint(300, 380)
    draw.rectangle((left, 140, left + 280, 560), fill=(226, 160, 40), outline=(120, 80, 16), width=6)
    if fixed:
        draw.polygon(((left + 140, 220), (left + 200, 330), (left + 80, 330)), fill=_YELLOW, outline=(0, 0, 0))
        draw.rectangle((left + 244, 330, left + 260, 390), fill=(60, 60, 60))
    else:
        draw.rectangle((left + 30, 170, left + 250, 530), fill=(70, 72, 76))
        for index in range(7):
            x = left + 50 + index * 28
            colour = (random.randint(120, 220), random.randint(30, 160), 40)
            draw.line((x, 200, x + random.randint(-50, 50), 690), fill=colour, width=6)


def _stack(draw: ImageDraw.ImageDraw, random: Random, fixed: bool) -> None:
    _floor(draw)
    rows = 3 if fixed else 8
    for row in range(rows):
        for column in range(7):
            lean = 0 if fixed else random.randint(-9, 9) + row * 3
            x, y = 240 + column * 70 + lean, 640 - (row + 1) * 48
            draw.rectangle((x, y, x + 66, y + 44), fill=(206, 200, 190), outline=(140, 136, 126), width=2)


def _passage(draw: ImageDraw.ImageDraw, random: Random, fixed: bool) -> None:
    draw.rectangle((0, 380, 960, 720), fill=(168, 164, 154))
    draw.rectangle((0, 150, 330, 470), fill=(222, 224, 226), outline=(40, 92, 150), width=8)
    if fixed:
        for index in range(14):
            colour = _YELLOW if index % 2 else (24, 24, 24)
            draw.rectangle((index * 70, 560, index * 70 + 70, 582), fill=colour)
        return
    for _ in range(12):
        x, y, width = random.randint(240, 780), random.randint(450, 640), random.randint(60, 170)
        draw.rectangle((x, y, x + width, y + random.randint(14, 60)), fill=(random.randint(110, 170), 104, 70))


def _grained(image: Image.Image, random: Random) -> Image.Image:
    """The picture with the fine grain of a camera's sensor, which makes each picture its own."""
    pixels = np.asarray(image).astype(np.int16)
    grain = np.random.default_rng(random.getrandbits(64)).integers(-5, 6, pixels.shape[:2], dtype=np.int16)
    return Image.fromarray(np.clip(pixels + grain[..., None], 0, 255).astype(np.uint8))


def _caption(draw: ImageDraw.ImageDraw, label: str, taken_at: datetime) -> None:
    draw.rectangle((0, 664, 960, 720), fill=(20, 24, 30))
    font_path = find_font()
    if font_path is None:
        return
    font = ImageFont.truetype(str(font_path), 26)
    draw.text((18, 676), f"示范图片 · {label}"[:44], font=font, fill=_WHITE)
    draw.text((942, 676), taken_at.strftime("%Y-%m-%d %H:%M"), font=font, fill=_YELLOW, anchor="ra")


_SCENES: dict[Scene, Callable[[ImageDraw.ImageDraw, Random, bool], None]] = {
    "edge": _edge,
    "hole": _hole,
    "scaffold": _scaffold,
    "box": _box,
    "stack": _stack,
    "passage": _passage,
}
