"""Store what an import has found; keep earlier decisions; make risk points of proposals or dismiss them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.contrib.gis.geos import LineString, Polygon
from django.db import transaction
from django.utils.translation import gettext as _

from bim.models import Revision
from bim.queries import element_by_global_id
from spatial.ledger.operations import record_act
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import STORAGE_SRID
from spatial.places.operations import place_anchor
from spatial.places.queries import storey_at
from spatial.risks.models import RiskPoint
from spatial.risks.operations import PersonGiven, create_risk_point

from .models import FallEdge, Survey
from .queries import earlier_decisions
from .rules import same_place
from .stage import read_fall_edges

KEPT_FROM = 0.8
DECIDERS: Final = frozenset({Role.BIM_ENGINEER, Role.PROJECT_MANAGER, Role.SITE_SAFETY})
SOURCES: Final = {
    "edge": ("临边防护缺失,人员坠落", RiskPoint.Kind.ACTIVITY, "临边"),
    "opening": ("洞口防护缺失,人员或物料坠落", RiskPoint.Kind.FACILITY, "洞口"),
}


def store_on_commit(*, revision: Revision, folder: Path, now: datetime, **others: Any) -> None:
    """This function will store what the import's child wrote; part of the import's transaction."""
    answer = read_fall_edges(folder)
    if answer is not None:
        store_fall_edges(revision=revision, answer=answer)


def store_fall_edges(*, revision: Revision, answer: dict[str, Any]) -> list[FallEdge]:
    """This function will store a search's answer; what was decided before holds for an edge that is the same: the
    same kind on the same element, at least 80 % of it in the same place of the model."""
    owner = {"organisation_id": revision.organisation_id, "site_id": revision.site_id}
    Survey.objects.create(
        **owner, revision=revision, seconds=answer["seconds"], problem=answer["problem"][:500],
        plan=answer.get("plan", {}),
    )  # fmt: skip
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


class DecisionRefused(ValueError):
    """A decision cannot be taken as given; the message says why."""


def may_decide(user: Any, site: Any) -> bool:
    """Return whether a user may decide on proposals: BIM engineer, project manager or safety officer of the site."""
    return bool(user.is_superuser or roles_on(user, site) & DECIDERS)


def _undecided(edges: Sequence[FallEdge], actor: Any) -> list[FallEdge]:
    """Return the rows, locked. Raises DecisionRefused where one is decided already or the actor may not."""
    if not edges:
        raise DecisionRefused(_("Choose at least one edge or opening."))
    rows = list(FallEdge.objects.select_for_update().filter(pk__in=[edge.pk for edge in edges]).order_by("number"))
    if not all(may_decide(actor, site) for site in {row.site for row in rows}):
        raise DecisionRefused(_("Only the BIM engineer, the project manager and the safety officer may decide here."))
    if any(row.decision != FallEdge.Decision.OPEN for row in rows):
        raise DecisionRefused(_("One of them has been decided already: reload the page."))
    return rows


def _decide(row: FallEdge, decision: str, actor: Any, now: datetime) -> None:
    row.decision, row.decided_by, row.decided_at = decision, actor, now
    row.save(update_fields=["decision", "reason", "risk_point", "decided_by", "decided_at"])
    record_act(
        organisation=row.organisation, site=row.site, actor=actor, verb=f"decide_fall_edge_{decision}",
        subject_kind="falledge", subject_id=row.pk,
        details={"number": row.number, "kind": row.kind, "length_m": row.length_m, "reason": row.reason},
        occurred_at=now, received_at=now,
    )  # fmt: skip


@transaction.atomic
def dismiss_fall_edges(*, edges: Sequence[FallEdge], reason: str, actor: Any, now: datetime) -> list[FallEdge]:
    """This function will dismiss proposals with a reason. Raises DecisionRefused."""
    rows = _undecided(edges, actor)
    if not reason.strip():
        raise DecisionRefused(_("Say why they are dismissed."))
    for row in rows:
        row.reason = reason.strip()[:300]
        _decide(row, FallEdge.Decision.DISMISSED, actor, now)
    return rows


@transaction.atomic
def make_risk_points(
    *, edges: Sequence[FallEdge], scores: dict[str, float], responsible: Sequence[PersonGiven], actor: Any,
    now: datetime,
) -> list[RiskPoint]:  # fmt: skip
    """This function will make a risk point of each proposal, anchored on its element with its own line or outline.

    `scores` (L, E, C) come from a person; nothing is graded without them. Raises DecisionRefused, RiskRefused or
    ScoreRefused; then none is made.
    """
    points = []
    for row in _undecided(edges, actor):
        if row.geometry is None:
            raise DecisionRefused(_("The model has no place on the map yet: place it first."))
        host = row.host_global_ids[0] if row.host_global_ids else ""
        element = element_by_global_id(row.revision, host) if host else None
        anchor = place_anchor(
            site=row.site, geometry=row.geometry, storey=storey_at(row.site, max(_heights(row.geometry))),
            model_id=row.revision.model_id, element_global_id=host, element_name=element.name if element else "",
        )  # fmt: skip
        source, kind, name = SOURCES[row.kind]
        point = create_risk_point(
            site=row.site, code=_free_code(row.site), name=f"{row.storey.name if row.storey else ''}{name}{row.number}",
            kind=kind, anchor=anchor,
            sources=[{"name": source, "accident_type": "高处坠落", "method": "LEC", "scores": scores}],
            responsible=responsible, actor=actor, now=now,
        )  # fmt: skip
        row.risk_point = point
        _decide(row, FallEdge.Decision.RISK_POINT, actor, now)
        points.append(point)
    return points


def _heights(geometry: Any) -> list[float]:
    ring = geometry.coords[0] if geometry.geom_type == "Polygon" else geometry.coords
    return [point[2] for point in ring]


def _free_code(site: Any) -> str:
    """Return the next code FE-001, FE-002 ... that the site has not used."""
    used = set(RiskPoint.objects.filter(site=site, code__startswith="FE-").values_list("code", flat=True))
    return next(code for number in range(1, len(used) + 2) if (code := f"FE-{number:03d}") not in used)
