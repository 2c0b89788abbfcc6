"""The four-colour map of a sheet as SVG in millimetres: base plan, zones, marks, scale bar, north arrow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from webmap.documents.chart_drawing import text_width_mm
from webmap.documents.map_geometry import Box, Label, Placed, ScaleBar, View, hatch, place_labels
from webmap.wording.grade_signs import SIGNS

FONT: Final = 'font-family="Noto Sans CJK SC"'
FILL_OPACITY: Final = 0.55
CHIP_MM, POINT_MM = 2.9, 2.1
INK: Final = "#1b1b1b"


@dataclass(frozen=True)
class ZoneShape:
    """A zone on the ground (grid metres) with its grade; `role` marks an assembly point or an escape way."""

    code: str
    name: str
    grade: int
    shape: BaseGeometry
    role: str = ""


@dataclass(frozen=True)
class PointMark:
    """A risk point on the ground with its number and grade."""

    code: str
    grade: int
    at: tuple[float, float]


@dataclass(frozen=True)
class PlanPicture:
    """A picture under the map: its address (`data:`), size in pixels, and pixel-to-ground affine (a, b, c, d, e, f)."""

    href: str
    width_px: int
    height_px: int
    affine: tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class PlanLines:
    """Outlines of a storey's model on the ground: floors, what stands on them, and thin parts."""

    floors: Sequence[BaseGeometry] = ()
    solids: Sequence[BaseGeometry] = ()
    thin: Sequence[BaseGeometry] = ()


@dataclass(frozen=True)
class MapContents:
    """Everything on the map."""

    zones: Sequence[ZoneShape]
    points: Sequence[PointMark]
    boundary: BaseGeometry | None = None
    picture: PlanPicture | None = None
    lines: PlanLines = field(default_factory=PlanLines)


def painted_order(zones: Iterable[ZoneShape]) -> list[ZoneShape]:
    """Return zones in the order of painting: the highest grade on top, inside a grade the smaller on the larger."""
    return sorted(zones, key=lambda zone: (zone.grade, -zone.shape.area, zone.code))


