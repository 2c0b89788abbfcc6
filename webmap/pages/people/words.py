"""How papers of people stand and why something is refused, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.people.models import Certificate
from spatial.people.requirements import RequirementRefused
from spatial.people.roster import Fault
from spatial.people.rules import PersonFacts, certificate_name, certificates_needed, expiry_level, trade_name
from spatial.wearing.operations import IssueRefused
from webmap.wording.reader import data_language

ISSUE_REFUSALS = {
    "not_yours": gettext_lazy("Devices are given out by the safety officer or the project manager."),
    "not_wearable": gettext_lazy("Only helmets and tags in use are given to people."),
    "stranger": gettext_lazy("%(name)s does not work on this site."),
    "future": gettext_lazy("That time is in the future."),
    "worn": gettext_lazy("%(name)s has it: take it back first, or tick “take it back”."),
    "overlap": gettext_lazy("At that time somebody else had it still; give a later time."),
    "before": gettext_lazy("It was given out after that time; give a later one."),
    "not_out": gettext_lazy("Nobody has it."),
}
REQUIREMENT_REFUSALS = {
    "not_yours": gettext_lazy("Certificates are required of trades by the safety department of the company."),
    "no_trade": gettext_lazy("Write which trade it is."),
    "no_source": gettext_lazy("Write which rule requires it: a local one, or the regime of the company."),
    "too_long": gettext_lazy("It is longer than %(longest)s characters."),
    "unknown_kind": gettext_lazy("Choose a certificate of the list."),
    "required_already": gettext_lazy("This certificate is required of %(trade)s already."),
}
SHEETS = {
    "employers": gettext_lazy("Employers"),
    "teams": gettext_lazy("Teams"),
    "people": gettext_lazy("People"),
    "shifts": gettext_lazy("Shifts"),
    "certificates": gettext_lazy("Certificates"),
    "education": gettext_lazy("Three-level safety education"),
    "briefings": gettext_lazy("Safety briefings"),
}


@dataclass(frozen=True)
class Paper:
    """A certificate as the page shows it: its kind in words, and how it stands."""

    row: Certificate
    kind: str
    level: str
    words: str


def certificate_words(kind: str) -> str:
    """Return a kind of certificate in the reader's language."""
    return certificate_name(kind, data_language())


def kinds_missing(facts: PersonFacts, required: Iterable[tuple[str, str]], now: datetime) -> list[str]:
    """Return in words the certificates that a person's trade needs and of which none holds."""
    return [
        certificate_words(kind) for kind in certificates_needed(facts.trade, required) if not facts.holds(kind, now)
    ]


def requirement_refusal_words(refused: RequirementRefused) -> str:
    """Return why a certificate is not required of a trade, or is not dropped."""
    values = dict(refused.values)
    if "trade" in values:
        values["trade"] = trade_words(values["trade"])
    return str(REQUIREMENT_REFUSALS[refused.code]) % values


def trade_words(trade: str) -> str:
    """Return a trade in the reader's language."""
    return trade_name(trade, data_language())


def paper(row: Certificate, today: date) -> Paper:
    """Return how a certificate stands on a day."""
    left = (row.valid_until - today).days
    level = "red" if row.withdrawn_at else expiry_level(row.valid_until, today) or ""
    if row.withdrawn_at:
        words = _("Withdrawn")
    elif left < 0:
        words = _("Expired")
    elif row.valid_from > today:
        words = _("Not valid yet")
    elif level:
        words = _("%(days)s days left") % {"days": left}
    else:
        words = _("Holds")
    return Paper(row, certificate_words(row.kind), level, words)


def issue_words(refused: IssueRefused) -> str:
    """Return the sentence of a refused issue."""
    return str(ISSUE_REFUSALS[refused.code]) % refused.values


def fault_words(fault: Fault) -> str:
    """Return what is wrong with a cell."""
    return _(fault.sentence) % fault.values


def local(moment: datetime | None, site: Any, form: str = "%m-%d %H:%M") -> str:
    """Return a moment by the clock of the site."""
    return moment.astimezone(ZoneInfo(site.time_zone)).strftime(form) if moment else ""
