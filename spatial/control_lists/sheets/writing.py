"""Write the official forms as a workbook that prints as it is: A3 landscape, repeated heads, merged risk points. Pure.

Source: spec/domain/01 1.8 (columns and their order), 1.10 (colours).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from spatial.control_lists.rules import (
    EntryData,
    Graded,
    SourceData,
    Tables,
    entry_grades,
    grade,
    lead_level,
)

from .forms import (
    CHOICE_WORDS,
    COLOUR_RGB,
    COLOUR_WORDS,
    GRADE_WORDS,
    KIND_WORDS,
    LEVEL_WORDS,
    MAJOR,
    Form,
    forms_of,
)

_THIN = Side(style="thin", color="FF808080")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD, _OWN_HEAD = PatternFill("solid", fgColor="FFD9E2EC"), PatternFill("solid", fgColor="FFF0F2F5")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
LANGUAGE_INDEX = {"zh": 0, "en": 1}
SOURCE_KEYS = frozenset(
    {
        "step_no", "step", "source", "standard", "deviation", "factor_code", "accident_type", "judgement",
        "added_measures", "grade", "colour", "grade_after",
    }
)  # fmt: skip
_FONT = {"zh": "宋体", "en": "Calibri"}


@dataclass(frozen=True)
class Heading:
    """What stands over a table: whose list it is, which version, and who made, reviewed and approved it."""

    kind: str
    site: str
    version: str
    made_by: str = ""
    reviewed_by: str = ""
    approved_by: str = ""
    published_on: str = ""
    reassess_due: str = ""


def word(words: Mapping[Any, Sequence[str]], key: Any, language: str) -> str:
    """Return the word of a key in a language; empty for a key that has none."""
    return words[key][LANGUAGE_INDEX[language]] if key in words else ""


def numbered(texts: Sequence[str]) -> str:
    """Return several texts as numbered lines; one text stands alone."""
    return texts[0] if len(texts) == 1 else "\n".join(f"{n}. {text}" for n, text in enumerate(texts, start=1))


def _person(entry: EntryData, level: str) -> str:
    return "\n".join(f"{p.full_name} {p.phone}".strip() for p in entry.people if p.level == level)


def _point_value(
    key: str, entry: EntryData, heading: Heading, before: int | None, tables: Tables, language: str
) -> str:
    lead = lead_level(before, entry.lead_level, tables.levels) if before else entry.lead_level
    if key.startswith("people."):
        return _person(entry, key.removeprefix("people."))
    if key in CHOICE_WORDS:
        return word(CHOICE_WORDS[key], entry.columns.get(key, ""), language)
    place = entry.place
    special: dict[str, Callable[[], str]] = {
        "kind": lambda: word(KIND_WORDS, heading.kind, language),
        "lead_level": lambda: word(LEVEL_WORDS, lead, language),
        "person": lambda: _person(entry, lead),
        "reviewer": lambda: heading.reviewed_by,
        "approver": lambda: heading.approved_by,
        "geometry": lambda: place.geometry if place else "",
        "offset_m": lambda: ", ".join(repr(float(one)) for one in place.offset_m) if place and place.offset_m else "",
    }
    if key in special:
        return special[key]()
    if place is not None and hasattr(place, key):
        return getattr(place, key)
    return getattr(entry, key) if hasattr(entry, key) else entry.columns.get(key, "")


def _source_value(key: str, source: SourceData, graded: Graded, language: str) -> Any:
    moment, _, rest = key.partition(".")
    if moment == "measures":
        texts = source.measures.get(rest, ())
        return numbered(list(texts)) if texts else ""
    if moment in ("before", "after") and rest:
        method, _, name = rest.partition(".")
        if method != source.method:
            return ""
        return getattr(graded, f"value_{moment}") if name == "value" else getattr(source, moment).get(name, "")
    if key in ("grade", "grade_after"):
        return word(GRADE_WORDS, graded.grade_before if key == "grade" else graded.grade_after, language)
    if key == "colour":
        return word(COLOUR_WORDS, graded.grade_before, language)
    return source.name if key == "source" else getattr(source, key)


def _write(sheet: Worksheet, row: int, column: int, value: Any, *, language: str, bold: bool = False) -> Any:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = _UNPRINTABLE.sub("", value) or None
        if cell.data_type == "f":
            cell.data_type = "s"  # a text that begins with = is a text
    else:
        cell.value = int(value) if isinstance(value, float) and value.is_integer() else value
    cell.font = Font(name=_FONT[language], size=10, bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if bold else "left")
    cell.border = _BORDER
    return cell


def _head(sheet: Worksheet, form: Form, title: str, line: str, language: str) -> None:
    last = len(form.columns)
    for row, text, size in ((1, title, 18), (2, line, 10)):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
        cell = _write(sheet, row, 1, text, language=language, bold=row == 1)
        cell.font = Font(name=_FONT[language], size=size, bold=row == 1)
        cell.border = Border()
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 30, 18
    start = 1
    for number, column in enumerate(form.columns, start=1):
        fill = _HEAD if column.official else _OWN_HEAD
        group = column.group_heading(language)
        _write(sheet, 3, number, group or column.heading(language), language=language, bold=True).fill = fill
        _write(sheet, 4, number, column.heading(language) if group else "", language=language, bold=True).fill = fill
        sheet.column_dimensions[get_column_letter(number)].width = column.width
        following = form.columns[number].group_heading(language) if number < last else None
        if not group:
            sheet.merge_cells(start_row=3, start_column=number, end_row=4, end_column=number)
        elif following != group and number > start:
            sheet.merge_cells(start_row=3, start_column=start, end_row=3, end_column=number)
        if following != group or not group:
            start = number + 1
    sheet.row_dimensions[3].height, sheet.row_dimensions[4].height = 20, 32


def _page(sheet: Worksheet, form: Form) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8  # 8 is A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:4"
    official = [n for n, column in enumerate(form.columns, start=1) if column.official]
    sheet.print_area = f"A1:{get_column_letter(max(official))}{max(sheet.max_row, 5)}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.center.text = "&P / &N"
    sheet.freeze_panes = "A5"


def _colour_cell(cell: Any, grade_number: int | None) -> None:
    if grade_number:
        cell.fill = PatternFill("solid", fgColor=f"FF{COLOUR_RGB[grade_number]}")
        cell.font = Font(name=cell.font.name, size=10, bold=True, color="FFFFFFFF" if grade_number in (1, 4) else None)


def _lines(value: Any, width: float) -> int:
    """Return how many lines a text takes in a column; a Chinese character is two wide."""
    text = str(value or "")
    return sum(1 + int(sum(2 if ord(c) > 255 else 1 for c in part) / max(width, 1)) for part in text.split("\n"))


def _table(sheet: Worksheet, form: Form, entries: Sequence[EntryData], heading: Heading, tables: Tables,
           language: str) -> None:  # fmt: skip
    row = 5
    inventory = not any(column.key == "source" for column in form.columns)
    for entry in entries:
        graded = [grade(source, tables) for source in entry.sources]
        before, _ = entry_grades(graded)
        pairs: list[tuple[SourceData | None, Graded]] = list(zip(entry.sources, graded, strict=True))
        lines = [(None, Graded())] if inventory or not pairs else pairs
        for offset, (source, result) in enumerate(lines):
            height = 1.0
            for number, column in enumerate(form.columns, start=1):
                if _of_source(column.key):
                    value = _source_value(column.key, source, result, language) if source else ""
                else:
                    value = _point_value(column.key, entry, heading, before, tables, language) if offset == 0 else ""
                cell = _write(sheet, row + offset, number, value, language=language)
                if column.key in ("grade", "colour", "grade_after"):
                    _colour_cell(cell, result.grade_after if column.key == "grade_after" else result.grade_before)
                if column.official:
                    height = max(height, _lines(value, column.width) / (len(lines) if column.point else 1))
            sheet.row_dimensions[row + offset].height = min(400, 14 * height + 4)
        if len(lines) > 1:
            _merge_point(sheet, form, row, row + len(lines) - 1)
        row += len(lines)


def _of_source(key: str) -> bool:
    return key in SOURCE_KEYS or key.partition(".")[0] in ("measures", "before", "after")


def _merge_point(sheet: Worksheet, form: Form, first: int, last: int) -> None:
    for number, column in enumerate(form.columns, start=1):
        if column.point:
            sheet.merge_cells(start_row=first, start_column=number, end_row=last, end_column=number)


_LINE = {
    "zh": "项目：{site}    版本：{version}    编制：{made_by}    审核：{reviewed_by}    批准：{approved_by}    "
    "发布日期：{published_on}    复评期限：{reassess_due}",
    "en": "Project: {site}    Version: {version}    Made by: {made_by}    Reviewed by: {reviewed_by}    "
    "Approved by: {approved_by}    Published: {published_on}    Re-assessment due: {reassess_due}",
}


def write_list(entries: Sequence[EntryData], heading: Heading, tables: Tables, language: str = "zh") -> bytes:
    """Return a workbook with the three official sheets of a list: inventory, analysis record, graded list."""
    book = Workbook()
    book.remove(book.active)
    for form in forms_of(heading.kind):
        sheet = book.create_sheet(_sheet_name(form, language))
        title = form.title(language)
        if form.key == "graded":
            kind = word(KIND_WORDS, heading.kind, language)
            title = f"{kind}{title}" if language == "zh" else f"{title}: {kind.lower()}"
        _head(sheet, form, title, _LINE[language].format(**vars(heading)), language)
        _table(sheet, form, entries, heading, tables, language)
        _page(sheet, form)
    return _bytes(book)


def _sheet_name(form: Form, language: str) -> str:
    return {"jha": "JHA", "scl": "SCL"}.get(form.key, form.title(language))[:31]


def write_major(rows: Sequence[Mapping[str, str]], heading: Heading, language: str = "zh") -> bytes:
    """Return the major-risk table as a workbook; `rows` map the keys of the form to texts."""
    book = Workbook()
    sheet = book.active
    sheet.title = MAJOR.title(language)[:31]
    _head(sheet, MAJOR, MAJOR.title(language), _LINE[language].format(**vars(heading)), language)
    for offset, row in enumerate(rows):
        height = 1
        for number, column in enumerate(MAJOR.columns, start=1):
            value = row.get(column.key, "")
            _write(sheet, 5 + offset, number, value, language=language)
            height = max(height, _lines(value, column.width))
        sheet.row_dimensions[5 + offset].height = min(400, 14 * height + 4)
    _page(sheet, MAJOR)
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
