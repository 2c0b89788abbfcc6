"""Signing in order, what has changed since, and the points of group A. Pure: no framework, no clock.

Sources: spec/domain/06 group A (Henan project assessment sheet, 扩面提质阶段评估表); S0.46, S0.19.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from .body import Fact, fields_of

STEPS = ("compile", "review", "approve", "issue")
STATE_AFTER = {"compile": "compiled", "review": "reviewed", "approve": "approved", "issue": "issued"}
STEP_AFTER = {"draft": "compile", "compiled": "review", "reviewed": "approve", "approved": "issue"}
GROUP_A = ("A1", "A2", "A3", "A4", "A5")
A4_KINDS = ("regime", "implementation_plan", "responsibility", "identification", "screening", "reward")
TRAINING_LEVELS = ("management", "team", "worker")


class SigningRefused(ValueError):
    """A signature cannot be given; nothing was changed. The message says why and who may give it."""


def check_signature(
    *,
    step: str,
    state: str,
    actor: Any,
    roles: Collection[str],
    allowed: Collection[str],
    signed: Mapping[str, Any],
) -> None:
    """Refuse a signature out of order, by a role that may not give it, or twice by one person before the issue.

    `signed` names who gave the earlier signatures, by step. Raises SigningRefused.
    """
    expected = STEP_AFTER.get(state)
    if expected is None:
        raise SigningRefused(f"A document that is {state} is not signed any more; begin a new version.")
    if step != expected:
        raise SigningRefused(f"The next signature is to {expected}, not to {step}: the order is {', '.join(STEPS)}.")
    if not set(roles) & set(allowed):
        raise SigningRefused(f"To {step} this document needs one of the roles {', '.join(sorted(allowed))}.")
    if step in ("review", "approve") and signed.get("compile") == actor:
        raise SigningRefused(f"Who compiled a document does not {step} it; let somebody else do that.")


def content_sha256(title: str, text: str, facts_json: str) -> str:
    """Return the hash that the signatures of a version stand under: title, text and the facts that fill it."""
    return sha256("\x1f".join((title, text, facts_json)).encode()).hexdigest()


def document_number(site_code: str, kind_number: int, version: int) -> str:
    """Return the number of a version: site, place of its kind in the set, version."""
    return f"{site_code.upper()}-SC-{kind_number:02d}-V{version}"


@dataclass(frozen=True)
class Change:
    """A watched fact that is not any more what an issued document says."""

    field: str
    before: Fact
    now: Fact


def changes_since(frozen: Mapping[str, Fact], now: Mapping[str, Fact], watched: Collection[str]) -> list[Change]:
    """Return the watched facts of a document that have another value now, by name."""
    names = sorted(set(frozen) & set(watched))
    return [
        Change(name, frozen[name], now.get(name, ""))
        for name in names
        if _plain(frozen[name]) != _plain(now.get(name, ""))
    ]


def _plain(fact: Fact) -> Any:
    return fact if isinstance(fact, str) else [[str(cell) for cell in row] for row in fact]


def used_facts(text: str, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return the facts that a text names: these are kept with the version that is signed."""
    fields, tables = fields_of(text)
    return {name: facts[name] for name in sorted(fields | tables) if name in facts}


@dataclass(frozen=True)
class Evidence:
    """What group A is judged on. `valid` are the kinds issued and not expired; `trained` counts by level."""

    valid: frozenset[str]
    decision_leader: Any | None
    managers: frozenset[Any]
    decision_officer: Any | None
    active_people: frozenset[Any]
    trained: Mapping[str, int]
    headcount: int


@dataclass(frozen=True)
class Points:
    """Points of one item: got of full, and the numbers that they come from."""

    item: str
    got: float
    full: float
    facts: Mapping[str, int]


