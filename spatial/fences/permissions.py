"""Who may be in a danger zone at a moment, and which rules somebody breaks there (P-01, P-03, P-12, P-13). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from spatial.people.rules import PersonFacts


@dataclass(frozen=True, slots=True)
class Permissions:
    """Whom a fence lets in. `open_to_all`: anybody who meets the conditions; else only those named.

    Persons named are let in whatever else holds. Everybody else needs the certificates, the briefing and the permit
    that the fence asks for; where the fence is not open to all, also a trade or team that is named, or a work permit
    for the zone.
    """

    open_to_all: bool = False
    rule: str = "P-01"
    persons: frozenset[UUID] = frozenset()
    trades: frozenset[str] = frozenset()
    teams: frozenset[UUID] = frozenset()
    certificates: tuple[str, ...] = ()
    needs_briefing: bool = False
    needs_permit: bool = False


def breaches(allowed: Permissions, zone_id: UUID, person: PersonFacts | None, at: datetime) -> tuple[str, ...]:
    """This function will return the alarm rules that a person breaks by being in a zone, the gravest first.

    None is somebody who is not known (a device without a wearer): a stranger, with nothing to show.
    """
    if person is not None and person.person_id in allowed.persons:
        return ()
    permitted = person is not None and person.has_permit(zone_id, at)
    broken = []
    if not allowed.open_to_all and not permitted and not _is_named(allowed, person):
        broken.append(allowed.rule)
    if allowed.needs_permit and not permitted:
        broken.append("P-03")
    if any(person is None or not person.holds(kind, at) for kind in allowed.certificates):
        broken.append("P-12")
    if allowed.needs_briefing and (person is None or not person.is_briefed(at)):
        broken.append("P-13")
    return tuple(broken)


def _is_named(allowed: Permissions, person: PersonFacts | None) -> bool:
    return person is not None and (person.trade in allowed.trades or person.team_id in allowed.teams)
