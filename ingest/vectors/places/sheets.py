"""Excel and CSV as a table: the heading row is found, merged cells are read, formulas by their results."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext_noop
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from ingest.vectors.places.headings import normal
from ingest.vectors.places.problems import FileRefused, Problem
from ingest.vectors.places.tables import MAX_ROWS, Row, Table

HEADING_ROWS: Final = 10  # a title and a date often stand above the headings
ERRORS: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
Grid = list[list[Any]]


def cell_text(value: Any) -> Any:
    """Return a cell's value: numbers stay numbers, whole floats lose their point, text its outer spaces."""
    if isinstance(value, str):
        return value.replace("\u3000", " ").strip()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else value


def read_excel(content: bytes, *, name: str, wanted: str, known: frozenset[str]) -> Table:
    """This function will read one sheet of a workbook. Raises FileRefused."""
    try:
        book = load_workbook(io.BytesIO(content), data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise FileRefused(gettext_noop("The Excel file cannot be read: %(why)s."), {"why": error}) from error
    sheets = [sheet for sheet in book.worksheets if isinstance(sheet, Worksheet)]
    filled = [sheet for sheet in sheets if _has_values(sheet)]
    if not filled:
        raise FileRefused(gettext_noop("No sheet of the workbook has a value in it."))
    by_name = {sheet.title: sheet for sheet in sheets}
    sheet = by_name.get(name) or by_name.get(wanted) or filled[0]
    if sheet.max_row > MAX_ROWS + HEADING_ROWS:
        raise FileRefused(
            gettext_noop("%(name)s has %(count)s rows, more than %(limit)s: split it."),
            {"name": sheet.title, "count": sheet.max_row, "limit": MAX_ROWS},
        )
    grid = [[cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    notes, faults = _spread_merged(sheet, grid)
    return _table(sheet.title, grid, known, tuple(by_name), notes, faults)


def _has_values(sheet: Worksheet) -> bool:
    return any(value not in (None, "") for row in sheet.iter_rows(values_only=True) for value in row)


def _spread_merged(sheet: Worksheet, grid: Grid) -> tuple[list[Problem], dict[int, Problem]]:
    """Give every cell of a vertical merge its value; one across columns is a fault of its rows."""
    notes: list[Problem] = []
    faults: dict[int, Problem] = {}
    for area in sheet.merged_cells.ranges:
        value = grid[area.min_row - 1][area.min_col - 1]
        if area.min_col != area.max_col:
            sentence = gettext_noop("the cells %(area)s are merged across columns: unmerge them.")
            for row in range(area.min_row, area.max_row + 1):
                faults[row] = Problem(row, str(value)[:40] or "–", sentence, {"area": area.coord})
            continue
        for row in range(area.min_row, area.max_row + 1):
            grid[row - 1][area.min_col - 1] = value
        sentence = gettext_noop("The merged cells %(area)s were read as %(value)s in each of their rows.")
        notes.append(Problem(0, "", sentence, {"area": area.coord, "value": value}))
    return notes, faults


def read_csv(content: bytes, *, known: frozenset[str]) -> Table:
    """This function will read a CSV file in UTF-8 or GB 18030. Raises FileRefused."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FileRefused(gettext_noop("The text is neither UTF-8 nor GB 18030: save it as UTF-8."))
    dialect = "\t" if text.count("\t") > text.count(",") else (";" if text.count(";") > text.count(",") else ",")
    grid: Grid = [[cell_text(value) for value in row] for row in csv.reader(io.StringIO(text), delimiter=dialect)]
    return _table("CSV", grid, known, (), [], {})


def _table(
    name: str,
    grid: Grid,
    known: frozenset[str],
    names: tuple[str, ...],
    notes: list[Problem],
    faults: dict[int, Problem],
) -> Table:
    at = _heading_row(grid, known)
    if at is None:
        raise FileRefused(
            gettext_noop("%(name)s has no row of headings in its first %(count)s rows."),
            {"name": name, "count": HEADING_ROWS},
        )
    headings = [str(value) for value in grid[at]]
    rows = []
    for number, cells in enumerate(grid[at + 1 :], start=at + 2):
        values = {heading: value for heading, value in zip(headings, cells, strict=False) if heading}
        if not any(value != "" for value in values.values()):
            continue
        wrong = next((heading for heading, value in values.items() if value in ERRORS), None)
        fault = faults.get(number)
        if wrong is not None:
            sentence = gettext_noop("the formula gives %(value)s: correct it, or write the value itself.")
            fault = Problem(number, wrong, sentence, {"value": values[wrong]})
        rows.append(Row(number, values, None, fault))
    seen = tuple(dict.fromkeys(heading for heading in headings if heading))
    return Table(name, seen, tuple(rows), None, "", names, tuple(notes))


def _heading_row(grid: Grid, known: frozenset[str]) -> int | None:
    """Return which of the first rows has most of the known headings, else the first with two texts or more."""
    first = grid[:HEADING_ROWS]
    scores = [len({normal(str(value)) for value in row} & known) for row in first]
    if scores and max(scores) > 0:
        return scores.index(max(scores))
    texts = [sum(isinstance(value, str) and value != "" for value in row) for row in first]
    return next((index for index, count in enumerate(texts) if count >= 2), None)
