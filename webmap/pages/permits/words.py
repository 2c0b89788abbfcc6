"""Permits in words: kinds, states, measures, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from spatial.permits.models import WorkPermit
from spatial.permits.operations import PermitRefused
from spatial.permits.rules import permit_kinds, standing
from webmap.pages.people.words import certificate_words, local
from webmap.wording.reader import reads_chinese

STATES = {
    "requested": _("Requested"),
    "approved": _("Approved"),
    "running": _("Running"),
    "closed": _("Closed"),
    "refused": _("Refused"),
    "expired": _("Expired"),
}
REFUSALS = {
    "not_yours": _("This is for the people of the site who answer for the work."),
    "kind": _("Choose a kind of work."),
    "no_work": _("Say what is done."),
    "no_place": _("Say where: choose a zone of this site."),
    "window": _("The end must be after the beginning, and not be over yet."),
    "too_long": _("This kind holds for at most %(hours)s h."),
    "measures": _("Every measure must be checked before the work."),
    "no_certificate": _("None of those who work holds the certificate “%(kind)s” on that day."),
    "no_entrants": _("Name who works."),
    "no_attendant": _("Name who watches."),
    "stranger": _("%(name)s does not work on this site."),
    "attendant_works": _("Who watches does not work there."),
    "own": _("Somebody else must approve what you asked for."),
    "no_reason": _("Say why it is refused."),
    "state": _("This cannot be done with a permit that is: %(state)s."),
    "gas_missing": _("Measure every gas of the list."),
    "gas_range": _("A value is 0 to 1000."),
    "no_tester": _("Say who tested."),
    "early": _("The window has not begun yet."),
    "gas": _("Test the gas first: a passed test of the last %(minutes)s minutes is needed."),
    "inside": _("%(name)s is inside already."),
    "outside": _("%(name)s is not inside."),
    "still_inside": _("Still inside: %(names)s. Bring them out first."),
}


@dataclass(frozen=True)
class PermitLine:
    """A permit as lists show it."""

    permit: WorkPermit
    kind: str
    standing: str
    words: Any
    starts: str
    ends: str


def permit_kind_words(code: str) -> str:
    """Return a kind of permit in the reader's language."""
    kind = permit_kinds()[code]
    return kind.zh if reads_chinese() else kind.en


def measure_words(kind: str) -> list[tuple[str, str]]:
    """Return the measures of a kind: code and words."""
    return [(one.code, one.zh if reads_chinese() else one.en) for one in permit_kinds()[kind].measures]


def permit_line(permit: WorkPermit, site: Any, now: datetime) -> PermitLine:
    """Return a permit as it stands now."""
    stands = standing(permit.state, permit.starts_at, permit.ends_at, now)
    return PermitLine(permit, permit_kind_words(permit.kind), stands, STATES[stands], local(permit.starts_at, site),
                      local(permit.ends_at, site))  # fmt: skip


def refusal_words(refused: PermitRefused) -> str:
    """Return the sentence of a refusal."""
    values = dict(refused.values)
    if "kind" in values:
        values["kind"] = certificate_words(values["kind"])
    if "state" in values:
        values["state"] = str(STATES[values["state"]])
    return str(REFUSALS[refused.code]) % values
