"""Read a people workbook into plain rows, each fault with sheet, row and column; and write one. Pure.

Nothing is stored here: the rows and faults are looked at first, then `operations.import_roster` takes them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from .rules import certificate_kinds
from .sheet_columns import EDUCATION_WORDS, EMPLOYER_KINDS, SHEETS, Column, Sheet

MOST_BYTES, MOST_UNPACKED, MOST_ROWS = 10_000_000, 200_000_000, 20_000
_SPLIT = re.compile(r"[、,，;；\s]+")
_SPAN = re.compile(r"\s*([0-9]{1,2}:[0-9]{2})\s*[-–~至]\s*([0-9]{1,2}:[0-9]{2})\s*")


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation."""
    return sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where: sheet, row as Excel counts it, column letter, and a sentence with its values."""

    sheet: str
    row: int
    column: str
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.sheet} {self.column}{self.row}: {self.sentence % self.values}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its sheet's key, where it stands, and its values by column key (only those that were filled)."""

    sheet: str
    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Roster:
    """The rows of a workbook by sheet, and every fault."""

    rows: dict[str, list[Row]]
    faults: list[Fault]

    @property
    def count(self) -> int:
        """Return how many rows were read."""
        return sum(len(rows) for rows in self.rows.values())


class RosterRefused(ValueError):
    """A file cannot be read at all; `sentence` says why."""

    def __init__(self, sentence: str, **values: Any) -> None:
        self.sentence, self.values = sentence, values
        super().__init__(sentence % values)


def read_roster(content: bytes, *, known_badges: Iterable[str] = (), known_teams: Iterable[str] = ()) -> Roster:
    """Return what a workbook says; badges and teams that are on the site already may be named. Raises RosterRefused."""
    sheets = _open(content)
    rows: dict[str, list[Row]] = {sheet.key: [] for sheet in SHEETS}
    faults: list[Fault] = []
    columns: dict[str, dict[str, str]] = {}
    for sheet, lines in sheets:
        found, letters, wrong = _read_sheet(sheet, lines)
        rows[sheet.key] = found
        columns[sheet.key] = letters
        faults += wrong
    if not sheets:
        names = "、".join(sheet.zh for sheet in SHEETS)
        raise RosterRefused(gettext_noop("has none of the sheets %(names)s; take the template"), names=names)
    roster = Roster(rows, faults)
    _check_names(roster, columns, set(known_badges), set(known_teams))
    roster.faults.sort(key=lambda fault: (fault.sheet, fault.row, fault.column))
    return roster


def _open(content: bytes) -> list[tuple[Sheet, Sequence[Sequence[Any]]]]:
    if len(content) > MOST_BYTES:
        raise RosterRefused(gettext_noop("is larger than %(limit)s MB; split it"), limit=MOST_BYTES // 1_000_000)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(item.file_size for item in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise RosterRefused(gettext_noop("unpacks to more than %(limit)s MB"), limit=MOST_UNPACKED // 1_000_000)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except RosterRefused:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part raises
        raise RosterRefused(gettext_noop("cannot be read as Excel (.xlsx)")) from error
    by_name = {name.lower(): sheet for sheet in SHEETS for name in (sheet.zh, sheet.en)}
    found: list[tuple[Sheet, Sequence[Sequence[Any]]]] = []
    for worksheet in book.worksheets:
        sheet = by_name.get(worksheet.title.strip().lower())
        if sheet is not None:
            found.append((sheet, list(worksheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2))))
    return found


def _read_sheet(sheet: Sheet, lines: Sequence[Sequence[Any]]) -> tuple[list[Row], dict[str, str], list[Fault]]:
    faults: list[Fault] = []
    head = [str(cell or "").strip().rstrip("*").lower() for cell in (lines[0] if lines else ())]
    places: dict[str, int] = {}
    for column in sheet.columns:
        names = {column.zh.lower(), column.en.lower()}
        number = next((index for index, text in enumerate(head) if text in names), None)
        if number is not None:
            places[column.key] = number
        elif column.needed:
            faults.append(Fault(sheet.zh, 1, "", gettext_noop("The column %(name)s is missing; take the template."),
                                {"name": column.zh}))  # fmt: skip
    letters = {key: get_column_letter(number + 1) for key, number in places.items()}
    if faults:
        return [], letters, faults
    if len(lines) > MOST_ROWS + 1:
        faults.append(Fault(sheet.zh, MOST_ROWS + 2, "", gettext_noop("More than %(limit)s rows; split the file."),
                            {"limit": MOST_ROWS}))  # fmt: skip
    rows = []
    for number, line in enumerate(lines[1 : MOST_ROWS + 1], start=2):
        cells = {key: line[place] if place < len(line) else None for key, place in places.items()}
        if all(str(cell if cell is not None else "").strip() == "" for cell in cells.values()):
            continue
        values = dict(_values(sheet, cells, number, letters, faults))
        rows.append(Row(sheet.key, number, values))
    return rows, letters, faults


