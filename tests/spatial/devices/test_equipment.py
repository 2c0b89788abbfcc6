"""Add-ons, calibrations, papers, their reminders, and a device that moves to another site."""

from datetime import date, timedelta

import pytest

from spatial.devices.calibration_rules import Correction, corrected, in_force
from spatial.devices.equipment import fit_add_on, record_calibration, record_paper, remove_add_on, withdraw
from spatial.devices.expiry_rules import standing
from spatial.devices.kinds import capabilities_of, catalogue
from spatial.devices.models import AddOn, Calibration, Device, Paper
from spatial.devices.operations import (
    DeviceRefused,
    let_terminal_register,
    move_to_site,
    place_device,
    register_device,
    register_terminal,
    retire_device,
    revise_device,
)
from spatial.devices.queries import corrections_of, expiring
from spatial.devices.reminders import remind_of_all
from spatial.devices.rules import DeviceFacts, is_password
from spatial.ledger.models import Act
from spatial.notices.models import Event
from tests.ingest.cast import START, build_cast, place

TODAY = START.date()


def sensor(cast, code="GAS-01", **changes):
    given = {
        "site": cast.site, "code": code, "name": "四合一气体探测器", "kind": "sensor", "report_interval_s": 30,
        "actor": cast.officer, "now": START, "add_ons": ["gas_oxygen", "gas_co"],
    }  # fmt: skip
    return register_device(**{**given, **changes})[0]


def test_every_kind_of_the_registry_is_in_the_catalogue_and_fits_only_what_it_may_carry():
    held = catalogue()
    assert set(held.kinds) == set(Device.Kind.values)
    for kind in held.kinds.values():
        assert set(kind.fitted) <= set(kind.add_ons) <= set(held.add_ons)
        assert set(kind.papers) <= set(Paper.Kind.values)
    assert {name for row in held.add_ons.values() for name in row.capabilities} == set(held.capabilities)
    units: dict[str, set[str]] = {}
    for row in held.add_ons.values():
        for measured in row.quantities:
            units.setdefault(measured.quantity, set()).add(measured.zh)
    assert capabilities_of(["uwb", "sos_button", "voice"]) == ("positions", "sos", "voice")


def test_a_helmet_carries_what_its_kind_is_fitted_with_and_what_its_user_chose(cast):
    fitted = catalogue().kinds["helmet"].fitted
    assert set(cast.helmet.add_ons.values_list("kind", flat=True)) == set(fitted)
    rows = fit_add_on(device=cast.helmet, kind="gas_co", channel="left", actor=cast.officer, now=START)
    assert [(row.quantity, row.unit, row.channel) for row in rows] == [("co", "mg/m3", "left")]
    with pytest.raises(DeviceRefused, match="already"):
        fit_add_on(device=cast.helmet, kind="gas_co", channel="left", actor=cast.officer, now=START)
    with pytest.raises(DeviceRefused, match="carries none of kind 'crane_monitor'"):
        fit_add_on(device=cast.helmet, kind="crane_monitor", actor=cast.officer, now=START)
    remove_add_on(add_on=rows[0], actor=cast.officer, now=START)
    assert not cast.helmet.add_ons.filter(kind="gas_co", removed_at__isnull=True).exists()
    fit_add_on(device=cast.helmet, kind="gas_co", channel="left", actor=cast.officer, now=START)
    verbs = list(
        Act.objects.filter(subject_id=str(cast.helmet.pk)).order_by("occurred_at", "id").values_list("verb", flat=True)
    )
    assert verbs == ["register_device", "fit_add_on", "remove_add_on", "fit_add_on"]


def test_one_monitor_measures_many_quantities_each_a_row_of_its_own(cast):
    crane, _ = register_device(
        site=cast.site, code="TC-1", name="1号塔吊", kind="crane", report_interval_s=1, actor=None, now=START
    )
    assert AddOn.objects.filter(device=crane).count() == 8
    measured = set(crane.add_ons.values_list("quantity", flat=True))
    assert measured >= {"slew_angle", "hook_height", "hoist_load", "wind_speed"}


