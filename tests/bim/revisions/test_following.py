"""Anchors through two real imports: they move with what they stand on, wait in doubt, or are declared gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from bim.models import Revision
from bim.revisions.models import AnchorOutcome, AnchorReview, ElementChange, RevisionComparison
from bim.revisions.queries import candidate_of
from spatial.crs import transform_shape
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.places.models import Anchor, Site
from spatial.places.operations import PlaceRefused, move_anchor, place_anchor
from tests.bim.authoring import Author, small_building

from .mutations import CHANGES, mutate
from .stage import bring_in, element, geometry, make_site, outcomes, stand_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_root")]


@pytest.fixture
def site() -> Site:
    return make_site()


def grid_metres(anchor: Anchor) -> np.ndarray:
    """Return E, N, H of an anchor now."""
    import shapely

    shape = transform_shape(shapely.from_wkb(bytes(geometry(anchor).ewkb)), from_srid=4490, to_srid=4547)
    return shapely.get_coordinates(shape, include_z=True)[0]


def save(path: Path, change: Any = None, **place: float) -> Path:
    author = small_building(path, **place)
    if change is not None:
        change(author)
    return author.save(path)


def same_ids(source: Path, path: Path, change: Any) -> Path:
    """Write `source` again to `path` after `change(file)`: every GlobalId stays."""
    import ifcopenshell

    model = ifcopenshell.open(str(source))
    change(model)
    model.write(str(path))
    return path


def test_the_first_revision_has_nothing_to_be_compared_with(tmp_path: Path, site: Site) -> None:
    bring_in(save(tmp_path / "1.ifc"), site)
    assert (RevisionComparison.objects.count(), AnchorOutcome.objects.count()) == (0, 0)


def test_an_unchanged_element_leaves_its_anchor_bit_for_bit(tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    anchor = stand_on(element(first, "柱"))
    before = geometry(anchor).hexewkb
    second = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "2.ifc", lambda model: _rename(model, "外墙")), site)
    assert outcomes(second) == {"kept": 1, "followed": 0, "queued": 0, "gone": 0}
    assert geometry(anchor).hexewkb == before
    assert Act.objects.filter(subject_kind="anchor").count() == 0
    counts = RevisionComparison.objects.get(revision=second).counts
    assert counts == {"added": 0, "removed": 0, "moved": 0, "reshaped": 0, "properties": 1, "kept": 9}
    change = ElementChange.objects.get(revision=second)
    assert (change.kind, change.detail) == ("properties", {"name": ["外墙", "外墙改"]})


def _rename(model: Any, name: str) -> None:
    next(row for row in model.by_type("IfcElement") if row.Name == name).Name = f"{name}改"


def _shift(model: Any, name: str, step: tuple[float, float, float]) -> None:
    row = next(row for row in model.by_type("IfcElement") if row.Name == name)
    point = row.ObjectPlacement.RelativePlacement.Location
    point.Coordinates = tuple(a + b for a, b in zip(point.Coordinates, step, strict=True))


def test_an_anchor_moves_with_its_element_and_with_nothing_else(tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    on_column, on_wall = stand_on(element(first, "柱")), stand_on(element(first, "外墙"))
    free = place_anchor(site=site, lon=113.625, lat=34.7466, height_m=111.0)
    start, wall, alone = grid_metres(on_column), geometry(on_wall).hexewkb, geometry(free).hexewkb
    step = (2_000.0, 1_000.0, 0.0)
    second = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "2.ifc", lambda m: _shift(m, "柱", step)), site)
    assert outcomes(second) == {"kept": 1, "followed": 1, "queued": 0, "gone": 0}
    turned = np.array([2 * np.cos(np.pi / 6) - np.sin(np.pi / 6), 2 * np.sin(np.pi / 6) + np.cos(np.pi / 6), 0.0])
    assert np.abs(grid_metres(on_column) - start - turned).max() < 0.001
    assert (geometry(on_wall).hexewkb, geometry(free).hexewkb) == (wall, alone)
    row = AnchorOutcome.objects.get(anchor=on_column)
    assert row.distance_m == pytest.approx(5**0.5, abs=0.001) and row.confidence == 1.0
    act = Act.objects.get(verb="follow_element")
    assert act.details["from"]["global_id"] == act.details["to"]["global_id"] == on_column.element_global_id
    assert RevisionComparison.objects.get(revision=second).counts["moved"] == 1


def test_a_model_placed_elsewhere_takes_every_anchor_along_and_changes_no_element(tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    anchor = stand_on(element(first, "外墙"))
    start = grid_metres(anchor)

    def replace(model: Any) -> None:
        model.by_type("IfcMapConversion")[0].Eastings += 30.0

    second = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "2.ifc", replace), site)
    row = RevisionComparison.objects.get(revision=second)
    assert row.counts["kept"] == 10 and row.replaced_m == pytest.approx(30.0, abs=0.001)
    assert grid_metres(anchor) - start == pytest.approx([30.0, 0.0, 0.0], abs=0.001)
    assert outcomes(second)["followed"] == 1


def test_new_global_ids_are_followed_and_the_way_back_too(tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    anchors = [stand_on(element(first, name)) for name in ("柱", "外墙", "楼板")]
    before = [geometry(anchor).hexewkb for anchor in anchors]
    truth = mutate(tmp_path / "1.ifc", tmp_path / "2.ifc", "reissue")
    second = bring_in(tmp_path / "2.ifc", site)
    assert outcomes(second) == {"kept": 0, "followed": 3, "queued": 0, "gone": 0}
    now = [Anchor.objects.get(pk=anchor.pk) for anchor in anchors]
    assert [one.element_global_id for one in now] == [truth.became[one.element_global_id] for one in anchors]
    assert [one.geometry.hexewkb for one in now] == before


def test_a_deleted_element_is_reported_to_its_owner_once(tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    column = element(first, "柱")
    anchor = stand_on(column)
    before = geometry(anchor).hexewkb

    def delete(model: Any) -> None:
        from .mutations import _remove

        _remove(model, next(row for row in model.by_type("IfcColumn")))

    second = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "2.ifc", delete), site)
    assert outcomes(second) == {"kept": 0, "followed": 0, "queued": 0, "gone": 1}
    event = Event.objects.get(kind="anchor_lost")
    assert (event.payload["anchor_id"], event.payload["global_id"]) == (str(anchor.pk), column.global_id)
    assert Act.objects.get(verb="lose_element").subject_id == str(anchor.pk)
    still = Anchor.objects.get(pk=anchor.pk)
    assert (still.geometry.hexewkb, still.element_global_id) == (before, column.global_id)
    third = bring_in(same_ids(tmp_path / "2.ifc", tmp_path / "3.ifc", lambda m: _rename(m, "外墙")), site)
    assert outcomes(third)["gone"] == 1 and Event.objects.filter(kind="anchor_lost").count() == 1
    back = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "4.ifc", lambda m: _shift(m, "柱", (1_000, 0, 0))), site)
    assert outcomes(back)["followed"] == 1
    assert AnchorOutcome.objects.get(revision=back).reason == "returned"


def test_the_cut_off_half_of_a_wall_puts_its_anchor_into_the_queue(tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    wall = element(first, "外墙")
    far, near = stand_on(wall, (8.0, 0.1, 1.0)), stand_on(wall, (1.0, 0.1, 1.0))

    def split(model: Any) -> None:
        import ifcopenshell.guid

        row = model.by_type("IfcWall")[0]
        author = Author.__new__(Author)
        author.file, author.context = model, model.by_type("IfcGeometricRepresentationContext")[0]
        row.Representation = author.body(5_000, 200, 3_000)
        half = model.create_entity("IfcWall", ifcopenshell.guid.new(), Name="外墙 2")
        half.ObjectPlacement, half.Representation = author.place(5_000, 0, 0), author.body(5_000, 200, 3_000)
        relation = row.ContainedInStructure[0]
        relation.RelatedElements = [*relation.RelatedElements, half]

    second = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "2.ifc", split), site)
    assert outcomes(second) == {"kept": 1, "followed": 0, "queued": 1, "gone": 0}
    review = AnchorReview.objects.get()
    assert (review.anchor_id, review.reason, review.state) == (far.pk, "cut_off", "open")
    assert [one["name"] for one in review.candidates] == ["外墙 2", "外墙"]
    assert AnchorOutcome.objects.get(anchor=near).outcome == "kept"


def test_an_unplaced_revision_moves_nothing(tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    anchor = stand_on(element(first, "柱"))
    before = geometry(anchor).hexewkb

    def unplace(model: Any) -> None:
        model.remove(model.by_type("IfcMapConversion")[0])

    second = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "2.ifc", unplace), site)
    assert not second.placed and candidate_of(second) is None
    assert outcomes(second)["kept"] == 1 and geometry(anchor).hexewkb == before

    def shift(model: Any) -> None:
        _shift(model, "柱", (1_000, 0, 0))

    third = bring_in(same_ids(tmp_path / "1.ifc", tmp_path / "3.ifc", shift), site)
    assert outcomes(third)["followed"] == 1
    assert AnchorOutcome.objects.get(revision=third).distance_m == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("kind", sorted(CHANGES))
def test_every_anchor_has_one_outcome_and_none_follows_a_stranger(kind: str, tmp_path: Path, site: Site) -> None:
    first = bring_in(save(tmp_path / "1.ifc"), site)
    anchors = {anchor.pk: anchor for anchor in (stand_on(element(first, name)) for name in ("柱", "外墙", "楼板"))}
    truth = mutate(tmp_path / "1.ifc", tmp_path / "2.ifc", kind, share=0.34)
    second = bring_in(tmp_path / "2.ifc", site)
    counts = outcomes(second)
    assert sum(counts.values()) == 3
    for row in AnchorOutcome.objects.filter(revision=second):
        was = anchors[row.anchor_id].element_global_id
        if row.outcome in ("kept", "followed"):
            assert row.to_global_id == truth.became[was]
        else:
            assert was in truth.touched
            assert Anchor.objects.get(pk=row.anchor_id).element_global_id == was


def test_an_anchor_is_refused_a_global_id_that_is_none(site: Site) -> None:
    anchor = place_anchor(site=site, lon=113.625, lat=34.7466, height_m=111.0)
    with pytest.raises(PlaceRefused, match="is not an IFC GlobalId"):
        move_anchor(anchor=anchor, element_global_id="short", actor=None, now=timezone.now())
    assert Anchor.objects.get(pk=anchor.pk).element_global_id == ""
    assert Act.objects.filter(verb="move_anchor").count() == 0


def test_a_failed_comparison_undoes_the_import(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_in(save(tmp_path / "1.ifc"), site)

    def fail(*arguments: Any, **named: Any) -> None:
        raise ArithmeticError("no comparison")

    monkeypatch.setattr("bim.revisions.operations.compare", fail)
    same_ids(tmp_path / "1.ifc", tmp_path / "2.ifc", lambda m: _rename(m, "外墙"))
    with pytest.raises(ArithmeticError):
        bring_in(tmp_path / "2.ifc", site)
    assert Revision.objects.count() == 1