def _values(
    sheet: Sheet, cells: Mapping[str, Any], number: int, letters: Mapping[str, str], faults: list[Fault]
) -> Iterator[tuple[str, Any]]:
    for column in sheet.columns:
        raw = cells.get(column.key)
        text = _text(raw)
        letter = letters.get(column.key, "")
        if not text:
            if column.needed:
                faults.append(Fault(sheet.zh, number, letter, gettext_noop("%(name)s is missing; fill it in."),
                                    {"name": column.zh}))  # fmt: skip
            continue
        if len(text) > column.most:
            faults.append(Fault(sheet.zh, number, letter, gettext_noop("Longer than %(limit)s letters."),
                                {"limit": column.most}))  # fmt: skip
            continue
        try:
            yield column.key, _value(sheet, column, raw, text)
        except ValueError:
            faults.append(Fault(sheet.zh, number, letter, _HINTS[_hint(sheet, column)], {"value": text[:40]}))


_HINTS = {
    "day": gettext_noop("“%(value)s” is no day; write it as 2026-12-31."),
    "moment": gettext_noop("“%(value)s” is no time; write it as 2026-12-31 07:30."),
    "clock": gettext_noop("“%(value)s” is no time of day; write it as 07:30."),
    "number": gettext_noop("“%(value)s” is no number from 0 to 1000."),
    "weekdays": gettext_noop("“%(value)s” are no weekdays; write 1-5 or 1、3、5 (1 is Monday)."),
    "breaks": gettext_noop("“%(value)s” is no break; write 12:00-13:00."),
    "employer_kind": gettext_noop("“%(value)s” is no kind of employer; write 总包, 分包, 劳务, 监理 or 其他."),
    "level": gettext_noop("“%(value)s” is no level; write 公司级, 项目级 or 班组级."),
    "certificate_kind": gettext_noop("“%(value)s” is no kind of certificate; see the sheet 填写说明."),
}


def _hint(sheet: Sheet, column: Column) -> str:
    if (sheet.key, column.key) == ("employers", "kind"):
        return "employer_kind"
    if (sheet.key, column.key) == ("certificates", "kind"):
        return "certificate_kind"
    return "level" if column.key == "level" else column.kind


