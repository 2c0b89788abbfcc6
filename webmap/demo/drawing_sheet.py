"""A drawing sheet in local metres over a Pillow canvas: metres in, anti-aliased pixels out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from math import hypot
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bim.ifc.demo_project.dimensions import Point, Rectangle

Colour = tuple[int, int, int] | tuple[int, int, int, int]
_FONT_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/opentype/noto-cjk",
    "/usr/share/fonts/truetype/noto",
)
_FONT_NAMES = ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf")


def find_font() -> Path | None:
    """Path of a Noto CJK font of this machine, or None: then a plan has no labels."""
    for folder in _FONT_FOLDERS:
        for name in _FONT_NAMES:
            if (path := Path(folder) / name).is_file():
                return path
    return None


@lru_cache(maxsize=32)
def _font(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    if path.suffix != ".ttc":
        return ImageFont.truetype(str(path), size_px)
    for index in range(8):
        font = ImageFont.truetype(str(path), size_px, index=index)
        if (font.getname()[0] or "").endswith("SC"):
            return font
    return ImageFont.truetype(str(path), size_px)


class DrawingSheet:
    """A sheet whose lower left corner is a local point; drawn at twice its size and reduced once at the end."""

    OVERSAMPLING = 2

    def __init__(self, size_px: tuple[int, int], lower_left: Point, pixels_per_m: float, paper: Colour) -> None:
        self.size_px = size_px
        self.lower_left = lower_left
        self.pixels_per_m = pixels_per_m
        large = (size_px[0] * self.OVERSAMPLING, size_px[1] * self.OVERSAMPLING)
        self._image = Image.new("RGB", large, paper)
        self._draw = ImageDraw.Draw(self._image, "RGBA")
        self._font_path = find_font()

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Column and row of a local point in the finished picture (from its upper left corner)."""
        column = (x - self.lower_left[0]) * self.pixels_per_m
        return column, self.size_px[1] - (y - self.lower_left[1]) * self.pixels_per_m

    def polygon(
        self, points: Sequence[Point], fill: Colour | None = None, line: Colour | None = None, line_m: float = 0.15
    ) -> None:
        """Fill an outline and draw its edge."""
        canvas = [self._large(point) for point in points]
        if fill:
            self._draw.polygon(canvas, fill=fill)
        if line:
            self.polyline([*points, points[0]], line, line_m)

    def box(self, rectangle: Rectangle, fill: Colour | None, line: Colour | None = None, line_m: float = 0.15) -> None:
        """Fill a rectangle and draw its edge."""
        x0, y0, x1, y1 = rectangle
        self.polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), fill, line, line_m)

    def polyline(self, points: Sequence[Point], colour: Colour, width_m: float) -> None:
        """Draw a line through points."""
        canvas = [self._large(point) for point in points]
        self._draw.line(canvas, fill=colour, width=self._width(width_m), joint="curve")

    def dashes(
        self, points: Sequence[Point], colour: Colour, width_m: float, dash_m: float = 2.0, gap_m: float = 1.4
    ) -> None:
        """Draw a dashed line through points."""
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            length, along = hypot(bx - ax, by - ay), 0.0
            while along < length:
                end = min(length, along + dash_m)
                a, b = along / length, end / length
                part = [(ax + (bx - ax) * share, ay + (by - ay) * share) for share in (a, b)]
                self.polyline(part, colour, width_m)
                along = end + gap_m

    def hatch(self, rectangle: Rectangle, colour: Colour, spacing_m: float, width_m: float = 0.1) -> None:
        """Hatch a rectangle with lines at 45 degrees."""
        x0, y0, x1, y1 = rectangle
        offset = y0 - x1 + spacing_m
        while offset < y1 - x0:
            left, right = max(x0, y0 - offset), min(x1, y1 - offset)
            if left < right:
                self.polyline(((left, left + offset), (right, right + offset)), colour, width_m)
            offset += spacing_m

    def disc(self, centre: Point, radius_m: float, fill: Colour | None, line: Colour | None, line_m: float) -> None:
        """Draw a circle."""
        (left, top), (right, bottom) = (
            self._large((centre[0] - radius_m, centre[1] + radius_m)),
            self._large((centre[0] + radius_m, centre[1] - radius_m)),
        )
        width = self._width(line_m) if line else 0
        self._draw.ellipse((left, top, right, bottom), fill=fill, outline=line, width=width)

    def label(
        self,
        text: str,
        at: Point,
        height_m: float,
        colour: Colour = (30, 34, 40),
        halo: Colour | None = None,
        anchor: str = "mm",
    ) -> None:
        """Write text with its middle (or Pillow's ``anchor``) at a point; nothing where no CJK font was found."""
        if self._font_path is None:
            return
        font = _font(self._font_path, max(8, round(height_m * self.pixels_per_m * self.OVERSAMPLING)))
        stroke = 3 * self.OVERSAMPLING // 2 if halo else 0
        self._draw.text(
            self._large(at), text, font=font, fill=colour, anchor=anchor, stroke_width=stroke, stroke_fill=halo
        )

    def finished(self) -> Image.Image:
        """The picture at its own size."""
        return self._image.resize(self.size_px, Image.Resampling.LANCZOS)

    def _large(self, point: Point) -> tuple[float, float]:
        column, row = self.pixel(*point)
        return column * self.OVERSAMPLING, row * self.OVERSAMPLING

    def _width(self, width_m: float) -> int:
        return max(1, round(width_m * self.pixels_per_m * self.OVERSAMPLING))
