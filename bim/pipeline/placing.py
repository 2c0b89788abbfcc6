"""Which of the file's candidates is the model's place: read all, use the best that can be trusted, merge none.

Checks of spec/domain/08 §8.7: inside China's box, within 2 km of the site, zone prefix, swapped axes, size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bim.ifc.crs_names import find_crs, fix_zone_prefix, to_storage
from bim.ifc.placements import Candidate
from bim.tiles.frame import EnuFrame

from .site_context import SiteContext

Array = NDArray[np.float64]

CHINA_BOX = (73.0, 3.0, 136.0, 54.0)
MAX_DISTANCE_FROM_SITE_M = 2_000.0
MAX_SCALE_ERROR = 0.01
EXACT_FROM_EXTENT_M = 1_000.0
MAP_COORDINATE_M = 100_000.0


@dataclass(frozen=True)
class Placement:
    """Where the model stands. `candidate` is None where it is unplaced; `frame` None where it has no place at all."""

    frame: EnuFrame | None
    candidate: Candidate | None
    shift: Array
    report: dict[str, Any]
    linear: Array | None = None

    @property
    def placed(self) -> bool:
        return self.candidate is not None

    def to_frame(self, points: Array) -> Array:
        """Return tile frame metres (n, 3) of project metres (n, 3)."""
        if self.candidate is None or self.frame is None:
            return points - self.shift
        if self.linear is not None:
            return (points - self.shift) @ self.linear.T
        return self.frame.from_geodetic(to_geodetic(self.candidate, points))

    def heights(self, points: Array) -> Array:
        """Return Yellow Sea heights (n,) of project metres; heights in the model where it is unplaced."""
        if self.candidate is None:
            return points[:, 2]
        matrix = self.candidate.affine
        return points @ matrix[2, :3] + matrix[2, 3]


def to_geodetic(candidate: Candidate, points: Array) -> Array:
    """Return longitude, latitude (CGCS2000 degrees) and H (n, 3) of project metres (n, 3)."""
    matrix = candidate.affine
    mapped = points @ matrix[:3, :3].T + matrix[:3, 3]
    if candidate.kind == "geographic":
        result = EnuFrame(candidate.lon_deg, candidate.lat_deg, 0.0).to_geodetic(mapped * [1, 1, 0])
        return np.column_stack((result[:, :2], mapped[:, 2]))
    transformer, axis_m = to_storage(candidate.crs)
    lon, lat = transformer.transform(mapped[:, 0] / axis_m, mapped[:, 1] / axis_m)
    return np.column_stack((lon, lat, mapped[:, 2]))


def choose_placement(candidates: Sequence[Candidate], box: Array, site: SiteContext) -> Placement:
    """Return the model's placement from its candidates and its box (2, 3) in project metres."""
    candidates = [_with_site_crs(candidate, site) for candidate in candidates]
    centre = box.mean(axis=0)
    verdicts = [(candidate, judge(candidate, box, site)) for candidate in candidates]
    chosen = next((candidate for candidate, problem in verdicts if not problem), None)
    report = _report(verdicts, chosen, centre)
    if chosen is None:
        return _unplaced(report, box, site)
    anchor = np.array([[centre[0], centre[1], box[0, 2]]])
    lon, lat, height = (float(v) for v in to_geodetic(chosen, anchor)[0])
    frame = EnuFrame(lon, lat, height)
    report["origin"] = {"lon": round(lon, 9), "lat": round(lat, 9), "height_m": round(height, 4)}
    extent = float((box[1] - box[0])[:2].max())
    linear = None
    if extent <= EXACT_FROM_EXTENT_M:
        linear = _jacobian(chosen, frame, anchor[0], max(extent / 2, 10.0))
    return Placement(frame, chosen, anchor[0], report, linear)


def _jacobian(candidate: Candidate, frame: EnuFrame, at: Array, arm_m: float) -> Array:
    """Return the (3, 3) matrix from project metres around `at` to the frame, by central differences."""
    steps = np.eye(3) * arm_m
    ahead = frame.from_geodetic(to_geodetic(candidate, at + steps))
    behind = frame.from_geodetic(to_geodetic(candidate, at - steps))
    return ((ahead - behind) / (2 * arm_m)).T


def _with_site_crs(candidate: Candidate, site: SiteContext) -> Candidate:
    """Return a level 30 or 40 candidate, which names no CRS, in the site's own CRS where the site has one."""
    if candidate.kind != "projected" or candidate.crs or candidate.problem or not site.projected_srid:
        return candidate
    note = f"The file names no CRS; the site's own, EPSG:{site.projected_srid}, was taken."
    data = {**candidate.__dict__, "crs": f"EPSG:{site.projected_srid}", "warnings": (*candidate.warnings, note)}
    return Candidate(**data)


