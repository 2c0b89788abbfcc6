"""The same acts over `/api/v1`: one answer per case, and nothing changes on a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from spatial.hazards.models import Hazard
from spatial.people.models import User
from tests.webmap.field_cast import LAT, LON, Cast

from .phone import five_items, picture

Login = Callable[[User], Client]


def post_report(client: Client, **changes: Any) -> Any:
    data = {
        "description": "配电箱无门",
        "category": "electricity",
        "lon": LON,
        "lat": LAT,
        "client_event_id": "api-1",
        "photos": [picture("box")],
        **changes,
    }
    return client.post("/api/v1/sites/field/hazards", data)


def test_a_report_and_its_repetition_are_one_ticket(cast: Cast, logged_in: Login) -> None:
    client = logged_in(cast.worker)
    first, second = post_report(client), post_report(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["state"] == "SUBMITTED" and first.json()["h"] == 93.0
    assert Hazard.objects.count() == 1
    assert [row["number"] for row in client.get("/api/v1/sites/field/hazards").json()] == [first.json()["number"]]


def test_an_act_answers_the_ticket_with_what_comes_next(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    safety = logged_in(cast.safety)
    answer = safety.post(
        f"/api/v1/hazards/{ticket.id}/acts/approve_general", {"client_event_id": "a1", **five_items(cast)}
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["state"], body["rectifier"]["name"], body["overdue"]) == ("ASSIGNED", "周班长", False)
    assert [step["transition"] for step in body["steps"]] == ["T01", "T02"]


def test_a_step_that_is_not_listed_answers_409_with_the_reason(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    answer = logged_in(cast.foreman).post(
        f"/api/v1/hazards/{ticket.id}/acts/submit_fix",
        {"client_event_id": "x", "text": "done", "photos": [picture("after")]},
    )
    assert answer.status_code == 409
    assert "Fix handed in" in answer.json()["detail"] and "Waiting for review" in answer.json()["detail"]
    ticket.refresh_from_db()
    assert ticket.state == "SUBMITTED" and ticket.photos.count() == 1


def test_a_missing_value_answers_422_with_its_field(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    answer = logged_in(cast.safety).post(
        f"/api/v1/hazards/{ticket.id}/acts/approve_general",
        {"client_event_id": "x", **five_items(cast, measure="")},
    )
    assert (answer.status_code, answer.json()["field"]) == (422, "measure")
    assert post_report(logged_in(cast.worker), description=" ").json()["field"] == "description"
    assert Hazard.objects.count() == 1


def test_nobody_without_login_gets_an_answer(cast: Cast, ticket: Hazard) -> None:
    assert Client().get(f"/api/v1/hazards/{ticket.id}").status_code == 401
    assert post_report(Client()).status_code == 401
