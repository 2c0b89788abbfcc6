"""Rows as organisations: told apart by their credit code, or by a name that only one of them has."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from ingest.vectors.places.drafts import Draft
from ingest.vectors.places.plan import Change, Plan, Step, differences
from ingest.vectors.places.problems import FieldRefused
from ingest.vectors.places.reach import Reach
from ingest.vectors.places.stored import tree_parents
from spatial.places.changing import change_organisation
from spatial.places.models import Organisation
from spatial.places.operations import create_organisation


class OrganisationIndex:
    """Organisations by code and by name, of those that somebody may know of."""

    def __init__(self, rows: list[Organisation]) -> None:
        self.by_code = {row.code: row for row in rows if row.code}
        self.by_name: dict[str, list[Organisation]] = defaultdict(list)
        for row in rows:
            self.by_name[row.name].append(row)

    def find(self, text: str, field: str) -> Organisation | None:
        """Return the organisation with this code or name. Raises FieldRefused when several have the name."""
        if text in self.by_code:
            return self.by_code[text]
        named = self.by_name.get(text, [])
        if len(named) > 1:
            sentence = gettext_noop("%(count)s organisations are called %(name)s: write the code.")
            raise FieldRefused(field, sentence, {"count": len(named), "name": text})
        return named[0] if named else None


class OrganisationJudge:
    """This class will compare drafts of organisations with the tree and write what was consented to."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        rows = list(Organisation.objects.order_by("path"))
        self.parents = tree_parents(rows)
        self.own = OrganisationIndex([row for row in rows if reach.holds_organisation(row.path)])
        self.codes = {row.code for row in rows if row.code}

    def judge(self, drafts: list[Draft], plan: Plan) -> None:
        """This function will add a step or a problem for each draft, parents before what belongs to them."""
        self.rows = {draft.row: draft for draft in drafts}
        self.by_text = {draft.values["name"]: draft for draft in drafts} | {
            draft.values["code"]: draft for draft in drafts if "code" in draft.values
        }
        steps: dict[int, Step] = {}
        for draft in drafts:
            try:
                steps[draft.row] = self._step(draft)
            except FieldRefused as refusal:
                plan.problems.append(refusal.at(draft.row))
        for step in list(steps.values()):
            if isinstance(step.parent, Draft) and step.parent.row not in steps:
                sentence = gettext_noop("belongs to %(name)s, whose row is refused: correct that row.")
                below = FieldRefused("parent", sentence, {"name": step.parent.values["name"]})
                plan.problems.append(below.at(step.draft.row))
                del steps[step.draft.row]
        plan.steps = sorted(steps.values(), key=lambda step: len(self._above(step.draft)))

    def _step(self, draft: Draft) -> Step:
        values = draft.values
        code, name = values.get("code", ""), values["name"]
        stored = self._stored(code, name)
        fields = {"name": name, "kind": values.get("kind", stored.kind if stored else Organisation.Kind.ENTERPRISE)}
        if code:
            fields["code"] = code
        parent = self._parent(draft, stored)
        top = self._top(draft)
        if stored is None and not self.reach.holds_organisation(top.path if top else None):
            sentence = gettext_noop("lies outside the organisations in which you may import: write whose part it is.")
            raise FieldRefused("parent", sentence)
        step = Step(draft, "new", code or name, name, existing=stored, fields=fields, parent=parent)
        if stored is not None:
            step.changes = differences(stored, fields)
            before = self.parents[stored.pk]
            if self._differs(before, parent):
                shown = parent.values["name"] if isinstance(parent, Draft) else (parent.name if parent else "–")
                step.changes.append(Change("parent", before.name if before else "–", shown))
            step.state = "changed" if step.changes else "unchanged"
        return step

    def _stored(self, code: str, name: str) -> Organisation | None:
        if code:
            if code in self.own.by_code:
                return self.own.by_code[code]
            if code in self.codes:
                raise FieldRefused("code", gettext_noop("belongs to an organisation in which you may not import."))
            named = [row for row in self.own.by_name.get(name, []) if not row.code]
            return named[0] if len(named) == 1 else None
        return self.own.find(name, "name")

    def _differs(self, before: Organisation | None, parent: Any) -> bool:
        if isinstance(parent, Draft):
            stored = self._stored(parent.values.get("code", ""), parent.values["name"])
            return stored is None or stored.pk != (before.pk if before else None)
        return (before.pk if before else None) != (parent.pk if parent else None)

    def _parent(self, draft: Draft, stored: Organisation | None) -> Any:
        """Return the parent: a draft of the file, a stored organisation, or None for the top."""
        given = draft.values.get("parent")
        if not given:
            return self.parents[stored.pk] if stored else None
        in_file = self.by_text.get(given)
        if in_file is draft:
            raise FieldRefused("parent", gettext_noop("is the row itself."))
        if in_file is not None:
            self._above(draft)
            return in_file
        found = self.own.find(given, "parent")
        if found is None:
            sentence = gettext_noop("there is no organisation %(name)s in the file or in the tree: import it first.")
            raise FieldRefused("parent", sentence, {"name": given})
        return found

    def _above(self, draft: Draft) -> list[Draft]:
        """Return the rows of the file that a row belongs to, nearest first. Raises FieldRefused for a circle."""
        above: list[Draft] = []
        at = draft
        while (parent := self.by_text.get(at.values.get("parent", ""))) is not None:
            if parent is draft or parent in above:
                names = ", ".join(
                    sorted(str(row.values["name"]) for row in {id(r): r for r in [draft, *above]}.values())
                )
                raise FieldRefused(
                    "parent", gettext_noop("the organisations %(names)s belong to each other."), {"names": names}
                )
            above.append(parent)
            at = parent
        return above

    def _top(self, draft: Draft) -> Organisation | None:
        """Return the stored organisation under which a row comes to lie."""
        top = (self._above(draft) or [draft])[-1]
        stored = self._stored(top.values.get("code", ""), top.values["name"])
        if stored is not None and top is not draft:
            return stored
        given = top.values.get("parent")
        return self.own.find(given, "parent") if given else None

    def write(self, plan: Plan, actor: Any | None, now: datetime) -> None:
        """This function will create and change the organisations of a plan, in its order."""
        made: dict[int, Organisation] = {
            step.draft.row: step.existing for step in plan.steps if step.existing is not None
        }
        for step in plan.writes:
            parent = made[step.parent.row] if isinstance(step.parent, Draft) else step.parent
            if parent is not None:
                parent.refresh_from_db()
            if step.existing is None:
                made[step.draft.row] = create_organisation(parent=parent, actor=actor, now=now, **step.fields)
            else:
                step.existing.refresh_from_db()
                change_organisation(row=step.existing, fields=step.fields, parent=parent, actor=actor, now=now)
