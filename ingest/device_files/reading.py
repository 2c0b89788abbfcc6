"""Rows of devices from an Excel sheet, with every problem by row and column; nothing is looked up in the database."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from spatial.devices.kinds import quantities
from spatial.devices.rules import DeviceFacts

from .columns import COLUMNS, FIELDS, KINDS, PAPERS, PROTOCOLS, add_on_codes, field_of

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 2_000
FIRST_ROW = 2


def gettext_noop(sentence: str) -> str:
    """This function will mark a sentence for translation; pages put in the values."""
    return sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a row and column (row 1 is the head); the sentence with its values says what to do."""

    row: int
    column: str
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        heading = FIELDS[self.column].zh if self.column in FIELDS else self.column
        return f"row {self.row}, {heading}: {self.sentence % dict(self.values)}"


class FileRefused(ValueError):
    """A file that cannot be read at all; `problem` says why and what to do."""

    def __init__(self, sentence: str, **values: Any) -> None:
        self.problem = Problem(0, "file", sentence, values)
        super().__init__(str(self.problem))


@dataclass(frozen=True, slots=True)
class Given:
    """A paper or a calibration in a row."""

    kind: str
    number: str
    since: date
    until: date
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device of a file."""

    row: int
    code: str
    name: str
    kind: str
    report_interval_s: int
    facts: DeviceFacts
    place: tuple[float, float, float | None] | None
    add_ons: tuple[str, ...] | None
    paper: Given | None
    calibration: Given | None


@dataclass(frozen=True)
class DeviceFile:
    """What a file holds: rows that could be read, and every problem."""

    rows: list[DeviceRow]
    problems: list[Problem]
    count: int


def read_file(content: bytes) -> DeviceFile:
    """This function will read an Excel file of devices. Raises FileRefused for one that cannot be read at all."""
    if len(content) > MAX_BYTES:
        raise FileRefused(gettext_noop("is larger than %(limit)s MB; split it"), limit=MAX_BYTES >> 20)
    lines = list(_lines(content))
    if not lines:
        raise FileRefused(gettext_noop("holds no rows; fill the template from row 2 on"))
    if len(lines) > MAX_ROWS:
        raise FileRefused(
            gettext_noop("has %(count)s rows, more than %(limit)s; split it"), count=len(lines), limit=MAX_ROWS
        )
    rows, problems, seen = [], [], dict[str, int]()
    for number, cells in lines:
        reader = _Row(number, cells)
        row = reader.read()
        problems += reader.problems
        if row is not None and (first := seen.setdefault(row.code, number)) != number:
            problems.append(Problem(number, "code", gettext_noop("stands in row %(row)s already"), {"row": first}))
        if row is not None:
            rows.append(row)
    return DeviceFile(rows, problems, len(lines))


def _lines(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        table = list(book.worksheets[0].iter_rows(values_only=True, max_row=MAX_ROWS + 50, max_col=60))
    except Exception as error:  # openpyxl raises whatever the broken part raises
        raise FileRefused(gettext_noop("cannot be read as Excel (.xlsx): %(why)s"), why=type(error).__name__) from error
    fields = [field_of(cell) for cell in (table[0] if table else ())]
    missing = [column.zh for column in COLUMNS if column.needed and column.field not in fields]
    if missing:
        raise FileRefused(gettext_noop("lacks the columns %(names)s; take the template"), names="、".join(missing))
    twice = [FIELDS[name].zh for name in {*fields} - {None} if name and fields.count(name) > 1]
    if twice:
        raise FileRefused(gettext_noop("has the columns %(names)s twice"), names="、".join(twice))
    for number, line in enumerate(table[1:], start=FIRST_ROW):
        cells = {name: cell for name, cell in zip(fields, line, strict=False) if name and cell not in (None, "")}
        if cells:
            yield number, cells


class _Row:
    """Reads one row, noting what is wrong."""

    def __init__(self, number: int, cells: Mapping[str, Any]) -> None:
        self.number, self._cells = number, cells
        self.problems: list[Problem] = []

    def read(self) -> DeviceRow | None:
        """This function will return the row, or None with problems."""
        code, name = self._text("code", 40, needed=True), self._text("name", 120, needed=True)
        kind = self._word("kind", KINDS) or self._missing("kind")
        protocol = self._word("protocol", PROTOCOLS) or "twinwall"
        interval = self._number("report_interval_s", 5, 1, 86_400)
        facts = DeviceFacts(
            maker=self._text("maker", 80),
            model=self._text("model", 80),
            serial_number=self._text("serial_number", 80),
            note=self._text("note", 300),
            protocol=protocol,
            datum=self._word("datum", {"WGS84": "WGS84", "CGCS2000": "CGCS2000", "GCJ-02": "GCJ-02"}) or "WGS84",
            terminal_number=self._text("terminal_number", 20),
        )
        place, add_ons = self._place(), self._add_ons()
        paper, calibration = self._paper(), self._calibration()
        if self.problems:
            return None
        return DeviceRow(self.number, code, name, kind, round(interval), facts, place, add_ons, paper, calibration)

    def _wrong(self, name: str, sentence: str, **values: Any) -> None:
        self.problems.append(Problem(self.number, name, sentence, values))

    def _missing(self, name: str) -> str:
        if not any(problem.column == name for problem in self.problems):
            self._wrong(name, gettext_noop("is missing; fill it in"))
        return ""

    def _text(self, name: str, most: int, *, needed: bool = False) -> str:
        value = self._cells.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # Excel keeps 13800000000 as a number
        text = "" if value is None else str(value).strip()
        if text.startswith(("'=", "'+", "'-", "'@")):
            text = text[1:]  # written so by our export, that no spreadsheet takes it for a formula
        if len(text) > most:
            self._wrong(name, gettext_noop("has %(count)s characters, more than %(most)s"), count=len(text), most=most)
        return text or (self._missing(name) if needed else "")

    def _word(self, name: str, words: Mapping[str, str]) -> str:
        text = self._text(name, 40)
        found = {word.lower(): code for word, code in words.items()} | {code.lower(): code for code in words.values()}
        if text and text.lower() not in found:
            self._wrong(name, gettext_noop("%(value)s is none of: %(words)s"), value=text, words="、".join(words))
        return found.get(text.lower(), "")

    def _number(self, name: str, default: float, low: float, high: float) -> float:
        value = self._cells.get(name)
        if value is None:
            return default
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not low <= number <= high:
            sentence = gettext_noop("%(value)s is no number from %(low)s to %(high)s")
            self._wrong(name, sentence, value=value, low=f"{low:g}", high=f"{high:g}")
            return default
        return number

    def _day(self, name: str) -> date | None:
        value = self._cells.get(name)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date) or value is None:
            return value
        try:
            return date.fromisoformat(str(value).strip().replace("/", "-"))
        except ValueError:
            self._wrong(name, gettext_noop("%(value)s is no day; write it as 2026-12-31"), value=value)
            return None

    def _place(self) -> tuple[float, float, float | None] | None:
        if "lon" not in self._cells and "lat" not in self._cells:
            return None
        for name in ("lon", "lat"):
            if name not in self._cells:
                self._missing(name)
        lon, lat = self._number("lon", 0.0, 73, 136), self._number("lat", 0.0, 3, 54)
        height = self._number("height_m", 0.0, -500, 9000) if "height_m" in self._cells else None
        return lon, lat, height

    def _add_ons(self) -> tuple[str, ...] | None:
        text = self._text("add_ons", 400)
        if not text:
            return None
        known, found = add_on_codes(), []
        for word in text.replace(",", "、").replace("，", "、").replace(";", "、").split("、"):
            code = known.get(word.strip()) or known.get(word.strip().lower())
            if code is None:
                self._wrong(
                    "add_ons", gettext_noop("%(value)s is no add-on; the template lists them"), value=word.strip()
                )
            else:
                found.append(code)
        return tuple(found)

    def _paper(self) -> Given | None:
        names = ("paper_kind", "paper_number", "paper_issued_on", "paper_expires_on")
        if not any(name in self._cells for name in names):
            return None
        kind, number = self._word("paper_kind", PAPERS), self._text("paper_number", 80)
        since, until = self._day("paper_issued_on"), self._day("paper_expires_on")
        for name in names:
            if name not in self._cells:
                self._missing(name)
        return Given(kind, number, since, until) if since and until else None

    def _calibration(self) -> Given | None:
        names = ("calibrated_quantity", "calibration_number", "calibrated_on", "calibration_due_on")
        if not any(name in self._cells for name in names):
            return None
        words = {row.zh: code for code, row in quantities().items()}
        quantity, number = self._word("calibrated_quantity", words), self._text("calibration_number", 80)
        since, until = self._day("calibrated_on"), self._day("calibration_due_on")
        scale = self._number("calibration_scale", 1.0, -1e6, 1e6)
        offset = self._number("calibration_offset", 0.0, -1e9, 1e9)
        for name in names:
            if name not in self._cells:
                self._missing(name)
        return Given(quantity, number, since, until, scale, offset) if since and until else None
