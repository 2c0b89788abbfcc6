"""Let everything that stands on an element of a model follow it into a new revision; nothing is lost in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry

from bim.ifc.placements import Candidate as Place
from bim.models import Revision
from spatial import crs
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.places.models import Anchor
from spatial.places.operations import move_anchor

from . import queries
from .anchor_rules import Verdict, decide, still_on
from .fingerprints import Candidate
from .models import AnchorOutcome, AnchorReview
from .motion import Array, carry, from_geodetic, rigid_motion
from .rules import Comparison
from .snapshot import Body, Snapshot

SRID = 4490
Outcome = AnchorOutcome.Outcome


@dataclass
class Setting:
    """What all anchors of one import share."""

    revision: Revision
    previous: Revision
    old: Snapshot
    new: Snapshot
    comparison: Comparison
    actor: Any
    now: datetime
    before: Place | None
    after: Place | None
    lost: list[Anchor] = field(default_factory=list)


def follow_anchors(
    *, revision: Revision, previous: Revision, old: Snapshot, new: Snapshot, comparison: Comparison, actor: Any | None,
    now: datetime,
) -> dict[str, int]:  # fmt: skip
    """This function will give every anchor of the model one outcome in this revision, and return how many of each."""
    anchors = list(queries.anchors_on(revision.model).select_for_update(of=("self",)))
    setting = Setting(
        revision, previous, old, new, comparison, actor, now,
        queries.candidate_of(previous), queries.candidate_of(revision),
    )  # fmt: skip
    waiting = {
        row.anchor_id: row
        for row in AnchorReview.objects.filter(anchor__in=anchors, state=AnchorReview.State.OPEN).select_related("base")
    }
    rows = [_follow(setting, anchor, waiting.get(anchor.pk)) for anchor in anchors]
    AnchorOutcome.objects.bulk_create(rows, batch_size=1_000)
    for anchor in setting.lost:
        tell_lost(anchor=anchor, revision=revision, actor=actor, now=now)
    counts = Counter(str(row.outcome) for row in rows)
    return {str(outcome): counts[outcome] for outcome in Outcome.values}


def _follow(setting: Setting, anchor: Anchor, waiting: AnchorReview | None) -> AnchorOutcome:
    """Return the outcome of one anchor, moved, queued or declared gone."""
    row = setting.old.first_rows.get(anchor.element_global_id)
    if row is None:
        return _follow_absent(setting, anchor, waiting)
    pair = setting.comparison.pairs.get(row)
    body = setting.old.bodies[row]
    verdict = decide(pair, setting.comparison.candidates.get(row, []))
    if pair is not None and verdict.outcome == Outcome.FOLLOWED:
        target = setting.new.bodies[pair.new]
        if (doubt := _left_behind(setting, anchor, body, target)) is not None:
            return _queue(setting, anchor, setting.previous, doubt)
        return _move(setting, anchor, setting.previous, body, target, pair.confidence)
    if verdict.outcome == Outcome.QUEUED:
        return _queue(setting, anchor, setting.previous, verdict)
    setting.lost.append(anchor)
    return _outcome(setting, anchor, Outcome.GONE, confidence=verdict.confidence, reason=verdict.reason)


def _follow_absent(setting: Setting, anchor: Anchor, waiting: AnchorReview | None) -> AnchorOutcome:
    """Return the outcome of an anchor whose element was not in the revision before: it waits, is gone or returns."""
    row = setting.new.first_rows.get(anchor.element_global_id)
    base = queries.last_placed_before(setting.revision, anchor.element_global_id)
    if row is not None:
        if waiting is not None:
            _close(waiting, AnchorReview.State.RETURNED, setting.now)
        target = setting.new.bodies[row]
        if base is None:
            return _outcome(setting, anchor, Outcome.KEPT, to=target.global_id, reason="appeared")
        body = queries.read_snapshot(base, [anchor.element_global_id]).bodies[0]
        return _move(setting, anchor, base, body, target, 1.0, reason="returned")
    if waiting is not None:
        waiting.revision = setting.revision
        waiting.candidates = _carried(setting, waiting.candidates)
        waiting.save(update_fields=["revision", "candidates"])
        best = waiting.candidates[0]["confidence"] if waiting.candidates else 0.0
        return _outcome(setting, anchor, Outcome.QUEUED, confidence=best, reason="still_waiting")
    told = AnchorOutcome.objects.filter(anchor=anchor, outcome=Outcome.GONE).exists() or (
        AnchorReview.objects.filter(anchor=anchor, state=AnchorReview.State.GONE).exists()
    )
    if not told:
        setting.lost.append(anchor)
    return _outcome(setting, anchor, Outcome.GONE, confidence=0.0, reason="not_back" if told else "never_there")


def _carried(setting: Setting, candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the candidates that still exist, under the GlobalIds that this revision gives them."""
    carried = []
    for candidate in candidates:
        row = setting.old.first_rows.get(candidate["global_id"])
        pair = setting.comparison.pairs.get(row) if row is not None else None
        if pair is not None:
            body = setting.new.bodies[pair.new]
            carried.append({**candidate, "global_id": body.global_id, "name": body.name})
    return carried


