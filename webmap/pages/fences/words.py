"""What a refusal of a fence says to the person at the page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from spatial.fences.operations import FenceRefused


def refusal_words(refusal: FenceRefused) -> str:
    """Return a refusal in the language of the page; one without words of its own as it is."""
    words = {
        "probabilities": _("The probability to be outside must be below the one to be inside."),
        "measure": _("This shape needs it."),
        "already": _("This zone has a fence already; load the page again."),
        "nothing": _("Nothing was changed."),
        "reason": _("Say why the fence is changed."),
        "no_outline": _("The building of this storey has no outline yet; draw it among the site's places."),
        "zone": _("The zone cannot take this shape: the zones in it or around it would no longer fit."),
        "schedule": _("These periods cannot be: check weekdays, times and dates."),
    }
    return words.get(refusal.code, str(refusal))
