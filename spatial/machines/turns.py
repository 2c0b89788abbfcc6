"""What following machines and people brings about, who operated a machine when, and which rules are asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from spatial.machines.rules import Change

PERSON_RULES = ("P-15", "P-16")
PAIR_RULES = ("TC-04", "TC-05")
Key = tuple[UUID, str, str]


@dataclass(frozen=True)
class Turn:
    """A change of one rule about one machine and one other (empty: nobody), and where it was (x, y, height)."""

    key: Key
    change: Change
    where: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a machine by one operator: from when to when, verified or not, and the devices that sit in its cab."""

    started_at: datetime
    ended_at: datetime | None
    verified: bool
    devices: frozenset[UUID] = frozenset()

    def holds(self, at: datetime) -> bool:
        """Whether the run goes on at a moment."""
        return self.started_at <= at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True)
class Scope:
    """What is judged: every rule about these machines, and every rule that concerns these people."""

    machines: frozenset[UUID] = frozenset()
    people: frozenset[UUID] = frozenset()

    def holds(self, key: Key) -> bool:
        """Whether a rule about a machine and another is judged."""
        machine_id, rule, other = key
        if machine_id in self.machines:
            return True
        if rule in PERSON_RULES:
            return UUID(other) in self.people
        return rule in PAIR_RULES and UUID(other) in self.machines
