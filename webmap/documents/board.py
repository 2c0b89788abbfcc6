"""The notice board (风险公告栏) and the list of safety signs of a site, each as an A4 page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from spatial.cards.queries import inherent_grade
from spatial.risks.models import RiskPoint
from webmap.documents import card_parts as parts
from webmap.documents.printing import Fit, one_page, render_sheet
from webmap.wording.grade_signs import SIGNS, sign_of

COMPACT_FROM: Final = 14  # more rows than this stand on one line each
CHARACTERS: Final = 30


def board_context(points: list[RiskPoint], facts: parts.SiteFacts, thumbnail: str) -> dict[str, Any]:
    """Return what the board says: the map, and the red and orange points with measure, person and period."""
    rows = []
    for point in sorted(points, key=lambda p: (-inherent_grade(p), p.code)):
        grade = inherent_grade(point)
        if grade < 3:
            continue
        people = parts.people_of(point)
        measures = parts.measures_by_kind(point)
        rows.append({
            "point": point, "sign": sign_of(grade), "place": parts.place_of(point),
            "accident": "、".join(parts.accident_types([point])), "lead": people[0] if people else None,
            "measure": measures[0][1][0] if measures else "",
        })  # fmt: skip
    counts = [(SIGNS[grade], sum(inherent_grade(p) == grade for p in points)) for grade in (4, 3, 2, 1)]
    return {"facts": facts, "rows": rows, "counts": counts, "thumbnail": thumbnail}


def board_sheet(points: list[RiskPoint], facts: parts.SiteFacts, thumbnail: str) -> Any:
    """Return the board laid out on one page."""
    context = board_context(points, facts, thumbnail)

    def build(fit: Fit) -> str:
        fit = replace(fit, characters=min(fit.characters, CHARACTERS))
        rows = [{**row, "measure": fit.text(row["measure"])} for row in fit.shown(context["rows"])]
        shown = {**context, "rows": rows, "left_out": fit.hidden(context["rows"]), "compact": len(rows) > COMPACT_FROM}
        return render_sheet("documents/board.html", shown, language=facts.language, fit=fit)

    return one_page(build)


def signs_context(points: list[RiskPoint], facts: parts.SiteFacts) -> dict[str, Any]:
    """Return the signs of a site with the risk points that call for each."""
    codes: dict[str, list[str]] = {}
    for point in points:
        for sign in parts.signs_of([point]):
            codes.setdefault(sign.code, []).append(point.code)
    kinds = {"prohibition": _("Prohibition"), "warning": _("Warning"), "mandatory": _("Mandatory"),
             "information": _("Information")}  # fmt: skip
    signs = parts.signs_of(points)
    rows = [
        {**drawn, "kind_word": kinds[sign.kind], "points": codes.get(sign.code, []), "conf": sign.conf}
        for sign, drawn in zip(signs, parts.drawn(signs, facts.language), strict=True)
        if sign.code in codes
    ]
    note = parts.card_table("warning_signs")["note_zh" if facts.language.startswith("zh") else "note_en"]
    return {"facts": facts, "rows": rows, "note": note}


def signs_sheet(points: list[RiskPoint], facts: parts.SiteFacts) -> Any:
    """Return the list of signs laid out on one page."""
    context = signs_context(points, facts)

    def build(fit: Fit) -> str:
        most = min(fit.lines, 10)
        rows = [{**row, "shown": row["points"][:most], "more": max(0, len(row["points"]) - most)}
                for row in context["rows"]]  # fmt: skip
        return render_sheet("documents/signs.html", {**context, "rows": rows}, language=facts.language, fit=fit)

    return one_page(build)
