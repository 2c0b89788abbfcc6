"""How papers of people stand and why something is refused, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.people.asking import AskRefused
from spatial.people.models import Certificate
from spatial.people.roster import Fault
from spatial.people.rules import (
    CertificateKind,
    PersonFacts,
    certificate_kinds,
    certificates_needed,
    expiry_level,
    trades,
)
from spatial.wearing.operations import IssueRefused
from webmap.wording.reader import reads_chinese

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
ASK_REFUSALS = {
    "not_yours": gettext_lazy("Certificates are asked of trades by the safety department of the company."),
    "no_trade": gettext_lazy("Write which trade it is."),
    "no_source": gettext_lazy("Write where it is asked: a local rule, or a regime of the company."),
    "too_long": gettext_lazy("It is longer than %(longest)s characters."),
    "unknown_kind": gettext_lazy("Choose a certificate of the list."),
    "asked_already": gettext_lazy("This certificate is asked of %(trade)s already."),
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


def kind_words(code: str) -> str:
    """Return a kind of certificate in the reader's language."""
    kind: CertificateKind | None = certificate_kinds().get(code)
    if kind is None:
        return code
    return kind.zh if reads_chinese() else kind.en


def kinds_missing(facts: PersonFacts, asked: Iterable[tuple[str, str]], now: datetime) -> list[str]:
    """Return in words the certificates that a person's trade needs and of which none holds."""
    return [kind_words(kind) for kind in certificates_needed(facts.trade, asked) if not facts.holds(kind, now)]


def ask_words(refused: AskRefused) -> str:
    """Return why a certificate is not asked of a trade."""
    return str(ASK_REFUSALS[refused.code]) % refused.values


def trade_words(trade: str) -> str:
    """Return a trade in the reader's language, as it is written where it is not a known one."""
    known = trades().get(trade)
    return trade if reads_chinese() or known is None else known.en


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
    return Paper(row, kind_words(row.kind), level, words)


def issue_words(refused: IssueRefused) -> str:
    """Return the sentence of a refused issue."""
    return str(ISSUE_REFUSALS[refused.code]) % refused.values


def fault_words(fault: Fault) -> str:
    """Return what is wrong with a cell."""
    return _(fault.sentence) % fault.values


def local(moment: datetime | None, site: Any, form: str = "%m-%d %H:%M") -> str:
    """Return a moment by the clock of the site."""
    return moment.astimezone(ZoneInfo(site.time_zone)).strftime(form) if moment else ""
