"""Store what an import has found; keep earlier decisions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.gis.geos import LineString, Polygon

from bim.models import Revision
from spatial.places.models import STORAGE_SRID

from .models import FallEdge, Survey
from .queries import earlier_decisions
from .rules import same_place
from .stage import read_fall_edges

KEPT_FROM = 0.8


def store_on_commit(*, revision: Revision, folder: Path, now: datetime, **_: Any) -> None:
    """This function will store what the import's child wrote; part of the import's transaction."""
    answer = read_fall_edges(folder)
    if answer is not None:
        store_fall_edges(revision=revision, answer=answer)


def store_fall_edges(*, revision: Revision, answer: dict[str, Any]) -> list[FallEdge]:
    """This function will store a search's answer; what was decided before holds for an edge that is the same: the
    same kind on the same element, at least 80 % of it in the same place of the model."""
    owner = {"organisation_id": revision.organisation_id, "site_id": revision.site_id}
    Survey.objects.create(**owner, revision=revision, seconds=answer["seconds"], problem=answer["problem"][:500])
    storeys = {storey.index: storey for storey in revision.storeys.all()}
    decided = earlier_decisions(revision)
    rows = []
    for number, data in enumerate(answer["found"], start=1):
        row = FallEdge(
            **owner, revision=revision, number=number, kind=data["kind"], storey=storeys.get(data["storey_index"]),
            host_global_ids=data["hosts"], drop_m=data["drop_m"], length_m=data["length_m"], area_m2=data["area_m2"],
            perimeter_m=data["perimeter_m"], short_side_m=data["short_side_m"], points_m=data["points_m"],
            geometry=_geometry(data),
        )  # fmt: skip
        _keep_decision(row, decided)
        rows.append(row)
    return FallEdge.objects.bulk_create(rows)


def _geometry(data: dict[str, Any]) -> LineString | Polygon | None:
    points = data["lon_lat_height"]
    if points is None:
        return None
    return Polygon(points, srid=STORAGE_SRID) if data["kind"] == "opening" else LineString(points, srid=STORAGE_SRID)


def _keep_decision(row: FallEdge, decided: list[FallEdge]) -> None:
    points = np.array(row.points_m)
    for earlier in decided:
        if earlier.kind != row.kind or not set(earlier.host_global_ids) & set(row.host_global_ids):
            continue
        old = np.array(earlier.points_m)
        if abs(old[:, 2].max() - points[:, 2].max()) < 0.5 and same_place(old, points, row.kind == "opening") >= (
            KEPT_FROM
        ):
            row.decision, row.reason, row.risk_point_id = earlier.decision, earlier.reason, earlier.risk_point_id
            row.decided_by_id, row.decided_at = earlier.decided_by_id, earlier.decided_at
            return
