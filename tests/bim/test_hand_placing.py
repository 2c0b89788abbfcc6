"""Placing by hand: a new revision of the same file through the real import, and back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.utils import timezone

from bim import queries
from bim.hand_placing import PlacingRefused, place_by_hand, standing_of, withdraw_hand_placement
from bim.models import Element, HandPlacement, Revision
from bim.operations import cancel_revision, import_file, queue_revision, run_revision
from bim.placing_rules import Pair
from spatial.ledger.models import Act
from spatial.media import blob_path
from spatial.people.operations import create_user
from spatial.places.models import Site
from spatial.places.models import Storey as PlaceStorey
from spatial.places.operations import create_organisation, create_site
from tests.bim.authoring import small_building

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_root")]
E0, N0 = 465_661.65, 3_846_545.19
MOVED = [Pair((0, 0, 0), (E0 + 3, N0 + 4, 111.0)), Pair((10, 0, 0), (E0 + 13, N0 + 4, 111.0))]


@pytest.fixture
def site() -> Site:
    outline = Polygon(((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75), (113.62, 34.74)), srid=4490)
    return create_site(
        code="ZD-TOWER", name="郑东塔楼", organisation=create_organisation(name="总包"), boundary=outline,
        location=Point(113.625, 34.7466, srid=4490), projected_srid=4547, ground_height_m=110.5, actor=None,
        now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def first(site: Site, tmp_path: Path) -> Revision:
    small_building(tmp_path / "主体.ifc")
    import_file(path=tmp_path / "主体.ifc", site_code=site.code)
    return Revision.objects.get()


def corner_of_slab(revision: Revision) -> tuple[float, float]:
    slab = Element.objects.get(revision=revision, ifc_class="IfcSlab").footprint.transform(4547, clone=True)
    return min(((round(e, 3), round(n, 3)) for e, n in slab[0].coords[0]), key=lambda p: p[0] + p[1])


def place(revision: Revision, pairs: list[Pair], **options: Any) -> Revision:
    user = create_user(
        username=f"bim{Revision.objects.count()}", password="一座工地-2026", full_name="林工", language="en"
    )
    given = {"free_scale": False, "confirmed": False, "actor": user, "now": timezone.now(), **options}
    return place_by_hand(revision=revision, pairs=pairs, **given)


def test_a_placement_by_hand_is_a_new_revision_of_the_same_file_that_stands_there(first: Revision) -> None:
    queued = place(first, MOVED)
    assert (queued.number, queued.state, queued.file_sha256) == (2, "queued", first.file_sha256)
    done = run_revision(revision_id=queued.pk)
    assert done is not None and done.is_imported and done.placed
    report = done.georeference
    assert (report["level"], report["crs"], report["candidate"]["source"]) == (60, "EPSG:4547", "Placed by hand")
    day = HandPlacement.objects.get().created_at.astimezone().date().isoformat()[:4]
    assert report["explanation"].startswith(f"Placed by hand on {day}-")
    assert "by 林工 in EPSG:4547, rotated 0.0°. The file's own IfcMapConversion differs by" in report["explanation"]
    assert corner_of_slab(done) == pytest.approx((E0 + 3, N0 + 4), abs=1e-3)
    assert done.storeys.get(name="首层").elevation_m == pytest.approx(111.0)
    assert queries.current_revision(first.model) == done and done.hand_placement == HandPlacement.objects.get()
    act = Act.objects.get(verb="place_model")
    assert (act.details["hand_placement"], act.details["rms_m"], act.details["doubts"]) == (1, pytest.approx(0), [])


def test_it_holds_for_a_later_file_of_the_model_and_undo_gives_the_files_own_place_back(
    first: Revision, site: Site, tmp_path: Path
) -> None:
    run_revision(revision_id=place(first, MOVED).pk)
    author = small_building(tmp_path / "新.ifc")
    author.box("IfcColumn", (5_000, 5_000, 0), (400, 400, 3_000), None, "新柱")
    author.save(tmp_path / "新.ifc")
    with (tmp_path / "新.ifc").open("rb") as file:
        later = queue_revision(
            site=site, content=file, file_name="新.ifc", model_name="主体", actor=None, now=timezone.now()
        )
    third = run_revision(revision_id=later.pk)
    assert third is not None and third.number == 3 and third.georeference["level"] == 60
    assert corner_of_slab(third) == pytest.approx((E0 + 3, N0 + 4), abs=1e-3)
    queued = withdraw_hand_placement(revision=third, actor=None, now=timezone.now())
    fourth = run_revision(revision_id=queued.pk)
    assert fourth is not None and fourth.file_sha256 == third.file_sha256, "the newest file, not the first"
    assert (fourth.georeference["level"], fourth.hand_placement) == (50, None)
    assert fourth.georeference["candidate"]["matrix"] == first.georeference["candidate"]["matrix"]
    assert HandPlacement.objects.get().withdrawn_at is not None
    assert Act.objects.filter(verb="withdraw_place_of_model").count() == 1
    with pytest.raises(PlacingRefused, match="none_holds"):
        withdraw_hand_placement(revision=fourth, actor=None, now=timezone.now())


def test_undo_of_a_second_placement_gives_the_first_back(first: Revision) -> None:
    place(first, MOVED)
    further = [Pair(pair.model, (pair.map[0] + 50, pair.map[1], pair.map[2])) for pair in MOVED]
    place(first, further)
    queued = withdraw_hand_placement(revision=first, actor=None, now=timezone.now())
    assert queued.hand_placement == HandPlacement.objects.get(number=1)
    assert queries.hand_placement_of(first.model) == HandPlacement.objects.get(number=1)


def test_one_pair_keeps_the_turn_of_the_files_own_place(first: Revision) -> None:
    assert standing_of(first).rotation_deg == pytest.approx(30.0, abs=1e-6)
    assert standing_of(first).height_offset_m == pytest.approx(110.5, abs=1e-6)
    place(first, [Pair((0, 0, 0), (E0 + 100, N0, None))])
    placed = HandPlacement.objects.get()
    assert placed.matrix[3::4][:3] == pytest.approx([E0 + 100, N0, 110.5], abs=1e-6)
    assert placed.matrix[0] == pytest.approx(0.8660254038, abs=1e-8)


def test_the_sites_storeys_follow_a_model_that_is_placed_at_another_height(first: Revision) -> None:
    floors = list(PlaceStorey.objects.order_by("elevation_m").values_list("name", "elevation_m", "top_m"))
    run_revision(revision_id=place(first, MOVED).pk)
    after = list(PlaceStorey.objects.order_by("elevation_m").values_list("name", "elevation_m", "top_m"))
    assert after == [(name, pytest.approx(low + 0.5), pytest.approx(top + 0.5)) for name, low, top in floors]
    assert Act.objects.filter(verb="move_storey").count() == len(floors) > 0


def test_a_floor_that_another_model_shares_stays_where_that_one_has_it(
    first: Revision, site: Site, tmp_path: Path
) -> None:
    author = small_building(tmp_path / "机电.ifc")
    author.box("IfcColumn", (5_000, 5_000, 0), (400, 400, 3_000), None, "立管")
    author.save(tmp_path / "机电.ifc")
    import_file(path=tmp_path / "机电.ifc", site_code=site.code)
    floors = set(PlaceStorey.objects.values_list("name", "elevation_m"))
    run_revision(revision_id=place(first, MOVED).pk)
    assert floors <= set(PlaceStorey.objects.values_list("name", "elevation_m"))
    assert not Act.objects.filter(verb="move_storey").exists()


def test_a_placement_whose_import_is_refused_does_not_hold_for_the_next_file(first: Revision) -> None:
    queued = place(first, MOVED)
    kept = blob_path(first.file_sha256)
    content = kept.read_bytes()
    kept.chmod(0o600)
    kept.write_bytes(content[: len(content) // 2])
    refused = run_revision(revision_id=queued.pk)
    kept.write_bytes(content)
    assert refused is not None and refused.state == "refused"
    assert HandPlacement.objects.get().withdrawn_at is not None
    assert queries.hand_placement_of(first.model) is None
    assert Act.objects.get(verb="withdraw_place_of_model").details["because"] == "refused"
    assert queries.current_revision(first.model) == first


def test_a_cancelled_placement_does_not_hold_and_one_that_was_imported_outlives_a_refused_file(
    first: Revision, site: Site, tmp_path: Path
) -> None:
    queued = place(first, MOVED)
    cancel_revision(revision=queued, actor=None, now=timezone.now())
    assert HandPlacement.objects.get().withdrawn_at is not None
    run_revision(revision_id=place(first, MOVED).pk)
    broken = BytesIO(b"ISO-10303-21;\nHEADER;\n")
    later = queue_revision(
        site=site, content=broken, file_name="x.ifc", model_name="主体", actor=None, now=timezone.now()
    )
    refused = run_revision(revision_id=later.pk)
    assert refused is not None and refused.state == "refused"
    assert HandPlacement.objects.get(number=2).withdrawn_at is None


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([Pair(p.model, (p.map[0] + 9_000, p.map[1], p.map[2])) for p in MOVED], "away from the site"),
        ([MOVED[0], Pair((10, 0, 0), (E0 + 14, N0 + 4, 111.0))], "not_confirmed"),
    ],
)
def test_a_place_that_cannot_be_trusted_or_is_not_confirmed_changes_nothing(
    first: Revision, pairs: list[Pair], code: str
) -> None:
    with pytest.raises(PlacingRefused, match=code):
        place(first, pairs)
    assert (HandPlacement.objects.count(), Revision.objects.count()) == (0, 1)
    assert not Act.objects.filter(verb="place_model").exists()


def test_a_confirmed_doubt_is_kept_with_its_residuals(first: Revision) -> None:
    place(first, [MOVED[0], Pair((10, 0, 0), (E0 + 14, N0 + 4, 111.0))], confirmed=True)
    placed = HandPlacement.objects.get()
    assert placed.residuals_m == pytest.approx([0.5, 0.5]) and placed.rms_m == pytest.approx(0.5)
    assert Act.objects.get(verb="place_model").details["doubts"] == ["rms", "scale"]
