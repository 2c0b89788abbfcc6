"""The work-risk comparison chart of a site as an A4 page: bars sorted by grade, then by D or R."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from spatial.cards.queries import inherent_grade
from spatial.risks.models import RiskPoint
from spatial.rulebook.queries import current_edition, edition_for, table
from webmap.documents import card_parts as parts
from webmap.documents import chart_drawing as drawing
from webmap.documents.printing import Fit, one_page, render_sheet
from webmap.wording.grade_signs import SIGNS

ROOM_MM: Final = 225.0
MOST_ROWS: Final = int((ROOM_MM - drawing.HEAD_MM) / drawing.LEAST_ROW_MM)
_HIGHEST_SCORES: Final = {"LEC": ("L", "E", "C"), "LS": ("L", "S")}


def bands_of(edition: Any) -> dict[str, dict[int, tuple[float, float]]]:
    """Return the bands of both methods of an edition by grade."""
    found = {}
    for method, name in (("LEC", "lec"), ("LS", "ls")):
        content = table(edition, name)
        largest = 1.0
        for score in _HIGHEST_SCORES[method]:
            largest *= max(row["v"] for row in content[score])
        found[method] = drawing.grade_bands(content, largest)
    return found


def activity_of(point: RiskPoint) -> drawing.Activity:
    """Return a work activity with its highest source (of the point's sources, which come highest first)."""
    sources = list(point.sources.all())
    people = parts.people_of(point)
    top = sources[0]
    return drawing.Activity(
        code=point.code, name=point.name, grade=inherent_grade(point), method=top.method, value=top.value,
        sources=len(sources), accident=top.accident_type, lead=str(people[0].get_level_display()) if people else "",
        direct=point.direct_major,
    )  # fmt: skip


def chart_context(points: list[RiskPoint], facts: parts.SiteFacts) -> dict[str, Any]:
    """Return the chart of the points that are work activities; call it with the document's language active."""
    followed = edition_for(points[0].site, on=facts.printed_at) if points else None
    bands = bands_of(followed or current_edition(on=facts.printed_at.date()))
    activities = [activity_of(p) for p in points if p.kind == RiskPoint.Kind.ACTIVITY and p.sources.all()]
    ordered = drawing.sorted_activities(activities, bands)
    shown = ordered[:MOST_ROWS]
    words = {
        "title": _("Work risk comparison chart"), "activity": _("Activity"), "direct": _("judged major"),
        "about": _("Accident · sources · lead level"), "sources": _("%d sources"),
    }  # fmt: skip
    svg = drawing.chart_drawing(
        shown, bands, row_mm=drawing.row_height_mm(len(shown), ROOM_MM), words=words,
        grade_words={grade: str(SIGNS[grade].word) for grade in (1, 2, 3, 4)},
    )  # fmt: skip
    counts = [(SIGNS[grade], sum(a.grade == grade for a in ordered)) for grade in (4, 3, 2, 1)]
    return {"facts": facts, "svg": svg if shown else "", "counts": counts, "left_out": len(ordered) - len(shown),
            "activities": ordered}  # fmt: skip


def chart_sheet(points: list[RiskPoint], facts: parts.SiteFacts) -> Any:
    """Return the chart laid out on one page."""
    context = chart_context(points, facts)

    def build(fit: Fit) -> str:
        return render_sheet("documents/chart.html", context, language=facts.language, fit=fit)

    return one_page(build)
