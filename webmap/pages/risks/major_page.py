"""`/sites/CODE/risks/major/`: the major risks under control (重大风险管控统计表, S0.50), as page and Excel."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from spatial.control_lists import queries
from spatial.control_lists.models import ListEntry
from spatial.control_lists.rules import lead_level
from spatial.control_lists.sheets.writing import Heading, write_major
from spatial.zones.queries import site_colours
from webmap.access import visible_site
from webmap.wording.grade_signs import sign_of
from webmap.wording.reader import data_language

from .excel_pages import workbook
from .words import LEVEL_LABELS


@require_GET
def major_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the table."""
    site = visible_site(request.user, code)
    return render(request, "pages/major_risks.html", {"site": site, "rows": major_rows(site)})


@require_GET
def major_excel(request: HttpRequest, code: str) -> HttpResponse:
    """Send the table as a workbook to print."""
    site = visible_site(request.user, code)
    language = data_language()
    heading = Heading("", site.name, "", published_on=timezone.now().date().isoformat())
    rows = [{name: str(value) for name, value in row.items()} for row in major_rows(site)]
    return workbook(write_major(rows, heading, language), f"{site.code}-major-risks.xlsx")


def major_rows(site: Any) -> list[dict[str, Any]]:
    """Return the rows of the table: texts by the keys of its form, and the row of the list they come from."""
    entries = list(queries.major_rows(site))
    colours = site_colours(site, now=timezone.now()).risk_points if entries else {}
    return [_row(number, entry, site, colours) for number, entry in enumerate(entries, start=1)]


def _row(number: int, entry: ListEntry, site: Any, colours: dict[Any, Any]) -> dict[str, Any]:
    tables = queries.tables_of(entry.version.rule_edition)
    level = lead_level(4, entry.lead_level, tables.levels)
    columns = entry.columns
    sources = list(entry.sources.all())
    people = [f"{p['full_name']} {p['phone']}".strip() for p in entry.people if p["level"] == level]
    accidents = list(dict.fromkeys(s.accident_type for s in sources if s.accident_type))
    count = columns.get("people_count", "")
    colour = colours.get(entry.risk_point_id)
    return {
        "row_no": str(number),
        "project": site.name,
        "risk": f"{entry.code} {entry.name}",
        "place_text": entry.place_text or (entry.storey.name if entry.storey else ""),
        "starts_on": columns.get("starts_on", ""),
        "ends_on": columns.get("ends_on", ""),
        "accident": "、".join(accidents) + (_(" (%(count)s people)") % {"count": count} if count else ""),
        "measures": "\n".join(dict.fromkeys(f"{kind}：{text}" for s in sources for kind, text in s.measure_lines())),
        "level_person": f"{LEVEL_LABELS.get(level, level)} {'、'.join(people)}",
        "monitor": columns.get("monitor", ""),
        "plan": "\n".join(filter(None, (columns.get("special_plan", ""), columns.get("expert_review", "")))),
        "emergency_plan": columns.get("emergency_plan", ""),
        "state": str(sign_of(colour.grade).word) if colour else "",
        "point_id": entry.risk_point_id,
    }
