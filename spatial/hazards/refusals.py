"""What an operation on a ticket refuses with, in the language of the request. Nothing has changed then."""

from __future__ import annotations

from typing import NoReturn

from django.utils.translation import gettext

from .rules import Refusal


class _Sentence(Exception):
    """A refusal as an exception: `str()` is its sentence in the present language, `field` the form field."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.field = refusal.field_name

    def __str__(self) -> str:
        return gettext(self.refusal.sentence) % self.refusal.values


class HazardRefused(_Sentence, ValueError):
    """Something handed in cannot be taken: a missing word, a person, a deadline."""


class EvidenceRefused(HazardRefused):
    """A photo cannot be taken as evidence."""


class TransitionRefused(HazardRefused):
    """The transition table does not allow this step now (409)."""


class ActorRefused(_Sentence, PermissionError):
    """This person may not take this step (403)."""


_CLASSES = {
    "transition": TransitionRefused,
    "role": ActorRefused,
    "value": HazardRefused,
    "evidence": EvidenceRefused,
}


def refuse(refusal: Refusal) -> NoReturn:
    """Raise the exception of a refusal's kind."""
    raise _CLASSES[refusal.kind](refusal)
