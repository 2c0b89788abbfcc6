"""Rows as sites: whose they are, in which region, where, and in which coordinate system."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.coordinates import METRES_PER_DEGREE, shift_like_gcj02, sits_better_unshifted
from ingest.vectors.places.drafts import Draft
from ingest.vectors.places.organisations import OrganisationIndex
from ingest.vectors.places.plan import Change, Plan, Step, differences
from ingest.vectors.places.problems import FieldRefused, Problem
from ingest.vectors.places.reach import Reach
from ingest.vectors.places.stored import shape_of, stored_fields
from ingest.vectors.places.warnings import warn_of_shift
from spatial import crs
from spatial.places.changing import change_site
from spatial.places.models import Organisation, Region, Site
from spatial.places.operations import create_site
from spatial.places.queries import visible_organisations

LARGEST_KM: Final = 30.0
FARTHEST_DEG: Final = 3.5  # half of a 6-degree zone and a little
PLAIN: Final = ("name", "phase", "ground_height_m", "geoid_offset_m", "people_count", "projected_srid")


class SiteJudge:
    """This class will compare drafts of sites with those that are there and write what was consented to."""

    def __init__(self, reach: Reach, user: Any) -> None:
        self.reach = reach
        self.stored = {site.code: site for site in Site.objects.select_related("organisation", "region")}
        self.visible = set(Site.objects.visible_to(user).values_list("code", flat=True))
        known = set(visible_organisations(user).values_list("pk", flat=True))
        self.organisations = OrganisationIndex(
            [
                row
                for row in Organisation.objects.order_by("path")
                if row.pk in known or reach.holds_organisation(row.path)
            ]
        )
        self.regions: dict[str, list[Region]] = defaultdict(list)
        for region in Region.objects.order_by("path"):
            self.regions[region.code].append(region)
            self.regions[region.name].append(region)

    def judge(self, drafts: list[Draft], plan: Plan) -> None:
        """This function will add a step or a problem for each draft."""
        for draft in drafts:
            try:
                plan.steps.append(self._step(draft))
            except FieldRefused as refusal:
                plan.problems.append(refusal.at(draft.row))
        self._warn(plan)

    def _step(self, draft: Draft) -> Step:
        values = draft.values
        code, stored = values["code"], self.stored.get(values["code"])
        if stored is not None and code not in self.visible:
            raise FieldRefused("code", gettext_noop("is taken by a site that you may not see: choose another."))
        organisation = self.organisations.find(values["organisation"], "organisation")
        if organisation is None:
            sentence = gettext_noop("there is no organisation %(name)s: import it first.")
            raise FieldRefused("organisation", sentence, {"name": values["organisation"]})
        region = self._region(values.get("region")) or (stored.region if stored else None)
        if not self._mine(organisation, region) or (stored and not self._mine(stored.organisation, stored.region)):
            raise FieldRefused("code", gettext_noop("is outside your companies and regions: you may not import it."))
        fields = {name: values[name] for name in PLAIN if name in values}
        if fields.get("people_count", 0) < 0:
            raise FieldRefused("people_count", gettext_noop("must not be negative."))
        fields |= self._place(draft, stored, region)
        step = Step(draft, "new", code, values["name"], existing=stored, fields=fields, parent=(organisation, region))
        if stored is not None:
            step.changes = differences(stored, fields)
            for name, row in (("organisation", organisation), ("region", region)):
                before = getattr(stored, name)
                if (before and before.pk) != (row and row.pk):
                    step.changes.append(Change(name, str(before or "–"), str(row or "–")))
            step.state = "changed" if step.changes else "unchanged"
        return step

    def _mine(self, organisation: Organisation, region: Region | None) -> bool:
        return self.reach.holds_site(organisation.path, region.path if region else None)

    def _region(self, text: str | None) -> Region | None:
        if not text:
            return None
        found = self.regions.get(text, [])
        if not found:
            raise FieldRefused("region", gettext_noop("there is no region %(name)s: import it first."), {"name": text})
        if len(found) > 1:
            sentence = gettext_noop("%(count)s regions are called %(name)s: write the code.")
            raise FieldRefused("region", sentence, {"count": len(found), "name": text})
        return found[0]

    def _place(self, draft: Draft, stored: Site | None, region: Region | None) -> dict[str, Any]:
        """Return boundary, location and coordinate system of a row."""
        shape, fields = draft.shape, {}
        if shape is not None and shape.geom_type == "Point":
            fields["location"] = shape
        elif shape is not None:
            _check_size(shape)
            fields["boundary"] = shape
            at = shape_of(stored.location) if stored else None
            if at is None or not shape.covers(at):
                fields["location"] = shape.representative_point()
        srid = draft.values.get("projected_srid")
        if stored is not None:
            if srid is not None and srid != stored.projected_srid:
                sentence = gettext_noop("a site keeps its coordinate system: EPSG:%(srid)s.")
                raise FieldRefused("projected_srid", sentence, {"srid": stored.projected_srid})
            return fields
        middle = shape.centroid if shape is not None else None
        if middle is None and region is not None and region.boundary is not None:
            area = shape_of(region.boundary)
            middle = area.centroid if area is not None else None
        if srid is None and middle is None:
            sentence = gettext_noop("a new site needs a place, a region with a boundary, or a coordinate system.")
            raise FieldRefused("projected_srid", sentence)
        if srid is None:
            assert middle is not None
            return {**fields, "projected_srid": crs.projected_srid_at(middle.x)}
        if not crs.is_metric(srid):
            sentence = gettext_noop("EPSG:%(srid)s is not a projected system in metres.")
            raise FieldRefused("projected_srid", sentence, {"srid": srid})
        meridian = crs.meridian_of(srid)
        if middle is not None and meridian is not None and abs(middle.x - meridian) > FARTHEST_DEG:
            sentence = gettext_noop(
                "the site lies at %(lon)s° E, far from the middle of EPSG:%(srid)s: take EPSG:%(near)s."
            )
            parts = {"lon": f"{middle.x:.2f}", "srid": srid, "near": crs.projected_srid_at(middle.x)}
            raise FieldRefused("projected_srid", sentence, parts)
        return fields

    def _warn(self, plan: Plan) -> None:
        same: list[tuple[BaseGeometry, BaseGeometry]] = []
        held: list[tuple[BaseGeometry, BaseGeometry]] = []
        outside = []
        for step in plan.steps:
            shape, region = step.draft.shape, step.parent[1]
            if shape is None:
                continue
            known = shape_of(step.existing.boundary or step.existing.location) if step.existing else None
            area = shape_of(region.boundary) if region else None
            if known is not None:
                same.append((shape, known))
            if area is not None:
                held.append((shape, area))
                if not area.intersects(shape):
                    outside.append(step.key)
        warn_of_shift(plan, shift_like_gcj02(same) or sits_better_unshifted(held))
        if outside:
            sentence = gettext_noop("%(count)s sites lie outside the region that they name: %(codes)s.")
            parts = {"count": len(outside), "codes": ", ".join(outside[:8])}
            plan.warnings.append(Problem(0, "region", sentence, parts))

    def write(self, plan: Plan, actor: Any | None, now: datetime) -> None:
        """This function will create and change the sites of a plan."""
        for step in plan.writes:
            organisation, region = step.parent
            fields = stored_fields(step.fields)
            fields |= {"organisation": organisation, "region": region}
            if step.existing is None:
                create_site(code=step.key, actor=actor, now=now, **fields)
            else:
                change_site(site=step.existing, fields=fields, actor=actor, now=now)


def _check_size(shape: BaseGeometry) -> None:
    west, south, east, north = shape.bounds
    across_km = math.hypot((east - west) * math.cos(math.radians(south)), north - south) * METRES_PER_DEGREE / 1000
    if across_km > LARGEST_KM:
        sentence = gettext_noop("is %(km)s km across, more than the %(limit)s km of the largest sites.")
        raise FieldRefused("geometry", sentence, {"km": f"{across_km:.0f}", "limit": f"{LARGEST_KM:.0f}"})
