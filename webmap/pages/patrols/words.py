"""How patrols stand and why one is refused, in the reader's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.patrols.operations import PatrolRefused

STANDINGS = {
    "later": gettext_lazy("Done for this period"),
    "due": gettext_lazy("Due"),
    "late": gettext_lazy("Late"),
    "missed": gettext_lazy("Missed"),
    "done": gettext_lazy("Done"),
}
REFUSALS = {
    "not_yours": gettext_lazy("This patrol is not yours to plan or do: ask the responsible person or a level above."),
    "withdrawn": gettext_lazy("This stop is on no route any more; open the list of patrols again."),
    "done_already": gettext_lazy("This stop was checked already in this period."),
    "outcome": gettext_lazy("Say whether the controls are in place."),
    "no_note": gettext_lazy("Say what was found."),
    "stranger": gettext_lazy("That account has no role on this site."),
}


def refusal_words(refused: PatrolRefused) -> str:
    """Return the sentence of a refusal."""
    return str(REFUSALS[refused.code])


def local(moment: datetime, site: Any) -> str:
    """Return a moment by the clock of the site."""
    return moment.astimezone(ZoneInfo(site.time_zone)).strftime("%m-%d %H:%M")


def distance_words(distance_m: float | None, accuracy_m: float | None) -> str:
    """Return how far from the risk point a patrol was made."""
    if distance_m is None:
        return _("place not given")
    if accuracy_m:
        return _("%(distance)s m from the risk point (± %(accuracy)s m)") % {
            "distance": round(distance_m), "accuracy": round(accuracy_m)
        }  # fmt: skip
    return _("%(distance)s m from the risk point") % {"distance": round(distance_m)}
