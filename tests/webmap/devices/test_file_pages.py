"""Devices come from Excel after a preview, and go back into it."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from spatial.devices.models import Device
from spatial.devices.rules import is_password
from spatial.ledger.models import Act
from tests.webmap.devices.conftest import BASE, client_of, device
from tests.webmap.field_cast import LAT, LON

pytestmark = pytest.mark.django_db


def workbook(rows: list[dict]) -> bytes:
    book = Workbook()
    sheet = book.active
    heads = list(dict.fromkeys(key for row in rows for key in row))
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head) for head in heads])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("设备.xlsx", content)


GOOD = [
    {"设备编码*": "H-10", "设备名称*": "安全帽10", "设备类别*": "智能安全帽", "出厂编号": 1001, "生产厂家": "示例",
     "证件类型": "合格证", "证件编号": "HG-1", "发证日期": date(2026, 1, 1), "有效期至": "2027-01-01"},
    {"设备编码*": "GAS-10", "设备名称*": "气体", "设备类别*": "传感器", "接入协议": "映射JSON", "上报间隔(秒)": 30,
     "经度": LON, "纬度": LAT, "附加模块": "氧气探头、一氧化碳探头", "校准项目": "氧气", "校准证书编号": "JZ-9",
     "校准日期": "2026-01-01", "下次校准日期": "2027-01-01", "校准系数": 1.01},
    {"设备编码*": "V-10", "设备名称*": "渣土车", "设备类别*": "车辆", "接入协议": "JT/T 808",
     "终端号(JT/T 808)": 13900000010},
]  # fmt: skip


def test_devices_are_imported_from_excel_after_a_preview_and_again_without_change(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_of(cast.safety)
    page = client.post(f"{BASE}import/", {"file": upload(workbook(GOOD))})
    assert page.status_code == 200, page.context.get("preview")
    assert (
        page.context["preview"]["new"],
        Device.objects.count(),
        Act.objects.filter(subject_kind="device").count(),
    ) == (3, 0, 0)
    done = client.post(f"{BASE}import/", {"ticket": page.context["preview"]["ticket"]})
    passwords = done.context["outcome"].passwords
    rows = {row.code: row for row in Device.objects.all()}
    assert set(passwords) == set(rows) == {"H-10", "GAS-10", "V-10"}
    assert all(is_password(passwords[code], rows[code].credential_hash) for code in rows)
    assert (rows["H-10"].serial_number, rows["V-10"].terminal_number) == ("1001", "13900000010")
    assert set(rows["GAS-10"].add_ons.values_list("quantity", flat=True)) == {"oxygen", "co"}
    assert (rows["GAS-10"].anchor.geometry.x, rows["GAS-10"].calibrations.get().scale) == (LON, 1.01)
    assert rows["H-10"].papers.get().expires_on == date(2027, 1, 1)
    exported = client.get(f"{BASE}devices.xlsx").content
    assert load_workbook(io.BytesIO(exported)).active.max_row == 4
    again = client.post(f"{BASE}import/", {"file": upload(exported)})
    assert again.status_code == 200, again.context["preview"]["problems"]
    assert (again.context["preview"]["same"], again.context["preview"]["new"]) == (3, 0)


def test_a_file_with_faults_names_each_by_row_and_column_and_writes_nothing(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    device(cast, "H-1")
    there, acts = Device.objects.count(), Act.objects.count()
    rows = [
        {"设备编码*": "H-20", "设备名称*": "一", "设备类别*": "烤面包机"},
        {"设备编码*": "H 21", "设备名称*": "二", "设备类别*": "车辆", "接入协议": "JT/T 808"},
        {"设备编码*": "H-22", "设备类别*": "传感器", "经度": 300, "附加模块": "味觉", "发证日期": "昨天"},
        {"设备编码*": "H-23", "设备名称*": "四", "设备类别*": "车辆", "接入协议": "JT/T 808"},
        {"设备编码*": "H-1", "设备名称*": "五", "设备类别*": "传感器"},
    ]
    page = client_of(cast.safety).post(f"{BASE}import/", {"file": upload(workbook(rows))})
    found = {(line["row"], line["column"]) for line in page.context["preview"]["problems"]}
    assert page.status_code == 422
    assert found == {
        (2, "kind"), (3, "code"), (4, "name"), (4, "longitude"), (4, "latitude"), (4, "add-ons"), (4, "issued on"),
        (4, "paper"), (4, "paper number"), (4, "last day"), (5, "terminal number"), (6, "code"),
    }  # fmt: skip
    words = {(line["row"], line["column"]): line["words"] for line in page.context["preview"]["problems"]}
    assert words[4, "longitude"] == "300 is no number from 73 to 136"
    assert "needs the number in its message headers" in words[5, "terminal number"]
    assert (Device.objects.count(), Act.objects.count()) == (there, acts)
    for content, why in ((b"PK nonsense", "cannot be read as Excel"), (workbook([{"a": 1}]), "lacks the columns")):
        refused = client_of(cast.safety).post(f"{BASE}import/", {"file": upload(content)})
        assert refused.status_code == 422 and why in refused.content.decode()


def test_the_template_is_a_file_that_can_be_imported_as_it_is(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_of(cast.safety)
    content = client.get(f"{BASE}import/template.xlsx").content
    page = client.post(f"{BASE}import/", {"file": upload(content)})
    assert page.context["preview"]["new"] == 3, page.context["preview"]["problems"]
