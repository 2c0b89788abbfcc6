"""Words of public risk points: names of fields, and problems as sentences in the reader's language."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.public_risks.rules import Problem

FIELD_WORDS: Final[dict[str, Any]] = {
    "code": gettext_lazy("code"),
    "name": gettext_lazy("name"),
    "kind": gettext_lazy("kind"),
    "town": gettext_lazy("town"),
    "region": gettext_lazy("town"),
    "geometry": gettext_lazy("place"),
    "method": gettext_lazy("method"),
    "direct_reason": gettext_lazy("direct judgement"),
    "responsible_unit": gettext_lazy("responsible unit"),
    "responsible_person": gettext_lazy("responsible person"),
    "phone": gettext_lazy("phone"),
    "measures": gettext_lazy("measures"),
    "next_check_on": gettext_lazy("next check"),
    "file": gettext_lazy("file"),
    "reason": gettext_lazy("reason"),
}


def field_word(name: str) -> str:
    """Return the name of a field; scores keep their letter."""
    return str(FIELD_WORDS.get(name, name))


def problem_sentence(problem: Problem) -> str:
    """Return what is wrong with a field, without the field's name."""
    sentence = _(problem.sentence)
    return sentence % problem.values if problem.values else sentence
