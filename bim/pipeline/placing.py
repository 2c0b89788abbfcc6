"""Which of the file's candidates is the model's place: read all, use the best that can be trusted, merge none.

Checks of spec/domain/08 §8.7: inside China's box, within 2 km of the site, zone prefix, swapped axes, size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from bim.ifc.crs_names import find_crs, fix_zone_prefix, to_storage
from bim.ifc.place_sentences import Sentence, say
from bim.ifc.placements import Candidate
from bim.tiles.frame import EnuFrame
from spatial.crs import to_bd09, to_cgcs2000, to_gcj02

from .site_context import HAND_LEVEL, HandPlaced, SiteContext

Array = NDArray[np.float64]

CHINA_BOX = (73.0, 3.0, 136.0, 54.0)
MAX_DISTANCE_FROM_SITE_M = 2_000.0
MAX_SCALE_ERROR = 0.01
EXACT_FROM_EXTENT_M = 1_000.0
MAP_COORDINATE_M = 100_000.0
WEB_MAP_SHIFT_M = {"GCJ-02": (300.0, 700.0), "BD-09": (700.0, 1_600.0)}
NEAR_ORIGIN_M = 100.0


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

    def to_plan(self, points: Array) -> Array:
        """Return metres (n, 2) of project metres (n, 3) on the level plan that the model is placed on, or its own."""
        if self.candidate is None:
            return points[:, :2]
        matrix = self.candidate.affine
        return points @ matrix[:2, :3].T + matrix[:2, 3]

    def plan_to_geodetic(self, plan: Array) -> Array:
        """Return longitude and latitude (n, 2; CGCS2000 degrees) of the plan's metres. The model must be placed."""
        assert self.candidate is not None
        return plan_to_geodetic(self.candidate, plan)

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
    return np.column_stack((plan_to_geodetic(candidate, mapped[:, :2]), mapped[:, 2]))


def plan_to_geodetic(candidate: Candidate, plan: Array) -> Array:
    """Return longitude and latitude (n, 2; CGCS2000 degrees) of the metres (n, 2) that its affine gives."""
    if candidate.kind == "geographic":
        level = np.column_stack((plan, np.zeros(len(plan))))
        return EnuFrame(candidate.lon_deg, candidate.lat_deg, 0.0).to_geodetic(level)[:, :2]
    transformer, axis_m = to_storage(candidate.crs)
    return np.column_stack(transformer.transform(plan[:, 0] / axis_m, plan[:, 1] / axis_m))


def to_grid(candidate: Candidate, points: Array, srid: int) -> Array:
    """Return E, N, H (n, 3) in the projected CRS `srid` of project metres (n, 3)."""
    lon, lat, height = to_geodetic(candidate, points).T
    transformer, axis_m = to_storage(f"EPSG:{srid}")
    east, north = transformer.transform(lon, lat, direction="INVERSE")
    return np.column_stack((np.asarray(east) * axis_m, np.asarray(north) * axis_m, height))


def choose_placement(candidates: Sequence[Candidate], box: Array, site: SiteContext) -> Placement:
    """Return the model's placement from its candidates and its box (2, 3) in project metres."""
    by_hand = [site.hand.candidate] if site.hand else []
    candidates = [*by_hand, *(_with_site_crs(candidate, site) for candidate in candidates)]
    centre = box.mean(axis=0)
    verdicts = [(candidate, judge(candidate, box, site)) for candidate in candidates]
    chosen = next((candidate for candidate, problem in verdicts if not problem), None)
    report = _report(verdicts, chosen, centre, site.hand)
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
    note = say("site_crs_taken", srid=site.projected_srid)
    data = {**candidate.__dict__, "crs": f"EPSG:{site.projected_srid}", "warnings": (*candidate.warnings, note)}
    return Candidate(**data)


def judge(candidate: Candidate, box: Array, site: SiteContext) -> str:
    """Return why the candidate cannot be trusted, or "" where it can."""
    if candidate.problem:
        return candidate.problem
    if candidate.kind == "projected" and (problem := _judge_projected(candidate, box)):
        return problem
    if candidate.kind == "geographic" and (problem := _judge_geographic(candidate, box)):
        return problem
    point = to_geodetic(candidate, box.mean(axis=0)[None])[0]
    if not np.isfinite(point).all():
        return say("outside_crs")
    lon, lat, height = point
    west, south, east, north = CHINA_BOX
    if not (west <= lon <= east and south <= lat <= north):
        return say("outside_china", lat=f"{lat:.4f}", lon=f"{lon:.4f}")
    if not -500 < height < 9_000:
        return say("height", height=f"{height:.0f}")
    if shifted := _judge_datum(float(lon), float(lat), site):
        return shifted
    distance = site.distance_m(lon, lat)
    if distance is not None and distance > MAX_DISTANCE_FROM_SITE_M:
        return say("far_from_site", distance=_length(distance))
    return ""


def _judge_datum(lon: float, lat: float, site: SiteContext) -> str:
    """Return the sentence where a place off the site would be on it without the shift of a web map's datum."""
    if site.boundary is None and site.origin is None:
        return ""
    near = 0.0 if site.boundary is not None else NEAR_ORIGIN_M
    if (site.distance_m(lon, lat) or 0.0) <= near:
        return ""
    for datum, (least, most) in WEB_MAP_SHIFT_M.items():
        back = to_cgcs2000(lon, lat, datum)  # type: ignore[arg-type]
        again = to_gcj02(*back) if datum == "GCJ-02" else to_bd09(*back)
        shift = _metres_between(back, again)
        distance = site.distance_m(*back)
        if least <= shift <= most and distance is not None and distance <= near:
            return say("web_map_datum", datum=datum, shift=f"{shift:.0f}")
    return ""


