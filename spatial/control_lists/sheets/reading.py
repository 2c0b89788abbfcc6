"""Read the official forms from a workbook as people fill them; each fault names sheet, row and column. Pure.

Nothing is imported here: the result is rows of a list and a list of faults, to be looked at first.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from spatial.control_lists.rules import EntryData, Tables, gettext_noop

from .cells import text_of
from .faults import CellFault
from .headings import Table, find_table
from .points import GatheredPoint, PointReader
from .sources import SourceReader

MOST_BYTES, MOST_UNPACKED, MOST_ROWS, MOST_COLUMNS = 10_000_000, 200_000_000, 20_000, 120


@dataclass(frozen=True)
class SheetRead:
    """A sheet and what it was taken for; `form` is empty when it is none of the forms."""

    name: str
    form: str
    rows: int


@dataclass(frozen=True)
class ListRead:
    """What a workbook says: rows of a list, faults, and what each sheet was taken for."""

    entries: tuple[EntryData, ...]
    faults: tuple[CellFault, ...]
    sheets: tuple[SheetRead, ...]

    @property
    def refused(self) -> bool:
        return any(fault.severity == "refuse" for fault in self.faults)


class _Reader:
    def __init__(self, kind: str, tables: Tables) -> None:
        self.kind, self.tables = kind, tables
        self.source_reader = SourceReader(tables, self.fault)
        self.points: dict[str, GatheredPoint] = {}
        self.faults: list[CellFault] = []
        self.sheet, self.row = "", 0
        self.table: Table | None = None

    def fault(self, key: str, sentence: str, severity: str = "refuse", **values: Any) -> None:
        number = self.table.columns.get(key) if self.table else None
        column = get_column_letter(number) if number else ""
        self.faults.append(CellFault(self.sheet, self.row, column, sentence, values, severity))

    def read_sheet(self, name: str, rows: Sequence[Sequence[Any]]) -> SheetRead:
        self.sheet, self.row = name, 0
        self.table = table = find_table(rows)
        if table is None:
            return SheetRead(name, "", 0)
        self.row = table.first_row
        if self.kind not in table.form.kinds:
            self.fault("", gettext_noop("This sheet is a form of the other list (%(form)s): import it there."),
                       form=table.form.zh)  # fmt: skip
            return SheetRead(name, table.form.key, 0)
        for number, heading in table.unknown:
            self.faults.append(CellFault(name, table.first_row, get_column_letter(number), gettext_noop(
                "The column “%(heading)s” is not part of the form and is not read."
            ), {"heading": heading[:40]}, "warn"))  # fmt: skip
        count, last = 0, None
        for offset, cells in enumerate(rows[table.first_row :], start=table.first_row + 1):
            self.row = offset
            values = {key: text_of(cells[number - 1]) for key, number in table.columns.items()}
            if not any(values.values()):
                continue
            last = self._read_row(values, last)
            count += last is not None
        return SheetRead(name, table.form.key, count)

    def _read_row(self, values: dict[str, str], last: GatheredPoint | None) -> GatheredPoint | None:
        named = values.get("code") or values.get("name")
        if not named and values.get("source") and last is not None:
            point: GatheredPoint | None = last  # the cell was left empty: the same risk point as above
        elif not named:
            self.fault("name", gettext_noop("The row has neither number nor name of a risk point and is not read."),
                       "warn")  # fmt: skip
            return last
        else:
            if len({text for text in values.values() if text}) == 1 and len(values) > 2:
                return last  # a line of words over the whole table: a note or who signed
            point = self._point(values)
        if point is None:
            return last
        self._take_point_values(point, values)
        if values.get("source"):
            assert self.table is not None
            point.sources.setdefault(self.table.form.key, []).append(self.source_reader.read(values))
        return point

    def _point(self, values: Mapping[str, str]) -> GatheredPoint | None:
        code, name = values.get("code", ""), values.get("name", "")
        if code:
            return self.points.setdefault(code, GatheredPoint())
        same = [point for point in self.points.values() if point.values.get("name") == name]
        if len(same) > 1:
            self.fault("name", gettext_noop("Several risk points are called “%(name)s”: add the column 风险点编号."),
                       name=name)  # fmt: skip
            return None
        return same[0] if same else self.points.setdefault(f"\0{name}", GatheredPoint())

    def _take_point_values(self, point: GatheredPoint, values: Mapping[str, str]) -> None:
        assert self.table is not None
        keys = [column.key for column in self.table.form.columns if column.point or not self._has_sources()]
        for key in keys:
            text = values.get(key, "")
            if not text or key in ("reviewer", "approver"):
                continue
            if key == "person":
                key = "person_of_lead"
            old = point.values.get(key)
            if old is not None and old != text:
                sheet, row, _ = point.said[key]
                self.fault(key, gettext_noop(
                    "“%(text)s” differs from “%(old)s” on sheet %(sheet)s, row %(row)s: make them the same."
                ), text=text[:40], old=old[:40], sheet=sheet, row=row)  # fmt: skip
                continue
            point.values[key], point.said[key] = text, (self.sheet, self.row, self._letter(key))

    def _letter(self, key: str) -> str:
        assert self.table is not None
        number = self.table.columns.get("person" if key == "person_of_lead" else key)
        return get_column_letter(number) if number else ""

    def _has_sources(self) -> bool:
        assert self.table is not None
        return "source" in {column.key for column in self.table.form.columns}

    def entries(self) -> tuple[EntryData, ...]:
        reader = PointReader(self.kind, self.tables, self.faults)
        return tuple(reader.read("" if key.startswith("\0") else key, point) for key, point in self.points.items())


def _filled(sheet: Any) -> list[list[Any]]:
    """Return the values of a sheet, with the value of a merged area in each of its cells."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    for area in sheet.merged_cells.ranges:
        value = rows[area.min_row - 1][area.min_col - 1] if area.min_row <= len(rows) else None
        for row in range(area.min_row - 1, min(area.max_row, len(rows))):
            for column in range(area.min_col - 1, min(area.max_col, len(rows[row]))):
                rows[row][column] = value
    return rows


def _refused(sentence: str, **values: Any) -> ListRead:
    return ListRead((), (CellFault("", 0, "", sentence, values),), ())


def _unpacked_size(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(info.file_size for info in archive.infolist())


def read_list(data: bytes, kind: str, tables: Tables) -> ListRead:
    """Return the rows that a workbook describes for a list of this kind, and every fault in it."""
    if len(data) > MOST_BYTES:
        return _refused(gettext_noop("The file is larger than %(most)s MB: split the list."), most=10)
    try:
        if _unpacked_size(data) > MOST_UNPACKED:
            return _refused(gettext_noop("The file unpacks to more than %(most)s MB: remove pictures."), most=200)
        book = load_workbook(io.BytesIO(data), data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, TypeError):
        return _refused(gettext_noop("The file is no Excel workbook (.xlsx): save it in Excel as .xlsx and try again."))
    reader = _Reader(kind, tables)
    read = []
    for sheet in book.worksheets:
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS * 4:
            sentence = gettext_noop("The sheet has more than %(most)s rows: delete the empty ones below the table.")
            reader.faults.append(CellFault(sheet.title, MOST_ROWS, "", sentence, {"most": MOST_ROWS}))
            continue
        read.append(reader.read_sheet(sheet.title, _filled(sheet)))
    entries = reader.entries()
    if not any(sheet.form for sheet in read) and not reader.faults:
        return replace(_refused(gettext_noop(
            "No sheet has the headings of an official form; download this list as Excel to see them."
        )), sheets=tuple(read))  # fmt: skip
    return ListRead(entries, tuple(reader.faults), tuple(read))
