"""Uploading a model through page and API: queued, imported by the real pipeline, and its verdict in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bim.models import Revision
from bim.operations import run_revision
from spatial.ledger.models import Act
from spatial.people.models import User
from tests.bim.authoring import small_building
from tests.webmap.field_cast import Cast

Login = Callable[[User], Client]


def ifc(tmp_path: Path) -> SimpleUploadedFile:
    """Return a tiny real IFC file; its map conversion is far from the cast's site, so it is unplaced there."""
    file = tmp_path / "small.ifc"
    small_building(file).save(file)
    return SimpleUploadedFile("small.ifc", file.read_bytes(), "application/x-step")


def test_an_upload_is_queued_imported_and_told_in_words(cast: Cast, log_in: Login, tmp_path: Path) -> None:
    client = log_in(cast.engineer)
    answer = client.post("/sites/field/models/", {"file": ifc(tmp_path), "name": "主体"})
    revision = Revision.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/sites/field/models/{revision.id}/")
    assert (revision.state, revision.model.name, revision.number) == ("queued", "主体", 1)
    waiting = client.get(answer["Location"]).content.decode()
    assert "Import under way" in waiting and "Waiting for a worker" in waiting
    run_revision(revision_id=revision.id)
    revision.refresh_from_db()
    assert revision.is_imported
    told = client.get(answer["Location"], headers={"X-Part": "revision"}).content.decode()
    assert f"{revision.verdict['elements']} elements were imported" in told
    assert "<html" not in told and "None: every element with a body has its shape." in told
    api = client.get(f"/api/v1/revisions/{revision.id}").json()
    assert (api["state"], api["percent"], api["verdict"]["meshed"]) == ("imported", 100.0, revision.verdict["meshed"])
    assert "tileset" not in api["verdict"]
    listed = client.get("/sites/field/models/").content.decode()
    assert "shown in 3D" in listed and "small.ifc" in listed


def test_a_broken_file_is_refused_with_what_to_do(cast: Cast, log_in: Login, tmp_path: Path) -> None:
    client = log_in(cast.engineer)
    whole = ifc(tmp_path).read()
    cut = SimpleUploadedFile("cut.ifc", whole[: len(whole) // 2], "application/x-step")
    answer = client.post("/api/v1/sites/field/models", {"file": cut})
    assert answer.status_code == 202
    run_revision(revision_id=Revision.objects.get().id)
    page = client.get(answer.json()["url"]).content.decode()
    assert 'data-verdict="refused"' in page
    assert "END-ISO-10303-21" in page and "export it again" in page


def test_the_same_file_again_is_the_same_revision(cast: Cast, log_in: Login, tmp_path: Path) -> None:
    client, file = log_in(cast.engineer), ifc(tmp_path)
    content = file.read()
    answers = [
        client.post("/api/v1/sites/field/models", {"file": SimpleUploadedFile("small.ifc", content)}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Revision.objects.count() == 1


def test_a_waiting_import_is_cancelled_by_the_engineer_only(cast: Cast, log_in: Login, tmp_path: Path) -> None:
    log_in(cast.engineer).post("/sites/field/models/", {"file": ifc(tmp_path)})
    revision = Revision.objects.get()
    assert log_in(cast.stranger).post(f"/api/v1/revisions/{revision.id}/cancel").status_code == 404
    assert log_in(cast.worker).post(f"/api/v1/revisions/{revision.id}/cancel").status_code == 403
    revision.refresh_from_db()
    assert revision.state == "queued"
    stopped = log_in(cast.engineer).post(f"/api/v1/revisions/{revision.id}/cancel")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "cancelled")
    page = log_in(cast.engineer).get(f"/sites/field/models/{revision.id}/").content.decode()
    assert "The import was cancelled." in page


@pytest.mark.parametrize(
    ("who", "name", "content", "status", "sentence"),
    [
        ("worker", "a.ifc", b"ISO-10303-21;", 403, "Only the BIM engineer and the project manager"),
        ("engineer", "a.rvt", b"x", 422, "is not an .ifc or .ifczip file"),
        ("engineer", "a.ifc", b"", 422, "a.ifc is empty."),
    ],
)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    cast: Cast, log_in: Login, who: str, name: str, content: bytes, status: int, sentence: str
) -> None:
    acts = Act.objects.count()
    client = log_in(getattr(cast, who))
    page = client.post("/sites/field/models/", {"file": SimpleUploadedFile(name, content)})
    answer = client.post("/api/v1/sites/field/models", {"file": SimpleUploadedFile(name, content)})
    assert (page.status_code, answer.status_code) == (status, status)
    assert sentence in page.content.decode() and sentence in answer.json()["detail"]
    assert Revision.objects.count() == 0 and Act.objects.count() == acts


def test_a_file_over_the_limit_is_refused(
    cast: Cast, log_in: Login, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("webmap.pages.imports.upload.LARGEST_BYTES", 100)
    answer = log_in(cast.engineer).post("/api/v1/sites/field/models", {"file": ifc(tmp_path)})
    assert answer.status_code == 413 and "split the model" in answer.json()["detail"]
    assert Revision.objects.count() == 0


def test_a_stranger_sees_no_models(cast: Cast, log_in: Login, tmp_path: Path) -> None:
    log_in(cast.engineer).post("/sites/field/models/", {"file": ifc(tmp_path)})
    revision = Revision.objects.get()
    stranger = log_in(cast.stranger)
    addresses = ["/sites/field/models/", f"/sites/field/models/{revision.id}/", f"/api/v1/revisions/{revision.id}"]
    assert [stranger.get(address).status_code for address in addresses] == [404, 404, 404]
    assert stranger.post("/api/v1/sites/field/models", {"file": ifc(tmp_path)}).status_code == 404
