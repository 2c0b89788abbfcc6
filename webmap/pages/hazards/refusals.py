"""What an operation may refuse with, as a sentence at the right field and an HTTP status."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from spatial.hazards.refusals import ActorRefused, HazardRefused, TransitionRefused
from spatial.places.operations import PlaceRefused
from webmap.wording.hazard_words import event_label, state_label

REFUSALS: Final = (HazardRefused, ActorRefused, PlaceRefused, ValidationError)


def refusal_sentence(error: Exception) -> str:
    """Return why an act was refused, in the user's language and with the product's words for states and acts."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, HazardRefused | ActorRefused):
        values = dict(error.refusal.values)
        if "state" in values:
            values["state"] = state_label(values["state"])
        if "event" in values:
            values["event"] = event_label(values["event"])
        return gettext(error.refusal.sentence) % values
    return str(error)


def refusal_field(error: Exception, form: Any) -> str | None:
    """Return the visible form field that a refusal belongs to, or None for the whole form."""
    field = getattr(error, "field", "") or ""
    return field if field in form.fields and not form[field].is_hidden else None


def refusal_status(error: Exception) -> int:
    """Return 409 where the transition table refuses, 403 where the person may not, 422 for what was handed in."""
    if isinstance(error, TransitionRefused):
        return 409
    return 403 if isinstance(error, ActorRefused) else 422
