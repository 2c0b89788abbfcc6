"""The ticket's transition table and its guards: pure, with the edition's tables and now as arguments.

Source: spec/domain/03 (总局令16号; 安全生产法 第四十一条); deadlines 3.7, evidence 3.5, refusals 3.8.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

RefusalKind = Literal["transition", "role", "value", "evidence"]
OPEN_STATES = ("ASSIGNED", "RECTIFIED", "RECHECK_PASSED")
HANDED_IN = ("RECTIFIED", "RECHECK_PASSED")


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; the operation that raises it translates."""
    return text


@dataclass(frozen=True)
class Refusal:
    """Why an act is refused: a sentence with %(names)s for `values`, and the field it belongs to."""

    kind: RefusalKind
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)
    field_name: str = ""


@dataclass(frozen=True)
class Transition:
    """One row of the transition table."""

    id: str
    from_state: str
    event: str
    to_state: str
    actors: tuple[str, ...]


@dataclass(frozen=True)
class Workflow:
    """The tables of an edition that decide about tickets."""

    transitions: tuple[Transition, ...]
    deadline_days: Mapping[str, int]
    settings: Mapping[str, Any]

    def find(self, state: str, event: str) -> Transition | None:
        """Return the row for an event in a state, or None: what is not listed is refused."""
        return next((t for t in self.transitions if t.from_state == state and t.event == event), None)


@dataclass(frozen=True)
class Ticket:
    """A ticket as its guards see it; people are ids."""

    state: str
    reporter: Any = None
    rectifier: Any = None
    rechecker: Any = None
    source: str = "self_check"
    found_at: datetime | None = None
    assigned_at: datetime | None = None
    deadline: datetime | None = None
    first_deadline: datetime | None = None
    rectified_at: datetime | None = None
    return_count: int = 0
    extension_count: int = 0
    extension_asked_by: Any = None
    extension_deadline: datetime | None = None
    deadline_set_level: int = 0


@dataclass(frozen=True)
class Attempt:
    """What somebody tries: who (id and roles, ticket roles included), when, and what was handed in."""

    actor: Any
    roles: frozenset[str]
    now: datetime
    rectifier: Any = None
    rechecker: Any = None
    deadline: datetime | None = None
    photo_times: tuple[datetime, ...] = ()


def read_workflow(content: Mapping[str, Any], settings: Mapping[str, Any]) -> Workflow:
    """Return the workflow of an edition (`hazard_workflow` and `hazard_settings` of the rulebook)."""
    rows = content["transitions"]
    return Workflow(
        transitions=tuple(
            Transition(row["id"], row["from"], row["event"], row["to"], tuple(row["actors"])) for row in rows
        ),
        deadline_days={row["class"]: row["days"] for row in content["deadlines_days"] if row["path"] == "general"},
        settings=settings,
    )


def level_of(roles: Iterable[str], workflow: Workflow) -> int:
    """Return the highest level among roles: 1 site, 2 company, 3 town, 4 department, 5 committee, 0 none."""
    levels = workflow.settings["levels_of_roles"]
    return max((levels.get(role, 0) for role in roles), default=0)


def may_act(transition: Transition, roles: frozenset[str], workflow: Workflow) -> bool:
    """Return whether one of the roles may take a step; a recheck is also open to who stands higher (T13, T14)."""
    if roles & set(transition.actors):
        return True
    above_site = level_of(roles, workflow) > level_of({"site_safety"}, workflow)
    return "rechecker" in transition.actors and above_site


def end_of_day(moment: datetime, days: int, time_zone: str) -> datetime:
    """Return the instant 24:00, in a time zone, of the day that lies `days` calendar days after a moment's day."""
    zone = ZoneInfo(time_zone)
    day = moment.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), zone).astimezone(moment.tzinfo)


def is_overdue(ticket: Ticket, now: datetime) -> bool:
    """Return whether a ticket is late now: open, past its deadline, and not handed in on time."""
    if ticket.deadline is None or ticket.state not in OPEN_STATES or now < ticket.deadline:
        return False
    return not (ticket.state in HANDED_IN and handed_in_on_time(ticket))


