"""Read every carrier of georeferencing in a file: levels 50, 40, 30 and 20 (spec/domain/08 §8.5, §8.6)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .attributes import attribute_of
from .crs_names import area_of_use, find_crs, to_storage
from .map_conversion import MapConversion, MapConversionInvalid, metres_to_metres
from .place_sentences import Sentence, say
from .placements import IDENTITY, Candidate, flat
from .records import Properties
from .text import clean_text
from .units import unit_in_metres

MAP_COORDINATE_M = 50_000.0
_NAMED_UNITS = {"METRE": 1.0, "METER": 1.0, "M": 1.0, "MILLIMETRE": 1e-3, "MILLIMETER": 1e-3, "MM": 1e-3,
                "FOOT": 0.3048, "FEET": 0.3048, "US SURVEY FOOT": 1200 / 3937}  # fmt: skip


def read_candidates(model: Any, unit_m: float, properties: dict[int, Properties]) -> list[Candidate]:
    """Return what each carrier says, best level first, ill-formed ones with their `problem`."""
    found = _conversions(model, unit_m)
    if model.schema == "IFC2X3":
        found += _conversion_psets(model, unit_m, properties)
    found += _world_systems(model, unit_m)
    for site in model.by_type("IfcSite"):
        found += _site_placement(site, unit_m)
        found += _site_latitude(model, site, unit_m)
    return sorted(found, key=lambda candidate: -candidate.level)


def _contexts(model: Any) -> list[Any]:
    every = model.by_type("IfcGeometricRepresentationContext")
    contexts = [context for context in every if not context.is_a("IfcGeometricRepresentationSubContext")]
    return sorted(contexts, key=lambda c: (c.ContextType or "") != "Model")


def world_system(model: Any, unit_m: float) -> np.ndarray:
    """Return the WorldCoordinateSystem of the model context as a (4, 4) matrix in metres (IfcOpenShell ignores it)."""
    for context in _contexts(model):
        system = attribute_of(context, "WorldCoordinateSystem")
        if system is not None:
            return _axis_matrix(system, unit_m)
    return np.eye(4)


def _axis_matrix(placement: Any, unit_m: float) -> np.ndarray:
    matrix = np.eye(4)
    location = list(getattr(placement.Location, "Coordinates", None) or (0.0, 0.0, 0.0))
    matrix[: len(location), 3] = np.array(location) * unit_m
    axis = _direction(getattr(placement, "Axis", None), (0.0, 0.0, 1.0))
    x_axis = _direction(getattr(placement, "RefDirection", None), (1.0, 0.0, 0.0))
    x_axis = x_axis - axis * (x_axis @ axis)
    if np.linalg.norm(x_axis) > 1e-9:
        x_axis /= np.linalg.norm(x_axis)
        matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = x_axis, np.cross(axis, x_axis), axis
    return matrix


def _direction(direction: Any, default: tuple[float, float, float]) -> np.ndarray:
    ratios = list(direction.DirectionRatios) if direction is not None else list(default)
    vector = np.array([*ratios, 0.0, 0.0][:3], dtype=float)
    length = np.linalg.norm(vector)
    return vector / length if length > 1e-12 else np.array(default)


def _with_world_system(matrix: np.ndarray, model: Any, unit_m: float) -> tuple[np.ndarray, list[Sentence]]:
    system = world_system(model, unit_m)
    if np.allclose(system, np.eye(4), atol=1e-9):
        return matrix, []
    return matrix @ system, [say("world_system")]


def _conversions(model: Any, unit_m: float) -> list[Candidate]:
    if model.schema == "IFC2X3":
        return []
    operations = [*model.by_type("IfcMapConversion")]
    if model.schema_identifier.startswith("IFC4X3"):
        operations += model.by_type("IfcRigidOperation")
    found: list[Candidate] = []
    for operation in operations:
        candidate = _conversion(model, operation, unit_m)
        if all(candidate.matrix != other.matrix or candidate.crs != other.crs for other in found):
            found.append(candidate)
    return found


def _conversion(model: Any, operation: Any, unit_m: float) -> Candidate:
    crs = operation.TargetCRS
    name = _crs_text(model, crs)
    stated_unit_m = unit_in_metres(getattr(crs, "MapUnit", None)) if crs is not None else None
    if operation.is_a("IfcRigidOperation"):
        return _rigid(operation, name, stated_unit_m, unit_m, model)
    values = MapConversion(
        eastings=_number(operation.Eastings),
        northings=_number(operation.Northings),
        height=_number(operation.OrthogonalHeight),
        abscissa=_number(operation.XAxisAbscissa, 1.0),
        ordinate=_number(operation.XAxisOrdinate, 0.0),
        scale=_number(operation.Scale, 1.0),
        factor_x=_number(attribute_of(operation, "FactorX"), 1.0),
        factor_y=_number(attribute_of(operation, "FactorY"), 1.0),
        factor_z=_number(attribute_of(operation, "FactorZ"), 1.0),
    )
    return conversion_candidate(operation.is_a(), values, name, stated_unit_m, unit_m, model)


def conversion_candidate(
    source: str, values: MapConversion, crs: str, stated_unit_m: float | None, unit_m: float, model: Any = None
) -> Candidate:
    """Return the level 50 candidate of a map conversion, with its units settled and said."""
    warnings: list[Sentence] = []
    problem = "" if find_crs(crs) else _no_crs(crs)
    try:
        values.check()
    except MapConversionInvalid as error:
        return Candidate(50, source, "projected", crs, problem=error.sentence)
    map_unit_m = stated_unit_m or _guess_map_unit(values, crs, unit_m, warnings)
    ratio = unit_m / map_unit_m
    if abs(values.scale - 1) < 0.01 and abs(ratio - 1) > 0.01:
        warnings.append(
            say(
                "unit_ratio",
                unit=f"{unit_m:g}",
                map_unit=f"{map_unit_m:g}",
                scale=f"{values.scale:g}",
                ratio=f"{ratio:g}",
            )
        )
        values = MapConversion(**{**values.__dict__, "scale": values.scale * ratio})
    matrix = metres_to_metres(values, unit_m, map_unit_m)
    if model is not None:
        matrix, notes = _with_world_system(matrix, model, unit_m)
        warnings += notes
    return Candidate(
        50, source, "projected", crs, flat(matrix),
        rotation_deg=values.rotation_deg, problem=problem, warnings=tuple(warnings),
    )  # fmt: skip


def _no_crs(crs: str) -> Sentence:
    return say("unknown_crs", crs=crs[:80]) if crs else say("no_crs")


def _guess_map_unit(values: MapConversion, crs: str, unit_m: float, warnings: list[Sentence]) -> float:
    """Return the map unit where MapUnit is left out: the project's, unless only metres fit the CRS's area of use."""
    if abs(unit_m - 1) < 1e-9 or not find_crs(crs):
        return unit_m
    if not _in_area(crs, values, unit_m) and _in_area(crs, values, 1.0):
        warnings.append(say("no_map_unit", unit=f"{unit_m:g}", crs=crs[:80]))
        return 1.0
    return unit_m


def _in_area(crs: str, values: MapConversion, unit_m: float) -> bool:
    bounds = area_of_use(crs)
    if bounds is None:
        return False
    transformer, axis_m = to_storage(crs)
    lon, lat = transformer.transform(values.eastings * unit_m / axis_m, values.northings * unit_m / axis_m)
    return bounds[0] - 1 <= lon <= bounds[2] + 1 and bounds[1] - 1 <= lat <= bounds[3] + 1


def _rigid(operation: Any, crs: str, stated_unit_m: float | None, unit_m: float, model: Any) -> Candidate:
    first, second = operation.FirstCoordinate, operation.SecondCoordinate
    height = _number(operation.Height)
    if hasattr(first, "is_a") and first.is_a() == "IfcPlaneAngleMeasure":
        lat, lon = float(first.wrappedValue), float(second.wrappedValue)
        if abs(lat) > 60 and abs(lon) < 60:
            lat, lon = lon, lat
        matrix = np.eye(4)
        matrix[2, 3] = height * unit_m
        return Candidate(50, "IfcRigidOperation", "geographic", crs, flat(matrix), lon, lat)
    values = MapConversion(_number(first), _number(second), height)
    return conversion_candidate("IfcRigidOperation", values, crs, stated_unit_m or unit_m, unit_m, model)


def _crs_text(model: Any, crs: Any) -> str:
    if crs is None:
        return ""
    name = clean_text(crs.Name, 4_000).strip()
    if find_crs(name):
        return name
    if model.schema_identifier.startswith("IFC4X3"):
        for text in model.by_type("IfcWellKnownText"):
            wkt = clean_text(text.WellKnownText, 8_000)
            if text.CoordinateReferenceSystem == crs and find_crs(wkt):
                return wkt
    return name


def _conversion_psets(model: Any, unit_m: float, properties: dict[int, Properties]) -> list[Candidate]:
    """Return the IFC2X3 agreement: ePSet_MapConversion and ePSet_ProjectedCRS on project or site, any letter case."""
    for holder in [*model.by_type("IfcProject"), *model.by_type("IfcSite"), *model.by_type("IfcBuilding")]:
        sets = {name.lower(): values for name, values in properties.get(holder.id(), {}).items()}
        values = {key.lower(): value for key, value in sets.get("epset_mapconversion", {}).items()}
        if not values:
            continue
        crs = {key.lower(): value for key, value in sets.get("epset_projectedcrs", {}).items()}
        name = str(crs.get("name") or values.get("targetcrs") or "")
        conversion = MapConversion(
            _number(values.get("eastings")),
            _number(values.get("northings")),
            _number(values.get("orthogonalheight")),
            _number(values.get("xaxisabscissa"), 1.0),
            _number(values.get("xaxisordinate"), 0.0),
            _number(values.get("scale"), 1.0),
        )
        stated = _NAMED_UNITS.get(str(crs.get("mapunit") or "").strip().upper())
        return [conversion_candidate("ePSet_MapConversion", conversion, name, stated, unit_m, model)]
    return []


def _world_systems(model: Any, unit_m: float) -> list[Candidate]:
    system = world_system(model, unit_m)
    if np.abs(system[:2, 3]).max() < MAP_COORDINATE_M:
        return []
    rotation = math.degrees(math.atan2(system[1, 0], system[0, 0]))
    return [Candidate(40, "WorldCoordinateSystem", "projected", "", flat(system), rotation_deg=rotation)]


def _site_placement(site: Any, unit_m: float) -> list[Candidate]:
    placement = site.ObjectPlacement
    if placement is None or not placement.is_a("IfcLocalPlacement"):
        return []
    matrix = _axis_matrix(placement.RelativePlacement, unit_m)
    if np.abs(matrix[:2, 3]).max() < MAP_COORDINATE_M:
        return []
    rotation = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    return [Candidate(30, "IfcSite placement", "projected", "", IDENTITY, rotation_deg=rotation)]


def _site_latitude(model: Any, site: Any, unit_m: float) -> list[Candidate]:
    lat, lon = _angle(site.RefLatitude), _angle(site.RefLongitude)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return []
    origin = np.eye(4)
    if site.ObjectPlacement is not None and site.ObjectPlacement.is_a("IfcLocalPlacement"):
        origin[:3, 3] = -_axis_matrix(site.ObjectPlacement.RelativePlacement, unit_m)[:3, 3]
    turn = _true_north_angle(model)
    c, s = math.cos(turn), math.sin(turn)
    rotation = np.eye(4)
    rotation[:2, :2] = [[c, -s], [s, c]]
    rotation[2, 3] = _number(site.RefElevation) * unit_m
    return [
        Candidate(
            20, "IfcSite latitude and longitude", "geographic", "EPSG:4490", flat(rotation @ origin),
            lon, lat, rotation_deg=math.degrees(turn),
            warnings=(say("rough"),),
        )
    ]  # fmt: skip


def _true_north_angle(model: Any) -> float:
    """Return the anti-clockwise turn (radians) that brings the context's TrueNorth onto map north."""
    for context in _contexts(model):
        north = attribute_of(context, "TrueNorth")
        if north is not None and math.hypot(*north.DirectionRatios[:2]) > 1e-9:
            return math.atan2(north.DirectionRatios[0], north.DirectionRatios[1])
    return 0.0


def _angle(parts: Any) -> float | None:
    """Return degrees of an IfcCompoundPlaneAngleMeasure (degrees, minutes, seconds, millionths, all of one sign)."""
    if not parts or len(parts) < 3:
        return None
    sign = -1.0 if any(part < 0 for part in parts) else 1.0
    values = [abs(float(part)) for part in (*parts, 0)[:4]]
    return sign * (values[0] + values[1] / 60 + (values[2] + values[3] / 1e6) / 3600)


def _number(value: Any, default: float = 0.0) -> float:
    value = getattr(value, "wrappedValue", value)
    try:
        return default if value is None or value == "" else float(value)
    except (TypeError, ValueError):
        return math.nan
