"""Imports into the database: rows, tiles, verdicts, revisions; what is refused leaves nothing behind."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.contrib.gis.geos import Point, Polygon
from django.core.management import call_command
from django.db import DataError, connections, transaction
from django.db.models.signals import post_save
from django.utils import timezone

from bim import queries
from bim.ifc.container import check_file
from bim.ifc.reading import open_model, read_model
from bim.import_locks import site_import_lock
from bim.models import Element, Model, Revision, Storey
from bim.operations import cancel_revision, import_file, queue_revision, requeue_interrupted, run_revision
from bim.work_folders import sweep_work_folders, work_folder
from spatial.ledger.models import Act
from spatial.media import blob_path, store_blob
from spatial.notices.models import Event
from spatial.places.models import Site, SiteMap
from spatial.places.models import Storey as PlaceStorey
from spatial.places.operations import create_organisation, create_site
from tests.bim.authoring import Author, small_building
from tests.bim.tile_reader import read_leaves

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_root(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.TWINWALL_DATA_ROOT = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TWINWALL_DATA_ROOT.mkdir()
    settings.MEDIA_ROOT.mkdir()
    yield tmp_path / "data"


@pytest.fixture
def building(tmp_path: Path) -> Path:
    small_building(tmp_path / "一期主体.ifc")
    return tmp_path / "一期主体.ifc"


@pytest.fixture
def site() -> Site:
    now = timezone.now()
    outline = Polygon(((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75), (113.62, 34.74)), srid=4490)
    return create_site(
        code="ZD-TOWER", name="郑东塔楼", organisation=create_organisation(name="总包"), boundary=outline,
        location=Point(113.625, 34.7466, srid=4490), projected_srid=4547, ground_height_m=110.5, actor=None, now=now,
    )  # fmt: skip


def everything(*folders: Path) -> tuple[dict[str, int], list[str]]:
    """Return the row count of every table and every file and folder below `folders`."""
    counts = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    files = [str(path) for folder in folders for path in sorted(folder.rglob("*"))]
    return counts, files


def test_the_verdict_has_exactly_its_keys_and_the_rows_are_there(building: Path, site: Site) -> None:
    verdict = import_file(path=building, site_code=site.code)
    assert list(verdict) == [
        "verdict", "schema", "elements", "meshed", "gaps", "storeys", "georeference", "tileset", "seconds", "reason",
    ]  # fmt: skip
    assert (verdict["verdict"], verdict["schema"], verdict["reason"]) == ("imported", "IFC4", None)
    assert (verdict["elements"], verdict["meshed"], verdict["gaps"], verdict["storeys"]) == (10, 4, [], 2)
    assert verdict["georeference"]["explanation"] == "IfcMapConversion to EPSG:4547, rotated 30.0°."
    revision = Revision.objects.get()
    assert (revision.model.name, revision.number, revision.state, revision.placed) == ("一期主体", 1, "imported", True)
    assert revision.elements.count() == 10
    assert [(s.name, s.elevation_m) for s in revision.storeys.all()] == [
        ("首层", pytest.approx(110.5)),
        ("二层", pytest.approx(113.5)),
    ]
    assert queries.current_revision(revision.model) == revision
    assert blob_path(revision.file_sha256).read_bytes() == building.read_bytes()


def test_elements_carry_properties_heights_and_footprints(building: Path, site: Site) -> None:
    import_file(path=building, site_code=site.code)
    wall = Element.objects.get(ifc_class="IfcWall")
    assert wall.properties == {"Pset_WallCommon": {"FireRating": "二级", "ThermalTransmittance": 0.35}}
    assert (wall.name, wall.storey.name) == ("外墙", "首层")
    assert (wall.box_min_z_m, wall.box_max_z_m) == pytest.approx((110.5, 113.5), abs=1e-3)
    slab = Element.objects.get(ifc_class="IfcSlab").footprint
    assert slab.srid == 4490 and len(slab[0]) == 2, "an outline with one hole"
    area = slab.transform(4547, clone=True).area
    assert area == pytest.approx(59.0, rel=1e-4)
    corner = Point(465_661.65, 3_846_545.19, srid=4547).transform(4490, clone=True)
    assert slab.distance(corner) * 111_000 < 0.001
    opening = Element.objects.get(ifc_class="IfcOpeningElement")
    assert (opening.meshed, opening.gap_reason, opening.footprint) == (False, "", None)


def test_every_meshed_elements_feature_is_in_the_tiles_with_its_box(building: Path, site: Site) -> None:
    verdict = import_file(path=building, site_code=site.code)
    read = read_leaves(Path(verdict["tileset"] or "").parent)
    rows = {element.index: element for element in Element.objects.filter(meshed=True)}
    assert sorted(read) == sorted(rows)
    for index, feature in read.items():
        row = rows[index]
        assert (feature.global_id, feature.ifc_class) == (row.global_id, row.ifc_class)
        assert feature.storey == (row.storey.index if row.storey else -1)
        assert np.concatenate([feature.lower, feature.upper]) == pytest.approx(row.local_box, abs=1e-3)


def test_an_import_is_an_act_and_an_event_and_adds_the_sites_storeys(building: Path, site: Site) -> None:
    import_file(path=building, site_code=site.code)
    act = Act.objects.get(verb="import_model")
    assert act.details["model"] == "一期主体" and act.site == site
    event = Event.objects.get(kind="model_imported")
    assert event.payload["revision_id"] == str(Revision.objects.get().id)
    kept = PlaceStorey.objects.order_by("elevation_m").values_list("building__name", "name", "elevation_m", "top_m")
    assert [(building, name, round(low, 3), round(top, 3)) for building, name, low, top in kept] == [
        ("1号楼", "首层", 110.5, 113.5),
        ("1号楼", "二层", 113.5, 116.5),
    ]


def test_the_same_file_gives_its_earlier_verdict_and_costs_nothing(building: Path, site: Site, tmp_path: Path) -> None:
    first = import_file(path=building, site_code=site.code)
    before = everything(tmp_path)
    again = import_file(path=building, site_code=site.code, model_name="其他")
    assert again == first and list(again) == list(first)
    assert everything(tmp_path) == before


def test_the_same_name_is_a_new_revision_and_another_name_another_model(
    building: Path, site: Site, tmp_path: Path
) -> None:
    import_file(path=building, site_code=site.code)
    changed = small_building(tmp_path / "second.ifc")
    changed.box("IfcColumn", (5_000, 0, 3_000), (400, 400, 3_000))
    changed.save(tmp_path / "second.ifc")
    import_file(path=tmp_path / "second.ifc", site_code=site.code, model_name="一期主体")
    assert list(Revision.objects.order_by("number").values_list("model__name", "number")) == [
        ("一期主体", 1),
        ("一期主体", 2),
    ]
    assert [revision.number for revision in queries.current_revisions(site)] == [2]
    small_building(tmp_path / "third.ifc")
    import_file(path=tmp_path / "third.ifc", site_code=site.code)
    assert sorted(Model.objects.values_list("name", flat=True)) == ["third", "一期主体"]


def test_an_unknown_site_is_created_where_the_model_stands(building: Path) -> None:
    import_file(path=building, site_code="NEW-1")
    site = Site.objects.get(code="NEW-1")
    assert (site.projected_srid, site.ground_height_m) == (4547, pytest.approx(110.5))
    assert site.location.x == pytest.approx(113.6250, abs=1e-3)
    assert site.location.y == pytest.approx(34.7466, abs=1e-3)


def test_an_unplaced_model_has_elements_but_no_heights_and_no_footprints(site: Site, tmp_path: Path) -> None:
    author = Author()
    author.box("IfcWall", (0, 0, 0), (1, 0.2, 3), author.storey("首层", 0))
    verdict = import_file(path=author.save(tmp_path / "local.ifc"), site_code=site.code)
    assert verdict["verdict"] == "imported"
    assert verdict["georeference"]["placed"] is False
    assert verdict["georeference"]["reason"] == "The file holds no georeference."
    wall = Element.objects.get(ifc_class="IfcWall")
    assert (wall.meshed, wall.footprint, wall.box_min_z_m) == (True, None, None)
    assert wall.local_box == pytest.approx((-0.5, -0.1, 0, 0.5, 0.1, 3))
    assert Storey.objects.get().elevation_m is None
    assert PlaceStorey.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=IFC"])
@pytest.mark.parametrize("code", ["ZD-TOWER", "UNKNOWN"])
def test_a_refused_file_leaves_no_row_and_no_folder_behind(
    content: bytes, code: str, site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "bad.ifc"
    path.write_bytes(content)
    before = everything(tmp_path)
    verdict = import_file(path=path, site_code=code)
    assert (verdict["verdict"], verdict["tileset"], verdict["elements"]) == ("refused", None, 0)
    assert verdict["reason"]
    assert everything(tmp_path) == before


def test_an_import_that_fails_at_the_last_step_leaves_nothing(building: Path, site: Site, tmp_path: Path) -> None:
    model = Model.objects.create(site=site, organisation=site.organisation, name="一期主体")
    Revision.objects.create(  # the next number does not fit its column
        site=site,
        organisation=site.organisation,
        model=model,
        number=2_147_483_647,
        file_name="x",
        file_sha256="0" * 64,
    )
    before = everything(tmp_path)
    with pytest.raises(DataError), transaction.atomic():
        import_file(path=building, site_code=site.code)
    assert everything(tmp_path) == before


def test_the_command_prints_one_json_object_and_its_status_is_the_verdicts(
    building: Path, site: Site, tmp_path: Path
) -> None:
    out = io.StringIO()
    call_command("import_ifc", str(building), "--site", site.code, "--model", "主体", "--json", stdout=out)
    verdict = json.loads(out.getvalue())
    assert (verdict["verdict"], verdict["meshed"]) == ("imported", 4)
    assert Path(verdict["tileset"]).is_file()
    empty = tmp_path / "empty.ifc"
    empty.touch()
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("import_ifc", str(empty), "--site", site.code, "--json", stdout=out)
    assert ended.value.code == 2
    assert json.loads(out.getvalue())["reason"] == "The file is empty (0 bytes)."
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_ifc", str(tmp_path / "none.ifc"), "--site", site.code, "--json", stdout=out)
    assert json.loads(out.getvalue())["reason"] == "The file cannot be read: No such file or directory."


def upload(path: Path, site: Site) -> Revision:
    with path.open("rb") as content:
        return queue_revision(site=site, content=content, file_name=path.name, actor=None, now=timezone.now())


def test_an_upload_waits_and_a_worker_imports_it_once(building: Path, site: Site) -> None:
    revision = upload(building, site)
    assert (revision.state, revision.number, revision.file_bytes) == ("queued", 1, building.stat().st_size)
    assert upload(building, site) == revision, "a second click queues nothing twice"
    assert requeue_interrupted() == [revision.pk]
    done = run_revision(revision_id=revision.pk)
    assert done is not None
    done.refresh_from_db()
    assert (done.state, done.stage, done.progress) == ("imported", "done", 100.0)
    assert done.verdict["meshed"] == 4
    assert run_revision(revision_id=revision.pk) is None
    assert requeue_interrupted() == []
    assert upload(building, site) == revision


def test_a_revision_whose_worker_was_killed_is_taken_up_again(building: Path, site: Site) -> None:
    revision = upload(building, site)
    Revision.objects.filter(pk=revision.pk).update(state="running", stage="mesh", progress=40)
    assert requeue_interrupted() == [revision.pk]
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "imported" and revision.elements.count() == 10


def test_a_refused_upload_keeps_its_verdict_but_not_its_file(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "cut.ifc"
    path.write_bytes(b"ISO-10303-21;\nHEADER;\n")
    revision = upload(path, site)
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "refused"
    assert revision.verdict["reason"] == "The file is cut off: it ends at line 3 without END-ISO-10303-21;."
    assert not blob_path(revision.file_sha256).exists()
    assert Element.objects.count() == 0 and not queries.tileset_folder(revision.pk).exists()


def test_evidence_uploaded_again_as_a_model_outlives_the_refusal(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "photo.ifc"
    path.write_bytes(b"\xff\xd8\xff the very bytes of a photo")
    with path.open("rb") as content:
        sha256 = store_blob(content)
    plan = SiteMap.objects.create(
        site=site, organisation=site.organisation, name="总平面", source_sha256="0" * 64, image_sha256=sha256,
        width_px=1, height_px=1, residual_rms_m=0.0, outline=site.boundary, valid_from=timezone.now(),
    )  # fmt: skip
    revision = upload(path, site)
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "refused"
    assert blob_path(sha256).read_bytes() == path.read_bytes()
    plan.delete()
    again = upload(path, site)
    run_revision(revision_id=again.pk)
    assert again.pk != revision.pk and not blob_path(sha256).exists()


def test_an_upload_whose_stored_file_is_gone_gets_an_answer_and_does_not_run_for_ever(
    building: Path, site: Site
) -> None:
    revision = upload(building, site)
    blob_path(revision.file_sha256).unlink()
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "refused" and revision.verdict["reason"]
    assert requeue_interrupted() == []


def test_control_characters_in_names_of_property_sets_and_properties_are_imported(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "source.ifc"
    small_building(path)
    content = path.read_bytes()
    odd = content.replace(b"'Pset_WallCommon'", b"'a\\X\\00\\X\\1F'").replace(b"'FireRating'", b"'b\\X2\\D800\\X0\\'")
    assert odd != content
    path.write_bytes(odd)
    assert import_file(path=path, site_code=site.code)["verdict"] == "imported"
    (names,) = Element.objects.get(ifc_class="IfcWall").properties.items()
    assert "\x00" not in names[0] and names[0].startswith("a")


def test_a_number_beyond_all_numbers_is_refused_with_its_line(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "source.ifc"
    small_building(path)
    content = path.read_bytes().replace(b",3000.);", b",1E400);", 1)
    path.write_bytes(content)
    line = content[: content.index(b"1E400")].count(b"\n") + 1
    verdict = import_file(path=path, site_code=site.code)
    assert verdict["reason"] is not None
    assert verdict["reason"].startswith(f"The file cannot be parsed. Line {line}: token 1E400")


def test_a_waiting_upload_is_cancelled_at_once_and_a_finished_one_stays(building: Path, site: Site) -> None:
    revision = upload(building, site)
    assert cancel_revision(revision=revision, actor=None, now=timezone.now()).state == "cancelled"
    assert run_revision(revision_id=revision.pk) is None
    second = upload(building, site)
    assert second.number == 2
    run_revision(revision_id=second.pk)
    assert cancel_revision(revision=second, actor=None, now=timezone.now()).state == "imported"


def test_a_running_import_that_is_cancelled_stops_and_leaves_no_elements(building: Path, site: Site) -> None:
    revision = upload(building, site)
    Revision.objects.filter(pk=revision.pk).update(state="running", cancel_requested=True)
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert (revision.state, revision.verdict) == ("cancelled", None)
    assert Element.objects.count() == 0 and not queries.tileset_folder(revision.pk).exists()


@pytest.mark.parametrize("stage", ["check", "read", "mesh", "footprints", "tiles"])
def test_a_cancel_in_any_stage_is_kept_also_where_the_child_has_ended_before_it_was_heard(
    stage: str, building: Path, site: Site
) -> None:
    revision = upload(building, site)
    asked: list[str] = []

    def cancel(sender: Any, instance: Revision, update_fields: frozenset[str] | None, **_: Any) -> None:
        if "stage" in (update_fields or ()) and instance.stage == stage and not asked:
            asked.append(cancel_revision(revision=instance, actor=None, now=timezone.now()).state)

    post_save.connect(cancel, sender=Revision)
    try:
        run_revision(revision_id=revision.pk)
    finally:
        post_save.disconnect(cancel, sender=Revision)
    revision.refresh_from_db()
    assert (asked, revision.state, revision.verdict) == (["running"], "cancelled", None)
    assert Element.objects.count() == 0 and not queries.tileset_folder(revision.pk).exists()
    assert not blob_path(revision.file_sha256).exists()


def test_what_a_worker_killed_between_tiles_and_rows_has_left_does_not_stop_the_next_start(
    building: Path, site: Site
) -> None:
    revision = upload(building, site)
    left = queries.tileset_folder(revision.pk)
    left.mkdir(parents=True)
    (left / "old.glb").write_bytes(b"old")
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "imported" and (left / "tileset.json").is_file() and not (left / "old.glb").exists()


def test_the_folders_of_dead_imports_are_swept_and_those_of_the_living_are_not(data_root: Path) -> None:
    with work_folder() as alive:
        dead = alive.with_name("import-dead")
        (dead / "tiles").mkdir(parents=True)
        assert sweep_work_folders() == 1
        assert alive.is_dir() and not dead.exists()
    assert not alive.exists()


def test_the_time_that_an_import_waits_for_its_turn_is_not_its_own(building: Path, site: Site) -> None:
    began = threading.Event()

    def hold() -> None:
        with connections["default"].cursor() as cursor, site_import_lock(site.code):
            began.set()
            while True:  # until the other side waits for the lock
                cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                if cursor.fetchone()[0]:
                    break
            cursor.execute("SELECT pg_sleep(3)")
        connections["default"].close()

    holder = threading.Thread(target=hold)
    holder.start()
    began.wait(30)
    started = time.monotonic()
    verdict = import_file(path=building, site_code=site.code, limit_s=60)
    holder.join()
    assert verdict["verdict"] == "imported" and verdict["seconds"] <= time.monotonic() - started - 3


NAMES = {
    rb"\X2\5916\X0\\X2\5899\X0\ A": "外墙 A",
    rb"\X2\59165899\X0\-1": "外墙-1",
    rb"\X4\00020BB7\X0\\X2\6881\X0\ 3": "𠮷梁 3",
    rb"\S\D\X\E9 K\S\|che": "Äé Küche",
    rb"\X\CD\X\E2\X\C7\X\BD-2": "外墙-2",
    "剪力墙".encode("gb18030") + rb" \X2\4E8C\X0\ F": "剪力墙 二 F",
}


def test_names_in_every_encoding_are_exact_in_the_rows(site: Site, tmp_path: Path) -> None:
    author = Author()
    for number in range(len(NAMES)):
        author.box("IfcWall", (number * 2, 0, 0), (1, 0.2, 3)).Name = f"NAME-{number}-"
    content = author.save(tmp_path / "names.ifc").read_bytes()
    for number, raw in enumerate(NAMES):
        assert content.count(b"'NAME-%d-'" % number) == 1
        content = content.replace(b"'NAME-%d-'" % number, b"'" + raw + b"'")
    (tmp_path / "names.ifc").write_bytes(content)
    verdict = import_file(path=tmp_path / "names.ifc", site_code=site.code)
    assert "Names are written as raw GBK" in (verdict["reason"] or "")
    walls = Element.objects.filter(ifc_class="IfcWall").order_by("index")
    assert list(walls.values_list("name", flat=True)) == list(NAMES.values())


def test_addresses_in_a_file_are_never_asked(site: Site, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        author = small_building(tmp_path / "links.ifc")
        wall = author.file.by_type("IfcWall")[0]
        for number, place in enumerate((address, "file:///etc/passwd")):
            document = author.file.create_entity("IfcDocumentReference", place, f"D{number}", "document")
            code = author.file.create_entity("IfcClassificationReference", place, f"C{number}", "code")
            author.file.create_entity("IfcImageTexture", True, True, None, None, None, place)
            for kind, relating in (("Document", document), ("Classification", code)):
                author.file.create_entity(
                    f"IfcRelAssociates{kind}",
                    GlobalId=f"0000000000000000000{kind[0]}{number}0",
                    RelatedObjects=[wall],
                    **{f"Relating{kind}": relating},
                )
        author.save(tmp_path / "links.ifc")
        outside = open_model(check_file(tmp_path / "links.ifc", tmp_path))[0]
        read_model(outside, check_file(tmp_path / "links.ifc", tmp_path))
        verdict = import_file(path=tmp_path / "links.ifc", site_code=site.code)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert (verdict["verdict"], verdict["meshed"]) == ("imported", 4)
    row = Element.objects.get(ifc_class="IfcWall")
    assert {"C0", "C1"} == {each["code"] for each in row.classifications}
    assert "root:" not in json.dumps(row.properties)
