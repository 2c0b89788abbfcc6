"""A site's storeys follow the model that they came from when it is placed at another height."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from spatial.places.models import Storey as PlaceStorey
from spatial.places.operations import move_storey

from .models import Revision, Storey
from .queries import current_revisions
from .storey_names import SAME_FLOOR_M

STAYED_M = 0.001


def move_place_storeys(*, revision: Revision, storeys: list[dict[str, Any]], actor: Any, now: datetime) -> int:
    """This function will move the site's storeys that an earlier revision of the model put where they are.

    `storeys` are the new revision's, with `height_m` in Yellow Sea metres. One moves when it has the name and the
    height of the earlier revision's storey, and no other model of the site has a floor at that height. Returns how
    many moved.
    """
    before = (
        revision.model.revisions.filter(state__in=Revision.IMPORTED_STATES, placed=True, number__lt=revision.number)
        .order_by("-number")
        .first()
    )
    if before is None:
        return 0
    earlier = {(row.building_name, row.name): row.elevation_m for row in before.storeys.all()}
    others = current_revisions(revision.site).exclude(model=revision.model)
    shared = list(Storey.objects.filter(revision__in=others, elevation_m__isnull=False))
    moved = 0
    for storey in storeys:
        was = earlier.get((storey["building_name"], storey["name"]))
        if was is None or storey["height_m"] is None or abs(storey["height_m"] - was) <= STAYED_M:
            continue
        if any(abs((row.elevation_m or 0.0) - was) < SAME_FLOOR_M for row in shared):
            continue
        building = (storey["building_name"] or revision.model.name)[:120]
        row = PlaceStorey.objects.filter(
            site=revision.site, building__name=building, name=(storey["name"] or storey["global_id"])[:120],
            elevation_m__range=(was - STAYED_M, was + STAYED_M),
        ).first()  # fmt: skip
        if row is not None:
            top_m = None if row.top_m is None else row.top_m + storey["height_m"] - was
            move_storey(storey=row, elevation_m=storey["height_m"], top_m=top_m, actor=actor, now=now)
            moved += 1
    return moved
