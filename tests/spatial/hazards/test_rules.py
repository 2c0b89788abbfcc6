"""The transition table as the specification has it, and its guards, without a database."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.hazards.queries import SPINE_EVENTS
from spatial.hazards.rules import (
    Attempt,
    Refusal,
    Ticket,
    Transition,
    decide,
    end_of_day,
    evidence_refusal,
    handed_in_on_time,
    is_overdue,
    overdue_days,
    read_workflow,
    resumed_deadline,
)

ROOT = Path(__file__).parents[3]
DATA = ROOT / "spatial/rulebook/data"
SPEC = Path(__file__).parents[1] / "data/hazard_transitions.csv"
WORKFLOW = read_workflow(
    json.loads((DATA / "hazard_states.json").read_text(encoding="utf-8")),
    json.loads((DATA / "hazard_settings.json").read_text(encoding="utf-8")),
)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STATES = sorted({row.from_state for row in WORKFLOW.transitions} | {row.to_state for row in WORKFLOW.transitions})
EVENTS = sorted({row.event for row in WORKFLOW.transitions})
ROLES = sorted({role for row in WORKFLOW.transitions for role in row.actors})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_the_table_is_that_of_the_specification_row_by_row():
    with SPEC.open(encoding="utf-8") as file:
        spec = [(r["id"], r["from"], r["event"], r["to"], tuple(r["actors"].split())) for r in csv.DictReader(file)]
    ours = [(t.id, t.from_state, t.event, t.to_state, t.actors) for t in WORKFLOW.transitions]
    assert ours == spec
    assert len(ours) == 36
    assert set(SPINE_EVENTS) <= set(EVENTS)


@given(st.sampled_from(STATES), st.sampled_from(EVENTS), st.frozensets(st.sampled_from(ROLES)))
def test_law_only_a_listed_event_by_a_listed_role_is_taken(state, event, roles):
    decision = decide(Ticket(state=state), event, Attempt(actor=1, roles=roles, now=NOW), WORKFLOW)
    rows = [row for row in WORKFLOW.transitions if (row.from_state, row.event) == (state, event)]
    if not rows:
        assert isinstance(decision, Refusal)
        assert decision.kind == "transition"
        return
    above_site = roles & {"enterprise_safety", "enterprise_head", "town_reviewer", "dept_reviewer", "committee"}
    allowed = roles & set(rows[0].actors) or ("rechecker" in rows[0].actors and above_site)
    if not allowed:
        assert isinstance(decision, Refusal)
        assert decision.kind == "role"
    elif isinstance(decision, Transition):
        assert decision == rows[0]


@pytest.mark.parametrize(
    ("moment", "days", "zone", "expected"),
    [
        (datetime(2026, 11, 23, 2, 0, tzinfo=UTC), 0, "Asia/Shanghai", datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), 3, "Asia/Shanghai", datetime(2026, 11, 26, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), 3, "Asia/Shanghai", datetime(2026, 11, 27, 16, 0, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, 0, tzinfo=UTC), 0, "Europe/Berlin", datetime(2026, 3, 28, 23, 0, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, 0, tzinfo=UTC), 1, "Europe/Berlin", datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_the_instant_2400_at_the_site(moment, days, zone, expected):
    assert end_of_day(moment, days, zone) == expected


@given(st.sampled_from(STATES), st.integers(-100, 100), st.none() | st.integers(-100, 100))
def test_law_a_ticket_is_late_only_while_open_past_its_deadline_and_not_handed_in_before(state, late_h, handed_h):
    handed = None if handed_h is None or state == "ASSIGNED" else NOW + handed_h * HOUR
    ticket = Ticket(state=state, deadline=NOW, rectified_at=handed)
    at = NOW + late_h * HOUR
    expected = state in ("ASSIGNED", "RECTIFIED", "RECHECK_PASSED") and late_h >= 0
    if handed is not None and state in ("RECTIFIED", "RECHECK_PASSED"):
        expected = expected and handed > NOW
    assert is_overdue(ticket, at) is expected
    assert (overdue_days(ticket, at) > 0) is (expected and late_h > 0)


@pytest.mark.parametrize(("late", "days"), [(timedelta(0), 0), (timedelta(seconds=1), 1), (DAY, 1), (DAY + HOUR, 2)])
def test_overdue_days_are_started_days(late, days):
    assert overdue_days(Ticket(state="ASSIGNED", deadline=NOW), NOW + late) == days


@given(st.integers(0, 500), st.integers(0, 500))
def test_law_a_failed_recheck_gives_back_exactly_the_remaining_time(early_h, waited_h):
    ticket = Ticket(state="RECTIFIED", deadline=NOW + early_h * HOUR, rectified_at=NOW)
    assert handed_in_on_time(ticket)
    at = NOW + waited_h * HOUR
    assert resumed_deadline(ticket, at) - at == early_h * HOUR
    late = Ticket(state="RECTIFIED", deadline=NOW - HOUR, rectified_at=NOW)
    assert resumed_deadline(late, at) == NOW - HOUR


@pytest.mark.parametrize(
    ("hashes", "used", "refused"),
    [
        (["a"], [], False),
        (list("abcdefghi"), [], False),
        ([], [], True),
        (list("abcdefghij"), [], True),
        (["a", "a"], [], True),
        (["a", "b"], ["b"], True),
    ],
)
def test_one_to_nine_photos_each_used_once(hashes, used, refused):
    assert (evidence_refusal(hashes, used, WORKFLOW.settings) is not None) is refused


def test_no_photo_is_allowed_where_none_is_needed():
    assert evidence_refusal([], [], WORKFLOW.settings, needed=False) is None


def ticket_with_request(**changes) -> Ticket:
    fields = {
        "state": "ASSIGNED",
        "assigned_at": NOW,
        "deadline": NOW + 3 * DAY,
        "first_deadline": NOW + 3 * DAY,
        "extension_asked_by": 7,
        "extension_deadline": NOW + 5 * DAY,
        "deadline_set_level": 3,
    }
    return Ticket(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "actor", "roles", "kind"),
    [
        ({}, 1, {"town_reviewer"}, None),
        ({}, 1, {"dept_reviewer"}, None),
        ({}, 1, {"site_safety"}, "role"),
        ({}, 7, {"town_reviewer"}, "role"),
        ({"extension_deadline": None}, 1, {"town_reviewer"}, "transition"),
    ],
)
def test_more_time_is_granted_at_the_level_that_set_the_deadline_by_another(changes, actor, roles, kind):
    attempt = Attempt(actor=actor, roles=frozenset(roles), now=NOW)
    decision = decide(ticket_with_request(**changes), "approve_extension", attempt, WORKFLOW)
    assert (decision.kind if isinstance(decision, Refusal) else None) == kind


@pytest.mark.parametrize(
    ("changes", "asked", "kind"),
    [
        ({}, NOW + 6 * DAY, None),
        ({}, NOW + 6 * DAY + HOUR, "value"),
        ({}, NOW + 3 * DAY, "value"),
        ({"extension_count": 2}, NOW + 5 * DAY, "transition"),
        ({"extension_deadline": NOW + 4 * DAY}, NOW + 5 * DAY, "transition"),
        ({"deadline": NOW}, NOW + 5 * DAY, "transition"),
    ],
)
def test_more_time_is_asked_for_twice_at_most_before_the_deadline_and_within_twice_the_first_period(
    changes, asked, kind
):
    ticket = ticket_with_request(**({"extension_deadline": None} | changes))
    attempt = Attempt(actor=7, roles=frozenset({"rectifier"}), now=NOW, deadline=asked)
    decision = decide(ticket, "request_extension", attempt, WORKFLOW)
    assert (decision.kind if isinstance(decision, Refusal) else None) == kind
