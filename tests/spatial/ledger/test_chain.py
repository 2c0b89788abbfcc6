"""The ledger: signed, chained per organisation, added to only; every kind of tampering is found."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from spatial.ledger.models import Act
from spatial.ledger.operations import claim_client_event, record_act
from spatial.ledger.queries import answer_given, chain_head, verify_chain, visible
from spatial.ledger.rules import canonical_json
from tests.spatial.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(cast):
    def write(verb: str = "look", **changes) -> Act:
        fields = {
            "organisation": cast.site.organisation,
            "site": cast.site,
            "actor": cast.officer,
            "verb": verb,
            "subject_kind": "thing",
            "subject_id": "1",
            "details": {"文字": "值", "float": 0.1, "whole": 3.0, "big": 1e16, "none": None},
            "occurred_at": NOW - timedelta(minutes=5),
            "received_at": NOW,
            "location": Point(113.77, 34.765, 100.25, srid=4490),
        }
        return record_act(**(fields | changes))

    return write


@pytest.fixture
def without_guard():
    """Take the trigger away, as somebody with the owner's rights could, to tamper with rows."""
    with connection.cursor() as cursor:  # the test's own transaction: its end puts the trigger back
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_act DISABLE TRIGGER ledger_act_append_only")


def kinds(organisation, **options) -> list[tuple[int, str]]:
    return [(problem.sequence, problem.kind) for problem in verify_chain(organisation, **options)]


def test_acts_are_numbered_chained_and_whole(cast, act):
    start = chain_head(cast.site.organisation)[0]
    first, second = act("one"), act("two")
    assert (first.sequence, second.sequence) == (start + 1, start + 2)
    assert second.previous_hash == first.hash
    assert verify_chain(cast.site.organisation) == []
    assert verify_chain(None) == []


def test_each_organisation_has_a_chain_of_its_own(cast, act):
    own = chain_head(cast.site.organisation)
    other = cast.stranger.memberships.get().site.organisation
    act(organisation=other, site=None)
    assert chain_head(cast.site.organisation) == own
    assert verify_chain(other) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE ledger_act SET details = '{}' WHERE id = %(two)s", [(2, "edited")]),
        ("UPDATE ledger_act SET actor_name = 'nobody' WHERE id = %(two)s", [(2, "edited")]),
        ("UPDATE ledger_act SET received_at = received_at + interval '1 us' WHERE id = %(two)s", [(2, "edited")]),
        (
            "UPDATE ledger_act SET location = ST_Translate(location, 0, 0, 0.01) WHERE id = %(two)s",
            [(2, "edited")],
        ),
        ("DELETE FROM ledger_act WHERE id = %(two)s", [(2, "missing")]),
        ("UPDATE ledger_act SET signature = repeat('0', 128) WHERE id = %(two)s", [(2, "signature")]),
        (
            "DELETE FROM ledger_act WHERE id = %(two)s; UPDATE ledger_act SET sequence = %(n2)s WHERE id = %(three)s",
            [(2, "reordered"), (2, "edited")],
        ),
    ],
)
def test_tampering_is_found(cast, act, without_guard, sql, expected):
    start = chain_head(cast.site.organisation)[0]
    rows = [act("one"), act("two"), act("three")]
    with connection.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(statement, {"two": rows[1].pk, "three": rows[2].pk, "n2": rows[1].sequence})
    assert kinds(cast.site.organisation) == [(start + number, kind) for number, kind in expected]


def test_a_chain_cut_at_its_end_is_found_by_a_head_noted_earlier(cast, act, without_guard):
    act("one")
    last = act("two")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_act WHERE id = %s", [last.pk])
    assert kinds(cast.site.organisation) == []
    assert kinds(cast.site.organisation, head=(last.sequence, last.hash)) == [(last.sequence, "cut")]


def test_nobody_changes_or_deletes_an_act(act):
    row = act()
    for change in (lambda: Act.objects.filter(pk=row.pk).update(verb="x"), lambda: Act.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert Act.objects.get(pk=row.pk).verb == "look"


@pytest.mark.parametrize("verb", ["UPDATE ledger_act SET verb = 'x'", "DELETE FROM ledger_act", "TRUNCATE ledger_act"])
def test_the_application_role_has_no_right_to_change_or_delete(act, verb):
    row = act()
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('twinwall_app', 'ledger_act', 'UPDATE, DELETE, TRUNCATE')")
        assert cursor.fetchone() == (False,)
        cursor.execute("SET ROLE twinwall_app")
        try:
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(verb)
        finally:
            cursor.execute("RESET ROLE")
    assert Act.objects.filter(pk=row.pk, verb="look").exists()


def test_an_answer_is_given_again_for_the_same_client_event_of_the_same_person(cast, act):
    act(client_event_id="e-1", result={"thing": 7})
    assert answer_given(actor=cast.officer, client_event_id="e-1") == {"thing": 7}
    assert claim_client_event(actor=cast.officer, client_event_id="e-1") == {"thing": 7}
    assert answer_given(actor=cast.worker, client_event_id="e-1") is None
    assert claim_client_event(actor=cast.officer, client_event_id="e-2") is None
    assert answer_given(actor=cast.officer, client_event_id="") is None


def test_the_key_is_made_once_and_only_its_owner_reads_it(act, settings):
    act()
    key = Path(settings.TWINWALL_SECRETS_DIR) / "ledger_ed25519"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    act()
    assert key.read_text() == before
    assert len((key.parent / "ledger_ed25519.pub").read_text()) == 64


def test_another_key_does_not_fit_the_signatures(cast, act, settings, tmp_path):
    act()
    settings.TWINWALL_SECRETS_DIR = tmp_path / "other"
    assert {kind for _, kind in kinds(cast.site.organisation)} == {"signature"}


def test_not_a_number_is_refused(act):
    before = Act.objects.count()
    with pytest.raises(ValueError, match="JSON"):
        act(details={"x": float("nan")})
    assert Act.objects.count() == before


def test_canonical_text_has_one_form():
    assert canonical_json({"b": 1.0, "a": [NOW, None, "字"]}) == canonical_json({"a": (NOW, None, "字"), "b": 1})
    assert canonical_json({"b": 1.0, "a": "字"}) == '{"a":"字","b":1}'.encode()


def test_the_command_names_problems_and_ends_with_status_1(cast, act, without_guard, capsys, tmp_path):
    act()
    heads = tmp_path / "heads.json"
    call_command("verify_ledger", "--write-heads", str(heads))
    assert "0 problems" in capsys.readouterr().out
    last = act("last")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_act SET verb = 'x' WHERE id = %s", [last.pk])
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", "--heads", str(heads))
    assert ended.value.code == 1
    assert f"act {last.sequence} [edited]" in capsys.readouterr().out
    assert json.loads(heads.read_text())[str(cast.site.organisation_id)][0] == last.sequence - 1


def test_a_stranger_sees_no_act_of_the_site(cast, act):
    row = act()
    assert row in visible(cast.manager)
    assert row not in visible(cast.stranger)
