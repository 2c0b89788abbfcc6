"""An assessment's content in the reader's language: conclusions by their rules, lacking things, kinds and levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.assessments.queries import method_text
from spatial.patrols.models import Level
from spatial.risks.models import ControlMeasure, RiskPoint
from webmap.wording.grade_signs import sign_of
from webmap.wording.reader import reads_chinese

SENTENCES: Final[dict[str, Any]] = {
    "nothing": gettext_lazy("There is no site to assess."),
    "counts": gettext_lazy(
        "%(sites)s sites with %(points)s risk points in use: %(grade_4)s major, %(grade_3)s considerable, "
        "%(grade_2)s general, %(grade_1)s low."
    ),
    "level": gettext_lazy(
        "Overall level: %(grade_words)s (the highest current grade of the sites); risk index %(index)s, "
        "weighted by people."
    ),
    "accidents": gettext_lazy("Main accident types among graver hazard sources: %(names_words)s."),
    "no_major": gettext_lazy("There is no major risk point."),
    "major_whole": gettext_lazy(
        "All %(major)s major risk points have a person at every level they need and three kinds of measures."
    ),
    "major_gaps": gettext_lazy(
        "%(lacking)s of %(major)s major risk points lack a person at a level or a kind of measure; "
        "put this right first."
    ),
    "raising": gettext_lazy(
        "Raising risk now on %(sites)s sites: %(overdue)s overdue hazards, %(major_open)s open major hazards, "
        "%(missed)s missed controls."
    ),
    "nothing_raises": gettext_lazy("No overdue hazard, open major hazard or missed control raises risk now."),
    "trend_up": gettext_lazy("Major risk points rose from %(before)s (%(from_month)s) to %(now)s (%(to_month)s)."),
    "trend_down": gettext_lazy("Major risk points fell from %(before)s (%(from_month)s) to %(now)s (%(to_month)s)."),
    "trend_same": gettext_lazy("Major risk points stayed at %(now)s from %(from_month)s to %(to_month)s."),
    "trend_unknown": gettext_lazy("The trend is not judged: only %(months)s months have data."),
    "unlisted": gettext_lazy("%(count)s sites have no control list in force: %(names_words)s."),
    "first_sites": gettext_lazy("Sites that come first: %(names_words)s."),
}


def conclusion(row: Mapping[str, Any]) -> str:
    """Return a conclusion as a sentence."""
    values = dict(row["values"])
    joint = "、" if reads_chinese() else ", "
    if "grade" in values:
        sign = sign_of(values["grade"])
        values["grade_words"] = f"{sign.colour_word} · {sign.word}"
    if "names" in values:
        names = values["names"]
        values["names_words"] = joint.join(name if isinstance(name, str) else f"{name[0]} {name[1]}" for name in names)
    return str(SENTENCES[row["code"]]) % values


def missing_word(mark: str) -> str:
    """Return what a mark like "level:team" or "measure:emergency" lacks, in words."""
    what, name = mark.split(":")
    if what == "level":
        return _("person at level %(level)s") % {"level": Level(name).label}
    return _("measure: %(kind)s") % {"kind": ControlMeasure.Kind(name).label}


def shown(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return an assessment's content with words for every code, for the page and the paper."""
    text = method_text()
    language = "zh" if reads_chinese() else "en"
    return {
        **content,
        "conclusion_lines": [conclusion(row) for row in content["conclusions"]],
        "kind_rows": [_counted(row, RiskPoint.Kind(row["name"]).label) for row in content["kinds"]],
        "level_rows": [_counted(row, Level(row["name"]).label) for row in content["levels"]],
        "accident_rows": [_counted(row, row["name"] or _("not named")) for row in content["accidents"]],
        "site_rows": [row | {"count_list": _list(row["counts"])} for row in content["sites"]],
        "month_rows": [
            row | {"count_list": _list(row["points"]), "sum": sum(row["points"].values())} for row in content["months"]
        ],
        "total_list": _list(content["totals"]["counts"]),
        "major_rows": [_major(row) for row in content["major"]],
        "raising_rows": content["raising"],
        "rules": text[f"rules_{language}"],
        "limits": text[f"limits_{language}"],
        "method_source": text["source"],
        "method_conf": text["conf"],
        "highest_bar": max((sum(row["points"].values()) for row in content["months"]), default=0) or 1,
    }


def _list(counts: Mapping[str, int]) -> list[tuple[int, int]]:
    return [(grade, counts[str(grade)]) for grade in (4, 3, 2, 1)]


def _counted(row: Mapping[str, Any], label: Any) -> dict[str, Any]:
    return {"label": label, "count_list": _list(row["counts"]), "total": row["total"]}


def _major(row: Mapping[str, Any]) -> dict[str, Any]:
    measures = [
        (ControlMeasure.Kind(kind).label, text)
        for kind, text in sorted({tuple(pair) for source in row["sources"] for pair in source["measures"]})
    ]
    people = [(Level(level).label, name) for level in row["levels"] for at, name in row["people"] if at == level]
    accidents = sorted({source["accident"] for source in row["sources"] if source["accident"]})
    return {
        **row,
        "kind_label": RiskPoint.Kind(row["kind"]).label,
        "accidents": accidents,
        "measures": measures,
        "people_rows": people,
        "lacking": [missing_word(mark) for mark in row["missing"]],
    }