def _judge_projected(candidate: Candidate, box: Array) -> str:
    if not candidate.crs:
        return say("no_crs_of_site")
    if find_crs(candidate.crs) is None:
        return say("unknown_crs", crs=candidate.crs[:80])
    matrix = candidate.affine
    scale = float(np.linalg.norm(matrix[:2, 0]))
    if abs(scale - 1) > MAX_SCALE_ERROR:
        return say("stretched", scale=f"{scale:g}")
    centre = box.mean(axis=0)
    east, north, _ = matrix[:3, :3] @ centre + matrix[:3, 3]
    if suggestion := fix_zone_prefix(candidate.crs, east):
        return say("zone_prefix", east=f"{east:.0f}", crs=candidate.crs[:80], fitting=suggestion)
    cgcs = "CGCS2000" in (getattr(find_crs(candidate.crs), "name", "") or "")
    if cgcs and 2e5 <= north <= 8e5 and 2e6 <= east <= 6e6:
        return say("swapped", north=f"{north:.0f}", east=f"{east:.0f}")
    own, added = float(np.hypot(*centre[:2])), float(np.hypot(*matrix[:2, 3]))
    if own > MAP_COORDINATE_M and added > MAP_COORDINATE_M:
        return say("twice", x=f"{centre[0]:.0f}", y=f"{centre[1]:.0f}")
    return ""


def _judge_geographic(candidate: Candidate, box: Array) -> str:
    """Return the sentence where latitude and longitude would be added to map coordinates."""
    centre = box.mean(axis=0)
    east, north, _ = candidate.affine[:3, :3] @ centre + candidate.affine[:3, 3]
    if float(np.hypot(east, north)) > MAP_COORDINATE_M:
        return say("twice", x=f"{centre[0]:.0f}", y=f"{centre[1]:.0f}")
    return ""


def _unplaced(report: dict[str, Any], box: Array, site: SiteContext) -> Placement:
    """Return a placement with a local frame at the site's own origin, standing on its ground, if the site has one."""
    shift = np.array([*box.mean(axis=0)[:2], box[0, 2]])
    frame = EnuFrame(*site.origin, site.ground_height_m or 0.0) if site.origin else None
    return Placement(frame, None, shift, report)


def _report(
    verdicts: list[tuple[Candidate, str]], chosen: Candidate | None, centre: Array, hand: HandPlaced | None
) -> dict[str, Any]:
    others = []
    for candidate, problem in verdicts:
        if candidate is chosen:
            continue
        entry: dict[str, Any] = {"level": candidate.level, "source": candidate.source, "problem": problem or None}
        if isinstance(problem, Sentence):
            entry["problem_said"] = problem.as_json()
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
        "warnings": [],
        "warnings_said": [],
        "others": others,
        "reason": None,
    }
    add_warnings(report, chosen.warnings if chosen else ())
    if hand is not None:
        report["hand"] = {"number": hand.number, "on": hand.on, "by": hand.by, "pairs": hand.pairs, "rms_m": hand.rms_m}
    report["explanation"] = _explain(chosen, others, hand)
    if chosen is None:
        report["reason"] = " ".join(f"{c.source} (level {c.level}): {problem}" for c, problem in verdicts) or say(
            "no_georeference"
        )
        report["explanation"] = "Unplaced. " + report["reason"]
    return report


def add_warnings(report: dict[str, Any], warnings: Sequence[str]) -> None:
    """Add warnings to a report: as English text, and as codes with values for other languages."""
    for warning in warnings:
        report["warnings"].append(str(warning))
        report["warnings_said"].append(warning.as_json() if isinstance(warning, Sentence) else None)


def _distance_m(one: Candidate, other: Candidate, centre: Array) -> float | None:
    if other.kind == "projected" and (not other.crs or find_crs(other.crs) is None):
        return None
    first, second = to_geodetic(one, centre[None])[0], to_geodetic(other, centre[None])[0]
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    return _metres_between((first[0], first[1]), (second[0], second[1]))


def _metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return metres on the ellipsoid between two places (longitude, latitude)."""
    return float(Geod(ellps="GRS80").inv(*one, *other)[2])


def _explain(chosen: Candidate | None, others: list[dict[str, Any]], hand: HandPlaced | None) -> str:
    if chosen is None:
        return ""
    if chosen.level == HAND_LEVEL and hand is not None:
        return _explain_hand(chosen, others, hand)
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


def _explain_hand(chosen: Candidate, others: list[dict[str, Any]], hand: HandPlaced) -> str:
    text = f"Placed by hand on {hand.on} by {hand.by} in {chosen.crs}, rotated {chosen.rotation_deg:.1f}°."
    for other in others:
        distance = other.get("distance_m")
        if other["problem"]:
            text += f" {other['source']} was set aside: {other['problem']}"
        elif distance is not None:
            text += f" The file's own {other['source']} differs by {_length(distance)}."
    return text


def _length(metres: float) -> str:
    if metres < 100:
        return f"{metres:,.1f} m"
    return f"{metres / 1000:,.0f} km" if metres >= 10_000 else f"{metres:,.0f} m"
