"""Machines from an Excel sheet: columns by their Chinese or English names, every fault by row and field. No Django."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook

MAX_ROWS = 2000
KINDS = {
    "塔式起重机": "tower_crane", "塔吊": "tower_crane", "施工升降机": "hoist", "汽车起重机": "mobile_crane",
    "挖掘机": "excavator", "装载机": "loader", "自卸车": "truck", "卡车": "truck", "桩机": "pile_rig",
    "混凝土泵车": "concrete_pump", "其他": "other",
}  # fmt: skip
TEXTS = {
    "编号": "code", "名称": "name", "机械类型": "kind", "生产厂家": "maker", "型号": "model",
    "出厂编号": "factory_number",
    "备案登记编号": "registration_number", "产权单位": "owner", "出租单位": "lessor", "设备编码": "devices",
    "额定起重量表": "load_chart", "产权证编号": "property_number", "使用登记编号": "use_number",
}  # fmt: skip
NUMBERS = {
    "经度": "lon", "纬度": "lat", "基础标高": "height_m", "起重臂长": "jib_m", "平衡臂长": "counter_jib_m",
    "臂架高度": "jib_height_m", "最高点高度": "top_height_m", "塔身半宽": "mast_half_m", "车长": "length_m",
    "车宽": "width_m", "作业半径": "work_radius_m",
}  # fmt: skip
DATES = {
    "产权证有效期": "property_until", "安装日期": "installation_on", "检测日期": "inspection_on",
    "检测有效期": "inspection_until", "验收日期": "acceptance_on", "使用登记有效期": "use_until",
    "防坠器检定有效期": "fall_arrester_until",
}  # fmt: skip
COLUMNS = {**TEXTS, **NUMBERS, **DATES}
CRANE = ("jib_m", "counter_jib_m", "jib_height_m", "top_height_m")
PAPERS = ("property", "use", "installation", "inspection", "acceptance", "fall_arrester")


class SheetRefused(ValueError):
    """A file cannot be read as a sheet of machines; `sentence` takes its `values` and says what to do."""

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence % values)
        self.sentence, self.values = sentence, values


def gettext_noop(sentence: str) -> str:
    """Return a sentence as it is; marks it for the catalogues of the pages that tell it."""
    return sentence


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row (1 is the head) and which column; `sentence` takes its `values`."""

    row: int
    column: str
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class MachineRow:
    """A machine as a row states it."""

    row: int
    code: str
    name: str
    kind: str
    facts: dict[str, str] = field(default_factory=dict)
    place: tuple[float, float, float | None] | None = None
    crane: dict[str, Any] | None = None
    vehicle: dict[str, float] | None = None
    devices: tuple[str, ...] = ()
    papers: dict[str, dict[str, Any]] = field(default_factory=dict)


