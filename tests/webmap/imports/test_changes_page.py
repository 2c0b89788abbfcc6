"""The page of changes: what changed, which anchors wait, and who may decide on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from shapely import Point

from bim.models import Element, Model, Revision
from bim.operations import import_file
from bim.pipeline.placing import to_geodetic
from bim.revisions.models import AnchorOutcome, AnchorReview
from bim.revisions.queries import candidate_of
from bim.revisions.reviewing import ReviewRefused, declare_gone
from spatial.crs import transform_shape
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.people.models import User
from spatial.places.models import Anchor
from spatial.places.operations import place_anchor
from tests.bim.authoring import small_building
from tests.bim.revisions.mutations import mutate
from tests.webmap.field_cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubt(cast: Cast, tmp_path: Path) -> AnchorReview:
    """A column moved by about half a metre under a new GlobalId, and an anchor on it that waits."""
    place_anchor_at = cast.site.location or cast.site.boundary.centroid
    grid = transform_shape(Point(place_anchor_at.x, place_anchor_at.y), from_srid=4490, to_srid=4547)
    east, north = grid.x, grid.y
    author = small_building(tmp_path / "1.ifc", east, north)
    author.save(tmp_path / "1.ifc")
    import_file(path=tmp_path / "1.ifc", site_code=cast.site.code, model_name="主体")
    first = Revision.objects.get(number=1)
    column = Element.objects.get(revision=first, name="柱")
    place = candidate_of(first)
    assert place is not None
    lon, lat, height = (float(v) for v in to_geodetic(place, np.array([column.model_box_m[:3]]))[0])
    anchor = place_anchor(
        site=cast.site, lon=lon, lat=lat, height_m=height, model_id=first.model_id,
        element_global_id=column.global_id, element_name=column.name,
    )  # fmt: skip
    mutate(tmp_path / "1.ifc", tmp_path / "2.ifc", "reissue and move", share=1.0)
    import_file(path=tmp_path / "2.ifc", site_code=cast.site.code, model_name="主体")
    return AnchorReview.objects.get(anchor=anchor)


def test_the_page_lists_changes_and_doubts_and_a_person_decides(
    doubt: AnchorReview, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    second = Revision.objects.get(number=2)
    address = f"/sites/field/models/{second.id}/changes/"
    client = log_in(cast.engineer)
    text = client.get(address).content.decode()
    assert "In doubt" in text and "This one" in text and doubt.anchor.element_global_id in text
    card = client.get(f"/sites/field/models/{second.id}/").content.decode()
    assert "Changes since revision 1" in card and f"?paint=changes&amp;revision={second.id}" in card
    best = doubt.candidates[0]
    assert 0.5 <= best["confidence"] < 0.9 and best["name"] == "柱"

    form = {"decision": "accept", "global_id": best["global_id"]}
    refused = log_in(cast.worker).post(f"{address}{doubt.id}/", form)
    assert refused.status_code == 403
    doubt.refresh_from_db()
    assert doubt.state == "open" and Act.objects.filter(verb="review_anchor").count() == 0
    assert client.post(f"{address}{doubt.id}/", {"decision": "accept", "global_id": "x"}).status_code == 422
    assert client.post(f"{address}{doubt.id}/", {"decision": "wait"}).status_code == 302
    assert Act.objects.filter(verb="keep_anchor_waiting").count() == 1

    before = Anchor.objects.get(pk=doubt.anchor_id)
    assert client.post(f"{address}{doubt.id}/", form).status_code == 302
    doubt.refresh_from_db()
    after = Anchor.objects.get(pk=doubt.anchor_id)
    assert (doubt.state, doubt.decided_by, after.element_global_id) == ("accepted", cast.engineer, best["global_id"])
    assert after.geometry.hexewkb != before.geometry.hexewkb
    assert client.post(f"{address}{doubt.id}/", {"decision": "gone"}).status_code == 422


def test_an_anchor_declared_gone_is_reported_and_stays(
    doubt: AnchorReview, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    before = Anchor.objects.get(pk=doubt.anchor_id)
    address = f"/sites/field/models/{doubt.revision_id}/changes/{doubt.id}/"
    with pytest.raises(ReviewRefused, match="forbidden"):
        declare_gone(review=doubt, actor=cast.worker, now=timezone.now())
    assert not Event.objects.filter(kind="anchor_lost").exists()
    page = f"/sites/field/models/{doubt.revision_id}/changes/"
    client = log_in(cast.safety)
    assert 'id="lost"' not in client.get(page).content.decode()
    assert client.post(address, {"decision": "gone"}).status_code == 302
    shown = client.get(page).content.decode()
    assert 'id="lost"' in shown and before.element_global_id in shown.split('id="lost"')[1]
    after = Anchor.objects.get(pk=doubt.anchor_id)
    assert (after.geometry.hexewkb, after.element_global_id) == (before.geometry.hexewkb, before.element_global_id)
    assert Event.objects.get(kind="anchor_lost").payload["anchor_id"] == str(doubt.anchor_id)


def test_changes_are_painted_with_boxes_for_what_was_removed(
    doubt: AnchorReview, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    client = log_in(cast.engineer)
    second = Revision.objects.get(number=2)
    painted = client.get(f"/api/v1/models/{second.id}/paint/changes").json()
    counts = second.comparison.counts
    assert {entry["key"]: entry["count"] for entry in painted["legend"]} == {
        kind: counts[kind] for kind in ("added", "removed", "moved", "reshaped", "properties")
    }
    assert all(entry["sign"] for entry in painted["legend"])
    old = Element.objects.get(revision__number=1, name="柱")
    box = next(box for box in painted["boxes"] if box["global_id"] == old.global_id)["box"]
    assert box[5] - box[2] == pytest.approx(3.0, abs=0.01)
    assert len(painted["elements"]["added"]) == counts["added"]
    first = Revision.objects.get(number=1)
    assert client.get(f"/api/v1/models/{first.id}/paint/changes").status_code == 404
    stranger = log_in(cast.stranger)
    assert stranger.get(f"/sites/field/models/{second.id}/changes/").status_code == 404
    assert AnchorOutcome.objects.filter(revision=second).count() == 1
    assert Model.objects.count() == 1 and timezone.now() > second.created_at
    first_page = client.get(f"/sites/field/models/{first.id}/changes/").content.decode()
    assert "This is the first revision of the model" in first_page