def _left_behind(setting: Setting, anchor: Anchor, body: Body, target: Body) -> Verdict | None:
    """Return a doubt where an element was cut so that the anchor no longer stands on what has its GlobalId."""
    if setting.before is None or body.box is None or target.box is None:
        return None
    point = from_geodetic(setting.before, _middle(anchor))[0]
    row = setting.old.first_rows[body.global_id]
    pair = setting.comparison.pairs[row]
    parts = [setting.new.bodies[change.new] for change in setting.comparison.changes
             if change.kind == "added" and change.new is not None]  # fmt: skip
    holder = still_on(point, body, target, parts)
    if holder is None:
        return None
    rows = {setting.new.bodies[at].index: at for at in range(len(setting.new))}
    found = [Candidate(rows[part.index], 0.8, {"place": 1.0}) for part in holder]
    return Verdict(Outcome.QUEUED, 0.8, "cut_off", [*found, Candidate(pair.new, 0.5, {"shape": 0.0})])


def _middle(anchor: Anchor) -> Array:
    points = shapely.get_coordinates(shapely.from_wkb(bytes(anchor.geometry.ewkb)), include_z=True)
    return np.asarray(points.mean(axis=0)[None])


def _move(
    setting: Setting, anchor: Anchor, base: Revision, body: Body, target: Body, confidence: float, *, reason: str = ""
) -> AnchorOutcome:
    """Return the outcome of an anchor that stands on `target` now, moved as its element moved since `base`."""
    before = setting.before if base == setting.previous else queries.candidate_of(base)
    if base == setting.previous and before is None:
        found = queries.last_placed_before(setting.revision, body.global_id)
        if found is not None:
            base, before = found, queries.candidate_of(found)
            body = queries.read_snapshot(base, [body.global_id]).bodies[0]
    way = put_on(
        anchor=anchor, before=before, after=setting.after, body=body, target=target, why="follow_element",
        revision=setting.revision, confidence=confidence, actor=setting.actor, now=setting.now,
    )  # fmt: skip
    followed = way > 0 or body.global_id != target.global_id
    return _outcome(
        setting, anchor, Outcome.FOLLOWED if followed else Outcome.KEPT, to=target.global_id, was=body.global_id,
        confidence=confidence, way=way, reason=reason,
    )  # fmt: skip


def put_on(
    *, anchor: Anchor, before: Place | None, after: Place | None, body: Body, target: Body, why: str,
    revision: Revision, confidence: float, actor: Any | None, now: datetime,
) -> float:  # fmt: skip
    """This function will move an anchor as its element moved from `body` to `target`, and return the way (m).

    Nothing is written where neither element, place nor GlobalId changed; an unplaced model moves nothing.
    """
    geometry = None if before is None or after is None else _carried_geometry(anchor, before, body, target, after)
    if geometry is None and body.global_id == target.global_id:
        return 0.0
    way = _way(anchor.geometry, geometry, anchor.site.projected_srid) if geometry is not None else 0.0
    move_anchor(
        anchor=anchor, geometry=geometry, element_global_id=target.global_id, element_name=target.name, verb=why,
        details={"revision": str(revision.pk), "confidence": round(confidence, 4), "distance_m": round(way, 4)},
        actor=actor, now=now,
    )  # fmt: skip
    return way


