"""Make the rows of a list the live risk points of its site."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from spatial.places.models import Anchor
from spatial.places.operations import place_anchor
from spatial.risks.models import RiskPoint
from spatial.risks.operations import close_risk_point, create_risk_point, revise_risk_point

from .models import ListEntry, ListVersion
from .queries import entries_data, entry_data, place_data, rows
from .rules import EntryData
from .storing import set_place


def _sources(data: EntryData) -> list[dict[str, Any]]:
    return [
        {
            "name": source.name,
            "step": source.step,
            "factor_code": source.factor_code,
            "accident_type": source.accident_type,
            "method": source.method,
            "scores": dict(source.before),
            "residual_scores": dict(source.after) or None,
            "measures": [{"kind": kind, "text": text} for kind, texts in source.measures.items() for text in texts],
        }
        for source in data.sources
    ]


def _anchor(entry: ListEntry) -> Anchor:
    return place_anchor(
        site=entry.site,
        geometry=entry.geometry,
        storey=entry.storey,
        model_id=entry.model_id,
        element_global_id=entry.element_global_id,
        element_name=entry.element_name,
        offset_m=entry.offset_m,
    )


def _content(data: EntryData) -> dict[str, Any]:
    people = [{"level": p.level, "full_name": p.full_name, "phone": p.phone} for p in data.people]
    return {
        "name": data.name,
        "sources": _sources(data),
        "direct_major_reason": next((source.judgement for source in data.sources if source.judgement), ""),
        "lifted_level": data.lead_level,
        "responsible": people,
    }


def _same(entry: ListEntry, data: EntryData, earlier: EntryData | None) -> bool:
    """Return whether a row says what the list in force says, so that its point need not be touched."""
    if earlier is None or entry.place_set:
        return False
    return _content(data) == _content(earlier)


def apply_entries(version: ListVersion, earlier: ListVersion | None, *, actor: Any, now: datetime) -> dict[str, int]:
    """Create the points of new rows, revise those of changed ones; return how many of each, and how many stayed."""
    same_edition = earlier is not None and earlier.rule_edition_id == version.rule_edition_id
    former = {row.code: row for row in entries_data(earlier)} if same_edition else {}
    done = {"created": 0, "revised": 0, "unchanged": 0}
    for entry in rows(version).select_related("site__organisation", "storey", "risk_point__anchor"):
        data = entry_data(entry)
        point = entry.risk_point
        if point is None:
            entry.risk_point = create_risk_point(
                site=entry.site, code=entry.code, kind=version.kind, anchor=_anchor(entry), actor=actor, now=now,
                **_content(data),
            )  # fmt: skip
            done["created"] += 1
        elif _same(entry, data, former.get(entry.code)) and point.state != RiskPoint.State.CLOSED:
            done["unchanged"] += 1
        else:
            anchor = _anchor(entry) if entry.place_set else point.anchor
            state = RiskPoint.State.ACTIVE if point.state == RiskPoint.State.CLOSED else point.state
            revise_risk_point(
                point=point, kind=version.kind, anchor=anchor, state=state, actor=actor, now=now,
                judgement_removed_because=data.lowering_reason, **_content(data),
            )  # fmt: skip
            done["revised"] += 1
        if not entry.place_set and point is not None:
            set_place(entry, place_data(point.anchor))
        entry.save()
    return done


def close_unlisted(version: ListVersion, earlier: ListVersion | None, *, actor: Any, now: datetime) -> int:
    """Close the points that the list in force had and this one has no more, or that its draft took out."""
    kept = version.entries.filter(risk_point__isnull=False).values("risk_point")
    gone = Q(pk__in=version.closing)
    if earlier is not None:
        gone |= Q(list_entries__version=earlier)
    points = RiskPoint.objects.filter(gone, site=version.site).exclude(id__in=kept)
    points = points.exclude(state=RiskPoint.State.CLOSED).distinct()
    gone_points = list(points)
    for point in gone_points:
        reason = f"Not in version {version.number} of the list."
        close_risk_point(point=point, reason=reason, actor=actor, now=now)
    return len(gone_points)