def test_a_value_is_corrected_by_the_calibration_in_force_when_it_was_measured():
    old = Correction("oxygen", "", date(2026, 1, 1), 1.02, 0.1)
    new = Correction("oxygen", "", date(2026, 7, 1), 0.99, -0.2)
    rows = [new, old, Correction("oxygen", "b", date(2026, 1, 1), 9.0, 9.0)]
    assert corrected(20.0, in_force(rows, "oxygen", "", date(2025, 12, 31))) == 20.0
    assert corrected(20.0, in_force(rows, "oxygen", "", date(2026, 6, 30))) == pytest.approx(20.5)
    assert corrected(20.0, in_force(rows, "oxygen", "", date(2026, 7, 1))) == pytest.approx(19.6)
    assert in_force(rows, "co", "", date(2026, 7, 1)) is None


def test_a_calibration_is_kept_with_its_certificate_and_a_wrong_one_is_refused(cast):
    device = sensor(cast)
    given = {
        "device": device, "quantity": "oxygen", "scale": 1.02, "offset": 0.1, "done_on": TODAY,
        "due_on": TODAY + timedelta(days=365), "certificate_number": "JZ-2026-118", "actor": cast.officer, "now": START,
    }  # fmt: skip
    row = record_calibration(**given)
    assert corrections_of([device.pk]) == {device.pk: [Correction("oxygen", "", TODAY, 1.02, 0.1)]}
    for changes, reason in (
        ({"scale": 0.0}, "scale: must be a number other than 0"),
        ({"offset": float("nan")}, "offset: must be a number"),
        ({"due_on": TODAY}, "due_on: .* is not after"),
        ({"done_on": TODAY + timedelta(days=1)}, "done_on: .* is in the future"),
        ({"quantity": "taste"}, "quantity: 'taste' is not known"),
        ({"certificate_number": " "}, "certificate_number: is missing"),
    ):
        with pytest.raises(DeviceRefused, match=reason):
            record_calibration(**{**given, **changes})
    assert Calibration.objects.count() == 1
    withdraw(row=row, actor=cast.officer, now=START)
    assert corrections_of([device.pk]) == {}


@pytest.mark.parametrize(
    ("days", "level"),
    [
        (31, None),
        (30, "blue"),
        (16, "blue"),
        (15, "yellow"),
        (8, "yellow"),
        (7, "orange"),
        (0, "orange"),
        (-1, "expired"),
    ],
)
def test_the_level_of_a_paper_is_a_function_of_today(days, level):
    found = standing(TODAY + timedelta(days=days), TODAY)
    assert (found.level.level if found.level else None) == level
    assert found.expired == (days < 0)


def test_only_the_newest_paper_of_a_kind_counts_and_each_level_is_reminded_of_once(cast):
    device = sensor(cast)
    paper = {
        "device": device,
        "kind": "inspection",
        "issued_on": TODAY - timedelta(days=300),
        "actor": None,
        "now": START,
    }
    record_paper(**paper, number="old", expires_on=TODAY - timedelta(days=3))
    devices = Device.objects.filter(site=cast.site)
    assert [(item.row.number, item.standing.level.level) for item in expiring(devices, TODAY)] == [("old", "expired")]
    record_paper(**paper, number="new", expires_on=TODAY + timedelta(days=12))
    assert [(item.row.number, item.standing.level.level) for item in expiring(devices, TODAY)] == [("new", "yellow")]
    assert [remind_of_all(now=START), remind_of_all(now=START)] == [1, 0]
    assert remind_of_all(now=START + timedelta(days=5)) == 1
    told = list(Event.objects.filter(kind="device.expiry").order_by("id").values_list("payload", flat=True))
    assert [(row["device"], row["level"], row["days_left"]) for row in told] == [
        ("GAS-01", "yellow", 12),
        ("GAS-01", "orange", 7),
    ]
    retire_device(device=device, actor=None, now=START)
    assert expiring(devices, TODAY + timedelta(days=30)) == []


def test_a_paper_that_ends_before_it_begins_is_refused(cast):
    with pytest.raises(DeviceRefused, match="expires_on"):
        record_paper(
            device=cast.helmet, kind="certificate", number="1", issued_on=TODAY, expires_on=TODAY - timedelta(days=1),
            actor=None, now=START,
        )  # fmt: skip
    assert Paper.objects.count() == 0


