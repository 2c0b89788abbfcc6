"""Documents are kept once, checks run in the worker's place, findings name elements, a new revision is compared."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import ifcopenshell
import pytest
from django.conf import settings as live_settings
from django.utils import timezone

from bim.exchange.ids import operations, queries
from bim.exchange.ids.models import Check, Finding, IdsDocument
from bim.ifc.ids.xml_tree import IdsRefusal
from bim.models import Element, Revision
from bim.operations import import_file
from spatial.ledger.models import Act
from tests.bim.authoring import small_building
from tests.bim.ifc.ids.writing import NAMED, WALLS, document, specification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_root")]
NOW = timezone.now()
TAGGED = NAMED.replace("Name", "Tag")
FIRE = (
    '<property dataType="IFCLABEL"><propertySet><simpleValue>Pset_WallCommon</simpleValue></propertySet>'
    "<baseName><simpleValue>FireRating</simpleValue></baseName><value><simpleValue>一级</simpleValue></value></property>"
)
COLUMNS, SLABS = WALLS.replace("IFCWALL", "IFCCOLUMN"), WALLS.replace("IFCWALL", "IFCSLAB")
ASKED = document(
    specification(FIRE + TAGGED, name="Walls"),
    specification(TAGGED, COLUMNS, name="Columns"),
    specification(NAMED, SLABS, name="Slabs"),
    specification(NAMED, versions="IFC2X3", name="Older"),
    specification(NAMED, WALLS.replace("IFCWALL", "IFCROOF"), name="Roofs"),
    info="<title>消防交付</title><version>2</version>",
)


def imported(path: Path) -> Revision:
    verdict = import_file(path=path, site_code="ids-site", model_name="主体")
    assert verdict["verdict"].startswith("imported"), verdict
    return Revision.objects.order_by("-number").first()


@pytest.fixture
def revision(tmp_path: Path) -> Revision:
    small_building(tmp_path / "1.ifc")
    return imported(tmp_path / "1.ifc")


def keep(revision: Revision, text: str = ASKED) -> tuple[IdsDocument, bool]:
    return operations.upload_document(
        site=revision.site, content=BytesIO(text.encode()), file_name="../消防.ids", actor=None, now=NOW
    )


def checked(revision: Revision, asked: IdsDocument) -> Check:
    check = operations.start_check(revision=revision, document=asked, actor=None, now=NOW)
    assert operations.run_check(check_id=check.pk) is not None
    check.refresh_from_db()
    return check


def test_a_document_is_kept_once_and_says_what_it_asks(revision: Revision) -> None:
    asked, is_new = keep(revision)
    assert (is_new, asked.title, asked.version, asked.file_name) == (True, "消防交付", "2", "消防.ids")
    assert (asked.specification_count, asked.ids_version) == (5, "1.0")
    assert asked.content["specifications"][0]["requirements"][0]["values"]["value"] == {"value": "一级"}
    again, is_new = keep(revision)
    assert (again, is_new, Act.objects.filter(verb="upload_ids").count()) == (asked, False, 1)
    operations.withdraw_document(document=asked, actor=None, now=NOW)
    with pytest.raises(operations.CheckRefused, match="withdrawn"):
        operations.start_check(revision=revision, document=IdsDocument.objects.get(), actor=None, now=NOW)
    assert keep(revision) == (asked, False)
    assert IdsDocument.objects.get().withdrawn_at is None


def test_a_broken_document_leaves_nothing(revision: Revision) -> None:
    before = sum(path.is_file() for path in Path(live_settings.MEDIA_ROOT).rglob("*"))
    acts = Act.objects.count()
    with pytest.raises(IdsRefusal) as caught:
        keep(revision, document(specification(NAMED, versions="IFC9")))
    assert (caught.value.code, caught.value.line) == ("schema", 5)
    assert IdsDocument.objects.count() == 0 and Act.objects.count() == acts
    assert sum(path.is_file() for path in Path(live_settings.MEDIA_ROOT).rglob("*")) == before


def test_a_check_has_results_by_specification_and_findings_by_element(revision: Revision) -> None:
    check = checked(revision, keep(revision)[0])
    assert (check.state, check.status, check.progress, check.problem) == ("done", "fail", 100.0, None)
    assert check.specification_counts == {"pass": 1, "fail": 2, "not_applicable": 1, "not_checked": 1}
    assert [(row["status"], row["why"], row["applicable"]) for row in check.results] == [
        ("fail", "", 1), ("fail", "", 1), ("pass", "", 1), ("not_checked", "schema", 0), ("not_applicable", "", 0),
    ]  # fmt: skip
    assert [(one["passed"], one["failed"]) for one in check.results[0]["requirements"]] == [(0, 1), (0, 1)]
    assert (check.failed_elements, check.findings_total, check.findings_listed) == (2, 3, 3)
    wall = Element.objects.get(revision=revision, name="外墙")
    found = list(queries.findings_of(check).values_list("specification", "requirement", "name", "reason", "actual"))
    assert found == [(0, 0, "外墙", "VALUE", "二级"), (0, 1, "外墙", "FALSEY", ""), (1, 0, "柱", "FALSEY", "")]
    first = queries.findings_of(check).first()
    assert (first.element_index, first.global_id, first.storey_name) == (wall.index, wall.global_id, "首层")
    assert queries.finding_classes(queries.findings_of(check)) == [("IfcWall", 2), ("IfcColumn", 1)]
    assert queries.finding_storeys(queries.findings_of(check)) == [(1, "二层", 1), (0, "首层", 2)]
    assert [act.verb for act in Act.objects.filter(subject_kind="ids_check").order_by("sequence")] == [
        "start_ids_check", "finish_ids_check",
    ]  # fmt: skip


def test_the_same_file_over_the_same_revision_is_checked_once(revision: Revision) -> None:
    asked, _new = keep(revision)
    check = checked(revision, asked)
    assert operations.start_check(revision=revision, document=asked, actor=None, now=NOW) == check
    assert operations.run_check(check_id=check.pk) is None
    assert (Check.objects.count(), Finding.objects.count()) == (1, 3)


def test_the_next_revision_says_what_came_and_what_went(revision: Revision, tmp_path: Path) -> None:
    asked, _new = keep(revision)
    checked(revision, asked)
    model = ifcopenshell.open(str(tmp_path / "1.ifc"))
    model.by_type("IfcWall")[0].Tag = "W-01"
    model.by_type("IfcSlab")[0].Name = ""
    model.write(str(tmp_path / "2.ifc"))
    second = imported(tmp_path / "2.ifc")
    assert queries.documents_to_run_again(None, second) == []  # nobody sees nothing
    check = checked(second, asked)
    assert (check.previous.revision_id, check.came, check.went) == (revision.pk, 1, 1)
    rows = queries.marked_new(queries.findings_of(check), check.previous)
    assert [(row.ifc_class, row.is_new) for row in rows] == [
        ("IfcWall", False), ("IfcColumn", False), ("IfcSlab", True),
    ]  # fmt: skip
    assert [(row.ifc_class, row.requirement) for row in queries.gone_since(check)] == [("IfcWall", 1)]


def test_a_waiting_check_is_cancelled_and_never_runs(revision: Revision) -> None:
    check = operations.start_check(revision=revision, document=keep(revision)[0], actor=None, now=NOW)
    operations.cancel_check(check=check, actor=None, now=NOW)
    assert operations.run_check(check_id=check.pk) is None
    check.refresh_from_db()
    assert (check.state, Finding.objects.count()) == ("cancelled", 0)


def test_a_check_whose_model_is_lost_fails_with_a_sentence_and_can_be_started_again(revision: Revision) -> None:
    asked, _new = keep(revision)
    path = Path(live_settings.MEDIA_ROOT) / revision.file_sha256[:2] / revision.file_sha256[2:4] / revision.file_sha256
    kept = path.read_bytes()
    path.write_bytes(kept[:200])
    check = checked(revision, asked)
    assert (check.state, check.problem["code"]) == ("failed", "model")
    assert check.problem["reason"].startswith("The file is cut off")
    path.write_bytes(kept)
    assert checked(revision, asked).state == "done"
    assert operations.requeue_interrupted() == []
