"""Gather the facts of a revision, and find what was judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely

from bim.models import Element, Revision

from .facts import (
    DOORS,
    SPACE,
    Box,
    ElementFacts,
    ModelFacts,
    PlaceFacts,
    ShapeFacts,
    StoreyFacts,
    VoidFacts,
)
from .models import ReadinessCheck, ReadinessReport
from .second_reading import SecondReading

ZONES = frozenset({"IfcZone", "IfcSpatialZone"})
FIELDS = ("index", "global_id", "ifc_class", "storey__index", "model_box_m", "gap_reason", "volume_m3", "placement_m")


def report_of(revision: Revision) -> ReadinessReport | None:
    """Return the report of a revision, None where nobody has asked for one yet."""
    return ReadinessReport.objects.filter(revision=revision).first()


def checks_of_report(report: ReadinessReport) -> list[ReadinessCheck]:
    """Return what each check found, in the order in which they are shown."""
    return list(report.checks.order_by("position"))


def failing_elements(check: ReadinessCheck, limit: int | None = None) -> list[Element]:
    """Return the elements that failed a check, in the order of the file."""
    rows = check.report.revision.elements.filter(index__in=check.elements[:limit] if limit else check.elements)
    return list(rows.select_related("storey").order_by("index"))


def unfinished_reports() -> list[ReadinessReport]:
    """Return the reports that wait or were running, oldest first."""
    states = [ReadinessReport.State.WAITING, ReadinessReport.State.RUNNING]
    return list(ReadinessReport.objects.filter(state__in=states).order_by("created_at"))


def facts_of(revision: Revision, read: SecondReading) -> ModelFacts:
    """Return what the checks may look at: the revision's rows, and what a second reading of its file gave."""
    external, zoned = _external_doors(revision), _zoned_spaces(revision)
    elements: list[ElementFacts] = []
    index_of: dict[str, int] = {}
    repeated: list[int] = []
    rows = revision.elements.order_by("index").values_list(*FIELDS)
    for index, global_id, ifc_class, storey, box, gap, volume_m3, placement in rows.iterator(chunk_size=5_000):
        if global_id in index_of:
            repeated.append(index)
        index_of.setdefault(global_id, index)
        elements.append(
            ElementFacts(
                index, global_id, ifc_class, storey, _box(box), bool(gap), volume_m3, external.get(index),
                index in zoned, (placement[3], placement[7], placement[11]) if placement else None,
            )
        )  # fmt: skip
    return ModelFacts(
        place=_place(revision),
        storeys=tuple(
            StoreyFacts(storey.index, storey.model_elevation_m, storey.building_name)
            for storey in revision.storeys.order_by("index")
        ),
        elements=tuple(elements),
        edges_searched=_edges_searched(revision),
        shapes=_shapes(read, index_of),
        voids=_voids(read, index_of),
        repeated=tuple(repeated),
    )


def _box(values: list[float] | None) -> Box | None:
    if not values:
        return None
    x, y, z, x2, y2, z2 = values
    return x, y, z, x2, y2, z2


def _external_doors(revision: Revision) -> dict[int, bool]:
    doors = revision.elements.filter(ifc_class__in=DOORS).values_list(
        "index", "properties__Pset_DoorCommon__IsExternal"
    )
    return {index: value for index, value in doors if isinstance(value, bool)}


def _zoned_spaces(revision: Revision) -> set[int]:
    spaces = revision.elements.filter(ifc_class=SPACE).exclude(groups=[]).values_list("index", "groups")
    return {index for index, groups in spaces if any(group.get("ifc_class") in ZONES for group in groups)}


def _edges_searched(revision: Revision) -> bool:
    survey = getattr(revision, "edge_survey", None)
    return survey is not None and not survey.problem


def _place(revision: Revision) -> PlaceFacts:
    georeference, site = revision.georeference or {}, revision.site
    outside, outlined = None, 0
    if revision.placed and site.boundary is not None:
        rows = revision.elements.exclude(footprint=None)
        outlined = rows.count()
        found = rows.exclude(footprint__intersects=site.boundary).order_by("index")
        outside = tuple(found.values_list("index", flat=True))
    others = [
        (int(other["level"]), float(other["distance_m"]))
        for other in georeference.get("others", ())
        if not other.get("problem") and other.get("distance_m") is not None
    ]
    return PlaceFacts(
        revision.placed, georeference.get("level"), tuple(others), outlined, outside, _ground_gap_m(revision)
    )


def _ground_gap_m(revision: Revision) -> float | None:
    """Return how far the nearest storey is from the site's ground; None where the site has no place of its own."""
    site = revision.site
    heights = revision.storeys.exclude(elevation_m=None).values_list("elevation_m", flat=True)
    if not heights or site.ground_height_m is None or (site.location is None and site.boundary is None):
        return None
    return min(abs(height - site.ground_height_m) for height in heights if height is not None)


def _shapes(read: SecondReading, index_of: dict[str, int]) -> dict[int, ShapeFacts] | None:
    if read.shapes is None:
        return None
    return {
        index_of[name]: ShapeFacts(shape, bool(row["closed"]))
        for name, row in read.shapes.items()
        if name in index_of and (shape := _outline(row["outline"])) is not None
    }


def _voids(read: SecondReading, index_of: dict[str, int]) -> tuple[VoidFacts, ...] | None:
    if read.voids is None:
        return None
    return tuple(_known_voids(read.voids, index_of))


def _known_voids(rows: Iterable[dict[str, Any]], index_of: dict[str, int]) -> Iterable[VoidFacts]:
    for row in rows:
        outline, box = _outline(row["outline"]), _box(row["box"])
        if row["opening"] in index_of and row["host"] in index_of and outline is not None and box is not None:
            yield VoidFacts(index_of[row["opening"]], index_of[row["host"]], box, outline)


def _outline(wkb: str) -> Any:
    """Return a valid outline of what the child wrote, None where it is none."""
    shape = shapely.from_wkb(wkb, on_invalid="ignore")
    if shape is None or shape.is_empty:
        return None
    return shape if shape.is_valid else shape.buffer(0)