def test_facts_are_changed_with_an_act_that_says_from_what_to_what(cast):
    facts = DeviceFacts(maker="北斗科技", model="ZH-1", serial_number="SN-1")
    given = {"device": cast.helmet, "name": "安全帽1", "report_interval_s": 5, "actor": cast.officer, "now": START}
    assert revise_device(**given, facts=facts)
    assert not revise_device(**given, facts=facts)
    act = Act.objects.get(verb="revise_device")
    assert act.details["from"]["maker"] == "" and act.details["to"]["serial_number"] == "SN-1"
    other = sensor(cast)
    for wrong, reason in (
        (facts, "is registered already"),
        (DeviceFacts(protocol="jt808"), "needs the number"),
        (DeviceFacts(terminal_number="13912345678"), "have none"),
        (DeviceFacts(protocol="jt808", terminal_number="12"), "11 to 20 digits"),
        (DeviceFacts(datum="BD-09"), "datum"),
    ):
        with pytest.raises(DeviceRefused, match=reason):
            revise_device(device=other, name="x", report_interval_s=5, facts=wrong, actor=None, now=START)
    assert Act.objects.filter(verb="revise_device").count() == 1


def test_a_terminal_registers_itself_once_and_only_while_it_may(cast):
    facts = DeviceFacts(protocol="jt808", terminal_number="013912345678")
    device, first = register_device(
        site=cast.site,
        code="V-1",
        name="渣土车",
        kind="vehicle",
        report_interval_s=10,
        facts=facts,
        actor=None,
        now=START,
    )
    assert device.terminal_number == "13912345678"
    assert register_terminal(device=device, now=START) is None
    let_terminal_register(device=device, actor=cast.officer, now=START)
    assert register_terminal(device=device, now=START + timedelta(hours=25)) is None
    code = register_terminal(device=device, now=START + timedelta(hours=23))
    device.refresh_from_db()
    assert is_password(code, device.credential_hash) and not is_password(first, device.credential_hash)
    assert register_terminal(device=device, now=START + timedelta(hours=23)) is None
    with pytest.raises(DeviceRefused, match="no JT/T 808 terminal"):
        let_terminal_register(device=cast.helmet, actor=None, now=START)


def test_a_fixed_device_is_placed_and_placed_again(cast):
    device = sensor(cast)
    lon, lat = place(5, 5)
    place_device(device=device, lon=lon, lat=lat, height_m=96.0, actor=cast.officer, now=START)
    assert device.anchor.storey == cast.ground_floor
    lon, lat = place(8, 5)
    place_device(device=device, lon=lon, lat=lat, height_m=92.0, actor=cast.officer, now=START)
    device.refresh_from_db()
    assert (device.anchor.geometry.x, device.anchor.geometry.z) == (lon, 92.0)
    assert device.anchor.storey == cast.basement
    assert Act.objects.filter(verb="place_device").count() == 2


def test_a_device_moves_to_another_site_with_its_papers_and_a_new_password(cast):
    other = build_cast()
    device = sensor(cast)
    record_paper(
        device=device, kind="inspection", number="1", issued_on=TODAY, expires_on=TODAY, actor=None, now=START
    )  # fmt: skip
    before = device.credential_hash
    password = move_to_site(device=device, site=other.site, actor=cast.officer, now=START)
    device.refresh_from_db()
    assert (device.site, device.organisation, device.anchor) == (other.site, other.organisation, None)
    assert is_password(password, device.credential_hash) and before != device.credential_hash
    assert {row.site_id for row in (*device.papers.all(), *device.add_ons.all())} == {other.site.pk}
    acts = Act.objects.filter(subject_id=str(device.pk), verb__in=["transfer_device", "receive_device"])
    assert {(act.verb, act.site_id) for act in acts} == {
        ("transfer_device", cast.site.pk), ("receive_device", other.site.pk),
    }  # fmt: skip
    with pytest.raises(DeviceRefused, match="returned first"):
        move_to_site(device=cast.helmet, site=other.site, actor=None, now=START)