def _text(raw: Any) -> str:
    """Return a cell as text; Excel keeps 13800000000 as a number."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return "" if raw is None else str(raw).strip()


def _value(sheet: Sheet, column: Column, raw: Any, text: str) -> Any:
    """Return the value of a cell. Raises ValueError when it is none."""
    if (sheet.key, column.key) == ("employers", "kind"):
        return _word(EMPLOYER_KINDS, text)
    if (sheet.key, column.key) == ("education", "level"):
        return _word(EDUCATION_WORDS, text)
    if (sheet.key, column.key) == ("certificates", "kind"):
        words = {word.lower(): kind.code for kind in certificate_kinds().values()
                 for word in (kind.code, kind.zh, kind.en)}  # fmt: skip
        return _word(words, text)
    reader = _READERS.get(column.kind)
    return text if reader is None else reader(raw, text)


def _word(words: Mapping[str, str], text: str) -> str:
    found = words.get(text.lower())
    if found is None:
        raise ValueError(text)
    return found


def _day(raw: Any, text: str) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    year, month, day = (int(part) for part in re.split(r"[-/.年月]", text.rstrip("日"))[:3])
    return date(year, month, day)


def _moment(raw: Any, text: str) -> datetime:
    return raw if isinstance(raw, datetime) else datetime.fromisoformat(text.replace("/", "-")).replace(tzinfo=None)


def _clock(raw: Any, text: str) -> time:
    if isinstance(raw, datetime):
        return raw.time()
    if isinstance(raw, time):
        return raw
    hours, minutes = text.replace("：", ":").split(":")[:2]
    return time(int(hours) % 24 if int(hours) == 24 else int(hours), int(minutes))


def _number(_raw: Any, text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1000:
        raise ValueError(text)
    return value


def _weekdays(_raw: Any, text: str) -> list[int]:
    days: set[int] = set()
    for part in _SPLIT.split(text):
        first, _, last = part.partition("-")
        days |= set(range(int(first), int(last or first) + 1))
    if not days or not days <= set(range(1, 8)):
        raise ValueError(text)
    return sorted(days)


def _breaks(_raw: Any, text: str) -> list[list[str]]:
    found = []
    for part in re.split(r"[、,，;；]", text):
        span = _SPAN.fullmatch(part)
        if span is None:
            raise ValueError(text)
        found.append([_clock(None, one).strftime("%H:%M") for one in span.groups()])
    return found


def _names(_raw: Any, text: str) -> list[str]:
    return [part for part in _SPLIT.split(text) if part]


_READERS: Mapping[str, Any] = {
    "day": _day, "moment": _moment, "clock": _clock, "number": _number, "weekdays": _weekdays, "breaks": _breaks,
    "names": _names, "badges": _names,
}  # fmt: skip


def _check_names(roster: Roster, columns: Mapping[str, Mapping[str, str]], badges: set[str], teams: set[str]) -> None:
    """Find badges and teams that nobody knows, doubles, and periods that end before they begin."""
    zh = {sheet.key: sheet.zh for sheet in SHEETS}

    def fault(row: Row, key: str, sentence: str, **values: Any) -> None:
        roster.faults.append(Fault(zh[row.sheet], row.number, columns[row.sheet].get(key, ""), sentence, values))

    seen: dict[str, int] = {}
    for row in roster.rows["people"]:
        badge = row.values.get("badge")
        if badge in seen:
            fault(row, "badge", gettext_noop("The badge %(badge)s stands in row %(first)s already."), badge=badge,
                  first=seen[badge])  # fmt: skip
        elif badge:
            seen[badge] = row.number
    badges = badges | set(seen)
    teams = teams | {row.values["name"] for row in roster.rows["teams"] if "name" in row.values}
    for row in (row for rows in roster.rows.values() for row in rows):
        named = row.values.get("badges") or ([row.values["badge"]] if "badge" in row.values else [])
        key = "badges" if "badges" in row.values else "badge"
        for badge in named if row.sheet != "people" else ():
            if badge not in badges:
                fault(row, key, gettext_noop("Nobody has the badge %(badge)s; add the person first."), badge=badge)
        wanted = row.values.get("teams") or ([row.values["team"]] if "team" in row.values else [])
        for team in wanted:
            if team not in teams:
                fault(row, "team" if "team" in row.values else "teams",
                      gettext_noop("There is no team %(team)s; add it on the sheet 班组."), team=team)  # fmt: skip
        start, end = row.values.get("valid_from"), row.values.get("valid_until")
        if start and end and end < start:
            fault(row, "valid_until", gettext_noop("It ends before it begins."))


def template_workbook() -> bytes:
    """Return the template: every sheet with its headings and an example row, and what may stand where."""
    return _workbook({sheet.key: [sheet.example] for sheet in SHEETS}, notes=True)


def roster_workbook(rows: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a workbook with rows by sheet key, in the order of the columns: it can be read in again."""
    return _workbook(rows, notes=False)


def _workbook(rows: Mapping[str, Sequence[Sequence[Any]]], *, notes: bool) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in SHEETS:
        worksheet = book.create_sheet(sheet.zh)
        worksheet.append([column.zh for column in sheet.columns])
        for number, column in enumerate(sheet.columns, start=1):
            cell = worksheet.cell(1, number)
            cell.font = Font(bold=True)
            if column.needed:
                cell.fill = PatternFill("solid", fgColor="FFF2CC")
            worksheet.column_dimensions[get_column_letter(number)].width = 18
        worksheet.freeze_panes = "A2"
        for number, row in enumerate(rows.get(sheet.key, ()), start=2):
            worksheet.append(list(row))
            for cell in worksheet[number]:
                if cell.data_type == "f":  # words that begin with = are words, not a formula
                    cell.data_type = "s"
    if notes:
        _add_notes(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _add_notes(book: Workbook) -> None:
    sheet = book.create_sheet("填写说明")
    sheet.column_dimensions["A"].width = 100
    kinds = "、".join(kind.zh for kind in certificate_kinds().values())
    for line in (
        "底色列必填。第 2 行为示例，导入前请删除。Coloured columns must be filled; delete the example in row 2.",
        "工号在本项目内唯一；再次导入同一工号为修改。A badge is unique on the site; importing it again changes it.",
        f"证书类别 Kinds of certificates: {kinds}",
        "星期写 1-7（1 为星期一）；夜班的结束早于开始即为次日。A night shift ends before it starts: the next day.",
    ):
        sheet.append([line])
