"""The Excel file that people fill: the columns with one example row, and a sheet that says what may stand where."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill

from .columns import COLUMNS, KIND_WORDS, NEEDED

EXAMPLE = {
    "code": "GG-001",
    "name": "人民路铁路立交桥下",
    "kind": "低洼易涝点",
    "x": 113.77,
    "y": 34.765,
    "method": "LEC",
    "L": 3,
    "E": 3,
    "C": 15,
    "responsible_unit": "市政养护中心",
    "responsible_person": "王建民",
    "phone": "0371-00000000",
    "measures": "设置积水警示桩和水位标尺；暴雨预警时专人值守，必要时封闭交通",
    "next_check_on": "2026-12-31",
}


def template_workbook(town: str) -> bytes:
    """Return the template as .xlsx; `town` stands in its example row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "公共风险点"
    sheet.append([names[0] for names in COLUMNS.values()])
    sheet.append([{**EXAMPLE, "town": town}.get(name) for name in COLUMNS])
    for index, name in enumerate(COLUMNS, start=1):
        cell = sheet.cell(1, index)
        cell.font = Font(bold=True)
        if name in (*NEEDED, "x", "y"):
            cell.fill = PatternFill("solid", fgColor="FFF2CC")
        sheet.column_dimensions[cell.column_letter].width = 40 if name == "measures" else 16
    sheet.freeze_panes = "A2"
    notes = book.create_sheet("填写说明")
    notes.column_dimensions["A"].width = 100
    for line in (
        "黄色列必填；每行一个公共风险点，编号在同一乡镇（街道）内不得重复，编号已存在的行更新原有记录。",
        f"类别：{'、'.join(KIND_WORDS)}。",
        "评价方法：LEC（填 L、E、C）、LS（填 L、S）或 直接判定（填条款编号，如 DJ-02）。",
        "分值须取自规则表，等级由系统计算，不填写等级。",
        "坐标系在导入页面选择一次：国家2000、WGS84、GCJ-02、BD-09 或 3 度带投影坐标（东坐标、北坐标）。",
        "日期写作 2026-12-31。",
    ):
        notes.append([line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