def template() -> bytes:
    """Return an empty sheet with one example."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "机械台账"
    sheet.append(list(COLUMNS))
    example = {
        "编号": "T1", "名称": "1号塔吊", "机械类型": "塔式起重机", "型号": "QTZ80(6010)",
        "经度": 113.77, "纬度": 34.765, "基础标高": 88.3, "起重臂长": 60, "平衡臂长": 13, "臂架高度": 45,
        "最高点高度": 53, "额定起重量表": "3:6;15:6;30:2.7;60:1.0", "检测有效期": date(2027, 6, 30),
    }  # fmt: skip
    sheet.append([example.get(name, "") for name in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_sheet(content: bytes) -> tuple[list[MachineRow], list[Fault]]:
    """Return the machines of a sheet and all its faults. Raises SheetRefused for what is no sheet of machines."""
    rows: list[MachineRow] = []
    faults: list[Fault] = []
    codes: dict[str, int] = {}
    for number, cells in _lines(content):
        found = _row(number, cells, faults)
        if found.code and (before := codes.setdefault(found.code, number)) != number:
            faults.append(Fault(number, "编号", gettext_noop("is the same as in row %(row)s"), {"row": before}))
        rows.append(found)
    if not rows:
        raise SheetRefused(gettext_noop("The sheet holds no machine: fill it from row 2 on."))
    return rows, faults


def _lines(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever the broken part raises
        raise SheetRefused(gettext_noop("The file cannot be read as Excel (.xlsx): take the template.")) from error
    lines = book.worksheets[0].iter_rows(values_only=True)
    names = {**COLUMNS, **{field_name: field_name for field_name in COLUMNS.values()}}
    head = [names.get(str(cell).strip()) if cell is not None else None for cell in next(lines, ())]
    missing = [name for name in ("编号", "名称", "机械类型") if COLUMNS[name] not in head]
    if missing:
        raise SheetRefused(gettext_noop("Columns are missing: %(names)s. Take the template."), names="、".join(missing))
    for number, line in enumerate(lines, start=2):
        if number > MAX_ROWS + 1:
            raise SheetRefused(gettext_noop("More than %(limit)s rows: split the file."), limit=MAX_ROWS)
        cells = {name: cell for name, cell in zip(head, line, strict=False) if name and cell not in (None, "")}
        if cells:
            yield number, cells


def _row(number: int, cells: dict[str, Any], faults: list[Fault]) -> MachineRow:
    titles = {field_name: title for title, field_name in COLUMNS.items()}

    def fault(name: str, sentence: str, **values: Any) -> None:
        faults.append(Fault(number, titles[name], sentence, values))

    numbers = {name: _number(cells[name]) for name in NUMBERS.values() if name in cells}
    for name, value in numbers.items():
        if value is None:
            fault(name, gettext_noop("“%(value)s” is not a number"), value=cells[name])
    dates = {name: _date(cells[name]) for name in DATES.values() if name in cells}
    for name, day in dates.items():
        if day is None:
            fault(name, gettext_noop("“%(value)s” is not a date (such as 2027-06-30)"), value=cells[name])
    for name in ("code", "name", "kind"):
        if name not in cells:
            fault(name, gettext_noop("must be filled"))
    word = str(cells.get("kind", "")).strip()
    kind = KINDS.get(word, word if word in KINDS.values() else "")
    if word and not kind:
        fault("kind", gettext_noop("“%(value)s” is no kind of machine: %(kinds)s"), value=word, kinds="、".join(KINDS))
    facts = ("maker", "model", "factory_number", "registration_number", "owner", "lessor")
    row = MachineRow(number, _text(cells, "code"), _text(cells, "name"), kind)
    row.facts = {name: _text(cells, name) for name in facts if name in cells}
    row.devices = tuple(code for code in _text(cells, "devices").replace("，", ",").split(",") if code)
    _place(row, numbers, fault)
    _measures(row, kind, numbers, cells, fault)
    for paper in PAPERS:
        own = {
            "number": _text(cells, f"{paper}_number"),
            "done_on": dates.get(f"{paper}_on"),
            "valid_until": dates.get(f"{paper}_until"),
        }
        if any(own.values()):
            row.papers[paper] = own
    return row


def _place(row: MachineRow, numbers: dict[str, float | None], fault: Any) -> None:
    lon, lat = numbers.get("lon"), numbers.get("lat")
    if lon is not None and lat is not None:
        if not (73 <= lon <= 136 and 3 <= lat <= 54):
            fault(
                "lon",
                gettext_noop("%(value)s is not in China: are longitude and latitude swapped?"),
                value=f"({lon}, {lat})",
            )
        row.place = (lon, lat, numbers.get("height_m"))
    elif ("lon" in numbers) != ("lat" in numbers):
        fault("lat" if "lon" in numbers else "lon", gettext_noop("longitude and latitude belong together"))


def _measures(row: MachineRow, kind: str, numbers: dict[str, float | None], cells: dict[str, Any], fault: Any) -> None:
    if kind == "tower_crane":
        for name in CRANE:
            if name not in numbers:
                fault(name, gettext_noop("a tower crane needs it"))
        if row.place is None and "lon" not in numbers:
            fault("lon", gettext_noop("a tower crane needs the place of its base"))
        row.crane = {name: numbers[name] for name in (*CRANE, "mast_half_m") if numbers.get(name) is not None}
        if chart := _text(cells, "load_chart"):
            try:
                row.crane["load_chart"] = [
                    tuple(float(part) for part in pair.split(":"))
                    for pair in chart.replace("；", ";").replace("：", ":").split(";")
                    if pair.strip()
                ]
            except ValueError:
                fault(
                    "load_chart",
                    gettext_noop("“%(value)s” must be radius:load;radius:load (such as 3:6;30:2.7)"),
                    value=chart,
                )
    elif numbers.get("length_m") is not None and numbers.get("width_m") is not None:
        own = ("length_m", "width_m", "work_radius_m")
        row.vehicle = {name: value for name in own if (value := numbers.get(name)) is not None}


def _text(cells: dict[str, Any], name: str) -> str:
    value = cells.get(name, "")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _number(cell: Any) -> float | None:
    try:
        value = float(cell)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _date(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _DAY.fullmatch(str(cell).strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
