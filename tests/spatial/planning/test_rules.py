"""Signing in order, changes, group A and the list of what is missing, as pure functions."""

from __future__ import annotations

from datetime import date

import pytest

from spatial.planning.rules import (
    Change,
    Evidence,
    GroupSeat,
    SigningRefused,
    Standing,
    changes_since,
    check_signature,
    findings,
    group_a,
    used_facts,
)

FULL = {"A1": 2.0, "A2": 2.0, "A3": 2.0, "A4": 2.0, "A5": 2.0}
SIX = {"regime", "implementation_plan", "responsibility", "identification", "screening", "reward"}
TODAY = date(2026, 11, 23)


def evidence(**changes) -> Evidence:
    given = {
        "valid": frozenset(SIX | {"org_decision"}),
        "decision_leader": "manager",
        "managers": frozenset({"manager"}),
        "decision_officer": "officer",
        "active_people": frozenset({"officer"}),
        "trained": {"management": 5, "team": 10, "worker": 25},
        "headcount": 40,
    }
    return Evidence(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, [2, 2, 2, 2, 2]),
        ({"valid": frozenset()}, [0, 0, 0, 0, 2]),
        ({"decision_leader": "deputy"}, [2, 0, 2, 2, 2]),
        ({"active_people": frozenset()}, [2, 2, 0, 2, 2]),
        ({"valid": frozenset({"org_decision", "regime", "reward", "training_plan"})}, [2, 2, 2, 0.67, 2]),
        ({"trained": {"management": 5, "team": 5, "worker": 10}}, [2, 2, 2, 2, 1]),
        ({"trained": {"management": 20, "worker": 20}}, [2, 2, 2, 2, 0]),
        ({"trained": {"management": 20, "team": 20, "worker": 200}}, [2, 2, 2, 2, 2]),
        ({"headcount": 0}, [2, 2, 2, 2, 0]),
    ],
)
def test_group_a_has_these_points(changes, points):
    assert [row.got for row in group_a(evidence(**changes), FULL)] == points


def sign(**changes) -> None:
    given = {
        "step": "review",
        "state": "compiled",
        "actor": 2,
        "roles": {"project_manager"},
        "allowed": {"project_manager"},
        "signed": {"compile": 1},
    }
    check_signature(**(given | changes))


def test_a_signature_in_order_by_another_person_is_good():
    sign()
    sign(step="issue", state="approved", actor=1, signed={"compile": 1, "review": 2, "approve": 3})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": "approve"}, "next signature is to review, not to approve"),
        ({"state": "issued"}, "begin a new version"),
        ({"roles": {"worker"}}, "needs one of the roles project_manager"),
        ({"actor": 1}, "Who compiled a document does not review it"),
        ({"step": "approve", "state": "reviewed", "actor": 1}, "does not approve it"),
    ],
)
def test_a_signature_is_refused(changes, words):
    with pytest.raises(SigningRefused, match=words):
        sign(**changes)


def test_only_watched_facts_that_differ_are_changes():
    before = {"officer": "安", "people_count": "40", "group": [["职务"], ["组长"]]}
    now = {"officer": "王", "people_count": "41", "group": [["职务"], ["组长"]]}
    assert changes_since(before, now, {"officer", "group"}) == [Change("officer", "安", "王")]
    assert changes_since(before, {"group": [["职务"]]}, {"group"})[0].now == [["职务"]]


def test_only_facts_that_the_text_names_are_kept():
    facts = {"officer": "安", "site_name": "塔楼", "teams": [["班组"]]}
    assert used_facts("{{officer}}\n{{table:teams}}", facts) == {"officer": "安", "teams": [["班组"]]}


def test_a_site_without_anything_lacks_its_group_every_document_and_every_training():
    found = findings([Standing("regime"), Standing("reward")], [], {}, TODAY)
    assert [(row.code, row.about) for row in found] == [
        ("no_leader", "leader"), ("no_officer", "officer"), ("no_members", "member"), ("absent", "regime"),
        ("absent", "reward"), ("untrained", "management"), ("untrained", "team"), ("untrained", "worker"),
    ]  # fmt: skip


def test_a_leader_who_is_not_the_manager_and_somebody_gone_are_told():
    seats = [
        GroupSeat("leader", "安", is_active=True, has_role=True, is_manager=False),
        GroupSeat("member", "走", is_active=False, has_role=False, is_manager=False),
        GroupSeat("officer", "王", is_active=True, has_role=True, is_manager=False),
    ]
    found = findings([], seats, {"management": 1, "team": 1, "worker": 1}, TODAY)
    assert [(row.code, row.facts["name"]) for row in found] == [("leader_not_manager", "安"), ("seat_gone", "走")]


def test_expired_soon_expired_unsigned_and_out_of_date_documents_are_told():
    changed = (Change("officer", "安", "王"),)
    rows = [
        Standing("regime", issued=True, valid_until=date(2026, 11, 22)),
        Standing("reward", issued=True, valid_until=date(2026, 12, 23)),
        Standing("screening", issued=True, valid_until=date(2026, 12, 24)),
        Standing("identification", pending_state="compiled"),
        Standing("training_plan", issued=True, pending_state="draft", unfilled=("officer",)),
        Standing("org_decision", issued=True, changes=changed),
    ]
    trained = {"management": 1, "team": 1, "worker": 1}
    seats = [GroupSeat(duty, "郑", True, True, True) for duty in ("leader", "member", "officer")]
    found = [(row.code, row.about, row.missing) for row in findings(rows, seats, trained, TODAY)]
    assert found == [
        ("expired", "regime", True), ("expires_soon", "reward", False), ("unsigned", "identification", True),
        ("unsigned", "training_plan", False), ("unfilled", "training_plan", True),
        ("out_of_date", "org_decision", True),
    ]  # fmt: skip