def judge(candidate: Candidate, box: Array, site: SiteContext) -> str:
    """Return why the candidate cannot be trusted, or "" where it can."""
    if candidate.problem:
        return candidate.problem
    if candidate.kind == "projected" and (problem := _judge_projected(candidate, box)):
        return problem
    point = to_geodetic(candidate, box.mean(axis=0)[None])[0]
    if not np.isfinite(point).all():
        return "Its coordinates lie outside the CRS."
    lon, lat, height = point
    west, south, east, north = CHINA_BOX
    if not (west <= lon <= east and south <= lat <= north):
        return f"It puts the model at {lat:.4f}, {lon:.4f}, which is outside China."
    if not -500 < height < 9_000:
        return f"It puts the model at a height of {height:.0f} m."
    distance = site.distance_m(lon, lat)
    if distance is not None and distance > MAX_DISTANCE_FROM_SITE_M:
        return f"It puts the model {_length(distance)} away from the site (2 km are allowed)."
    return ""


def _judge_projected(candidate: Candidate, box: Array) -> str:
    if not candidate.crs:
        return "Its coordinates look like map coordinates, but no CRS is named and the site has none yet."
    if find_crs(candidate.crs) is None:
        return f"The CRS {candidate.crs[:80]!r} is not one that PROJ knows."
    matrix = candidate.affine
    scale = float(np.linalg.norm(matrix[:2, 0]))
    if abs(scale - 1) > MAX_SCALE_ERROR:
        return f"It would stretch the model {scale:g} times: a unit or scale error."
    centre = box.mean(axis=0)
    east, north, _ = matrix[:3, :3] @ centre + matrix[:3, 3]
    if suggestion := fix_zone_prefix(candidate.crs, east):
        return f"The easting {east:.0f} does not fit {candidate.crs} (zone prefix); {suggestion} would."
    cgcs = "CGCS2000" in (getattr(find_crs(candidate.crs), "name", "") or "")
    if cgcs and 2e5 <= north <= 8e5 and 2e6 <= east <= 6e6:
        return f"Northing ({north:.0f}) and easting ({east:.0f}) are swapped: in China x is north."
    own, added = float(np.hypot(*centre[:2])), float(np.hypot(*matrix[:2, 3]))
    if own > MAP_COORDINATE_M and added > MAP_COORDINATE_M:
        return (
            f"The model's own coordinates ({centre[0]:.0f}, {centre[1]:.0f}) are already map coordinates: "
            "the conversion would place it twice."
        )
    return ""


def _unplaced(report: dict[str, Any], box: Array, site: SiteContext) -> Placement:
    """Return a placement with a local frame at the site's own origin, standing on its ground, if the site has one."""
    shift = np.array([*box.mean(axis=0)[:2], box[0, 2]])
    frame = EnuFrame(*site.origin, site.ground_height_m or 0.0) if site.origin else None
    return Placement(frame, None, shift, report)


def _report(verdicts: list[tuple[Candidate, str]], chosen: Candidate | None, centre: Array) -> dict[str, Any]:
    others = []
    for candidate, problem in verdicts:
        if candidate is chosen:
            continue
        entry: dict[str, Any] = {"level": candidate.level, "source": candidate.source, "problem": problem or None}
        if chosen is not None and (distance := _distance_m(chosen, candidate, centre)) is not None:
            entry["distance_m"] = round(distance, 3)
        others.append(entry)
    report: dict[str, Any] = {
        "placed": chosen is not None,
        "level": chosen.level if chosen else None,
        "source": chosen.source if chosen else None,
        "crs": chosen.crs[:400] if chosen else None,
        "candidate": chosen.as_json() if chosen else None,
        "rotation_deg": round(chosen.rotation_deg, 6) if chosen else None,
        "origin": None,
        "warnings": list(chosen.warnings) if chosen else [],
        "others": others,
        "reason": None,
    }
    report["explanation"] = _explain(chosen, others)
    if chosen is None:
        report["reason"] = (
            " ".join(f"{c.source} (level {c.level}): {problem}" for c, problem in verdicts)
            or "The file holds no georeference."
        )
        report["explanation"] = "Unplaced. " + report["reason"]
    return report


def _distance_m(one: Candidate, other: Candidate, centre: Array) -> float | None:
    if other.kind == "projected" and (not other.crs or find_crs(other.crs) is None):
        return None
    first, second = to_geodetic(one, centre[None])[0], to_geodetic(other, centre[None])[0]
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    from pyproj import Geod

    return float(Geod(ellps="GRS80").inv(first[0], first[1], second[0], second[1])[2])


def _explain(chosen: Candidate | None, others: list[dict[str, Any]]) -> str:
    if chosen is None:
        return ""
    where = f" to {chosen.crs[:60]}" if chosen.kind == "projected" else ""
    text = f"{chosen.source}{where}, rotated {chosen.rotation_deg:.1f}°."
    for other in others:
        distance = other.get("distance_m")
        if other["problem"]:
            text += f" {other['source']} was set aside: {other['problem']}"
        elif distance is not None and distance > 1:
            text += f" {other['source']} disagrees by {_length(distance)} and was ignored."
        else:
            text += f" {other['source']} agrees."
    return text


def _length(metres: float) -> str:
    return f"{metres / 1000:,.0f} km" if metres >= 10_000 else f"{metres:,.0f} m"
