"""Readiness on the pages, over the API and in 3D; the published pack; who may see it and who may check again."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import translation
from shapely import Point

from bim.exchange.bcf.reading import read_bcf
from bim.models import Revision
from bim.operations import import_file
from bim.readiness.catalogue import FUNCTIONS, catalogue
from bim.readiness.models import ReadinessReport
from bim.readiness.operations import run_report
from bim.readiness.pack import IDS, pack_path, specifications
from bim.readiness.words import CHECK_WORDS, FUNCTION_WORDS
from spatial.crs import transform_shape
from spatial.ledger.models import Act
from spatial.people.models import User
from tests.bim.authoring import small_building
from tests.bim.exchange.bcf.schema import faults
from tests.webmap.field_cast import Cast
from tests.webmap.pages.test_languages import visible_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision(cast: Cast, tmp_path: Path) -> Revision:
    """A building with one space of 9 m² on 59 m² of floor, without a door, a railing, a zone or a device."""
    at = cast.site.boundary.centroid
    grid = transform_shape(Point(at.x, at.y), from_srid=4490, to_srid=4547)
    small_building(tmp_path / "1.ifc", grid.x, grid.y)
    import_file(path=tmp_path / "1.ifc", site_code=cast.site.code, model_name="主体")
    return Revision.objects.get()


def compute(revision: Revision) -> ReadinessReport:
    report = run_report(report_id=ReadinessReport.objects.get(revision=revision).pk)
    assert report is not None and report.state == "done"
    return report


def test_a_report_that_waits_is_shown_as_such_and_then_its_grades(
    revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    client = log_in(cast.engineer)
    address = f"/sites/field/models/{revision.id}/readiness/"
    waiting = client.get(address).content.decode()
    assert 'http-equiv="refresh"' in waiting and "Waiting" in waiting
    assert "The model is being checked" in client.get(f"/sites/field/models/{revision.id}/").content.decode()
    assert client.get(f"/api/v1/models/{revision.id}/readiness").json()["functions"] == []
    compute(revision)
    done = client.get(address).content.decode()
    assert 'http-equiv="refresh"' not in done
    assert "Spaces cover at least 60 % of each storey&#x27;s floor" in done and "least cover 15 %" in done
    card = client.get(f"/sites/field/models/{revision.id}/").content.decode()
    assert "works with gaps" in card and f"{address}" in card


def test_the_api_gives_grades_counts_and_the_elements_that_fail(
    revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    compute(revision)
    answer = log_in(cast.worker).get(f"/api/v1/models/{revision.id}/readiness").json()
    grades = {row["function"]: row["grade"] for row in answer["functions"]}
    assert list(grades) == list(FUNCTIONS)
    assert (grades["elements"], grades["evacuation"], grades["devices"]) == ("A", "C", "C")
    fire = next(row for row in answer["functions"] if row["function"] == "fire")
    zones = next(row for row in fire["checks"] if row["identifier"] == "fire.compartments")
    assert (zones["failed"], zones["checked"], zones["outcome"], zones["gap_above"]) == (1, 1, "B", 0.05)
    assert [element["ifc_class"] for element in zones["elements"]] == ["IfcSpace"]
    assert zones["what_to_do"].startswith("Group rooms into IfcZone")


def test_a_stranger_sees_nothing_of_it_and_only_importers_may_check_again(
    revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    compute(revision)
    page, api = f"/sites/field/models/{revision.id}/readiness/", f"/api/v1/models/{revision.id}/readiness"
    stranger = log_in(cast.stranger)
    for address in (page, api, f"{page}missing.csv", f"/api/v1/models/{revision.id}/paint/readiness"):
        assert stranger.get(address).status_code == 404
    assert log_in(cast.worker).post(page).status_code == 403
    assert ReadinessReport.objects.get().state == "done" and not Act.objects.filter(verb="check_readiness").exists()
    assert log_in(cast.engineer).post(page).status_code == 302
    assert ReadinessReport.objects.get().state == "waiting"
    assert Act.objects.get(verb="check_readiness").actor == cast.engineer


def test_a_revision_that_was_imported_before_is_asked_for_by_who_looks_first(
    revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    ReadinessReport.objects.all().delete()
    client = log_in(cast.worker)
    assert "Check the readiness" in client.get(f"/sites/field/models/{revision.id}/").content.decode()
    assert not ReadinessReport.objects.exists()
    assert client.get(f"/api/v1/models/{revision.id}/readiness").json()["state"] == "waiting"
    assert ReadinessReport.objects.get().revision == revision


def test_failing_elements_are_painted_by_check_and_by_function(
    revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    compute(revision)
    client, base = log_in(cast.engineer), f"/api/v1/models/{revision.id}/paint/readiness"
    space = revision.elements.get(ifc_class="IfcSpace")
    painted = client.get(f"{base}?check=fire.compartments").json()
    assert (painted["elements"], painted["title"]) == ({"C": [], "B": [space.index]}, "Spaces belong to a zone")
    assert {entry["key"]: (entry["sign"], entry["count"]) for entry in painted["legend"]} == {
        "C": ("C", 0),
        "B": ("B", 1),
    }
    assert client.get(f"{base}?function=fire").json()["elements"]["B"][-1] == space.index
    assert client.get(base).json()["title"] == "Risk readiness"
    assert client.get(f"{base}?check=nothing").status_code == 404
    assert client.get(f"{base}?function=nothing").status_code == 404


def test_what_is_missing_is_a_csv_with_one_line_for_each_element(
    revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    compute(revision)
    answer = log_in(cast.engineer).get(f"/sites/field/models/{revision.id}/readiness/missing.csv")
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    space = revision.elements.get(ifc_class="IfcSpace")
    (line,) = [row for row in rows if row["Check"] == "Spaces belong to a zone"]
    assert (line["GlobalId"], line["Outcome"], line["Failed"], line["Storey"]) == (
        space.global_id, "B", "1 of 1", "首层",
    )  # fmt: skip
    assert next(row for row in rows if row["Check"] == "Devices stand in a space")["GlobalId"] == ""


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_what_is_missing_is_a_valid_bcf_file_with_a_topic_for_each_check(
    version: str, revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    report = compute(revision)
    address = f"/sites/field/models/{revision.id}/readiness/missing-{version}.bcf"
    content = log_in(cast.engineer).get(address).content
    assert faults(content, version) == []
    topics = read_bcf(content).topics
    lacking = report.checks.filter(outcome__in=["B", "C"])
    assert {topic.title.split()[0] for topic in topics} == {row.identifier for row in lacking}
    zones = next(topic for topic in topics if topic.title == "fire.compartments Spaces belong to a zone")
    space = revision.elements.get(ifc_class="IfcSpace")
    assert zones.viewpoints[0].global_ids() == (space.global_id,)
    assert (zones.priority, zones.labels) == ("Normal", ("Fire compartments",))
    assert zones.description.endswith("1 of 1")
    assert log_in(cast.stranger).get(address).status_code == 404
    assert log_in(cast.engineer).get(address.replace(version, "1.0")).status_code == 404


def test_the_pack_is_read_and_downloaded_in_the_readers_language(cast: Cast, log_in: Callable[[User], Client]) -> None:
    client = log_in(cast.worker)
    text = client.get("/risk-readiness/").content.decode()
    assert all(identifier in text for identifier in catalogue())
    archive = zipfile.ZipFile(io.BytesIO(client.get("/risk-readiness/pack.zip").content))
    assert archive.namelist() == [f"{function}.ids" for function in FUNCTIONS]
    assert client.get("/risk-readiness/nothing.ids").status_code == 404
    english = client.get("/risk-readiness/evacuation.ids").content.decode()
    assert 'name="There are doors, and each has its width and height"' in english
    cast.worker.language = "zh-hans"
    cast.worker.save()
    chinese = client.get("/risk-readiness/evacuation.ids").content.decode()
    assert 'name="有门，且都有宽度和高度"' in chinese and "IFCDOOR" in chinese


def test_pages_in_chinese_hold_no_english_sentence(
    revision: Revision, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    compute(revision)
    cast.engineer.language = "zh-hans"
    cast.engineer.save()
    client = log_in(cast.engineer)
    for address in (f"/sites/field/models/{revision.id}/readiness/", "/risk-readiness/"):
        words = visible_words(client.get(address).content.decode()).replace("English", "").replace("Twinwall", "")
        found = re.findall(r"[A-Za-z]{3,}(?: [A-Za-z]{2,}){2,}", words)
        assert found == []


def test_every_check_has_words_and_the_files_of_the_pack_say_the_same() -> None:
    assert set(CHECK_WORDS) == set(catalogue()) and set(FUNCTION_WORDS) == set(FUNCTIONS)
    with translation.override("en"):
        for function in FUNCTIONS:
            for row in ElementTree.parse(pack_path(function)).getroot().iter(f"{{{IDS}}}specification"):
                words = CHECK_WORDS[row.attrib["identifier"]]
                said = (row.attrib["name"], row.attrib["description"], row.attrib["instructions"])
                assert said == (str(words.name), str(words.why), str(words.todo))


def test_the_pack_and_the_catalogue_agree_on_what_has_to_be_there() -> None:
    stated = {one.identifier: (function, one.required) for function in FUNCTIONS for one in specifications(function)}
    known = {
        name: (check.function, check.limits.required) for name, check in catalogue().items() if check.is_specification
    }
    assert stated == known and len(stated) == 21
