"""Sheets of attendance as Excel."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .words import DayLine


def day_workbook(day: date, lines: Sequence[DayLine]) -> bytes:
    """Return the sheet of a day."""
    head = [_("Badge"), _("Full name"), _("Trade"), _("Team"), _("Shift"), _("Came"), _("Left"), _("Hours inside"),
            _("Breaks"), _("Late (min)"), _("Early (min)"), _("Not heard of (min)"), _("Standing"),
            _("Correction beside")]  # fmt: skip
    rows = [
        [line.row.person.badge, line.row.person.full_name, line.row.person.trade, str(line.row.person.team or ""),
         line.shift, line.came, line.left, line.inside, line.breaks, line.late_min, line.early_min, line.unseen_min,
         str(line.words), "；".join(f"{came}–{left} {reason} ({who})" for came, left, reason, who in line.corrections)]
        for line in lines
    ]  # fmt: skip
    return _workbook(day.isoformat(), head, rows)


def month_workbook(first: date, days: Sequence[date], rows: Sequence[Any]) -> bytes:
    """Return the sheet of a month: hours by person and day."""
    head = [
        _("Badge"),
        _("Full name"),
        _("Trade"),
        _("Team"),
        *(str(day.day) for day in days),
        _("Days"),
        _("Hours inside"),
    ]
    body = [[person.badge, person.full_name, person.trade, str(person.team or ""), *(cell for cell, _over in cells),
             count, total]
            for person, cells, count, total in rows]  # fmt: skip
    return _workbook(f"{first:%Y-%m}", head, body)


def _workbook(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    sheet.append(list(head))
    for number in range(1, len(head) + 1):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = 12
    sheet.freeze_panes = "C2"
    for number, row in enumerate(rows, start=2):
        sheet.append(list(row))
        for cell in sheet[number]:
            if cell.data_type == "f":  # words that begin with = are words, not a formula
                cell.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
