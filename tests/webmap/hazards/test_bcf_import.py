"""BCF files of other tools become tickets, and bring comments to the tickets that they know."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from bim.exchange.bcf.models import BcfImport, ImportedComment, ImportedTopic
from bim.exchange.bcf.placing import first_hit
from bim.exchange.bcf.reading import read_bcf
from bim.exchange.bcf.topics import Camera, Comment, Component, ModelFile, Topic, Viewpoint
from bim.exchange.bcf.viewpoints import ClippingPlane, Visibility
from bim.exchange.bcf.writing import write_bcf
from spatial.hazards.models import Hazard, Photo
from spatial.ledger.models import Act
from spatial.media import open_blob
from tests.webmap.field_cast import photo_bytes

from .test_bcf_files import WALL, content_of, stand_on_wall

pytestmark = pytest.mark.django_db
AT = datetime(2026, 2, 1, 3, 4, 5, tzinfo=UTC)
FIRST = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c70"
SECOND = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c80"
VIEW = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c71"
REMARK = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c72"
WEST = Camera((90.0, 1.5, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))


def snapshot(text: str) -> bytes:
    return photo_bytes(text, taken_at=AT)


def topic(guid: str = FIRST, **changes: Any) -> Topic:
    made = Topic(
        guid, "Clash at the wall", "Clash", "Open", AT, "anna@example.com", description="Two walls in one place",
        comments=(Comment(REMARK, AT, "bob@example.com", "Please move it"),),
        viewpoints=(Viewpoint(VIEW, (Component("0" * 22), Component(WALL)), camera=WEST, snapshot=snapshot(guid)),),
    )  # fmt: skip
    return replace(made, **changes)


def upload(client: Any, site: Any, content: bytes) -> Any:
    given = SimpleUploadedFile("clashes.bcf", content, "application/octet-stream")
    return client.post(f"/sites/{site.code}/bcf/", {"file": given})


def take(client: Any, address: str, *guids: str, **more: Any) -> Any:
    return client.post(address, {"topic": list(guids), "category": "other", **more})


def written() -> tuple[int, ...]:
    return tuple(kind.objects.count() for kind in (Hazard, Photo, ImportedTopic, ImportedComment, Act))


@pytest.fixture
def site(cast, ticket) -> Any:
    """The site with a wall of a placed model 98 to 102 m east of the model's origin; one ticket stands on it."""
    stand_on_wall(ticket)
    return cast.site


