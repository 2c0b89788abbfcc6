"""Pages of alarms, alarm rules and measurements: who sees them, what they show, what their forms do."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from spatial.alarms.models import Alarm, AlarmPhoto, AlarmRule
from spatial.alarms.operations import follow_readings
from spatial.devices.operations import register_device
from spatial.observations.models import Datastream
from spatial.observations.operations import ReadingRow, create_datastream, store_readings
from tests.ingest.cast import build_cast

BACKEND = "django.contrib.auth.backends.ModelBackend"
pytestmark = pytest.mark.django_db


@pytest.fixture
def measured():
    """A site whose dust meter was too high for an hour, three days ago, and whose gas is too high now."""
    now = timezone.now().replace(microsecond=0)
    cast = build_cast(now - timedelta(days=10))
    sensor, _ = register_device(
        site=cast.site, code=f"S{cast.site.code}", name="环境监测站", kind="sensor", report_interval_s=60,
        actor=None, now=now,
    )  # fmt: skip
    create_datastream(device=sensor, quantity="lel", zone=cast.pit, actor=None, now=now)
    since = now - timedelta(days=3)
    dust = [(since + timedelta(minutes=n), 90.0 if 60 <= n < 150 else 40.0) for n in range(300)]
    gas = [(now - timedelta(seconds=60 - n), 12.0) for n in range(0, 60, 10)]
    for quantity, rows in (("pm25", dust), ("lel", gas)):
        given = [ReadingRow(sensor, "", quantity, time, value, time) for time, value in rows]
        follow_readings(stored=store_readings(rows=given))
    cast.sensor, cast.now = sensor, now
    return cast


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(out, "JPEG")
    return SimpleUploadedFile("x.jpg", out.getvalue(), "image/jpeg")


def pages(cast):
    alarm, stream = Alarm.objects.get(rule="G-04"), Datastream.objects.get(quantity="lel")
    base = f"/sites/{cast.site.code}/live/"
    return {
        "alarms": f"{base}alarms/",
        "alarm": f"{base}alarms/{alarm.pk}/",
        "excel": f"{base}alarms/alarms.xlsx",
        "rules": f"{base}alarm-rules/",
        "rule": f"{base}alarm-rules/G-04/lel/",
        "measurements": f"{base}measurements/",
        "measurement": f"{base}measurements/{stream.pk}/",
        "csv": f"{base}measurements/{stream.pk}/readings.csv",
    }


def test_every_page_opens_in_both_languages_and_a_stranger_finds_none_of_them(client, measured):
    for user, status in ((measured.officer, 200), (measured.stranger, 404)):
        client.force_login(user, backend=BACKEND)
        for address in pages(measured).values():
            for language in ("zh-hans", "en"):
                user.language = language
                user.save()
                assert client.get(address).status_code == status, address


def test_rules_name_their_sources_in_the_readers_language(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    found, plain = pages(measured), "GB/T 50493-2019 (plants: 25 and 50 %LEL; stricter on site)"
    for language, told, other in (
        ("zh-hans", "GB/T 50493-2019《石油化工可燃气体和有毒气体检测报警设计标准》", plain),
        ("en", plain, "《"),
    ):
        measured.officer.language = language
        measured.officer.save()
        for page in ("rules", "rule"):
            text = client.get(found[page]).content.decode()
            assert told in text and other not in text, (language, page)
    every = client.get(found["rules"] + "?show=all").content.decode()
    assert "helmet buzz + voice; notify team leader" in every and "as named" not in every
    measured.officer.language = "zh-hans"
    measured.officer.save()
    every = client.get(found["rules"] + "?show=all").content.decode()
    assert "安全帽振动并语音提醒；通知班组长" in every and "as named" not in every
    assert "按键不少于 2 s" in every and "button &gt;= 2 s" not in every


def test_the_record_shows_filters_and_exports_what_was_raised(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    found = pages(measured)
    text = client.get(found["alarms"]).content.decode()
    assert "PM2.5：" in text and "可燃气体：" in text
    assert "PM2.5：" not in client.get(found["alarms"] + "?rule=G-04").content.decode()
    book = load_workbook(BytesIO(client.get(found["excel"]).content))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 3 and rows[1][2] == "G-04"


def test_an_alarm_is_noted_handled_with_a_photo_and_its_life_line_tells_it(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    address = pages(measured)["alarm"]
    assert client.post(address, {"act": "acknowledge"}).status_code == 302
    client.post(address, {"act": "handle", "text": "已通风", "photos": picture()})
    alarm = Alarm.objects.get(rule="G-04")
    assert (alarm.acknowledged_by, alarm.handling) == (measured.officer, "已通风")
    text = client.get(address).content.decode()
    assert all(word in text for word in ("已通风", "处置", "已确认", "李安全", '<svg class="chart"'))
    photo = AlarmPhoto.objects.get()
    assert client.get(f"{address}photos/{photo.sha256}/").status_code == 200
    client.force_login(measured.stranger, backend=BACKEND)
    assert client.get(f"{address}photos/{photo.sha256}/").status_code == 404
    assert client.post(address, {"act": "close"}).status_code == 404


def test_a_refusal_is_told_on_the_page_and_changes_nothing(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    address = pages(measured)["alarm"]
    text = client.post(address, {"act": "close"}, follow=True).content.decode()
    assert "请先说明原因并解除" in text
    assert Alarm.objects.get(rule="G-04").closed_at is None
    assert client.post(address, {"act": "explode"}).status_code == 404


def test_a_rule_shows_what_it_would_have_raised_last_week_before_it_is_set(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    address = f"/sites/{measured.site.code}/live/alarm-rules/D-02/hour/"
    form = {
        "act": "preview", "limit_yellow": "95", "hold_yellow": "0", "limit_orange": "115", "hold_orange": "0",
        "clear_limit": "95", "clear_hold_s": "0", "clearing": "limit", "aggregate": "mean_1h", "periods": "",
        "enabled": "1", "reason": "",
    }  # fmt: skip
    text = client.post(address, form).content.decode()
    assert "现行规则 1 次报警，修改后 0 次；共核对 1 条数据流。" in text
    assert AlarmRule.objects.count() == 0
    assert "请填写修改原因" in client.post(address, {**form, "act": "save"}).content.decode()
    assert client.post(address, {**form, "act": "save", "reason": "与环保局核对"}).status_code == 302
    rule = AlarmRule.objects.get()
    assert [(step.level, step.limit) for step in rule.steps.all()] == [("yellow", 95.0), ("orange", 115.0)]
    assert "与环保局核对" in client.get(address).content.decode()
    client.post(address, {"act": "reset", "reason": "恢复"})
    assert not AlarmRule.objects.filter(replaced_at__isnull=True).exists()


def test_a_condition_that_contradicts_itself_is_refused_at_its_fields(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    address = f"/sites/{measured.site.code}/live/alarm-rules/G-04/lel/"
    form = {
        "act": "save", "limit_yellow": "10", "limit_red": "9", "clear_limit": "12", "clearing": "limit",
        "aggregate": "value", "periods": "6 bis 8", "enabled": "1", "reason": "x",
    }  # fmt: skip
    answer = client.post(address, form)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert all(word in text for word in ("更高等级的限值须超过 10.0", "解除限值不得超过首级限值 10.0", "06:00-12:00"))
    assert 'value="9"' in text
    assert AlarmRule.objects.count() == 0


def test_a_rule_set_for_one_zone_holds_there_only(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    address = f"/sites/{measured.site.code}/live/alarm-rules/G-04/lel/?zone={measured.pit.pk}"
    form = {
        "act": "save", "limit_yellow": "15", "hold_yellow": "5", "limit_red": "25", "hold_red": "5",
        "clear_limit": "15", "clear_hold_s": "0", "clearing": "limit", "aggregate": "value", "enabled": "1",
        "reason": "本区有焊接作业",
    }  # fmt: skip
    assert client.post(address, form).status_code == 302
    assert AlarmRule.objects.get().zone == measured.pit
    assert "本工地已修改" not in client.get(address.partition("?")[0]).content.decode()


def test_limits_of_a_datastream_are_set_by_who_may(client, measured):
    stream = Datastream.objects.get(quantity="lel")
    address = f"/sites/{measured.site.code}/live/measurements/{stream.pk}/"
    client.force_login(measured.officer, backend=BACKEND)
    assert client.post(address, {"design_limit": "-1"}).status_code == 400
    assert client.post(address, {"design_limit": "40"}).status_code == 302
    stream.refresh_from_db()
    assert stream.design_limit == 40.0


def test_the_measurement_page_draws_limits_and_tells_values_as_a_table(client, measured):
    client.force_login(measured.officer, backend=BACKEND)
    text = client.get(pages(measured)["measurement"] + "?hours=6").content.decode()
    assert text.count('class="chart-limit"') == 2
    assert "<details>" in text and "12.0" in text
    csv = client.get(pages(measured)["csv"]).content.decode().splitlines()
    assert len(csv) == 7 and csv[1].split(",")[1:4] == ["12.0", "%", "lel"]
