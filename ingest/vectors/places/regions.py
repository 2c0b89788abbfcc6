"""Rows as administrative areas: which are new, which differ, where each hangs in the tree."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.coordinates import shift_like_gcj02, sits_better_unshifted
from ingest.vectors.places.drafts import Draft
from ingest.vectors.places.plan import Change, Plan, Step, differences
from ingest.vectors.places.problems import FieldRefused
from ingest.vectors.places.reach import Reach
from ingest.vectors.places.stored import shape_of, stored_fields, tree_parents
from ingest.vectors.places.warnings import warn_of_shift
from spatial.places.changing import change_region
from spatial.places.models import Region
from spatial.places.operations import create_region

RANK: Final = {"province": 0, "city": 1, "district": 2, "town": 3}


def level_of_code(code: str) -> str:
    """Return the level that an official code tells, or nothing for other codes."""
    if not code.isdigit() or len(code) not in (6, 9, 12):
        return ""
    if len(code) > 6:
        return "town"
    return "province" if code.endswith("0000") else ("city" if code.endswith("00") else "district")


def parents_of_code(code: str) -> list[str]:
    """Return the codes that an official code lies below, nearest first."""
    above = {"town": [code[:6], f"{code[:4]}00", f"{code[:2]}0000"], "district": [f"{code[:4]}00", f"{code[:2]}0000"]}
    return above.get(level_of_code(code), [f"{code[:2]}0000"] if level_of_code(code) == "city" else [])


class RegionJudge:
    """This class will compare drafts of regions with the tree and write what was consented to."""

    def __init__(self, reach: Reach, file_name: str) -> None:
        self.reach, self.file_name = reach, file_name
        rows = list(Region.objects.order_by("path"))
        self.stored = {row.code: row for row in rows}
        self.parents = tree_parents(rows)

    def judge(self, drafts: list[Draft], plan: Plan) -> None:
        """This function will add a step or a problem for each draft, parents before what lies below them."""
        self.drafts = {draft.values["code"]: draft for draft in drafts}
        steps = []
        for draft in drafts:
            try:
                steps.append(self._step(draft))
            except FieldRefused as refusal:
                plan.problems.append(refusal.at(draft.row))
        refused = {problem.row for problem in plan.problems}
        good = {step.key for step in steps}
        for step in list(steps):  # what hangs below a refused row is refused with it
            if isinstance(step.parent, str) and step.parent not in good and step.parent not in self.stored:
                sentence = gettext_noop("lies below %(code)s, whose row is refused: correct that row.")
                plan.problems.append(FieldRefused("parent", sentence, {"code": step.parent}).at(step.draft.row))
                refused.add(step.draft.row)
        plan.steps = sorted(
            (step for step in steps if step.draft.row not in refused), key=lambda step: self._depth(step.key)
        )
        self._warn(plan)

    def _step(self, draft: Draft) -> Step:
        values = draft.values
        code, stored = values["code"], self.stored.get(values["code"])
        level = values.get("level") or level_of_code(code) or (stored.level if stored else "")
        if not level:
            raise FieldRefused(
                "level", gettext_noop("cannot be told by the code: write province, city, district or town.")
            )
        parent = self._parent(draft, stored)
        self._check_place(code, level, parent, stored)
        fields: dict[str, Any] = {"name": values["name"], "level": level}
        if "source" in values:
            fields["boundary_source"] = values["source"]
        if draft.shape is not None:
            fields["boundary"] = draft.shape
        step = Step(draft, "new", code, values["name"], existing=stored, fields=fields, parent=parent)
        if stored is not None:
            step.changes = differences(stored, fields, {"boundary_source": "source"})
            before = self.parents[stored.pk]
            if (before.code if before else None) != parent:
                step.changes.append(Change("parent", before.name if before else "–", self._name(parent)))
            step.state = "changed" if step.changes else "unchanged"
        if draft.shape is not None and "source" not in values:
            fields["boundary_source"] = self.file_name[:200]
        return step

    def _parent(self, draft: Draft, stored: Region | None) -> str | None:
        """Return the code of the parent: the given one, the one it has, or the nearest that its code tells."""
        given = draft.values.get("parent")
        if given:
            if given == draft.values["code"]:
                raise FieldRefused("parent", gettext_noop("is the row itself."))
            if given not in self.drafts and given not in self.stored:
                sentence = gettext_noop("there is no region %(code)s in the file or in the tree: import it first.")
                raise FieldRefused("parent", sentence, {"code": given})
            return given
        if stored is not None:
            before = self.parents[stored.pk]
            return before.code if before else None
        above = parents_of_code(draft.values["code"])
        return next((code for code in above if code in self.drafts or code in self.stored), None)

    def _check_place(self, code: str, level: str, parent: str | None, stored: Region | None) -> None:
        seen, at = {code}, parent
        while at is not None and at in self.drafts:
            if at in seen:
                raise FieldRefused("parent", gettext_noop("the regions %(codes)s lie below each other."),
                                   {"codes": ", ".join(sorted(seen))})  # fmt: skip
            seen.add(at)
            at = self._parent(self.drafts[at], self.stored.get(at))
        if parent is not None:
            above = self.drafts.get(parent)
            parent_level = (above.values.get("level") if above else None) or level_of_code(parent)
            parent_level = parent_level or (self.stored[parent].level if parent in self.stored else "")
            if parent_level and RANK[parent_level] >= RANK[level]:
                sentence = gettext_noop("%(parent)s is no higher level: a %(level)s cannot lie below it.")
                raise FieldRefused("parent", sentence, {"parent": self._name(parent), "level": level})
        top = self.stored.get(at) if at is not None else None
        before = self.parents[stored.pk] if stored else None
        stays = stored is not None and (before.code if before else None) == parent
        own = stored is None or self.reach.holds_region(stored.path)
        if not own or not (stays or self.reach.holds_region(top.path if top else None)):
            raise FieldRefused("code", gettext_noop("lies outside the regions in which you may import."))

    def _name(self, code: str | None) -> str:
        if code is None:
            return "–"
        return self.stored[code].name if code in self.stored else str(self.drafts[code].values["name"])

    def _depth(self, code: str) -> int:
        """Return how many rows of the file a code lies below."""
        depth, at = 0, code
        while (draft := self.drafts.get(at)) is not None and depth < 9:
            parent = self._parent(draft, self.stored.get(at))
            if parent is None:
                break
            depth, at = depth + 1, parent
        return depth

    def _warn(self, plan: Plan) -> None:
        same: list[tuple[BaseGeometry, BaseGeometry]] = []
        held: list[tuple[BaseGeometry, BaseGeometry]] = []
        for step in plan.steps:
            if step.draft.shape is None:
                continue
            known = shape_of(step.existing.boundary) if step.existing else None
            above = shape_of(self.stored[step.parent].boundary) if step.parent in self.stored else None
            if known is not None:
                same.append((step.draft.shape, known))
            elif above is not None:
                held.append((step.draft.shape, above))
        warn_of_shift(plan, shift_like_gcj02(same) or sits_better_unshifted(held))

    def write(self, plan: Plan, actor: Any | None, now: datetime) -> None:
        """This function will create and change the regions of a plan, in its order."""
        made = dict(self.stored)
        for step in plan.writes:
            fields = stored_fields(step.fields)
            parent = made[step.parent] if step.parent else None
            if parent is not None:
                parent.refresh_from_db()
            if step.existing is None:
                made[step.key] = create_region(code=step.key, parent=parent, actor=actor, now=now, **fields)
            else:
                step.existing.refresh_from_db()
                change_region(region=step.existing, fields=fields, parent=parent, actor=actor, now=now)