def test_a_topic_is_looked_at_and_then_a_ticket_on_its_element_with_a_bare_photo(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    before = written()
    answer = upload(browser, site, write_bcf([topic()], "2.1"))
    assert answer.status_code == 302 and written() == before
    page = browser.get(answer.url).content.decode()
    for words in ("Clash at the wall", "anna@example.com", "Clash", "Please move it"):
        assert words in page
    assert f'value="{FIRST}" checked' in page
    thumbnail = browser.get(f"{answer.url}{FIRST}.jpg")
    assert thumbnail["Content-Type"] == "image/jpeg" and max(Image.open(io.BytesIO(thumbnail.content)).size) <= 480

    assert take(browser, answer.url, FIRST).status_code == 302
    row = ImportedTopic.objects.select_related("hazard__anchor").get()
    hazard, anchor = row.hazard, row.hazard.anchor
    assert (str(row.guid), row.author, row.topic_type, row.status) == (FIRST, "anna@example.com", "Clash", "Open")
    assert (hazard.state, hazard.reporter, hazard.found_at) == ("SUBMITTED", cast.worker, AT)
    assert hazard.description == "Clash at the wall\nTwo walls in one place"
    assert anchor.element_global_id == WALL
    wall = Hazard.objects.exclude(pk=hazard.pk).get().anchor.geometry
    assert anchor.geometry.x == pytest.approx(wall.x, abs=1e-7)  # the wall's middle is 100 m east, 1.5 m north
    assert (anchor.geometry.y - wall.y) * 110_920 == pytest.approx(1.5, abs=0.02)
    assert anchor.geometry.z == pytest.approx(0.0, abs=1e-6)
    with open_blob(hazard.photos.get().sha256) as blob:
        photo = Image.open(blob)
        assert photo.format == "JPEG" and dict(photo.getexif()) == {}
    assert ExifTags.Base.ExifOffset in Image.open(io.BytesIO(snapshot(FIRST))).getexif()
    comment = ImportedComment.objects.get()
    assert (comment.hazard, comment.author, comment.text) == (hazard, "bob@example.com", "Please move it")
    act = Act.objects.get(verb="import_bcf")
    assert act.actor == cast.worker and act.details["reported"] == [hazard.number]
    assert act.details["topics"] == [FIRST] and act.details["comments"] == [REMARK]
    ticket_page = browser.get(f"/hazards/{hazard.id}/").content.decode()
    assert "bob@example.com" in ticket_page and "Please move it" in ticket_page


def test_the_same_file_and_the_same_choice_again_add_nothing(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    content = write_bcf([topic()], "3.0")
    first = upload(browser, site, content)
    take(browser, first.url, FIRST)
    after = written()
    again = upload(logged_in(cast.safety), site, content)
    assert again.url == first.url and BcfImport.objects.count() == 1
    assert take(browser, first.url, FIRST).status_code == 302
    assert written() == after
    other_bytes = upload(browser, site, write_bcf([topic()], "2.1"))
    assert other_bytes.url != first.url
    take(browser, other_bytes.url, FIRST)
    assert written() == after


def test_a_ticket_that_went_out_comes_back_with_a_comment_on_the_same_ticket(cast, site, ticket, logged_in) -> None:
    browser = logged_in(cast.worker)
    out = content_of(browser.get(f"/hazards/{ticket.id}/topic-2.1.bcf"))
    (mine,) = read_bcf(out).topics
    assert len(mine.comments) == ticket.transitions.count() == 1
    edited = replace(mine, comments=(*mine.comments, Comment(REMARK, AT, "Anna", "Fixed in the next model")))
    before = Hazard.objects.count()
    answer = upload(browser, site, write_bcf([edited], "2.1"))
    assert ticket.number in browser.get(answer.url).content.decode()
    take(browser, answer.url, mine.guid)
    assert Hazard.objects.count() == before and ImportedTopic.objects.count() == 0
    comment = ImportedComment.objects.get()
    assert (comment.hazard, comment.author, comment.text) == (ticket, "Anna", "Fixed in the next model")
    (again,) = read_bcf(content_of(browser.get(f"/hazards/{ticket.id}/topic-3.0.bcf"))).topics
    assert REMARK in [one.guid for one in again.comments]
    after = written()
    take(browser, upload(browser, site, write_bcf([again], "3.0")).url, again.guid)
    assert written() == after


def test_a_ticket_of_another_tool_goes_out_under_the_guid_that_it_came_with(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    take(browser, upload(browser, site, write_bcf([topic()], "2.1")).url, FIRST)
    hazard = ImportedTopic.objects.get().hazard
    (out,) = read_bcf(content_of(browser.get(f"/hazards/{hazard.id}/topic-2.1.bcf"))).topics
    assert out.guid == FIRST and REMARK in [one.guid for one in out.comments]


def test_without_an_element_a_topic_is_where_its_camera_looks(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    view = Viewpoint(VIEW, camera=replace(WEST, position=(90.0, 1.5, 0.0)), snapshot=snapshot("camera"))
    address = upload(browser, site, write_bcf([topic(viewpoints=(view,))], "2.1")).url
    take(browser, address, FIRST)
    anchor = ImportedTopic.objects.get().hazard.anchor
    wall = Hazard.objects.exclude(bcf_topic__isnull=False).get().anchor.geometry
    assert anchor.element_global_id == ""
    assert (wall.x - anchor.geometry.x) * 91_280 == pytest.approx(2.0, abs=0.05)  # the near side of the wall
    assert ImportedTopic.objects.get().viewpoint["target"][0] == pytest.approx(anchor.geometry.x)


def test_a_ray_ends_at_the_nearest_box_that_it_enters_else_at_five_metres() -> None:
    boxes = np.array([[8.0, -1, -1, 9, 1, 1], [4, -1, -1, 5, 1, 1], [-2, -2, -2, 2, 2, 2], [3, 5, 5, 4, 6, 6]])
    ahead = np.array([1.0, 0.0, 0.0])
    assert first_hit(boxes, np.zeros(3), ahead) == 4.0
    assert first_hit(boxes, np.zeros(3), -ahead) == 5.0
    assert first_hit(np.empty((0, 6)), np.zeros(3), ahead) == 5.0


def test_what_has_no_place_cannot_be_taken_and_says_why(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    lost = topic(viewpoints=(Viewpoint(VIEW, (Component("0" * 22),), snapshot=snapshot("x")),))
    address = upload(browser, site, write_bcf([lost], "2.1")).url
    page = browser.get(address).content.decode()
    assert "It has no place here" in page and f'value="{FIRST}"' not in page
    before = written()
    assert take(browser, address, FIRST).status_code == 422
    assert written() == before


def test_a_topic_about_other_models_has_no_place_or_is_doubted(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    elsewhere = Viewpoint(VIEW, (Component("0" * 22),), camera=WEST, snapshot=snapshot("a"))
    bare = replace(elsewhere, selection=(), snapshot=snapshot("b"))
    other, ours = (ModelFile("other house.ifc"),), (ModelFile("C:\\models\\Tower.IFC"),)
    address = upload(
        browser, site,
        write_bcf(
            [
                topic(viewpoints=(elsewhere,)),
                topic(SECOND, viewpoints=(bare,), files=other),
                topic(VIEW, viewpoints=(elsewhere,), files=ours),
            ],
            "2.1",
        ),
    ).url  # fmt: skip
    page = browser.get(address).content.decode()
    assert f'value="{FIRST}"' not in page
    assert f'value="{SECOND}" > ' in page and "it talks of other house.ifc, which is not here" in page
    assert f'value="{VIEW}" checked' in page


def test_one_topic_that_cannot_be_taken_holds_back_the_whole_choice(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    bare = topic(SECOND, title="No picture", viewpoints=(Viewpoint(VIEW, (Component(WALL),)),))
    address = upload(browser, site, write_bcf([topic(), bare], "2.1")).url
    before = written()
    answer = take(browser, address, FIRST, SECOND)
    assert answer.status_code == 422 and "No picture" in answer.content.decode()
    assert written() == before
    given = SimpleUploadedFile("p.jpg", photo_bytes("given"), "image/jpeg")
    assert take(browser, address, FIRST, SECOND, **{f"photo-{SECOND}": given}).status_code == 302
    assert ImportedTopic.objects.count() == 2


def test_a_snapshot_that_is_no_picture_is_refused_and_nothing_is_written(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    fake = Viewpoint(VIEW, (Component(WALL),), snapshot=b"\x89PNG\r\n\x1a\n" + b"<script>" * 20)
    address = upload(browser, site, write_bcf([topic(viewpoints=(fake,))], "2.1")).url
    before = written()
    assert take(browser, address, FIRST).status_code == 422 and written() == before
    assert browser.get(f"{address}{FIRST}.jpg").status_code == 404


def test_a_bad_topic_is_listed_with_its_file_and_line_and_the_others_are_taken(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    content = io.BytesIO(write_bcf([topic()], "2.1"))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(f"{SECOND}/markup.bcf", "<Markup>\n<Topic>\n</Markup>")
    address = upload(browser, site, content.getvalue()).url
    page = browser.get(address).content.decode()
    assert f"{SECOND}/markup.bcf" in page and "topic lost" in page and '<td class="numeric">3</td>' in page
    take(browser, address, FIRST)
    assert ImportedTopic.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04 and no more"])
def test_what_is_no_bcf_file_is_refused_on_the_page(cast, site, logged_in, content: bytes) -> None:
    before = written()
    answer = upload(logged_in(cast.worker), site, content)
    assert answer.status_code == 422 and BcfImport.objects.count() == 0 and written() == before
    assert 'role="alert"' in answer.content.decode()


def test_strangers_see_and_take_nothing_and_a_file_stays_on_its_site(cast, site, logged_in) -> None:
    content = write_bcf([topic()], "2.1")
    address = upload(logged_in(cast.worker), site, content).url
    before = written()
    browser = logged_in(cast.stranger)
    assert browser.get(address).status_code == take(browser, address, FIRST).status_code == 404
    assert browser.get(f"{address}{FIRST}.jpg").status_code == upload(browser, site, content).status_code == 404
    assert logged_in(cast.worker).get(address.replace("/field/", "/next-door/")).status_code == 404
    assert written() == before


def test_the_page_in_both_languages(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    address = upload(browser, site, write_bcf([topic()], "2.1")).url
    page = browser.get(address).content.decode()
    for words in ("1 of 2 stand in the models here", "at the element", "Take what is ticked", "1 new comment"):
        assert words in page
    assert "From a BIM tool" in browser.get(f"/sites/{site.code}/bcf/").content.decode()
    cast.worker.language = "zh-hans"
    cast.worker.save()
    page = browser.get(address).content.decode()
    for words in ("2 个中有 1 个在本工地模型中", "位于构件", "导入所选主题", "1 条新评论"):
        assert words in page


def test_all_that_a_viewpoint_selects_hides_and_cuts_away_is_told_to_the_3d_page(cast, site, logged_in) -> None:
    browser = logged_in(cast.worker)
    level, upright = ((0.0, 0.0, 2.5), (0.0, 0.0, 1.0)), ((0.0, 0.0, 2.5), (0.0, 1.0, 0.0))
    view = Viewpoint(
        VIEW, (Component("0" * 22), Component(WALL)), Visibility(False, (Component(WALL),)), camera=WEST,
        clipping_planes=(ClippingPlane(*level), ClippingPlane(*upright)), snapshot=snapshot("cut"),
    )  # fmt: skip
    take(browser, upload(browser, site, write_bcf([topic(viewpoints=(view,))], "2.1")).url, FIRST)
    hazard = ImportedTopic.objects.get().hazard
    page = browser.get(f"/hazards/{hazard.id}/").content.decode()
    assert f"viewpoint={hazard.id}" in page and f"element={WALL}" in page
    shown = browser.get(f"/api/v1/hazards/{hazard.id}/viewpoint").json()
    assert shown.pop("cut_height_m") == pytest.approx(2.5)
    assert shown == {
        "selection": [WALL], "visible": False, "exceptions": [WALL], "planes_left_out": 1, "left_out": 0,
    }  # fmt: skip
    assert logged_in(cast.stranger).get(f"/api/v1/hazards/{hazard.id}/viewpoint").status_code == 404
    other = Hazard.objects.exclude(pk=hazard.pk).get()
    assert browser.get(f"/api/v1/hazards/{other.id}/viewpoint").status_code == 404
