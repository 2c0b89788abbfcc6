"""The post card (岗位明白卡): what the people of a post meet, wear, do and never do, as an A4 page to sign."""

from __future__ import annotations

import re
from typing import Any

from spatial.cards.models import Post
from spatial.cards.queries import card_table, inherent_grade
from spatial.cards.rules import emergency_steps, post_rules
from spatial.risks.models import ControlMeasure
from webmap.documents import card_parts as parts
from webmap.documents.printing import Fit, one_page, render_sheet
from webmap.wording.grade_signs import sign_of

TEMPLATE = "documents/post_card.html"
MOST_SIGNS = 7
MOST_HAZARDS = 14


def post_context(post: Post, facts: parts.SiteFacts) -> dict[str, Any]:
    """Return what the card says; `post.met_points` are its risk points."""
    key = "zh" if facts.language.startswith("zh") else "en"
    points = sorted(post.met_points, key=lambda point: (-inherent_grade(point), point.code))  # type: ignore[attr-defined]
    table = post_rules(post.trade, card_table("post_rules"))
    accidents = parts.accident_types(points)
    own_ppe = [item for p in points for s in p.sources.all() for m in s.measures.all()
               if m.kind == ControlMeasure.Kind.PPE for item in re.split("[、,,;;]", m.text)]  # fmt: skip
    return {
        "facts": facts,
        "post": post,
        "points": [{"point": point, "sign": sign_of(inherent_grade(point)),
                    "accident": "、".join(parts.accident_types([point])),
                    "measure": _first_measure(point)} for point in points],
        "rules": table["rules"][key],
        "forbidden": table["forbidden"][key],
        "ppe_words": ("、" if key == "zh" else "; ").join(dict.fromkeys([*table["ppe"][key], *own_ppe])),
        "steps": emergency_steps(accidents[:3], card_table("emergency_steps"), facts.language),
        "signs": parts.drawn(parts.signs_of(points)[:MOST_SIGNS], facts.language),
    }  # fmt: skip


def _first_measure(point: Any) -> str:
    for source in point.sources.all():
        for measure in source.measures.all():
            return str(measure.text)
    return ""


def post_sheet(post: Post, facts: parts.SiteFacts) -> Any:
    """Return the card laid out on one page."""
    context = post_context(post, facts)

    def build(fit: Fit) -> str:
        rows = context["points"]
        most = min(fit.lines, MOST_HAZARDS)
        shown = {
            **context,
            "points": [{**row, "measure": fit.text(row["measure"]), "name": fit.text(row["point"].name)}
                       for row in rows[:most]],
            "left_out": max(0, len(rows) - most),
            "steps": fit.shown(context["steps"]),
        }  # fmt: skip
        return render_sheet(TEMPLATE, shown, language=facts.language, fit=fit)

    return one_page(build)
