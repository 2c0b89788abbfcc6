"""What of a person decides where they may work: certificates, education, briefings, permits. Pure, no clock.

Times are aware; a day of a certificate or briefing is turned into the moment at which it ends by `end_of_day`.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

_TRADES_FILE = Path(__file__).parent / "data" / "trades.json"
EDUCATION_LEVELS = ("company", "project", "team")


@dataclass(frozen=True, slots=True)
class PermitWindow:
    """A stretch of time in which a work permit lets a person be in a zone."""

    permit_id: UUID
    zone_id: UUID
    kind: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, at: datetime) -> bool:
        """Return whether the permit holds at a moment."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What the fence engine knows of a person: trade as it is written, and what holds until when.

    `certificates` names, by kind, when the last certificate that held ends; `briefed_until` is None for who lacks a
    level of the three-level education or has no briefing.
    """

    person_id: UUID
    trade: str
    team_id: UUID | None = None
    certificates: Mapping[str, datetime] = field(default_factory=dict)
    briefed_until: datetime | None = None
    permits: tuple[PermitWindow, ...] = ()

    def holds(self, kind: str, at: datetime) -> bool:
        """Return whether a certificate of a kind is valid at a moment (P-12)."""
        until = self.certificates.get(kind)
        return until is not None and at < until

    def is_briefed(self, at: datetime) -> bool:
        """Return whether three-level education and a briefing hold at a moment (P-13)."""
        return self.briefed_until is not None and at < self.briefed_until

    def has_permit(self, zone_id: UUID, at: datetime, kind: str | None = None) -> bool:
        """Return whether a work permit (of a kind) lets this person be in a zone at a moment."""
        return any(
            window.zone_id == zone_id and window.covers(at) and kind in (None, window.kind) for window in self.permits
        )


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade, whether it is special work, and the certificates it needs; `source` and `mark` say where from."""

    zh: str
    en: str
    also: tuple[str, ...]
    special: bool
    needs: tuple[str, ...]
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class CertificateKind:
    """A kind of certificate and how many months one usually holds."""

    code: str
    zh: str
    en: str
    months: int
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class ExpiryStep:
    """So many days or fewer before the end, the level of the reminder."""

    days: int
    level: str


@lru_cache(maxsize=1)
def _table() -> Mapping[str, object]:
    return json.loads(_TRADES_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def trades() -> dict[str, Trade]:
    """Return the trades by every word for them."""
    table: Mapping = _table()
    found: dict[str, Trade] = {}
    for row in table["trades"]:
        source = table["sources"][row["source"]]
        trade = Trade(row["zh"], row["en"], tuple(row["also"]), row["special"], tuple(row["needs"]),
                      source["title"], source["mark"])  # fmt: skip
        for word in (trade.zh, *trade.also):
            found[word] = trade
    return found


@lru_cache(maxsize=1)
def certificate_kinds() -> dict[str, CertificateKind]:
    """Return the kinds of certificates by code."""
    table: Mapping = _table()
    found = {}
    for row in table["certificates"]:
        source = table["sources"][row["source"]]
        found[row["code"]] = CertificateKind(row["code"], row["zh"], row["en"], row["months"], source["title"],
                                             source["mark"])  # fmt: skip
    return found


@lru_cache(maxsize=1)
def expiry_steps() -> tuple[ExpiryStep, ...]:
    """Return the reminder steps before an end, the nearest last (V-01)."""
    table: Mapping = _table()
    return tuple(ExpiryStep(row["days"], row["level"]) for row in table["expiry"]["steps"])


def same_trade(trade: str) -> frozenset[str]:
    """Return every word for a trade; of one that is not listed, the word itself."""
    known = trades().get(trade)
    return frozenset({known.zh, *known.also} if known else {trade})


def trade_name(trade: str, language: str) -> str:
    """Return what a trade is called in a language (`zh`, `en`): in Chinese as it is written, and so is one that is
    not listed."""
    known = trades().get(trade)
    return known.en if known and language == "en" else trade


def certificate_name(kind: str, language: str) -> str:
    """Return what a kind of certificate is called in a language (`zh`, `en`); one that is not listed by its code."""
    known = certificate_kinds().get(kind)
    if known is None:
        return kind
    return known.en if language == "en" else known.zh


def certificates_needed(trade: str, required: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Return the kinds of certificates that a trade needs: those of the table, then those that (trade, kind) pairs
    of an organisation require besides. A trade that is not listed needs the latter only."""
    known, words = trades().get(trade), same_trade(trade)
    needs = known.needs if known else ()
    return tuple(dict.fromkeys((*needs, *(kind for word, kind in required if word in words))))


def expiry_level(valid_until: date, today: date) -> str | None:
    """Return the level of the reminder for something valid until a day (included), None when it is far off."""
    left = (valid_until - today).days
    if left < 0:
        return "red"
    due = [step.level for step in expiry_steps() if step.days > 0 and left <= step.days]
    return due[-1] if due else None


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the moment at which a day of the site ends."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=ZoneInfo(time_zone))


def start_of_day(day: date, time_zone: str) -> datetime:
    """Return the moment at which a day of the site begins."""
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(time_zone))


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_ends(spans: Iterable[tuple[str, datetime, datetime]], at: datetime) -> dict[str, datetime]:
    """Return, by kind, until when what holds at `at` holds: without a gap from one certificate to the next."""
    by_kind: dict[str, list[tuple[datetime, datetime]]] = {}
    for kind, start, end in spans:
        by_kind.setdefault(kind, []).append((start, end))
    found: dict[str, datetime] = {}
    for kind, pairs in by_kind.items():
        until = None
        for start, end in sorted(pairs):
            if (until is None and start <= at < end) or (until is not None and start <= until < end):
                until = end
        if until is not None:
            found[kind] = until
    return found


def briefed_until(
    levels: Iterable[str], briefings: Iterable[tuple[datetime, datetime]], at: datetime
) -> datetime | None:
    """Return until when a person counts as briefed at `at`: all three levels of education, and a signed briefing."""
    if not set(EDUCATION_LEVELS) <= set(levels):
        return None
    return last_ends((("briefing", start, end) for start, end in briefings), at).get("briefing")
