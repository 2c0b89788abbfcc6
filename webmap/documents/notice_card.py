"""The risk notice card (风险告知卡) of one risk point as an A4 page."""

from __future__ import annotations

from typing import Any

from spatial.cards.queries import card_table, inherent_grade, issued_card
from spatial.cards.rules import emergency_steps
from spatial.risks.models import RiskPoint
from webmap.documents import card_parts as parts
from webmap.documents.printing import Fit, one_page, render_sheet
from webmap.wording.grade_signs import sign_of

TEMPLATE = "documents/notice_card.html"
MOST_SIGNS = 8


def notice_context(point: RiskPoint, facts: parts.SiteFacts) -> dict[str, Any]:
    """Return what the card says; call it with the document's language active."""
    people = parts.people_of(point)
    card = issued_card(point)
    grade = inherent_grade(point)
    sources = list(point.sources.all())
    return {
        "facts": facts,
        "point": point,
        "place": parts.place_of(point),
        "sign": sign_of(grade),
        "residual": sign_of(min(point.residual_grade or grade, grade)),
        "sources": [{"row": source, "sign": sign_of(source.grade), "value": parts.value_words(source)}
                    for source in sources],
        "accidents": parts.accident_types([point]),
        "measures": parts.measures_by_kind(point),
        "steps": [*parts.own_emergency([point]),
                  *emergency_steps(parts.accident_types([point]), card_table("emergency_steps"), facts.language)],
        "people": people,
        "lead": people[0] if people else None,
        "signs": parts.drawn(parts.signs_of([point])[:MOST_SIGNS], facts.language),
        "card": card,
        "qr": parts.qr_drawing(f"{facts.base_url}/c/{card.token}/") if card else "",
    }  # fmt: skip


def notice_sheet(point: RiskPoint, facts: parts.SiteFacts) -> Any:
    """Return the card laid out on one page."""
    context = notice_context(point, facts)

    def build(fit: Fit) -> str:
        shown = {
            **context,
            "sources": [{**row, "name": fit.text(row["row"].name)} for row in fit.shown(context["sources"])],
            "sources_left_out": fit.hidden(context["sources"]),
            "measures": [(kind, [fit.text(t) for t in fit.shown(texts)], fit.hidden(texts))
                         for kind, texts in context["measures"]],
            "steps": [fit.text(step) for step in fit.shown(context["steps"])],
        }  # fmt: skip
        return render_sheet(TEMPLATE, shown, language=facts.language, fit=fit)

    return one_page(build, larger=(1.12, 1.06))
