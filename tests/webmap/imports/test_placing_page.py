"""The page that places a model by hand: who may, what it answers, saving, undo, and both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from bim.ifc.place_sentences import SENTENCES
from bim.models import HandPlacement, Revision
from bim.operations import import_file, run_revision
from spatial import crs
from spatial.people.models import User
from tests.bim.authoring import small_building
from tests.webmap.field_cast import LAT, LON, Cast
from tests.webmap.pages.test_languages import catalogue, visible_words

E0, N0 = crs.transform_point(LON, LAT, from_srid=4490, to_srid=4547)


@pytest.fixture
def revision(cast: Cast, tmp_path: Path) -> Revision:
    """An imported model whose own map conversion is far from the site, so that it stands nowhere."""
    small_building(tmp_path / "主体.ifc")
    import_file(path=tmp_path / "主体.ifc", site_code="field")
    return Revision.objects.get()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(revision: Revision, part: str = "") -> str:
    return f"/sites/field/models/{revision.id}/place/{part}"


def pairs(*, off_m: float = 0.0) -> list[dict[str, Any]]:
    return [
        {"model": [0, 0, 0], "map": [E0, N0, 92.5]},
        {"model": [10, 0, 0], "map": [E0 + 10 + off_m, N0, 92.5]},
    ]


def test_the_page_and_its_plan_are_for_those_who_import_models_on_the_site(cast: Cast, revision: Revision) -> None:
    assert client_of(cast.engineer).get(address(revision)).status_code == 200
    for part in ("", "plan.json"):
        assert client_of(cast.worker).get(address(revision, part)).status_code == 403
        assert client_of(cast.stranger).get(address(revision, part)).status_code == 404
    for user, status in ((cast.worker, 403), (cast.stranger, 404)):
        answer = client_of(user).post(address(revision), {"pairs": json.dumps(pairs())})
        assert (answer.status_code, HandPlacement.objects.count()) == (status, 0)
        assert client_of(user).post(address(revision, "undo/")).status_code == status


def test_the_plan_holds_the_boxes_in_the_models_own_metres(cast: Cast, revision: Revision) -> None:
    answer = client_of(cast.engineer).get(address(revision, "plan.json")).json()
    assert answer["left_out"] == 0
    slab = [0, 0.0, 0.0, -0.2, 10.0, 6.0, 0.0, 1]
    assert slab in answer["boxes"] and len(answer["boxes"]) == 3, "slab, wall and column; no space, no opening"


def fitted(cast: Cast, revision: Revision, given: Any, **more: Any) -> dict[str, Any]:
    answer = client_of(cast.engineer).post(
        address(revision, "fit/"), json.dumps({"pairs": given, **more}), content_type="application/json"
    )
    assert answer.status_code == 200
    return answer.json()


def test_a_fit_tells_residuals_and_where_the_model_would_stand(cast: Cast, revision: Revision) -> None:
    answer = fitted(cast, revision, pairs(off_m=0.5))
    assert answer["residuals_m"] == pytest.approx([0.25, 0.25], abs=1e-6)
    assert (answer["rms_m"], answer["free_scale"], answer["scale"]) == (pytest.approx(0.25), pytest.approx(1.05), 1.0)
    assert [text.split(" ")[0] for text in answer["doubts"]] == ["The", "Distances"] and answer["problem"] == ""
    assert answer["points"][0]["lon"] == pytest.approx(LON, abs=1e-9)
    lat, lon = answer["frame"]["places"][0]
    east, north = crs.transform_point(lon, lat, from_srid=4490, to_srid=4547)
    assert (east - E0 - 0.25, north - N0) == pytest.approx(tuple(answer["frame"]["centre"]), abs=1e-3)


def test_a_point_clicked_on_the_map_comes_back_as_east_and_north(cast: Cast, revision: Revision) -> None:
    answer = fitted(cast, revision, [{"model": [0, 0, None], "place": [LON, LAT, None]}])
    assert (answer["points"][0]["east"], answer["points"][0]["north"]) == pytest.approx((E0, N0), abs=1e-4)
    assert answer["reason"] == "Pair 1 is not complete: x, y, z and E, N must be numbers; H may be left empty."


@pytest.mark.parametrize("given", [[], "x", [None], [{"map": "ab"}], [{"place": [1]}], [{"place": [500, 95, None]}]])
def test_what_is_no_pair_is_answered_with_a_sentence(cast: Cast, revision: Revision, given: Any) -> None:
    assert fitted(cast, revision, given)["reason"]


def test_one_pair_of_a_model_that_stands_nowhere_asks_for_another(cast: Cast, revision: Revision) -> None:
    assert "give two pairs or more" in fitted(cast, revision, pairs()[:1])["reason"]


def test_a_place_away_from_the_site_is_said_before_it_is_saved(cast: Cast, revision: Revision) -> None:
    far = [{"model": pair["model"], "map": [pair["map"][0] + 9_000, *pair["map"][1:]]} for pair in pairs()]
    assert "away from the site (2 km are allowed)" in fitted(cast, revision, far)["problem"]


def test_saving_imports_the_same_file_there_and_undo_takes_it_back(cast: Cast, revision: Revision) -> None:
    client = client_of(cast.engineer)
    answer = client.post(address(revision), {"pairs": json.dumps(pairs())})
    second = Revision.objects.get(number=2)
    assert (answer.status_code, answer["Location"]) == (302, f"/sites/field/models/{second.id}/")
    run_revision(revision_id=second.id)
    page = client.get(answer["Location"]).content.decode()
    assert "Placed by hand on " in page and " by 林工程师 in EPSG:4547" in page
    assert "Set aside: the file&#x27;s own map conversion. It puts the model " in page
    shown = client.get(address(second)).content.decode()
    assert "Undo this placement" in shown and "by pairs: 2, residual (RMS) 0.000 m" in shown
    undone = client.post(address(second, "undo/"))
    third = Revision.objects.get(number=3)
    assert undone["Location"] == f"/sites/field/models/{third.id}/" and third.file_sha256 == second.file_sha256
    run_revision(revision_id=third.id)
    assert not Revision.objects.get(number=3).placed
    assert client.post(address(third, "undo/")).status_code == 409


def test_a_doubtful_place_is_kept_only_when_it_is_confirmed(cast: Cast, revision: Revision) -> None:
    client = client_of(cast.engineer)
    doubtful = {"pairs": json.dumps(pairs(off_m=0.5))}
    answer = client.post(address(revision), doubtful)
    assert answer.status_code == 422 and "Confirm the warnings first" in answer.content.decode()
    assert (HandPlacement.objects.count(), Revision.objects.count()) == (0, 1)
    assert client.post(address(revision), {**doubtful, "confirmed": "on"}).status_code == 302
    assert HandPlacement.objects.get().rms_m == pytest.approx(0.25)


def test_every_sentence_about_a_place_is_in_chinese_with_all_its_values() -> None:
    known = catalogue("django")
    names = re.compile(r"%\((\w+)\)s")
    for sentence in SENTENCES.values():
        assert set(names.findall(known[sentence])) == set(names.findall(sentence))


def test_page_and_card_hold_no_english_sentence_in_chinese(cast: Cast, revision: Revision) -> None:
    cast.engineer.language = "zh-hans"
    cast.engineer.save()
    client = client_of(cast.engineer)
    client.post(address(revision), {"pairs": json.dumps(pairs())})
    with translation.override("zh-hans"):
        run_revision(revision_id=Revision.objects.get(number=2).id)
    for row in Revision.objects.all():
        for path in (address(row), f"/sites/field/models/{row.id}/"):
            words = visible_words(client.get(path).content.decode()).replace("English", "")
            assert re.findall(r"[A-Za-z]?[a-z]{2,}(?:[ ,]+[a-z]{2,})+", words) == [], path
