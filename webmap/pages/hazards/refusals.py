"""What an operation may refuse with, as a sentence at the right field and an HTTP status."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

REFUSALS: tuple[type[Exception], ...] = (ValidationError, ValueError, PermissionError)


def refusal_sentence(error: Exception) -> str:
    """Return why an act was refused, in the user's language where the operation speaks it."""
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def refusal_field(error: Exception, form: Any = None) -> str | None:
    """Return the form field that a refusal belongs to, or None for the whole form."""
    field = getattr(error, "field", "") or ""
    if form is not None and field not in form.fields:
        return None
    return field or None


def refusal_status(error: Exception) -> int:
    """Return 409 for an act that the transition table refuses, 422 for values that cannot be."""
    return 422
