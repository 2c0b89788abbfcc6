"""Units and their stock: what is entered decides the standing, the standing decides alarm and colour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.alarms.models import Alarm
from spatial.devices.models import Device
from spatial.devices.operations import register_device
from spatial.ledger.models import Act
from spatial.major_hazards.following import follow_stock, follow_stream
from spatial.major_hazards.models import HazardUnit, Identification, StockRecord
from spatial.major_hazards.operations import (
    SubstanceGiven,
    UnitForbidden,
    UnitRefused,
    close_unit,
    identify_unit,
    record_stock,
    save_unit,
)
from spatial.observations.models import Datastream
from spatial.observations.operations import ReadingRow, store_readings
from spatial.zones.queries import site_colours
from tests.webmap.field_cast import Cast, build_cast

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def store(cast: Cast, **changes) -> HazardUnit:
    """Add a gas store: acetylene (Q 1 t) and LPG (Q 50 t)."""
    facts = {
        "site": cast.site,
        "code": "WHY-01",
        "name": "气瓶库",
        "kind": "storage",
        "zone": cast.edge,
        "exposed_people": 60,
        "responsible_name": "李安",
        "phone": "13800000000",
        "substances": [SubstanceGiven("acetylene", "", "1.2"), SubstanceGiven("lpg", "", "20")],
        "actor": cast.safety,
        "now": NOW,
    }
    return save_unit(**(facts | changes))


def amounts(unit: HazardUnit, **tonnes: str) -> None:
    for name, amount in tonnes.items():
        row = unit.substances.get(name__contains=name)
        record_stock(substance=row, amount_t=amount, at=NOW, now=NOW, actor=unit_keeper(unit))


def unit_keeper(unit: HazardUnit):
    return Act.objects.filter(subject_id=unit.pk).order_by("id").first().actor


def test_a_unit_takes_critical_amounts_and_factors_from_the_table_with_their_mark(cast: Cast) -> None:
    unit = store(cast)
    rows = {row.name: (str(row.critical_t), str(row.beta), row.source) for row in unit.substances.all()}
    assert rows["乙炔"] == ("1.000", "1.50", "GB 18218-2018 (W2, B)")
    assert rows["液化石油气(丙烷、丁烷)"] == ("50.000", "1.50", "GB 18218-2018 (W2, B)")
    assert (unit.standing, unit.level) == ("below", None)


def test_an_amount_close_to_critical_warns_yellow_and_one_of_it_is_red_and_a_source(cast: Cast) -> None:
    unit = store(cast)
    amounts(unit, 乙炔="0.5", 液化石油气="20")
    unit.refresh_from_db()
    alarm = Alarm.objects.get(rule="M-01", cleared_at=None)
    assert (unit.standing, alarm.level, alarm.title) == ("near", "yellow", "重大危险源预警：气瓶库 Σq/Q = 0.90")
    assert alarm.title_en == "Major hazard installation, early warning: 气瓶库 Σq/Q = 0.90"
    later = NOW + timedelta(minutes=5)
    record_stock(substance=unit.substances.get(name="乙炔"), amount_t="0.6", at=later, now=later, actor=cast.safety)
    unit.refresh_from_db()
    alarm.refresh_from_db()
    red = Alarm.objects.get(rule="M-01", cleared_at=None)
    assert (unit.standing, unit.level) == ("source", 4)  # R = 1.5 (0.6 * 1.5 + 0.4 * 1.5) = 2.25
    assert (red.level, red.title, alarm.cleared_at) == ("red", "重大危险源：气瓶库 Σq/Q = 1.00", later)
    assert site_colours(cast.site, now=later).grade == 4


def test_less_than_the_share_clears_the_alarm(cast: Cast) -> None:
    unit = store(cast)
    amounts(unit, 乙炔="0.9")
    assert Alarm.objects.filter(rule="M-01", cleared_at=None).count() == 1
    later = NOW + timedelta(hours=1)
    record_stock(substance=unit.substances.get(name="乙炔"), amount_t="0.799", at=later, now=later, actor=cast.safety)
    assert Alarm.objects.filter(rule="M-01", cleared_at=None).count() == 0


def test_an_older_amount_stands_in_the_record_and_changes_nothing(cast: Cast) -> None:
    unit = store(cast)
    row = unit.substances.get(name="乙炔")
    record_stock(substance=row, amount_t="0.1", at=NOW, now=NOW, actor=cast.safety)
    record_stock(
        substance=row, amount_t="5", at=NOW - timedelta(hours=2), now=NOW + timedelta(seconds=1), actor=cast.safety
    )
    row.refresh_from_db()
    assert (str(row.amount_t), row.amount_at) == ("0.100", NOW)
    assert StockRecord.objects.count() == 2
    assert Alarm.objects.count() == 0


def test_a_signed_identification_judges_the_design_amounts_and_keeps_every_number(cast: Cast) -> None:
    unit = store(cast)
    record = identify_unit(unit=unit, actor=cast.safety, now=NOW)
    # S = 1.2 / 1 + 20 / 50 = 1.6; R = 1.5 * (1.5 * 1.2 + 1.5 * 0.4) = 3.6
    assert (record.s, record.alpha, record.r, record.level, record.standing) == (1.6, 1.5, 3.6, 4, "source")
    assert record.facts["exposed_people"] == 60
    assert record.facts["substances"][0] == {
        "name": "乙炔", "q_t": "1.200", "critical_t": "1.000", "beta": "1.50", "source": "GB 18218-2018 (W2, B)",
    }  # fmt: skip
    assert Act.objects.filter(verb="identify_hazard_unit", subject_id=unit.pk).count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": " "}, "code"),
        ({"kind": "shop"}, "kind"),
        ({"exposed_people": -1}, "exposed_people"),
        ({"substances": []}, "substance"),
        ({"substances": [SubstanceGiven("kryptonite", "", "1")]}, "substance"),
        ({"substances": [SubstanceGiven("", "油漆", "1")]}, "critical_t"),
        ({"substances": [SubstanceGiven("lpg", "", "1", critical_t="40")]}, "source"),
        ({"substances": [SubstanceGiven("lpg", "", "-1")]}, "design_t"),
        ({"substances": [SubstanceGiven("lpg", "", "1.0001")]}, "design_t"),
        ({"substances": [SubstanceGiven("lpg", "", "viel")]}, "design_t"),
        ({"substances": [SubstanceGiven("lpg", "", "1"), SubstanceGiven("lpg", "", "2")]}, "substance"),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_nothing_is_written(cast: Cast, changes: dict, field: str) -> None:
    acts = Act.objects.count()
    with pytest.raises(UnitRefused) as refused:
        store(cast, **changes)
    assert refused.value.field == field
    assert (HazardUnit.objects.count(), Act.objects.count()) == (0, acts)


def test_a_second_unit_in_the_same_zone_or_with_the_same_code_is_refused(cast: Cast) -> None:
    store(cast)
    with pytest.raises(UnitRefused, match="Another unit stands in this zone"):
        store(cast, code="WHY-02")
    assert HazardUnit.objects.count() == 1


def test_strangers_and_workers_write_nothing(cast: Cast) -> None:
    unit = store(cast)
    for user in (cast.worker, cast.stranger):
        with pytest.raises(UnitForbidden):
            store(cast, actor=user, unit=unit)
        with pytest.raises(UnitForbidden):
            identify_unit(unit=unit, actor=user, now=NOW)
        with pytest.raises(UnitForbidden):
            record_stock(substance=unit.substances.first(), amount_t="1", at=NOW, now=NOW, actor=user)
    assert (StockRecord.objects.count(), Identification.objects.count()) == (0, 0)


def test_a_closed_unit_has_no_alarm_and_takes_no_amounts(cast: Cast) -> None:
    unit = store(cast)
    amounts(unit, 乙炔="2")
    close_unit(unit=unit, reason="气瓶库已拆除", actor=cast.safety, now=NOW + timedelta(hours=1))
    assert Alarm.objects.filter(cleared_at=None).count() == 0
    with pytest.raises(UnitRefused, match="closed"):
        record_stock(
            substance=unit.substances.first(), amount_t="1", at=NOW, now=NOW + timedelta(hours=2), actor=cast.safety
        )
    assert StockRecord.objects.count() == 1


def tank_sensor(cast: Cast, value: float, at: datetime) -> Datastream:
    """A level sensor in the gas store, with one reading."""
    device, _ = register_device(
        site=cast.site, code=f"LVL-{cast.site.code}", name="液位计", kind="sensor", report_interval_s=60,
        actor=cast.safety, now=NOW,
    )  # fmt: skip
    return measure(device, value, at)


def measure(device: Device, value: float, at: datetime) -> Datastream:
    stored = store_readings(rows=[ReadingRow(device, "", "tank_level", at, value, at)])
    assert not stored.refused
    follow_stock(stored=stored, now=at)
    return Datastream.objects.get(device=device)


def test_an_amount_follows_a_level_times_a_factor_and_grade_alarm_and_colour_follow_it(cast: Cast) -> None:
    unit = store(cast)
    stream = tank_sensor(cast, 20.0, NOW)
    row = unit.substances.get(name="乙炔")
    follow_stream(substance=row, stream=stream, factor="0.04", actor=cast.safety, now=NOW)
    row.refresh_from_db()
    unit.refresh_from_db()
    assert (row.amount_t, unit.standing) == (Decimal("0.800"), "near")
    later = NOW + timedelta(minutes=1)
    measure(stream.device, 30.0, later)
    unit.refresh_from_db()
    assert (unit.standing, unit.level) == ("source", 4)  # R = 1.5 * 1.5 * 1.2 = 2.7
    assert Alarm.objects.get(rule="M-01", cleared_at=None).level == "red"
    assert site_colours(cast.site, now=later).zones[cast.edge.pk].grade == 4
    act = Act.objects.filter(subject_id=unit.pk, verb="record_stock").latest("id")
    assert (act.actor, act.details["device"], act.details["amount_t"]) == (None, stream.device.code, "1.200")
    measure(stream.device, 1.0, later + timedelta(minutes=1))
    unit.refresh_from_db()
    assert (unit.standing, Alarm.objects.filter(rule="M-01", cleared_at=None).count()) == ("below", 0)


def test_small_changes_are_not_recorded_each_and_late_ones_change_nothing(cast: Cast) -> None:
    unit = store(cast)
    stream = tank_sensor(cast, 20.0, NOW)
    row = unit.substances.get(name="液化石油气(丙烷、丁烷)")
    follow_stream(substance=row, stream=stream, factor="0.1", actor=cast.safety, now=NOW)
    for minute in range(1, 10):
        measure(stream.device, 20.0 + minute / 100, NOW + timedelta(minutes=minute))
    measure(stream.device, 0.0, NOW - timedelta(hours=1))
    assert [str(one.amount_t) for one in StockRecord.objects.filter(substance=row)] == ["2.000"]
    measure(stream.device, 20.1, NOW + timedelta(minutes=61))
    assert StockRecord.objects.filter(substance=row).count() == 2
    follow_stream(substance=row, stream=None, factor="", actor=cast.safety, now=NOW)
    measure(stream.device, 49.0, NOW + timedelta(minutes=70))
    assert StockRecord.objects.filter(substance=row).count() == 2


@pytest.mark.parametrize("factor", ["", "0", "-1", "viel", "1e9", "0.0000001", "nan"])
def test_a_factor_that_cannot_be_is_refused_and_nothing_follows(cast: Cast, factor: str) -> None:
    unit = store(cast)
    stream = tank_sensor(cast, 1.0, NOW)
    row = unit.substances.get(name="乙炔")
    with pytest.raises(UnitRefused):
        follow_stream(substance=row, stream=stream, factor=factor, actor=cast.safety, now=NOW)
    with pytest.raises(UnitForbidden):
        follow_stream(substance=row, stream=stream, factor="1", actor=cast.stranger, now=NOW)
    row.refresh_from_db()
    assert (row.stream, row.amount_t) == (None, Decimal(0))


def test_the_chain_is_held_before_the_rows_of_a_unit_as_ingest_does_it(cast: Cast) -> None:
    unit = store(cast)
    stream = tank_sensor(cast, 20.0, NOW)
    row = unit.substances.get(name="乙炔")
    by: Any = {"actor": cast.safety, "now": NOW}
    acts: tuple[Callable[[], object], ...] = (
        lambda: record_stock(substance=row, amount_t="1", at=NOW, **by),
        lambda: follow_stream(substance=row, stream=stream, factor="0.04", **by),
        lambda: identify_unit(unit=unit, **by),
        lambda: close_unit(unit=unit, reason="拆除", **by),
    )
    for act in acts:
        with CaptureQueriesContext(connection) as asked:
            act()
        locking = [sql for sql in (one["sql"] for one in asked) if "_lock(" in sql or "FOR UPDATE" in sql]
        assert "pg_advisory_xact_lock" in locking[0]
        assert "FOR UPDATE" in locking[1]
