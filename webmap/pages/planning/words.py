"""Words of planning in the reader's language: titles of kinds and fields, steps, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.planning.models import TrainingSession
from spatial.planning.rules import Change, Finding, Points
from spatial.planning.templates import field_list, group_a_items, template_set
from webmap.wording.reader import reads_chinese

STEP_WORDS: Final[dict[str, Any]] = {
    "compile": gettext_lazy("compile"),
    "review": gettext_lazy("review"),
    "approve": gettext_lazy("approve"),
    "issue": gettext_lazy("to issue"),
}
FILL_WORDS: Final[dict[str, Any]] = {
    "place": gettext_lazy("fill it in the place tree (site, region, buildings)"),
    "role": gettext_lazy("give somebody this role on the site or in the company"),
    "group": gettext_lazy("give somebody this duty in the leading group below"),
    "people": gettext_lazy("add crews and their people"),
    "risks": gettext_lazy("add risk points to the site's lists"),
    "rules": gettext_lazy("load the rule tables"),
}


def kind_title(kind: str) -> str:
    """Return the title of a kind of document in the reader's language."""
    template = template_set().documents[kind]
    return template.zh if reads_chinese() else template.en


def field_title(name: str) -> str:
    """Return the title of a field or table in the reader's language."""
    field = field_list()[name]
    return field.zh if reads_chinese() else field.en


def item_title(item: str) -> str:
    """Return what an item of group A asks for, in the reader's language."""
    row = group_a_items()[item]
    return row["zh"] if reads_chinese() else row["en"]


def plain(fact: Any, besides: Any = ()) -> str:
    """Return a fact as one line: a table as its rows, without those that `besides` has too."""
    if isinstance(fact, str):
        return fact or "—"
    rows = [row for row in fact[1:] if isinstance(besides, str) or row not in besides]
    return "; ".join(" ".join(str(cell) for cell in row if cell != "—") for row in rows) or "—"


@dataclass(frozen=True)
class ChangeLine:
    """A watched fact in words: what the document says and what is so now."""

    title: str
    before: str
    now: str


def change_line(change: Change) -> ChangeLine:
    """Return a change in the reader's language."""
    return ChangeLine(field_title(change.field), plain(change.before, change.now), plain(change.now, change.before))


@dataclass(frozen=True)
class FindingLine:
    """Something missing in words, and the page where it is put right."""

    code: str
    words: str
    todo: str
    url: str
    missing: bool


def finding_line(finding: Finding, code: str) -> FindingLine:
    """Return a finding in the reader's language; `code` is the site's."""
    words, todo = _words(finding)
    return FindingLine(finding.code, words, todo, _url(finding, code), finding.missing)


def _words(finding: Finding) -> tuple[str, str]:
    if finding.about in template_set().documents:
        return _document_words(finding, {"title": kind_title(finding.about)})
    if finding.code == "untrained":
        level = TrainingSession.Level(finding.about).label
        return _("No training of this level is noted: %(level)s") % {"level": level}, _(
            "note the training when it was held"
        )
    name = {"name": finding.facts.get("name", "")}
    return {
        "no_leader": (_("The leading group has no leader"), _("seat the project manager as leader")),
        "leader_not_manager": (
            _("The leader %(name)s is not the project manager") % name,
            _("seat the project manager as leader"),
        ),
        "no_officer": (_("Nobody is in charge of dual prevention"), _("name a person in charge")),
        "no_members": (_("The leading group has no members"), _("seat deputies and members")),
        "seat_gone": (
            _("%(name)s has no role on the site any more") % name,
            _("end this seat and seat a successor"),
        ),
    }[finding.code]


def _document_words(finding: Finding, title: dict[str, str]) -> tuple[str, str]:
    facts = finding.facts
    if finding.code == "absent":
        return _("Absent: %(title)s") % title, _("begin it from the template")
    if finding.code == "unsigned":
        step = {"step": STEP_WORDS[facts["step"]]}
        return _("Not issued yet: %(title)s") % title, _("the next signature is to %(step)s") % step
    if finding.code == "unfilled":
        field = field_list()[facts["field"]]
        parts = {**title, "field": field_title(field.name)}
        return _("Not filled in %(title)s: %(field)s") % parts, str(FILL_WORDS[field.fill])
    if finding.code == "out_of_date":
        names = ", ".join(field_title(change.field) for change in facts["changes"])
        return _("Out of date: %(title)s (changed: %(names)s)") % {**title, "names": names}, _("issue a new version")
    day = {**title, "day": facts["on"].isoformat()}
    if finding.code == "expired":
        return _("Expired on %(day)s: %(title)s") % day, _("issue a new version")
    return _("Expires on %(day)s: %(title)s") % day, _("prepare a new version")


def _url(finding: Finding, code: str) -> str:
    if finding.about not in template_set().documents:
        return "#trainings" if finding.code == "untrained" else "#group"
    if finding.code == "unfilled":
        fill = field_list()[finding.facts["field"]].fill
        if fill == "group":
            return "#group"
        if fill == "risks":
            return f"/sites/{code}/risks/"
    return reverse("planning-document", args=[code, finding.about])


@dataclass(frozen=True)
class PointsLine:
    """An item of group A in words: points, what it asks for, and the numbers behind it."""

    item: str
    title: str
    got: float
    full: float
    why: str
    conf: str


def points_line(points: Points) -> PointsLine:
    """Return an item's points in the reader's language."""
    facts = points.facts
    why = {
        "A1": _("the decision is issued and valid") if facts.get("decided") else _("no issued and valid decision"),
        "A2": _("it names the project manager as leader")
        if facts.get("leads")
        else _("it does not name the project manager"),
        "A3": _("it names a person who is active") if facts.get("officer") else _("it names no active person"),
        "A4": _("%(present)s of %(asked)s kinds of document are issued and valid")
        % {"present": 0, "asked": 6, **facts},
        "A5": _("%(trained)s trained of %(headcount)s people, %(levels)s of 3 levels")
        % {"trained": 0, "headcount": 0, "levels": 0, **facts},
    }[points.item]
    return PointsLine(
        points.item, item_title(points.item), points.got, points.full, why, group_a_items()[points.item]["conf"]
    )
