"""Zones in a GeoJSON FeatureCollection: bytes -> drafts, or every problem by feature number and field. No
Django.

Properties: code, name, kind, bottom_m, top_m, parent (a code), storeys (names, or building/storey), fence
({rule, enter_fixes, ...} or null). Coordinates are longitude and latitude in CGCS2000 or WGS 84 (equal for
this purpose, spec 08); a declared `crs` is honoured; the Chinese web-map offsets are refused, never guessed.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.geometry import GeometryRefused, check_height_range, valid_area

MAX_BYTES = 20 * 1024 * 1024
MAX_FEATURES = 5000
MAX_VERTICES = 200_000
FENCE_FIELDS = {"rule", "enter_fixes", "leave_fixes", "enter_probability", "leave_probability"}
_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})", re.IGNORECASE)
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:(?:[\d.]*:)?CRS84", re.IGNORECASE)


class ZonesRefused(ValueError):
    """A file that cannot be imported; `problems` names feature and field of each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class ZoneDraft:
    """One zone as the file says it: outline in EPSG:`srid`, heights in Yellow Sea metres."""

    number: int
    code: str
    name: str
    kind: str
    outline: BaseGeometry
    srid: int
    bottom_m: float | None
    top_m: float | None
    parent: str
    storeys: tuple[str, ...] = ()
    fence: dict[str, Any] | None = None

    @property
    def where(self) -> str:
        """How problems name this feature."""
        return f"Feature {self.number}"


@dataclass
class _Reader:
    """Reads features and gathers what is wrong with them."""

    srid: int
    problems: list[str] = field(default_factory=list)

    def refuse(self, number: int, place: str, reason: str) -> None:
        self.problems.append(f"Feature {number}, {place}: {reason}")

    def text(self, number: int, properties: dict[str, Any], name: str, limit: int, default: str = "") -> str:
        value = properties.get(name, default)
        if value is None and default == "":
            value = ""
        if not isinstance(value, str) or len(value) > limit:
            self.refuse(number, name, f"must be a text of at most {limit} characters.")
            return ""
        return value.strip()

    def height(self, number: int, properties: dict[str, Any], name: str) -> float | None:
        value = properties.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.refuse(number, name, "must be a number of metres (Yellow Sea 1985) or null.")
            return None
        return float(value)

    def outline(self, number: int, geometry: Any) -> BaseGeometry:
        try:
            shape = shapely.from_geojson(json.dumps(geometry))
            if shape is None:
                raise GeometryRefused("The outline is empty.")
            if shapely.get_num_coordinates(shape) > MAX_VERTICES:
                raise GeometryRefused(f"The outline has more than {MAX_VERTICES} vertices.")
            return valid_area(shape)
        except (shapely.errors.ShapelyError, GeometryRefused, TypeError, ValueError) as error:
            self.refuse(number, "geometry", str(error) or "cannot be read.")
            return shapely.MultiPolygon()

    def storeys(self, number: int, properties: dict[str, Any]) -> tuple[str, ...]:
        value = properties.get("storeys") or []
        if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
            self.refuse(number, "storeys", "must be a list of names.")
            return ()
        return tuple(value)

    def fence(self, number: int, properties: dict[str, Any]) -> dict[str, Any] | None:
        value = properties.get("fence")
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(number, "fence", "must be an object or null.")
            return None
        if unknown := sorted(set(value) - FENCE_FIELDS):
            self.refuse(number, f"fence.{unknown[0]}", f"is unknown; known are {', '.join(sorted(FENCE_FIELDS))}.")
        for name, kind in (("rule", str), ("enter_fixes", int), ("leave_fixes", int)):
            if name in value and type(value[name]) is not kind:
                self.refuse(number, f"fence.{name}", f"must be a {'text' if kind is str else 'whole number'}.")
        for name in ("enter_probability", "leave_probability"):
            if name in value and type(value[name]) not in (int, float):
                self.refuse(number, f"fence.{name}", "must be a number.")
        return value

    def draft(self, number: int, feature: Any) -> ZoneDraft | None:
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            self.refuse(number, "type", "must be Feature.")
            return None
        properties = feature.get("properties")
        if not isinstance(properties, dict):
            self.refuse(number, "properties", "are missing.")
            return None
        draft = ZoneDraft(
            number=number,
            code=self.text(number, properties, "code", 40),
            name=self.text(number, properties, "name", 120),
            kind=self.text(number, properties, "kind", 16, "area"),
            outline=self.outline(number, feature.get("geometry")),
            srid=self.srid,
            bottom_m=self.height(number, properties, "bottom_m"),
            top_m=self.height(number, properties, "top_m"),
            parent=self.text(number, properties, "parent", 40),
            storeys=self.storeys(number, properties),
            fence=self.fence(number, properties),
        )
        for name in ("code", "name"):
            if not getattr(draft, name) and not any(p.startswith(f"Feature {number}, {name}") for p in self.problems):
                self.refuse(number, name, "is missing.")
        try:
            check_height_range(draft.bottom_m, draft.top_m)
        except GeometryRefused as error:
            self.refuse(number, "bottom_m", str(error))
        return draft


def read_zones(content: bytes) -> list[ZoneDraft]:
    """This function will read the zones of a file, or refuse the whole file with every problem found.

    Raises ZonesRefused. Codes must be unique in the file; that parents and storeys exist is for the importer.
    """
    body = _parse(content)
    reader = _Reader(_declared_srid(body))
    features = body.get("features")
    if body.get("type") != "FeatureCollection" or not isinstance(features, list) or not features:
        raise ZonesRefused(["The file must be a GeoJSON FeatureCollection with at least one feature."])
    if len(features) > MAX_FEATURES:
        raise ZonesRefused([f"The file has {len(features)} features, more than {MAX_FEATURES}."])
    drafts = [reader.draft(number, feature) for number, feature in enumerate(features, start=1)]
    zones = [draft for draft in drafts if draft is not None]
    first: dict[str, int] = {}
    for zone in zones:
        if zone.code and first.setdefault(zone.code, zone.number) != zone.number:
            reader.refuse(zone.number, "code", f"{zone.code} is also the code of feature {first[zone.code]}.")
    if reader.problems:
        raise ZonesRefused(reader.problems)
    return zones


def _parse(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise ZonesRefused(["The file is larger than 20 MB."])
    try:
        body = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ZonesRefused([f"The file is not UTF-8 JSON: {error}."]) from error
    if not isinstance(body, dict):
        raise ZonesRefused(["The file must be a GeoJSON FeatureCollection with at least one feature."])
    return body


def _declared_srid(body: dict[str, Any]) -> int:
    declared = body.get("crs")
    if declared is None:
        return crs.STORAGE_SRID
    properties = declared.get("properties") if isinstance(declared, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if _CRS84.fullmatch(name):
        return crs.WGS84_SRID
    match = _EPSG.fullmatch(name)
    if match is None:
        raise ZonesRefused(
            [f"The declared crs {name!r} cannot be used; declare EPSG:4490, EPSG:4326 or a projected EPSG code."]
        )
    try:
        crs.crs_of(int(match[1]))
    except crs.CrsRefused as refusal:
        raise ZonesRefused([f"The declared crs cannot be used: {refusal}"]) from refusal
    return int(match[1])
