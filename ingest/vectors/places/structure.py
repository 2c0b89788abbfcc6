"""Rows as buildings, storeys and spaces of one site; a row may tell of all three at once, as tables of rooms do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop
from shapely.geometry.base import BaseGeometry

from ingest.placement import distance_from_site_m
from ingest.vectors.places.coordinates import sits_better_unshifted
from ingest.vectors.places.drafts import Draft
from ingest.vectors.places.plan import Plan, Step, differences
from ingest.vectors.places.problems import FieldRefused, Problem
from ingest.vectors.places.stored import shape_of, stored_fields
from ingest.vectors.places.warnings import warn_of_shift
from spatial import crs
from spatial.geometry import GeometryRefused, check_height_range
from spatial.places.changing import change_building, change_space, change_storey, create_space
from spatial.places.models import Building, Site, Space, Storey
from spatial.places.operations import create_building, create_storey

NEAR_M: Final = 2000.0
Key = tuple[str, ...]
FIELDS: Final = {
    1: {"zero_level_m": "zero_level_m"},
    2: {"elevation_m": "elevation_m", "storey_top_m": "top_m", "index": "index"},
    3: {"name": "name", "bottom_m": "bottom_m", "top_m": "top_m"},
}
LEVELS: Final = {1: gettext_noop("Building"), 2: gettext_noop("Storey"), 3: gettext_noop("Space")}


@dataclass
class Part:
    """A building (key of one name), storey (two) or space (three) with what the rows say of it."""

    key: Key
    draft: Draft
    told: dict[str, tuple[Any, int]] = field(default_factory=dict)
    shape: BaseGeometry | None = None


class StructureJudge:
    """This class will compare rows with the buildings, storeys and spaces of a site and write what was consented to."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.stored: dict[Key, Building | Storey | Space] = {
            (row.name,): row for row in Building.objects.filter(site=site)
        }
        for storey in Storey.objects.filter(site=site).select_related("building"):
            self.stored[storey.building.name, storey.name] = storey
        for space in Space.objects.filter(site=site).select_related("storey__building"):
            self.stored[space.storey.building.name, space.storey.name, space.number] = space

    def judge(self, drafts: list[Draft], plan: Plan) -> None:
        """This function will add a step for each building, storey and space that the rows tell of."""
        self.parts: dict[Key, Part] = {}
        for draft in drafts:
            self._gather(draft, plan)
        refused: set[Key] = set()
        for key, part in sorted(self.parts.items(), key=lambda item: (len(item[0]), item[1].draft.row)):
            if len(key) > 1 and key[:-1] in refused:
                refused.add(key)
                sentence = gettext_noop("lies in %(name)s, whose row is refused: correct that row.")
                plan.problems.append(
                    FieldRefused("building", sentence, {"name": " / ".join(key[:-1])}).at(part.draft.row)
                )
                continue
            try:
                plan.steps.append(self._step(part))
            except FieldRefused as refusal:
                refused.add(key)
                plan.problems.append(refusal.at(part.draft.row))
        self._warn(plan)

    def _gather(self, draft: Draft, plan: Plan) -> None:
        """Hand what a row says to the building, the storey and the space that it is about."""
        values = draft.values
        names = tuple(str(values[name]) for name in ("building", "storey", "number") if values.get(name))
        for depth in range(1, len(names) + 1):
            told = {theirs: values[ours] for ours, theirs in FIELDS[depth].items() if ours in values}
            own = depth == len(names)
            if not (own or told):
                continue
            part = self.parts.setdefault(names[:depth], Part(names[:depth], draft))
            if own:
                part.shape = draft.shape
            for name, value in told.items():
                before, row = part.told.setdefault(name, (value, draft.row))
                if before != value:
                    sentence = gettext_noop("%(value)s differs from %(before)s in row %(other)s for %(name)s.")
                    parts = {"value": value, "before": before, "other": row, "name": " / ".join(names[:depth])}
                    plan.problems.append(FieldRefused(_column(depth, name), sentence, parts).at(draft.row))

    def _step(self, part: Part) -> Step:
        key, stored = part.key, self.stored.get(part.key)
        above = key[:-1]
        if above and above not in self.stored and above not in self.parts:
            column, name = ("building", "zero_level_m") if len(key) == 2 else ("storey", "elevation_m")
            sentence = gettext_noop("there is no %(name)s on the site or in the file: add a row for it.")
            raise FieldRefused(column, sentence, {"name": " / ".join(above), "column": name})
        fields = {name: value for name, (value, _row) in part.told.items()}
        if part.shape is not None:
            if len(key) == 2:
                raise FieldRefused("geometry", gettext_noop("a storey has no outline of its own: give it to a space."))
            self._check_near(part.shape)
            fields["outline"] = part.shape
        self._check_heights(part, stored, fields)
        if stored is None and len(key) == 2 and "index" not in fields:
            fields["index"] = self._index(part, fields["elevation_m"])
        step = Step(
            part.draft, "new", " / ".join(key), key[-1], LEVELS[len(key)], existing=stored, fields=fields, parent=key
        )
        if stored is not None:
            names = {theirs: ours for ours, theirs in FIELDS[len(key)].items()}
            step.changes = differences(stored, fields, names)
            step.state = "changed" if step.changes else "unchanged"
        return step

    def _check_heights(self, part: Part, stored: Any, fields: dict[str, Any]) -> None:
        depth = len(part.key)
        needed = {1: "zero_level_m", 2: "elevation_m"}.get(depth)
        if stored is None and needed and needed not in fields:
            raise FieldRefused(needed, gettext_noop("is missing: %(name)s is new."), {"name": part.key[-1]})
        low, high = {2: ("elevation_m", "top_m"), 3: ("bottom_m", "top_m")}.get(depth, ("", ""))
        if not low:
            return
        bottom = fields.get(low, getattr(stored, low, None))
        top = fields.get(high, getattr(stored, high, None))
        try:
            check_height_range(bottom, top)
        except GeometryRefused as refusal:
            sentence = gettext_noop("the bottom (%(bottom)s m) is not below the top (%(top)s m).")
            raise FieldRefused(_column(depth, high), sentence, {"bottom": bottom, "top": top}) from refusal

    def _index(self, part: Part, elevation_m: float) -> int:
        """Return how many storeys of the building, of the site and of the file, lie lower."""
        building = part.key[:1]
        floors = {k: row.elevation_m for k, row in self.stored.items() if isinstance(row, Storey) and k[:1] == building}
        floors |= {k: p.told["elevation_m"][0] for k, p in self.parts.items()
                   if len(k) == 2 and k[:1] == building and "elevation_m" in p.told}  # fmt: skip
        return sum(floor < elevation_m for floor in floors.values())

    def _check_near(self, shape: BaseGeometry) -> None:
        away = distance_from_site_m(self.site, shape, crs.STORAGE_SRID)
        if away is not None and away > NEAR_M:
            sentence = gettext_noop("lies %(km)s km from the site: declare the coordinate system that the file has.")
            raise FieldRefused("geometry", sentence, {"km": f"{away / 1000:.1f}"})

    def _warn(self, plan: Plan) -> None:
        ground = shape_of(self.site.boundary)
        shapes = [step.draft.shape for step in plan.steps if step.draft.shape is not None]
        if ground is not None and shapes:
            warn_of_shift(plan, sits_better_unshifted([(shape, ground) for shape in shapes]))
            out = sum(not ground.covers(shape) for shape in shapes)
            if out:
                sentence = gettext_noop("%(count)s outlines reach beyond the boundary of the site.")
                plan.warnings.append(Problem(0, "geometry", sentence, {"count": out}))
        low = [step.key for step in plan.steps if len(step.parent) == 2 and self._looks_relative(step)]
        if low:
            sentence = gettext_noop(
                "Floor heights look like heights above ±0.000 (%(names)s): write heights of 1985 Yellow Sea."
            )
            plan.warnings.append(Problem(0, "elevation_m", sentence, {"names": ", ".join(low[:5])}))

    def _looks_relative(self, step: Step) -> bool:
        building = self.stored.get(step.parent[:1])
        told = self.parts[step.parent[:1]].told if step.parent[:1] in self.parts else {}
        zero = told["zero_level_m"][0] if "zero_level_m" in told else getattr(building, "zero_level_m", None)
        floor = step.fields.get("elevation_m")
        return zero is not None and floor is not None and zero >= 40 and floor < zero - 35

    def write(self, plan: Plan, actor: Any | None, now: datetime) -> None:
        """This function will create and change buildings, then storeys, then spaces."""
        made: dict[Key, Any] = dict(self.stored)
        for step in plan.writes:
            key: Key = step.parent
            fields = stored_fields(step.fields)
            made[key] = self._write(key, made, step, fields, actor, now)

    def _write(
        self, key: Key, made: dict[Key, Any], step: Step, fields: dict[str, Any], actor: Any | None, now: datetime
    ) -> Any:
        row = step.existing
        if isinstance(row, Building):
            change_building(building=row, fields=fields, actor=actor, now=now)
        elif isinstance(row, Storey):
            change_storey(storey=row, fields=fields, actor=actor, now=now)
        elif isinstance(row, Space):
            change_space(space=row, fields=fields, actor=actor, now=now)
        elif len(key) == 1:
            return create_building(site=self.site, name=key[0], actor=actor, now=now, **fields)
        elif len(key) == 2:
            return create_storey(building=made[key[:1]], name=key[1], actor=actor, now=now, **fields)
        else:
            return create_space(storey=made[key[:2]], number=key[2], actor=actor, now=now, **fields)
        return row


def _column(depth: int, name: str) -> str:
    """Return the key in the file of a stored field."""
    return next((ours for ours, theirs in FIELDS[depth].items() if theirs == name), name)
