"""Findings of a check by IDS: the elements that fail, by specification, or by requirement of one specification.

The query names `check`, and may narrow it to `specification` and `requirement` (positions from 0).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bim.exchange.ids.models import Check
from bim.exchange.ids.queries import findings_of, visible_checks
from bim.exchange.ids.words import requirement_words
from bim.models import Revision

from .kinds import PAINTERS, PaintClass, PaintOut

COLOURS: Final = ("#b3261e", "#0b57d0", "#a15c00", "#7a3e9d", "#00796b", "#b1227d", "#5c4a1f")
SEVERAL, SEVERAL_COLOUR = "several", "#111827"
OTHER, OTHER_COLOUR = "other", "#6b7280"


def paint_findings(revision: Revision, user: Any, query: Mapping[str, str]) -> PaintOut:
    """Return the failing elements; Http404 for a check that the user may not see or that is not done."""
    check = _check(revision, user, query.get("check", ""))
    at, position = _position(query, "specification"), _position(query, "requirement")
    rows = findings_of(check)
    if at is not None:
        rows = rows.filter(specification=at)
        if position is not None:
            rows = rows.filter(requirement=position)
    groups: dict[int, set[int]] = defaultdict(set)
    unseen: set[str] = set()
    for specification, requirement, index, identity in rows.values_list(
        "specification", "requirement", "element_index", "identity"
    ):
        if index is None:
            unseen.add(identity)
        else:
            groups[requirement if at is not None else specification].add(index)
    labels = _labels(check, at)
    legend, elements = _legend(groups, labels)
    return PaintOut(
        kind="findings",
        revision_id=str(revision.id),
        model_id=str(revision.model_id),
        title=check.document.title if at is None else check.document.content["specifications"][at]["name"],
        note=_note(len(unseen), bool(groups)),
        legend=legend,
        elements=elements,
    )


def _check(revision: Revision, user: Any, asked: str) -> Check:
    try:
        wanted = UUID(asked)
    except ValueError:
        raise Http404 from None
    check = visible_checks(user, revision).filter(pk=wanted, state=Check.State.DONE).first()
    if check is None:
        raise Http404
    return check


def _position(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 7 else None


def _labels(check: Check, at: int | None) -> list[str]:
    """Return the words of the specifications, or of one specification's requirements."""
    if at is None:
        return [one["name"] for one in check.document.content["specifications"]]
    if at >= len(check.results):
        raise Http404
    return [requirement_words(one["kind"], one["facet"]) for one in check.results[at]["requirements"]]


def _legend(groups: dict[int, set[int]], labels: list[str]) -> tuple[list[PaintClass], dict[str, list[int]]]:
    """Give each group a colour and its number as a sign; what is in several has a colour of its own."""
    seen: dict[int, int] = defaultdict(int)
    for members in groups.values():
        for index in members:
            seen[index] += 1
    several = sorted(index for index, times in seen.items() if times > 1)
    legend: list[PaintClass] = []
    elements: dict[str, list[int]] = {}
    rest: set[int] = set()
    for order, number in enumerate(sorted(groups)):
        alone = sorted(index for index in groups[number] if seen[index] == 1)
        if order >= len(COLOURS):
            rest.update(alone)
            continue
        key = str(number)
        elements[key] = alone
        label = labels[number] if number < len(labels) else key
        legend.append(
            PaintClass(key=key, label=label, colour=COLOURS[order], sign=str(number + 1), count=len(groups[number]))
        )
    for key, label, colour, sign, these in (
        (OTHER, _("Others"), OTHER_COLOUR, "…", sorted(rest)),
        (SEVERAL, _("In several of these"), SEVERAL_COLOUR, "✕", several),
    ):
        if these:
            elements[key] = these
            legend.append(PaintClass(key=key, label=label, colour=colour, sign=sign, count=len(these)))
    return legend, elements


def _note(unseen: int, any_seen: bool) -> str:
    words = _("Coloured elements fail; all that is pale passed or was not asked.") if any_seen else _("Nothing fails.")
    if unseen:
        words += " " + ngettext(
            "%(n)d thing that fails is no element in 3D (a type, a material, the project).",
            "%(n)d things that fail are no elements in 3D (types, materials, the project).",
            unseen,
        ) % {"n": unseen}
    return words


PAINTERS["findings"] = paint_findings
