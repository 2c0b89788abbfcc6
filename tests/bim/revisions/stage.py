"""A site, two real imports of one model, and anchors on its elements."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point, Polygon
from django.utils import timezone

from bim.models import Element, Model, Revision
from bim.operations import import_file
from bim.pipeline.placing import to_geodetic
from bim.revisions.models import AnchorOutcome
from bim.revisions.queries import candidate_of
from spatial.places.models import Anchor, Site
from spatial.places.operations import create_organisation, create_site, place_anchor


def make_site() -> Site:
    outline = Polygon(((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75), (113.62, 34.74)), srid=4490)
    return create_site(
        code="ZD-TOWER", name="郑东塔楼", organisation=create_organisation(name="总包"), boundary=outline,
        location=Point(113.625, 34.7466, srid=4490), projected_srid=4547, ground_height_m=110.5, actor=None,
        now=timezone.now(),
    )  # fmt: skip


def bring_in(path: Path, site: Site, name: str = "主体") -> Revision:
    """Import a file as the next revision of the model and return it."""
    verdict = import_file(path=path, site_code=site.code, model_name=name)
    assert verdict["verdict"].startswith("imported"), verdict["reason"]
    return Revision.objects.filter(site=site, model__name=name).order_by("-number")[0]


def element(revision: Revision, name: str) -> Element:
    return Element.objects.get(revision=revision, name=name)


def stand_on(row: Element, offset: tuple[float, float, float] = (0.1, 0.1, 0.1)) -> Anchor:
    """Anchor something on an element: this far (project metres) from its box's lower corner."""
    revision = row.revision
    box = row.model_box_m or [0.0] * 6
    place = candidate_of(revision)
    if place is None:
        lon, lat, height = 113.625, 34.7466, 111.0
    else:
        import numpy as np

        lon, lat, height = (float(v) for v in to_geodetic(place, np.array([[box[i] + offset[i] for i in range(3)]]))[0])
    return place_anchor(
        site=revision.site, lon=lon, lat=lat, height_m=height, model_id=revision.model_id,
        element_global_id=row.global_id, element_name=row.name,
    )  # fmt: skip


@dataclass(frozen=True)
class Score:
    """How anchors fared against the truth: right, wrong, waiting and lost ones, and who should have followed."""

    anchors: int
    right: int
    wrong: int
    queued: int
    queued_with_truth: int
    gone: int
    gone_rightly: int
    should_follow: int

    @property
    def precision(self) -> float:
        moved = self.right + self.wrong
        return self.right / moved if moved else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.should_follow if self.should_follow else 1.0


def outcomes(revision: Revision) -> dict[str, int]:
    """Return how many anchors of a revision had each outcome; the invariant is asserted on the way."""
    rows = list(AnchorOutcome.objects.filter(revision=revision))
    model = Model.objects.get(pk=revision.model_id)
    on_model = Anchor.objects.filter(model_id=model.pk).exclude(element_global_id="").count()
    counts: dict[str, int] = dict.fromkeys(AnchorOutcome.Outcome.values, 0)
    for row in rows:
        counts[row.outcome] += 1
    assert sum(counts.values()) == on_model == len({row.anchor_id for row in rows})
    return counts


def geometry(anchor: Anchor) -> Any:
    return Anchor.objects.get(pk=anchor.pk).geometry
