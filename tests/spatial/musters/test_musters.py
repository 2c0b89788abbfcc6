"""A muster freezes the roll, tells who is where, and ends with everybody accounted for or a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from spatial.commands.models import Command
from spatial.ledger.models import Act
from spatial.musters.models import Muster, MusterEntry
from spatial.musters.operations import MusterRefused, add_to_roll, end_muster, start_muster, tick_safe
from spatial.musters.queries import running_muster, standings_of
from spatial.musters.rules import LastFix, state_of, where_missing
from spatial.notices.models import Event
from spatial.zones.operations import create_zone
from tests.webmap.control.test_control_room import seen, wearer
from tests.webmap.field_cast import BUILT_AT, LAT, LON, Cast, build_cast, square

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def cast(db: None) -> Cast:
    cast = build_cast()
    create_zone(
        site=cast.site, code="Z-ASM", name="应急集合点", kind="assembly", outline=square(LON + 0.001, LAT, 0.0001),
        bottom_m=None, top_m=None, actor=None, now=BUILT_AT,
    )  # fmt: skip
    return cast


def begin(cast: Cast, **change: object) -> Muster:
    values = {"drill": False, "reason": "火情", "actor": cast.safety, "now": NOW, **change}
    return start_muster(site=cast.site, **values)  # type: ignore[arg-type]


def states(muster: Muster, now: datetime) -> dict[str, str]:
    return {one.entry.name: one.state for one in standings_of(muster, now=now).standings}


def fix(at: datetime, assembly: str = "", silent: bool = False) -> LastFix:
    return LastFix(at, silent, "2F", 96.0, assembly, LON, LAT, 97.0)


def test_a_persons_word_comes_first_and_an_old_fix_in_the_assembly_area_does_not_make_safe() -> None:
    before, after = NOW - timedelta(seconds=1), NOW
    assert state_of(ticked=True, fix=None, started_at=NOW) == "safe_ticked"
    assert state_of(ticked=False, fix=fix(after, "集合点"), started_at=NOW) == "safe_here"
    assert state_of(ticked=False, fix=fix(before, "集合点"), started_at=NOW) == "moving"
    assert state_of(ticked=False, fix=fix(before, silent=True), started_at=NOW) == "silent"
    assert state_of(ticked=False, fix=None, started_at=NOW) == "never_seen"


def test_the_missing_are_counted_by_storey_from_below_with_the_unknown_last() -> None:
    assert where_missing([("2F", 96.0), ("", None), ("B1", 88.0), ("2F", 96.0)]) == [("B1", 1), ("2F", 2), ("", 1)]


def test_the_roll_holds_who_was_heard_within_the_hour_and_is_frozen(cast: Cast) -> None:
    seen(wearer(cast, "H-1", "甲"), (timedelta(seconds=5), 0.0))
    seen(wearer(cast, "H-2", "乙"), (timedelta(minutes=50), 0.0))
    seen(wearer(cast, "H-3", "丙"), (timedelta(minutes=70), 0.0))
    muster = begin(cast)
    late = wearer(cast, "H-4", "丁")
    seen(late, (timedelta(0), 0.0))
    assert states(muster, NOW) == {"甲": "moving", "乙": "silent"}
    event = Event.objects.get(kind="muster_started")
    assert event.payload["on_roll"] == 2 and event.payload["drill"] is False
    assert [one.entry.name for one in standings_of(muster, now=NOW).missing] == ["乙", "甲"]  # longest unheard first
    assert standings_of(muster, now=NOW).missing_by_storey == [("", 2)]


def test_somebody_who_walks_into_the_assembly_area_is_safe_by_the_fix_made_after_the_start(cast: Cast) -> None:
    device = wearer(cast, "H-1", "甲")
    seen(device, (timedelta(seconds=3), 0.001))
    muster = begin(cast)
    assert states(muster, NOW) == {"甲": "moving"}
    seen(device, (timedelta(seconds=-20), 0.001))
    found = standings_of(muster, now=NOW + timedelta(seconds=25))
    assert [one.state for one in found.safe] == ["safe_here"] and found.at_assembly == [("应急集合点", 1)]


def test_people_are_ticked_by_name_and_it_can_be_taken_back(cast: Cast) -> None:
    seen(wearer(cast, "H-1", "甲"), (timedelta(0), 0.0))
    muster = begin(cast)
    entry = MusterEntry.objects.get()
    tick_safe(entry=entry, safe=True, note="在门口", actor=cast.foreman, now=NOW + HALF_HOUR)
    tick_safe(entry=entry, safe=True, note="again", actor=cast.worker, now=NOW + HALF_HOUR)
    entry.refresh_from_db()
    assert (entry.ticked_by, entry.ticked_note) == (cast.foreman, "在门口")
    assert states(muster, NOW + HALF_HOUR) == {"甲": "safe_ticked"}
    tick_safe(entry=entry, safe=False, note="", actor=cast.safety, now=NOW + HALF_HOUR)
    assert states(muster, NOW)["甲"] == "moving"
    acts = Act.objects.filter(subject_kind="muster").order_by("sequence").values_list("verb", "actor__username")
    assert list(acts) == [("start_muster", "safety"), ("tick_safe", "foreman"), ("take_back_tick", "safety")]


def test_a_muster_with_missing_people_ends_only_with_a_reason_and_keeps_how_everybody_stood(cast: Cast) -> None:
    device = wearer(cast, "H-1", "甲")
    seen(device, (timedelta(0), 0.0))
    muster = begin(cast)
    with pytest.raises(MusterRefused, match="1 people are not safe"):
        end_muster(muster=muster, note=" ", actor=cast.safety, now=NOW + HALF_HOUR)
    assert running_muster(cast.site) == muster
    end_muster(muster=muster, note="电话确认已离场", actor=cast.safety, now=NOW + HALF_HOUR)
    entry = MusterEntry.objects.get()
    assert (entry.final_state, entry.final_seen_at) == ("silent", NOW)
    with pytest.raises(MusterRefused, match="has ended"):
        tick_safe(entry=entry, safe=True, note="", actor=cast.safety, now=NOW + HALF_HOUR)
    assert Act.objects.filter(verb="end_muster").get().details["missing"] == 1
    assert begin(cast, now=NOW + HALF_HOUR).pk != muster.pk


def test_the_button_pressed_twice_begins_one_muster_and_a_real_one_ends_a_drill(cast: Cast) -> None:
    drill = begin(cast, drill=True)
    assert begin(cast, drill=True).pk == drill.pk
    real = begin(cast, now=NOW + HALF_HOUR)
    drill.refresh_from_db()
    assert drill.ended_at == NOW + HALF_HOUR and not real.drill
    assert begin(cast, drill=True).pk == real.pk == begin(cast).pk


def test_who_may_not_begins_nothing(cast: Cast) -> None:
    with pytest.raises(MusterRefused, match="answers for safety"):
        begin(cast, actor=cast.worker)
    muster = begin(cast)
    with pytest.raises(MusterRefused, match="who work on this site"):
        add_to_roll(muster=muster, person_id=None, name="访客", actor=cast.stranger, now=NOW)
    assert not MusterEntry.objects.exists() and not Act.objects.filter(verb="add_to_muster").exists()


def test_a_visitor_and_somebody_forgotten_are_put_on_the_roll(cast: Cast) -> None:
    device = wearer(cast, "H-1", "甲")
    muster = begin(cast)
    add_to_roll(muster=muster, person_id=None, name="访客李", actor=cast.worker, now=NOW)
    add_to_roll(muster=muster, person_id=device.person_id, name="", actor=cast.worker, now=NOW)
    add_to_roll(muster=muster, person_id=device.person_id, name="", actor=cast.worker, now=NOW)
    assert states(muster, NOW) == {"访客李": "never_seen", "甲": "never_seen"}
    with pytest.raises(MusterRefused, match="write a name"):
        add_to_roll(muster=muster, person_id=None, name=" ", actor=cast.worker, now=NOW)


def test_every_helmet_is_called_and_a_site_without_helmets_musters_all_the_same(cast: Cast) -> None:
    begin(cast, call="撤离")
    assert not Command.objects.exists() and Muster.objects.count() == 1
    Muster.objects.update(ended_at=NOW)
    seen(wearer(cast, "H-1", "甲"), (timedelta(0), 0.0))
    muster = begin(cast, call="撤离")
    command = Command.objects.get()
    assert (command.kind, command.text, command.source_id) == ("voice", "撤离", str(muster.pk))