def outline_path(shape: BaseGeometry) -> str:
    """Return the `d` of a shape's rings or lines, in the shape's own units."""
    parts = []
    for piece in getattr(shape, "geoms", [shape]):
        if piece.is_empty:
            continue
        if piece.geom_type == "Polygon":
            for ring in (piece.exterior, *piece.interiors):
                parts.append("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y, *_ in ring.coords[:-1]) + "Z")
        elif piece.geom_type in ("LineString", "LinearRing"):
            parts.append("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y, *_ in piece.coords))
        elif hasattr(piece, "geoms"):
            parts.append(outline_path(piece))
    return "".join(parts)


def _path(shape: BaseGeometry, style: str, attributes: str = "") -> str:
    path = outline_path(shape)
    return f'<path d="{path}" {style}{attributes}/>' if path else ""


def hatching(shape: BaseGeometry, grade: int, pattern: str) -> str:
    """Return the sign of a grade inside a shape on the sheet: lines or dots in the grade's ink."""
    marks = hatch(shape, pattern)
    if marks is None or marks.is_empty:
        return ""
    if pattern == "dots":
        dots = "".join(
            f"M{p.x - 0.32:.2f} {p.y:.2f}a.32 .32 0 1 0 .64 0a.32 .32 0 1 0 -.64 0" for p in getattr(marks, "geoms", ())
        )
        return f'<path d="{dots}" fill="{INK}" fill-opacity="0.75"/>'
    colour = SIGNS[grade].css if grade == 3 else "#8a0f22"
    return _path(marks, f'fill="none" stroke="{colour}" stroke-width="0.28"')


def _base(contents: MapContents, view: View) -> str:
    parts = []
    if contents.picture:
        parts.append(_picture(contents.picture, view))
    for shapes, style in (
        (contents.lines.floors, 'fill="#f1f3f5" stroke="#7b8792" stroke-width="0.25"'),
        (contents.lines.thin, 'fill="#ffffff" stroke="#9aa3ad" stroke-width="0.12"'),
        (contents.lines.solids, 'fill="#5c6f84" stroke="#30445a" stroke-width="0.1"'),
    ):
        parts += [_path(view.shape(shape), style) for shape in shapes]
    if contents.boundary is not None:
        line = view.shape(contents.boundary.boundary)
        parts.append(_path(line, 'fill="none" stroke="#1b1b1b" stroke-width="0.5" stroke-dasharray="6 1.5 1 1.5"'))
    return "".join(parts)


def _picture(picture: PlanPicture, view: View) -> str:
    a, b, c, d, e, f = picture.affine
    k = view.mm_per_m
    x, y = view.to_sheet(c, f)
    matrix = f"matrix({a * k:.8f} {-d * k:.8f} {b * k:.8f} {-e * k:.8f} {x:.4f} {y:.4f})"
    return (
        f'<g transform="{matrix}"><image href={quoteattr(picture.href)} x="0" y="0" width="{picture.width_px}" '
        f'height="{picture.height_px}" preserveAspectRatio="none"/></g>'
    )


def _zone(zone: ZoneShape, view: View, pattern: str) -> str:
    shape = view.shape(zone.shape)
    if shape.is_empty:
        return ""
    sign = SIGNS[zone.grade]
    style = f'fill="{sign.css}" fill-opacity="{FILL_OPACITY}" fill-rule="evenodd" stroke="none"'
    outline = f'fill="none" stroke="{sign.css}" stroke-width="0.9"'
    thin = f'fill="none" stroke="{INK}" stroke-width="0.18"'
    data = f' class="zone" data-zone={quoteattr(zone.code)} data-grade="{zone.grade}"'
    return _path(shape, style, data) + hatching(shape, zone.grade, pattern) + _path(shape, outline) + _path(shape, thin)


def zone_labels(zones: Sequence[ZoneShape], view: View) -> list[tuple[ZoneShape, Label, str]]:
    """Return each zone with its label and text: its name where that fits the zone, else its code."""
    found = []
    for zone in zones:
        shape = view.shape(zone.shape)
        if shape.is_empty:
            continue
        numeral = SIGNS[zone.grade].numeral
        spot = shape.representative_point()
        west, _, east, _ = shape.bounds
        text = f"{numeral} {zone.code} {zone.name}"
        if text_width_mm(text, CHIP_MM * 0.8) + 2.4 > east - west:
            text = f"{numeral} {zone.code}"
        width = text_width_mm(text, CHIP_MM * 0.8) + 1.8
        label = Label(zone.code, (spot.x, spot.y), width, CHIP_MM * 1.25, -zone.grade * 1e6 + shape.area)
        found.append((zone, label, text))
    return found


def _lead(placed: Placed) -> str:
    x, y = placed.label.at
    return (
        f'<path d="M{placed.x:.2f} {placed.y:.2f}L{x:.2f} {y:.2f}" stroke="{INK}" stroke-width="0.18" fill="none"/>'
        f'<circle cx="{x:.2f}" cy="{y:.2f}" r="0.35" fill="{INK}"/>'
    )


def _chips(contents: MapContents, view: View, taken: list[Box], leads: bool) -> str:
    rows = {label.key: (zone, label, text) for zone, label, text in zone_labels(contents.zones, view)}
    placed = place_labels([label for _, label, _ in rows.values()], view.window, taken=taken, rings=12 if leads else 0)
    parts = [_lead(one) for one in placed if one.leads]
    for one in placed:
        zone, label, text = rows[one.label.key]
        sign = SIGNS[zone.grade]
        x, y = one.x - label.width / 2, one.y - label.height / 2
        parts.append(
            f'<rect class="chip" data-zone={quoteattr(zone.code)} x="{x:.2f}" y="{y:.2f}" width="{label.width:.2f}" '
            f'height="{label.height:.2f}" rx="0.5" fill="{sign.css}" stroke="{INK}" stroke-width="0.2"/>'
            f'<text x="{one.x:.2f}" y="{one.y + CHIP_MM * 0.29:.2f}" font-size="{CHIP_MM * 0.8:.2f}" font-weight="700" '
            f'text-anchor="middle" fill="{sign.ink}" {FONT}>{escape(text)}</text>'
        )
    return "".join(parts)


def _dots(contents: MapContents, view: View) -> list[Box]:
    """Return the boxes of the risk points' dots, which no label may cover."""
    spots = [view.to_sheet(*point.at) for point in contents.points]
    return [(x - 0.9, y - 0.9, x + 0.9, y + 0.9) for x, y in spots]


def _points(contents: MapContents, view: View, taken: list[Box]) -> str:
    parts, labels = [], []
    by_code = {point.code: point for point in contents.points}
    for point in contents.points:
        x, y = view.to_sheet(*point.at)
        if not view.frame.contains(Point(x, y)):
            continue
        width = text_width_mm(point.code, POINT_MM) + 0.8
        labels.append(Label(point.code, (x, y), width, POINT_MM * 1.2, -point.grade))
        parts.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="0.85" fill="{SIGNS[point.grade].css}" '
            f'stroke="{INK}" stroke-width="0.25"/>'
        )
    spots = [
        Label(one.key, (one.at[0], one.at[1] - POINT_MM * 1.15), one.width, one.height, one.rank) for one in labels
    ]
    for placed in place_labels(spots, view.window, taken=taken):
        x, y = view.to_sheet(*by_code[placed.label.key].at)
        if placed.leads:
            parts.append(
                f'<path d="M{placed.x:.2f} {placed.y:.2f}L{x:.2f} {y:.2f}" stroke="{INK}" stroke-width="0.12"/>'
            )
        left, top = placed.x - placed.label.width / 2, placed.y - placed.label.height / 2
        parts.append(
            f'<rect x="{left:.2f}" y="{top:.2f}" width="{placed.label.width:.2f}" height="{placed.label.height:.2f}" '
            f'fill="#ffffff" fill-opacity="0.86"/>'
            f'<text class="point" x="{placed.x:.2f}" y="{placed.y + POINT_MM * 0.36:.2f}" '
            f'font-size="{POINT_MM}" text-anchor="middle" fill="{INK}" {FONT}>{escape(placed.label.key)}</text>'
        )
    return "".join(parts)


_ROLE_MARKS: Final = {
    "assembly": '<rect x="-3" y="-3" width="6" height="6" fill="#00843d" stroke="#ffffff" stroke-width="0.4"/>'
    '<path d="M-2.3 -2.3L-.7 -.7M2.3 -2.3L.7 -.7M-2.3 2.3L-.7 .7M2.3 2.3L.7 .7" stroke="#ffffff" stroke-width="0.55"/>'
    '<circle r="0.7" fill="#ffffff"/>',
    "escape": '<rect x="-3" y="-3" width="6" height="6" fill="#00843d" stroke="#ffffff" stroke-width="0.4"/>'
    '<path d="M-2 0H1.6M.2 -1.5L1.8 0L.2 1.5" stroke="#ffffff" stroke-width="0.7" fill="none"/>',
}


def _roles(contents: MapContents, view: View, taken: list[Box]) -> str:
    parts = []
    for zone in contents.zones:
        shape = view.shape(zone.shape)
        if zone.role not in _ROLE_MARKS or shape.is_empty:
            continue
        spot = shape.representative_point()
        taken.append((spot.x - 3.3, spot.y - 3.3, spot.x + 3.3, spot.y + 3.3))
        parts.append(f'<g transform="translate({spot.x:.2f} {spot.y:.2f})">{_ROLE_MARKS[zone.role]}</g>')
    return "".join(parts)


def role_mark(role: str) -> str:
    """Return the mark of an assembly point or an escape way for a legend."""
    return (
        f'<svg class="swatch" viewBox="-3.4 -3.4 6.8 6.8" xmlns="http://www.w3.org/2000/svg">{_ROLE_MARKS[role]}</svg>'
    )


def map_drawing(contents: MapContents, view: View, *, hatches: dict[int, str], leads: bool = True) -> str:
    """Return the content of a map's SVG: what lies in the window, lowest first.

    Without `leads` a zone has a label only where there is room for it at its place.
    """
    taken = _dots(contents, view)
    zones = "".join(_zone(zone, view, hatches[zone.grade]) for zone in painted_order(contents.zones))
    roles = _roles(contents, view, taken)
    chips = _chips(contents, view, taken, leads)
    w = view.window
    area = f'<rect x="{w.x}" y="{w.y}" width="{w.width}" height="{w.height}"'
    clip = f'<defs><clipPath id="window">{area}/></clipPath></defs>'
    return (
        f'{clip}<g clip-path="url(#window)">{_base(contents, view)}</g>{zones}{roles}{chips}'
        f"{_points(contents, view, taken)}"
        f'{area} fill="none" stroke="{INK}" stroke-width="0.5"/>'
    )


def bar_drawing(bar: ScaleBar) -> str:
    """Return the scale bar as SVG in true millimetres; the filled pieces together are its length."""
    step = bar.length_mm / bar.parts
    width, left = bar.length_mm + 16, 4.0
    pieces = "".join(
        f'<rect class="bar-piece" x="{left + i * step:.3f}" y="4.2" width="{step:.3f}" height="1.6" '
        f'fill="{INK if i % 2 == 0 else "#ffffff"}" stroke="{INK}" stroke-width="0.15"/>'
        for i in range(bar.parts)
    )
    ticks = "".join(
        f'<text x="{left + i * step:.3f}" y="3.2" font-size="2.5" text-anchor="middle" {FONT}>{i * bar.step_m:g}'
        f"{' m' if i == bar.parts else ''}</text>"
        for i in range(bar.parts + 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="scale-bar" width="{width:.3f}mm" height="6.4mm" '
        f'viewBox="0 0 {width:.3f} 6.4" overflow="visible">{pieces}{ticks}</svg>'
    )


def north_drawing(convergence_deg: float, *, true_word: str) -> str:
    """Return the north arrow: it points to true north, turned against the sheet (grid north up) by the convergence."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="north" width="16mm" height="22mm" viewBox="0 0 16 22">'
        f'<g class="north-arrow" transform="rotate({-convergence_deg:.4f} 8 13)">'
        f'<path d="M8 4L11.6 20L8 16.6L4.4 20Z" fill="#ffffff" stroke="{INK}" stroke-width="0.3"/>'
        f'<path d="M8 4L8 16.6L4.4 20Z" fill="{INK}"/></g>'
        f'<text x="8" y="3" font-size="3.2" font-weight="700" text-anchor="middle" {FONT}>'
        f"{escape(true_word)}</text></svg>"
    )


def swatch(grade: int, pattern: str) -> str:
    """Return a piece of a grade's colour and hatching for the legend."""
    area = box(0, 0, 12, 6)
    sign = SIGNS[grade]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="swatch" viewBox="0 0 12 6">'
        f'<rect width="12" height="6" fill="{sign.css}" fill-opacity="{FILL_OPACITY}"/>{hatching(area, grade, pattern)}'
        f'<rect x=".25" y=".25" width="11.5" height="5.5" fill="none" stroke="{sign.css}" stroke-width=".9"/></svg>'
    )


def sheet_svg(drawing: str, *, width_mm: float, height_mm: float) -> str:
    """Return drawings in millimetres of the sheet as one SVG that covers it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm}mm" height="{height_mm}mm" '
        f'viewBox="0 0 {width_mm} {height_mm}">{drawing}</svg>'
    )


def thumbnail_svg(drawing: str, view: View) -> str:
    """Return a map as an SVG of its window only, to stand in a page of text."""
    w: Any = view.window
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w.width}mm" height="{w.height}mm" '
        f'viewBox="{w.x} {w.y} {w.width} {w.height}">{drawing}</svg>'
    )
