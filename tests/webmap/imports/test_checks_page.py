"""Checks by IDS on pages, over the API, in the 3D paint, as CSV and as BCF; who may start them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bim.exchange.bcf.reading import read_bcf
from bim.exchange.ids.models import Check, IdsDocument
from bim.exchange.ids.operations import run_check
from bim.models import Element, Revision
from bim.operations import import_file
from spatial.ledger.models import Act
from spatial.people.models import User
from tests.bim.authoring import small_building
from tests.bim.exchange.bcf.official import available, official_faults
from tests.bim.exchange.ids.test_checks import ASKED
from tests.bim.ifc.ids.writing import NAMED, document, specification
from tests.webmap.field_cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision(cast: Cast, tmp_path: Path) -> Revision:
    small_building(tmp_path / "1.ifc")
    import_file(path=tmp_path / "1.ifc", site_code=cast.site.code, model_name="主体")
    return Revision.objects.get()


def ids_file(text: str = ASKED, name: str = "消防.ids") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="application/xml")


def upload(client: Client, revision: Revision, *files: SimpleUploadedFile) -> Any:
    address = f"/sites/field/models/{revision.id}/checks/"
    return client.post(address, {"action": "upload", "file": list(files)})


@pytest.fixture
def done(cast: Cast, revision: Revision, log_in: Callable[[User], Client]) -> Check:
    assert upload(log_in(cast.manager), revision, ids_file()).status_code == 302
    check = Check.objects.get()
    run_check(check_id=check.pk)
    check.refresh_from_db()
    return check


def test_an_upload_starts_its_check_and_the_page_follows_it(
    cast: Cast, revision: Revision, log_in: Callable[[User], Client]
) -> None:
    client = log_in(cast.manager)
    answer = upload(client, revision, ids_file())
    check = Check.objects.get()
    address = f"/sites/field/models/{revision.id}/checks/{check.id}/"
    assert (answer.status_code, answer["Location"]) == (302, address)
    part = client.get(address, headers={"X-Part": "check"}).content.decode()
    assert "data-under-way" in part and "<html" not in part and "Cancel the check" in part
    run_check(check_id=check.pk)
    part = client.get(address, headers={"X-Part": "check"}).content.decode()
    assert "data-under-way" not in part and 'data-status="fail"' in part
    assert "Property FireRating in the set Pset_WallCommon shall be “一级” (data type IFCLABEL)" in part
    assert "The value is 二级." in part and "Not checked: it is written for IFC2X3, and the model is IFC4." in part
    card = client.get(f"/sites/field/models/{revision.id}/").content.decode()
    assert address in card and "消防交付" in card


def test_a_broken_file_is_refused_with_its_line_and_the_good_one_beside_it_runs(
    cast: Cast, revision: Revision, log_in: Callable[[User], Client]
) -> None:
    broken = ids_file(document(specification(NAMED, versions="IFC9")), "坏.ids")
    answer = upload(log_in(cast.manager), revision, broken, ids_file())
    text = answer.content.decode()
    assert answer.status_code == 422 and "坏.ids: Line 5: not as IDS 1.0 wants it" in text
    assert [document.file_name for document in IdsDocument.objects.all()] == ["消防.ids"]
    assert Check.objects.count() == 1


def test_a_worker_may_look_and_not_check_and_a_stranger_sees_nothing(
    cast: Cast, revision: Revision, done: Check, log_in: Callable[[User], Client]
) -> None:
    address, acts = f"/sites/field/models/{revision.id}/checks/", Act.objects.count()
    worker, stranger = log_in(cast.worker), log_in(cast.stranger)
    assert worker.get(address).status_code == 200
    assert upload(worker, revision, ids_file(ASKED.replace("消防", "其他"))).status_code == 403
    worker.post(f"{address}{done.id}/cancel/")
    assert (IdsDocument.objects.count(), Check.objects.count(), Act.objects.count()) == (1, 1, acts)
    files = ("findings.csv", "findings-2.1.bcf")
    for path in (address, f"{address}{done.id}/", *(f"{address}{done.id}/{name}" for name in files)):
        assert stranger.get(path).status_code == 404
    for path in (f"models/{revision.id}/checks", f"checks/{done.id}/findings"):
        assert stranger.get(f"/api/v1/{path}").status_code == 404
    assert stranger.get(f"/api/v1/models/{revision.id}/paint/findings?check={done.id}").status_code == 404


def test_findings_are_narrowed_by_requirement_class_and_storey(
    cast: Cast, done: Check, log_in: Callable[[User], Client]
) -> None:
    client = log_in(cast.manager)
    address = f"/sites/field/models/{done.revision_id}/checks/{done.id}/"

    def rows(query: str) -> list[str]:
        lines = client.get(address + query).context["lines"]
        return [f"{line['row'].name}:{line['row'].specification}.{line['row'].requirement}" for line in lines]

    assert rows("") == ["外墙:0.0", "外墙:0.1", "柱:1.0"]
    assert rows("?specification=0&requirement=1") == ["外墙:0.1"]
    assert rows("?ifc_class=IfcColumn") == ["柱:1.0"]
    assert rows("?storey=0") == ["外墙:0.0", "外墙:0.1"]
    assert rows("?storey=none") == [] and rows("?specification=x&page=9") == ["外墙:0.0", "外墙:0.1", "柱:1.0"]


def test_the_next_revision_is_checked_again_at_a_click(
    cast: Cast, done: Check, tmp_path: Path, log_in: Callable[[User], Client]
) -> None:
    author = small_building(tmp_path / "2.ifc")
    author.file.by_type("IfcWall")[0].Tag = "W-01"
    author.file.by_type("IfcWall")[0].GlobalId = done.findings.get(requirement=1).global_id
    author.file.by_type("IfcColumn")[0].GlobalId = done.findings.get(specification=1).global_id
    author.save(tmp_path / "2.ifc")
    import_file(path=tmp_path / "2.ifc", site_code=cast.site.code, model_name="主体")
    second, client = Revision.objects.get(number=2), log_in(cast.manager)
    address = f"/sites/field/models/{second.id}/checks/"
    assert "1 document checked the earlier revision and not yet this one" in client.get(address).content.decode()
    assert client.post(address, {"action": "again"}).status_code == 302
    check = Check.objects.get(revision=second)
    run_check(check_id=check.pk)
    check.refresh_from_db()
    assert (check.came, check.went) == (0, 1)
    assert "not yet this one" not in client.get(address).content.decode()
    gone = client.get(f"{address}{check.id}/?which=gone").context["lines"]
    assert [(line["row"].name, line["row"].requirement) for line in gone] == [("外墙", 1)]


def test_the_api_gives_checks_and_findings(cast: Cast, done: Check, log_in: Callable[[User], Client]) -> None:
    client = log_in(cast.worker)
    [check] = client.get(f"/api/v1/models/{done.revision_id}/checks").json()
    assert (check["status"], check["failed_elements"], check["findings"]) == ("fail", 2, 3)
    answer = client.get(f"/api/v1/checks/{done.id}/findings?limit=1&offset=1&specification=0").json()
    assert (answer["count"], len(answer["findings"])) == (2, 1)
    assert answer["findings"][0]["reason_text"] == "The attribute is empty."
    assert answer["results"][0]["requirements"][1] == {
        "requirement": 1, "text": "Attribute Tag shall be given", "passed": 0, "failed": 1,
    }  # fmt: skip


def test_findings_are_painted_by_specification_and_by_requirement(
    cast: Cast, done: Check, log_in: Callable[[User], Client]
) -> None:
    client = log_in(cast.worker)
    wall, column = (Element.objects.get(name=name).index for name in ("外墙", "柱"))
    address = f"/api/v1/models/{done.revision_id}/paint/findings?check={done.id}"
    paint = client.get(address).json()
    assert paint["elements"] == {"0": [wall], "1": [column]}
    assert [(row["label"], row["sign"], row["count"]) for row in paint["legend"]] == [
        ("Walls", "1", 1), ("Columns", "2", 1),
    ]  # fmt: skip
    narrowed = client.get(address + "&specification=0").json()
    assert narrowed["elements"] == {"0": [], "1": [], "several": [wall]}
    assert [row["sign"] for row in narrowed["legend"]] == ["1", "2", "✕"]
    assert client.get(address.replace("check=", "check=x")).status_code == 404


def test_findings_go_out_as_csv_and_as_grouped_bcf_topics(
    cast: Cast, done: Check, log_in: Callable[[User], Client]
) -> None:
    client = log_in(cast.worker)
    base = f"/sites/field/models/{done.revision_id}/checks/{done.id}/findings"
    content = b"".join(client.get(f"{base}.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["specification"], row["requirement"], row["name"], row["storey"]) for row in rows] == [
        ("1", "1", "外墙", "首层"), ("1", "2", "外墙", "首层"), ("2", "1", "柱", "二层"),
    ]  # fmt: skip
    for version in ("2.1", "3.0"):
        packed = client.get(f"{base}-{version}.bcf").content
        read = read_bcf(packed)
        assert (read.version, read.faults, len(read.topics)) == (version, (), 3)
        assert not available() or official_faults(packed, version) == []
        archive = zipfile.ZipFile(io.BytesIO(packed))
        markups = [archive.read(name).decode() for name in archive.namelist() if name.endswith("markup.bcf")]
        assert len(markups) == 3 and sum("Walls: " in markup for markup in markups) == 2
        views = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".bcfv")]
        column = Element.objects.get(name="柱").global_id
        assert sum(f'IfcGuid="{column}"' in view for view in views) == 1
        assert all("PerspectiveCamera" in view for view in views)
    assert client.get(f"{base}-9.bcf").status_code == 404


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Nothing could be checked: see each specification for why."),
        ("zh-hans", "未能检查任何内容，原因见各规范条目。"),
    ],
)
def test_a_check_in_which_nothing_could_be_checked_says_so_and_not_that_nothing_fails(
    language: str, sentence: str, cast: Cast, revision: Revision, log_in: Callable[[User], Client]
) -> None:
    older = ids_file(document(specification(NAMED, versions="IFC2X3")))
    assert upload(log_in(cast.manager), revision, older).status_code == 302
    check = Check.objects.get()
    run_check(check_id=check.pk)
    check.refresh_from_db()
    assert (check.state, check.status, check.findings_total) == ("done", "not_checked", 0)
    cast.manager.language = language
    cast.manager.save()
    page = log_in(cast.manager).get(f"/sites/field/models/{revision.id}/checks/{check.id}/").content.decode()
    assert sentence in page
    assert "No element fails" not in page and "没有不合格构件" not in page
