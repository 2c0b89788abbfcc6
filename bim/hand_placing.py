"""Place a model by hand, and take that back: each queues a new revision of the same stored file (decision 0009)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max

from spatial.ledger.operations import record_act

from . import queries
from .committing import next_number
from .ifc.placements import Candidate
from .models import HandPlacement, Model, Revision
from .operations import send_task
from .pipeline.placing import judge, to_grid
from .pipeline.site_context import HAND_LEVEL, HAND_SOURCE
from .placing_rules import Fit, Pair, fit_pairs
from .site_of_import import context_of


class PlacingRefused(ValueError):
    """A placement that is not kept. `code` says why; `sentence` is what the checks of an import said, if they did."""

    def __init__(self, code: str, sentence: str = "") -> None:
        super().__init__(sentence or code)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True)
class Standing:
    """How a revision stands on the site's grid now: turn (degrees from grid east) and H of z = 0; None unplaced."""

    rotation_deg: float | None
    height_offset_m: float | None


def standing_of(revision: Revision) -> Standing:
    """Return how an imported revision stands on its site's grid: what a placement may keep."""
    stored = (revision.georeference or {}).get("candidate")
    extent = queries.model_extent(revision)
    if not stored or extent is None:
        return Standing(None, None)
    centre = (np.array(extent[0]) + np.array(extent[1])) / 2
    points = np.array([centre, centre + np.array([10.0, 0.0, 0.0])])
    (east, north, height), (ahead_east, ahead_north, _) = to_grid(
        Candidate.from_json(stored), points, revision.site.projected_srid
    )
    turn = math.degrees(math.atan2(ahead_north - north, ahead_east - east))
    return Standing(turn, float(height - centre[2]))


def fit_on(revision: Revision, pairs: Sequence[Pair], *, free_scale: bool) -> Fit:
    """Return the place that pairs give a revision, keeping its turn and height where they say nothing.

    Raises PairsRefused.
    """
    standing = standing_of(revision)
    return fit_pairs(
        pairs,
        free_scale=free_scale,
        rotation_deg=standing.rotation_deg,
        height_offset_m=standing.height_offset_m,
    )


def check_place(revision: Revision, fit: Fit) -> str:
    """Return why an import would not trust this place, or "" (the checks of spec 08 §8.7)."""
    extent = queries.model_extent(revision)
    box = np.array(extent) if extent is not None else np.zeros((2, 3))
    candidate = Candidate(
        HAND_LEVEL, HAND_SOURCE, "projected", f"EPSG:{revision.site.projected_srid}", fit.matrix,
        rotation_deg=fit.rotation_deg,
    )  # fmt: skip
    return judge(candidate, box, context_of(revision.site))


def place_by_hand(
    *, revision: Revision, pairs: Sequence[Pair], free_scale: bool, confirmed: bool, actor: Any | None, now: datetime
) -> Revision:
    """This function will keep a placement by pairs of points and queue a revision of the same file that stands there.

    The pairs are metres of the model and of the site's projected CRS. Raises PairsRefused where they give no place,
    PlacingRefused where the revision was not imported, the place fails an import's checks, or a doubt is not confirmed.
    """
    if not revision.is_imported:
        raise PlacingRefused("not_imported")
    fit = fit_on(revision, pairs, free_scale=free_scale)
    if problem := check_place(revision, fit):
        raise PlacingRefused("not_trusted", problem)
    if fit.doubts and not confirmed:
        raise PlacingRefused("not_confirmed")
    with transaction.atomic():
        model = Model.objects.select_for_update().get(pk=revision.model_id)
        placed = HandPlacement.objects.create(
            organisation_id=revision.organisation_id, site=revision.site, model=model,
            number=(model.hand_placements.aggregate(top=Max("number"))["top"] or 0) + 1,
            srid=revision.site.projected_srid,
            pairs=[{"model": list(pair.model), "map": list(pair.map)} for pair in pairs],
            matrix=list(fit.matrix), residuals_m=list(fit.residuals_m), rms_m=fit.rms_m, made_by=actor,
        )  # fmt: skip
        queued = _queue_again(revision, model, placed, actor)
        _tell(queued, "place_model", placed, actor, now, {
            "pairs": placed.pairs, "rms_m": fit.rms_m, "scale": fit.scale, "rotation_deg": fit.rotation_deg,
            "doubts": [doubt.code for doubt in fit.doubts],
        })  # fmt: skip
    return queued


def withdraw_hand_placement(*, revision: Revision, actor: Any | None, now: datetime) -> Revision:
    """This function will take back the placement by hand that holds for a model and queue a revision of the same file.

    The revision stands where the placement before it says, or where the file itself says. Raises PlacingRefused where
    none holds.
    """
    if not revision.is_imported:
        raise PlacingRefused("not_imported")
    with transaction.atomic():
        model = Model.objects.select_for_update().get(pk=revision.model_id)
        held = queries.hand_placement_of(model)
        if held is None:
            raise PlacingRefused("none_holds")
        held.withdrawn_at, held.withdrawn_by = now, actor
        held.save(update_fields=["withdrawn_at", "withdrawn_by"])
        queued = _queue_again(revision, model, queries.hand_placement_of(model), actor)
        _tell(queued, "withdraw_place_of_model", held, actor, now, {})
    return queued


def _queue_again(revision: Revision, model: Model, placed: HandPlacement | None, actor: Any | None) -> Revision:
    """Return a queued revision of the file that the model's newest imported revision has."""
    current = queries.current_revision(model) or revision
    queued = Revision.objects.create(
        organisation_id=revision.organisation_id, site=revision.site, model=model, number=next_number(model),
        file_name=current.file_name, file_sha256=current.file_sha256, file_bytes=current.file_bytes,
        uploaded_by=actor, hand_placement=placed,
    )  # fmt: skip
    transaction.on_commit(lambda: send_task(queued.pk), robust=True)
    return queued


def _tell(
    queued: Revision, verb: str, placed: HandPlacement, actor: Any | None, now: datetime, facts: dict[str, Any]
) -> None:
    record_act(
        organisation=queued.site.organisation, site=queued.site, actor=actor, verb=verb, subject_kind="revision",
        subject_id=queued.pk, occurred_at=now, received_at=now,
        details={"model": queued.model.name, "hand_placement": placed.number, "srid": placed.srid, **facts},
    )  # fmt: skip
