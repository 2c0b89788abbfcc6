"""What a preview warns of: nothing is refused for it, and nothing is corrected in silence."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from ingest.vectors.places.coordinates import Shifted
from ingest.vectors.places.plan import Plan
from ingest.vectors.places.problems import Problem


def warn_of_shift(plan: Plan, shift: Shifted | None) -> None:
    """This function will say that the shapes look like GCJ-02, and suggest to declare that."""
    if shift is None:
        return
    sentence = gettext_noop(
        "These coordinates look like GCJ-02 (Amap, Tencent): %(count)s shapes lie about %(distance)s m off "
        "(%(east)s m east, %(north)s m north), as GCJ-02 does here. Declare GCJ-02 and look again."
    )
    parts = {
        "count": shift.count,
        "distance": f"{shift.distance_m:.0f}",
        "east": f"{shift.east_m:.0f}",
        "north": f"{shift.north_m:.0f}",
    }
    plan.warnings.append(Problem(0, "geometry", sentence, parts, "GCJ-02"))
    plan.suggested_datum = "GCJ-02"
