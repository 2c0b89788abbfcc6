"""Registering devices, and what the broker is told."""

import json
import stat

import pytest

from spatial.devices.models import Device
from spatial.devices.operations import (
    DeviceRefused,
    keep_refused_message,
    register_device,
    renew_password,
    retire_device,
    write_broker_credentials,
)
from spatial.devices.queries import devices_by_code, visible
from spatial.devices.rules import is_password
from spatial.ledger.models import Act
from tests.ingest.cast import START, build_cast


def register(cast, **changes):
    given = {
        "site": cast.site,
        "code": "TC-01",
        "name": "塔吊黑匣子",
        "kind": "crane",
        "report_interval_s": 10,
        "actor": cast.officer,
        "now": START,
    }
    return register_device(**{**given, **changes})


def test_the_password_is_returned_once_and_only_its_hash_is_kept(cast):
    device, password = register(cast)
    device.refresh_from_db()
    assert device.credential_hash.startswith("$7$101$")
    assert password not in device.credential_hash
    assert is_password(password, device.credential_hash)
    act = Act.objects.get(verb="register_device", subject_id=str(device.pk))
    assert (act.actor, act.details) == (cast.officer, {"code": "TC-01", "kind": "crane"})


def test_what_cannot_be_registered_is_refused_and_changes_nothing(cast):
    other = build_cast()
    devices, acts = Device.objects.count(), Act.objects.count()
    for changes, reason in (
        ({"code": cast.helmet.code}, "taken"),
        ({"code": "a+b"}, "cannot be a device code"),
        ({"kind": "toaster"}, "not a kind of device"),
        ({"report_interval_s": 0}, "1 to 86400 s"),
        ({"person": other.worker}, "another site"),
    ):
        with pytest.raises(DeviceRefused, match=reason):
            register(cast, **changes)
    assert (Device.objects.count(), Act.objects.count()) == (devices, acts)


def test_the_broker_files_name_every_device_in_use_and_bind_topics_to_user_names(cast, tmp_path):
    crane, _ = register(cast)
    retire_device(device=crane, actor=cast.officer, now=START)
    assert write_broker_credentials(folder=tmp_path) == Device.objects.filter(active=True).count()
    lines = dict(line.split(":", 1) for line in (tmp_path / "mosquitto.passwd").read_text().splitlines())
    assert lines[cast.helmet.code] == cast.helmet.credential_hash
    assert crane.code not in lines
    service = json.loads((tmp_path / "ingest.json").read_text())
    assert is_password(service["password"], lines[service["username"]])
    assert "pattern write tw/v1/+/%u/positions" in (tmp_path / "mosquitto.acl").read_text()
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}
    write_broker_credentials(folder=tmp_path)
    assert json.loads((tmp_path / "ingest.json").read_text()) == service


def test_the_files_are_written_once_after_the_commit_of_many_registrations(
    db, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.TWINWALL_SECRETS_DIR = tmp_path
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        cast = build_cast()
        register(cast)
        register(cast, code="TC-02")
        assert not (tmp_path / "mosquitto.passwd").exists()
    assert sum(hasattr(callback, "_renews_broker_files") for callback in callbacks) == 1
    codes = [line.partition(":")[0] for line in (tmp_path / "mosquitto.passwd").read_text().splitlines()]
    assert codes == ["twinwall.ingest", *sorted([cast.helmet.code, "TC-01", "TC-02"])]


def test_a_new_password_ends_the_old_one(cast):
    new = renew_password(device=cast.helmet, actor=cast.officer, now=START)
    cast.helmet.refresh_from_db()
    assert is_password(new, cast.helmet.credential_hash)
    assert not is_password(cast.password, cast.helmet.credential_hash)


def test_a_retired_device_is_unknown_to_ingest(cast):
    assert list(devices_by_code([cast.helmet.code, "nobody"])) == [cast.helmet.code]
    retire_device(device=cast.helmet, actor=None, now=START)
    assert devices_by_code([cast.helmet.code]) == {}


def test_devices_are_visible_to_their_site_only(cast):
    assert list(visible(cast.officer)) == [cast.helmet]
    assert list(visible(cast.stranger)) == []


def test_a_refused_message_is_cut_to_what_the_table_holds(cast):
    kept = keep_refused_message(
        topic="t" * 300,
        device_code="d" * 60,
        site=None,
        payload=b"x" * 9000,
        reason="\0" + "r" * 400,
        received_at=START,
    )
    assert (len(kept.topic), len(kept.device_code), len(kept.payload), len(kept.reason)) == (200, 40, 4096, 300)
