"""The Excel template that people fill, and the devices of a site in the same columns."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from spatial.devices.kinds import catalogue, quantities
from spatial.devices.models import Device

from .columns import COLUMNS, KINDS, PAPERS, PROTOCOLS

_HEAD = PatternFill("solid", fgColor="1F4E79")
_NEEDED = PatternFill("solid", fgColor="C55A11")
_LINE = Border(*(Side(style="thin", color="BFBFBF"),) * 4)
_EXAMPLES = (
    {"code": "H-0101", "name": "张三的安全帽", "kind": "智能安全帽", "report_interval_s": 5, "maker": "示例科技",
     "model": "ZN-1", "serial_number": "ZN1-000101", "paper_kind": "合格证", "paper_number": "HGZ-2026-0101",
     "paper_issued_on": date(2026, 1, 5), "paper_expires_on": date(2028, 1, 4)},
    {"code": "GAS-01", "name": "地下室气体探测器", "kind": "传感器", "protocol": "映射JSON", "report_interval_s": 30,
     "lon": 113.7761, "lat": 34.7636, "height_m": 92.5, "add_ons": "氧气探头、一氧化碳探头",
     "calibrated_quantity": "氧气", "calibration_number": "JZ-2026-118", "calibrated_on": date(2026, 3, 1),
     "calibration_due_on": date(2027, 2, 28), "calibration_scale": 1.02, "calibration_offset": 0.1},
    {"code": "V-01", "name": "1号渣土车", "kind": "车辆", "protocol": "JT/T 808", "report_interval_s": 10,
     "terminal_number": "013900000001", "datum": "WGS84"},
)  # fmt: skip


def template_workbook() -> bytes:
    """This function will return the template as .xlsx: columns with examples, choices, and a sheet that explains."""
    book, sheet = _sheet("设备台账")
    for example in _EXAMPLES:
        sheet.append([example.get(column.field) for column in COLUMNS])
    for row in sheet.iter_rows(min_row=2, max_row=1 + len(_EXAMPLES)):
        for cell in row:
            cell.font = Font(italic=True, color="7F7F7F")
            cell.border = _LINE
    for name, words in (("kind", KINDS), ("protocol", PROTOCOLS), ("paper_kind", PAPERS)):
        _choices(sheet, name, words)
    _choices(sheet, "datum", ("WGS84", "CGCS2000", "GCJ-02"))
    _notes(book)
    return _bytes(book)


def devices_workbook(
    devices: Iterable[Device], last_papers: Mapping[Any, Any], calibrations: Mapping[Any, Any]
) -> bytes:
    """This function will return devices in the columns of the template, with their newest paper and calibration."""
    book, sheet = _sheet("设备台账")
    kinds = {code: word for word, code in KINDS.items()}
    protocols = {code: word for word, code in PROTOCOLS.items()}
    papers = {code: word for word, code in PAPERS.items()}
    for device in devices:
        point = device.anchor.geometry if device.anchor and device.anchor.geometry.geom_type == "Point" else None
        fitted = [row.kind for row in device.add_ons.all() if row.removed_at is None]
        names = [catalogue().add_ons[kind].zh for kind in dict.fromkeys(fitted) if kind in catalogue().add_ons]
        facts: dict[str, Any] = {
            column.field: _plain(getattr(device, column.field))
            for column in COLUMNS
            if isinstance(getattr(device, column.field, None), str | int)
        }
        facts |= {"kind": kinds.get(device.kind, device.kind), "protocol": protocols[device.protocol]}
        facts |= {"add_ons": "、".join(names)}
        if point is not None:
            facts |= {"lon": round(point.x, 8), "lat": round(point.y, 8), "height_m": round(point.z or 0.0, 3)}
        if (paper := last_papers.get(device.pk)) is not None:
            facts |= {"paper_kind": papers[paper.kind], "paper_number": _plain(paper.number)}
            facts |= {"paper_issued_on": paper.issued_on, "paper_expires_on": paper.expires_on}
        if (row := calibrations.get(device.pk)) is not None:
            facts |= {
                "calibrated_quantity": quantities()[row.quantity].zh if row.quantity in quantities() else row.quantity
            }
            facts |= {"calibration_number": _plain(row.certificate_number), "calibrated_on": row.done_on}
            facts |= {
                "calibration_due_on": row.due_on,
                "calibration_scale": row.scale,
                "calibration_offset": row.offset,
            }
        sheet.append([facts.get(column.field) for column in COLUMNS])
    return _bytes(book)


def _plain(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def _sheet(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    sheet.append([column.zh + ("*" if column.needed else "") for column in COLUMNS])
    sheet.row_dimensions[1].height = 28
    for index, column in enumerate(COLUMNS, start=1):
        cell = sheet.cell(1, index)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _NEEDED if column.needed else _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _LINE
        sheet.column_dimensions[cell.column_letter].width = column.width
    sheet.freeze_panes = "C2"
    return book, sheet


def _choices(sheet: Worksheet, name: str, words: Iterable[str]) -> None:
    index = next(number for number, column in enumerate(COLUMNS, start=1) if column.field == name)
    letter = sheet.cell(1, index).column_letter
    rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    rule.error, rule.errorTitle = "请从下拉列表中选择。", "取值不在列表中"
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}2001")


def _notes(book: Workbook) -> None:
    notes = book.create_sheet("填写说明")
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 20, 90
    notes.append(["设备台账导入模板填写说明"])
    notes["A1"].font = Font(bold=True, size=14)
    notes.append(
        ["通用", "从第 2 行起填写，删除示例行；带 * 的列必填。编码已在本工地登记的行更新原设备，不产生新密码。"]
    )
    notes.append(["", "任何一行有错，整个文件都不导入；导入页面逐行逐列列出问题。新设备的密码只在导入完成时显示一次。"])
    for column in COLUMNS:
        notes.append([column.zh, column.hint])
    notes.append(["附加模块可选值", "、".join(row.zh for row in catalogue().add_ons.values())])
    notes.append(["校准项目可选值", "、".join(row.zh for row in quantities().values())])
    for row in notes.iter_rows(min_row=2):
        row[0].font = Font(bold=True)
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