def handed_in_on_time(ticket: Ticket) -> bool:
    """Return whether the fix was handed in before or at the deadline: that stops the clock."""
    return ticket.rectified_at is not None and ticket.deadline is not None and ticket.rectified_at <= ticket.deadline


def overdue_days(ticket: Ticket, now: datetime) -> int:
    """Return the started days a ticket is late: ceil((now - deadline) / 1 day), 0 when it is not."""
    if not is_overdue(ticket, now) or ticket.deadline is None:
        return 0
    return math.ceil((now - ticket.deadline) / timedelta(days=1))


def resumed_deadline(ticket: Ticket, now: datetime) -> datetime | None:
    """Return the deadline after a failed recheck: the remaining time runs on from now; unchanged where late."""
    if ticket.deadline is None or not handed_in_on_time(ticket) or ticket.rectified_at is None:
        return ticket.deadline
    return now + (ticket.deadline - ticket.rectified_at)


def _not_listed(ticket: Ticket, event: str) -> Refusal:
    sentence = gettext_noop("“%(event)s” is not possible while the ticket is in state %(state)s.")
    return Refusal("transition", sentence, {"event": event, "state": ticket.state})


def _no_role() -> Refusal:
    return Refusal("role", gettext_noop("Your role on this ticket does not allow this step."))


def decide(ticket: Ticket, event: str, attempt: Attempt, workflow: Workflow) -> Transition | Refusal:
    """Return the row that an attempt takes, or why it is refused."""
    transition = workflow.find(ticket.state, event)
    if transition is None:
        return _not_listed(ticket, event)
    if not may_act(transition, attempt.roles, workflow):
        return _no_role()
    guard = _GUARDS.get(transition.id)
    refusal = guard(ticket, attempt, workflow) if guard else None
    return refusal or transition