def _carried_geometry(anchor: Anchor, before: Place, body: Body, target: Body, after: Place) -> GEOSGeometry | None:
    """Return the moved geometry, None where it stays bit for bit."""
    motion = rigid_motion(body, target)
    if motion is None and before == after:
        return None
    shape = shapely.from_wkb(bytes(anchor.geometry.ewkb))
    moved = shapely.transform(shape, lambda points: carry(points, before, motion, after), include_z=True)
    if not np.isfinite(shapely.get_coordinates(moved, include_z=True)).all():
        return None
    return GEOSGeometry(shapely.to_wkb(shapely.set_srid(moved, SRID), hex=True, include_srid=True))


def _way(old: Any, new: Any, srid: int) -> float:
    """Return how far (m) the middle of a geometry went."""
    ends = []
    for geometry in (old, new):
        shape = shapely.from_wkb(bytes(geometry.ewkb))
        grid = crs.transform_shape(shape, from_srid=SRID, to_srid=srid)
        ends.append(shapely.get_coordinates(grid, include_z=True).mean(axis=0))
    return float(np.linalg.norm(ends[1] - ends[0]))


def _queue(setting: Setting, anchor: Anchor, base: Revision, verdict: Verdict) -> AnchorOutcome:
    candidates = [describe(setting.new.bodies[one.new], one) for one in verdict.candidates]
    AnchorReview.objects.filter(anchor=anchor, state=AnchorReview.State.OPEN).delete()
    AnchorReview.objects.create(
        organisation_id=anchor.organisation_id, site_id=anchor.site_id, anchor=anchor,
        model_id=setting.revision.model_id,
        base=base, revision=setting.revision, reason=verdict.reason, candidates=candidates,
    )  # fmt: skip
    return _outcome(setting, anchor, Outcome.QUEUED, confidence=verdict.confidence, reason=verdict.reason)


def describe(body: Body, candidate: Candidate) -> dict[str, Any]:
    """Return a candidate as the review keeps it."""
    return {
        "global_id": body.global_id, "ifc_class": body.ifc_class, "name": body.name, "storey": body.storey,
        "confidence": candidate.confidence, "reasons": candidate.reasons,
    }  # fmt: skip


def _close(review: AnchorReview, state: str, now: datetime) -> None:
    review.state, review.decided_at = state, now
    review.save(update_fields=["state", "decided_at"])


def _outcome(
    setting: Setting, anchor: Anchor, outcome: str, *, to: str = "", was: str = "", confidence: float = 1.0,
    way: float = 0.0, reason: str = "",
) -> AnchorOutcome:  # fmt: skip
    return AnchorOutcome(
        organisation_id=anchor.organisation_id, site_id=anchor.site_id, revision=setting.revision, anchor=anchor,
        outcome=outcome, from_global_id=was or anchor.element_global_id, to_global_id=to, confidence=confidence,
        distance_m=way, reason=reason,
    )  # fmt: skip


def tell_lost(*, anchor: Anchor, revision: Revision, actor: Any | None, now: datetime) -> None:
    """This function will report an anchor whose element is gone to its owner: on the site's stream, in the ledger."""
    kind, owner_id, name = queries.owner_of(anchor)
    facts = {
        "anchor_id": str(anchor.pk), "owner_kind": kind, "owner_id": owner_id, "owner": name,
        "model_id": str(revision.model_id), "revision_id": str(revision.pk), "global_id": anchor.element_global_id,
        "element_name": anchor.element_name,
    }  # fmt: skip
    record_act(
        organisation=anchor.site.organisation, site=anchor.site, actor=actor, verb="lose_element",
        subject_kind="anchor", subject_id=anchor.pk, details=facts, occurred_at=now, received_at=now,
    )  # fmt: skip
    append_event(site=anchor.site, kind="anchor_lost", payload=facts, occurred_at=now)