def group_a(evidence: Evidence, full: Mapping[str, float]) -> list[Points]:
    """Return the points of A1 to A5 (spec 06, 6.2), each with what they were computed from."""
    decided = "org_decision" in evidence.valid
    leads = decided and evidence.decision_leader is not None and evidence.decision_leader in evidence.managers
    officer = decided and evidence.decision_officer is not None and evidence.decision_officer in evidence.active_people
    present = sum(kind in evidence.valid for kind in A4_KINDS)
    trained = sum(evidence.trained.get(level, 0) for level in TRAINING_LEVELS)
    levels = sum(evidence.trained.get(level, 0) > 0 for level in TRAINING_LEVELS)
    share = min(1.0, trained / evidence.headcount) if evidence.headcount and levels == len(TRAINING_LEVELS) else 0.0
    return [
        Points("A1", full["A1"] * decided, full["A1"], {"decided": int(decided)}),
        Points("A2", full["A2"] * leads, full["A2"], {"leads": int(leads)}),
        Points("A3", full["A3"] * officer, full["A3"], {"officer": int(officer)}),
        Points("A4", round(full["A4"] * present / len(A4_KINDS), 2), full["A4"], {"present": present, "asked": 6}),
        Points(
            "A5",
            round(full["A5"] * share, 2),
            full["A5"],
            {"trained": trained, "headcount": evidence.headcount, "levels": levels},
        ),
    ]


@dataclass(frozen=True)
class Standing:
    """How one kind of document stands: the newest issued version, and the newest one that is not issued."""

    kind: str
    issued: bool = False
    valid_until: date | None = None
    pending_state: str = ""
    unfilled: Sequence[str] = ()
    changes: Sequence[Change] = ()


@dataclass(frozen=True)
class Finding:
    """Something that is missing: a code, the kind of document or the duty it is about, and what to say of it."""

    code: str
    about: str
    facts: Mapping[str, Any]
    missing: bool = True


@dataclass(frozen=True)
class GroupSeat:
    """A seat of the leading group: its duty, whose it is, and whether the account still works and has a role."""

    duty: str
    name: str
    is_active: bool
    has_role: bool
    is_manager: bool


EXPIRES_SOON_DAYS = 30


def findings(
    standings: Iterable[Standing], seats: Sequence[GroupSeat], trained: Mapping[str, int], today: date
) -> list[Finding]:
    """Return everything that is missing, in the order in which a project would put it right."""
    found = list(_of_group(seats))
    for standing in standings:
        found.extend(_of_document(standing, today))
    found.extend(Finding("untrained", level, {}) for level in TRAINING_LEVELS if not trained.get(level))
    return found


def _of_group(seats: Sequence[GroupSeat]) -> Iterable[Finding]:
    leaders = [seat for seat in seats if seat.duty == "leader"]
    if not leaders:
        yield Finding("no_leader", "leader", {})
    yield from (Finding("leader_not_manager", "leader", {"name": s.name}) for s in leaders if not s.is_manager)
    if not any(seat.duty == "officer" for seat in seats):
        yield Finding("no_officer", "officer", {})
    if not any(seat.duty in ("deputy", "member") for seat in seats):
        yield Finding("no_members", "member", {})
    for seat in seats:
        if not seat.is_active or not seat.has_role:
            yield Finding("seat_gone", seat.duty, {"name": seat.name})


def _of_document(standing: Standing, today: date) -> Iterable[Finding]:
    kind = standing.kind
    if not standing.issued and not standing.pending_state:
        yield Finding("absent", kind, {})
    if standing.pending_state:
        yield Finding("unsigned", kind, {"step": STEP_AFTER[standing.pending_state]}, missing=not standing.issued)
    for field in standing.unfilled:
        yield Finding("unfilled", kind, {"field": field})
    if standing.issued and standing.valid_until and standing.valid_until < today:
        yield Finding("expired", kind, {"on": standing.valid_until})
    elif standing.issued and standing.valid_until and (standing.valid_until - today).days <= EXPIRES_SOON_DAYS:
        yield Finding("expires_soon", kind, {"on": standing.valid_until}, missing=False)
    if standing.issued and standing.changes:
        yield Finding("out_of_date", kind, {"changes": list(standing.changes)})