def standing_refusal(ticket: Ticket, transition: Transition, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    """Return why a step is refused whatever is handed in; pages offer a step when this is None."""
    if not may_act(transition, attempt.roles, workflow):
        return _no_role()
    guard = _STANDING.get(transition.id)
    return guard(ticket, attempt, workflow) if guard else None


def _guard_assign(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if attempt.rectifier == attempt.rechecker:
        sentence = gettext_noop("The rechecker is never the one who fixes it: choose somebody else.")
        return Refusal("value", sentence, field_name="rechecker")
    longest = attempt.now + timedelta(days=max(workflow.deadline_days.values()) + 1)
    if attempt.deadline is None or not attempt.now < attempt.deadline <= longest:
        sentence = gettext_noop("The deadline must lie after now and within %(days)s days.")
        return Refusal("value", sentence, {"days": max(workflow.deadline_days.values())}, "deadline")
    return None


def _guard_return(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    most = workflow.settings["max_returns"]
    if ticket.return_count < most:
        return None
    sentence = gettext_noop("It was returned %(count)s times: approve it, void it or judge it as major now.")
    return Refusal("transition", sentence, {"count": ticket.return_count})


def _guard_void(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if attempt.actor != ticket.reporter:
        return None
    return Refusal("role", gettext_noop("Who reported it cannot void it: another person must."))


def _guard_reassign(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if attempt.rectifier != ticket.rechecker:
        return None
    return Refusal("value", gettext_noop("The rechecker cannot be given the fix."), field_name="rectifier")


def _guard_fix(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if ticket.found_at is None or all(moment > ticket.found_at for moment in attempt.photo_times):
        return None
    sentence = gettext_noop("A photo was taken before the hazard was found: it cannot show the fix.")
    return Refusal("evidence", sentence, field_name="photos")


def _guard_recheck(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if attempt.actor != ticket.rectifier:
        return None
    return Refusal("role", gettext_noop("Who fixed it cannot recheck it."))


def _needs_town(ticket: Ticket, workflow: Workflow) -> bool:
    government = ticket.source in workflow.settings["check_sources_of_government"]
    return government or bool(workflow.settings["general.town_review"])


def _guard_town_close(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if _needs_town(ticket, workflow):
        return None
    return Refusal("transition", gettext_noop("A self-check is closed by the site: no town review is set."))


def _guard_auto_close(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if not _needs_town(ticket, workflow):
        return None
    return Refusal("transition", gettext_noop("This ticket is closed by the town's review only."))


def _guard_may_extend(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if ticket.extension_deadline is not None:
        return Refusal("transition", gettext_noop("More time was asked for already; it is not decided yet."))
    if ticket.extension_count >= workflow.settings["max_extensions"]:
        return Refusal("transition", gettext_noop("The deadline was extended as often as is allowed."))
    if ticket.deadline is None or attempt.now >= ticket.deadline:
        return Refusal("transition", gettext_noop("More time can be asked for before the deadline only."))
    return None


def _guard_ask_extension(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    refusal = _guard_may_extend(ticket, attempt, workflow)
    if refusal or ticket.deadline is None or ticket.assigned_at is None:
        return refusal
    first = (ticket.first_deadline or ticket.deadline) - ticket.assigned_at
    latest = ticket.assigned_at + workflow.settings["extension_total_times_first_period"] * first
    if attempt.deadline is None or not ticket.deadline < attempt.deadline <= latest:
        sentence = gettext_noop("The new deadline must lie after the present one and before %(latest)s.")
        return Refusal("value", sentence, {"latest": latest.isoformat(timespec="minutes")}, "new_deadline")
    return None


def _guard_decide_extension(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if ticket.extension_deadline is None:
        return Refusal("transition", gettext_noop("No request for more time is open."))
    if attempt.actor == ticket.extension_asked_by:
        return Refusal("role", gettext_noop("Who asked for more time cannot grant it."))
    if level_of(attempt.roles, workflow) < ticket.deadline_set_level:
        return Refusal("role", gettext_noop("More time is granted at the level that set the deadline, or above."))
    return None


def _guard_pending(ticket: Ticket, attempt: Attempt, workflow: Workflow) -> Refusal | None:
    if ticket.extension_deadline is not None:
        return None
    return Refusal("transition", gettext_noop("No request for more time is open."))


_GUARDS = {
    "T02": _guard_assign,
    "T03": _guard_return,
    "T05": _guard_void,
    "T07": _guard_reassign,
    "T08": _guard_fix,
    "T09": _guard_ask_extension,
    "T10": _guard_decide_extension,
    "T11": _guard_pending,
    "T13": _guard_recheck,
    "T14": _guard_recheck,
    "T15": _guard_town_close,
    "T16": _guard_auto_close,
    "T17": _guard_town_close,
}
_STANDING = {
    "T03": _guard_return,
    "T05": _guard_void,
    "T09": _guard_may_extend,
    "T10": _guard_decide_extension,
    "T11": _guard_pending,
    "T13": _guard_recheck,
    "T14": _guard_recheck,
    "T15": _guard_town_close,
    "T16": _guard_auto_close,
    "T17": _guard_town_close,
}


def evidence_refusal(
    hashes: Sequence[str], used: Iterable[str], settings: Mapping[str, Any], *, needed: bool = True
) -> Refusal | None:
    """Return why photos (by hash) are refused: too few, too many, or one used as evidence already."""
    least, most = settings["photos_min"] if needed else 0, settings["photos_max"]
    if not least <= len(hashes) <= most:
        sentence = gettext_noop("Between %(least)s and %(most)s photos are needed, not %(count)s.")
        return Refusal("evidence", sentence, {"least": least, "most": most, "count": len(hashes)}, "photos")
    if len(set(hashes)) < len(hashes) or set(hashes) & set(used):
        sentence = gettext_noop("A photo was used as evidence before: take a new one.")
        return Refusal("evidence", sentence, field_name="photos")
    return None
