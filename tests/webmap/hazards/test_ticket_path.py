"""The whole path of a general hazard through the pages, with real pictures and the real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from spatial.hazards.models import Hazard, Photo, Transition
from spatial.ledger.models import Act
from spatial.people.models import User
from spatial.zones.queries import site_colours
from tests.webmap.field_cast import LAT, LON, Cast

from .phone import act, five_items, picture, report

Login = Callable[[User], Client]


def test_a_hazard_goes_from_the_phone_to_closed(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    assert ticket.state == "SUBMITTED"
    assert ticket.number.startswith("YH-field-") and ticket.number.endswith("-0001")
    assert (ticket.anchor.geometry.x, ticket.anchor.geometry.y, ticket.anchor.geometry.z) == (LON, LAT, 97.0)
    assert ticket.anchor.storey == cast.storey
    assert act(logged_in(cast.safety), ticket, "approve_general", "e2", **five_items(cast)).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.rectifier, ticket.rechecker) == ("ASSIGNED", cast.foreman, cast.safety)
    fixed = act(logged_in(cast.foreman), ticket, "submit_fix", "e3", text="已补装", photos=[picture("after")])
    assert fixed.status_code == 302
    passed = act(logged_in(cast.safety), ticket, "recheck_pass", "e4", conclusion="合格", photos=[picture("recheck")])
    assert passed.status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == "RECHECK_PASSED"
    closing = [event for event in ("auto_close", "review_close") if _offers(logged_in, cast, ticket, event)]
    assert len(closing) == 1
    closer = cast.safety if closing == ["auto_close"] else cast.town
    assert act(logged_in(closer), ticket, closing[0], "e5", conclusion="同意").status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == "CLOSED" and ticket.closed_at is not None
    assert list(ticket.photos.order_by("received_at").values_list("step", flat=True)) == ["before", "after", "recheck"]
    assert [t.transition for t in ticket.transitions.order_by("received_at")][:4] == ["T01", "T02", "T08", "T13"]
    assert Act.objects.filter(subject_kind="hazard", subject_id=str(ticket.pk)).count() == 5
    page = logged_in(cast.worker).get(f"/hazards/{ticket.id}/").content.decode()
    assert "已补装" in page and "合格" in page and "There is nothing for you to do" in page


def _offers(logged_in: Login, cast: Cast, ticket: Hazard, event: str) -> bool:
    pages = [logged_in(user).get(f"/hazards/{ticket.id}/").content.decode() for user in (cast.safety, cast.town)]
    return any(f'data-event="{event}"' in page for page in pages)


def test_the_page_offers_exactly_what_the_table_allows_each_person(
    cast: Cast, logged_in: Login, ticket: Hazard
) -> None:
    def offered(user: User) -> set[str]:
        page = logged_in(user).get(f"/hazards/{ticket.id}/").content.decode()
        return {part.split('"')[0] for part in page.split('data-event="')[1:]}

    assert offered(cast.worker) == set()
    assert offered(cast.safety) == {"approve_general", "return", "void"}
    act(logged_in(cast.safety), ticket, "approve_general", "a", **five_items(cast))
    assert offered(cast.foreman) == {"submit_fix", "request_extension"}
    assert offered(cast.worker) == set()
    assert "reassign" in offered(cast.manager)


def test_a_refused_act_says_why_and_changes_nothing(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    before = (ticket.state, Transition.objects.count(), Act.objects.count(), Photo.objects.count())
    too_early = act(logged_in(cast.foreman), ticket, "submit_fix", "x1", text="done", photos=[picture("early")])
    assert too_early.status_code == 409
    assert "Waiting for review" in too_early.content.decode()
    no_role = act(logged_in(cast.worker), ticket, "approve_general", "x2", **five_items(cast))
    assert no_role.status_code == 403
    same_person = act(
        logged_in(cast.safety), ticket, "approve_general", "x3", **five_items(cast, rechecker=str(cast.foreman.id))
    )
    assert same_person.status_code == 422
    assert "never the one who fixes it" in same_person.content.decode()
    ticket.refresh_from_db()
    assert (ticket.state, Transition.objects.count(), Act.objects.count(), Photo.objects.count()) == before


def test_the_same_client_event_changes_nothing_twice(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    again = report(logged_in(cast.worker), cast, event_id="report-1", photo="another picture")
    assert again.status_code == 302 and again["Location"] == f"/hazards/{ticket.id}/reported/"
    assert Hazard.objects.count() == 1 and Photo.objects.count() == 1
    for _ in range(2):
        answer = act(logged_in(cast.safety), ticket, "approve_general", "once", **five_items(cast))
        assert answer.status_code == 302
    assert Transition.objects.filter(hazard=ticket, event="approve_general").count() == 1


def test_a_photo_is_evidence_once(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    second = report(logged_in(cast.worker), cast, event_id="report-2", photo="before")
    assert second.status_code == 422
    assert "used as evidence before" in second.content.decode()
    assert Hazard.objects.count() == 1


def test_a_report_without_place_or_photo_or_with_text_as_photo_is_refused_at_the_field(
    cast: Cast, logged_in: Login
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = logged_in(cast.worker)
    no_place = report(client, cast, event_id="n1", photo="a", lon="", lat="")
    assert no_place.status_code == 422 and "Choose the place: tap it on the map." in no_place.content.decode()
    no_photo = report(client, cast, event_id="n2", photo="a", photos=[])
    assert no_photo.status_code == 422 and "Take at least one photo." in no_photo.content.decode()
    junk = SimpleUploadedFile("x.jpg", b"not a picture", "image/jpeg")
    not_a_photo = report(client, cast, event_id="n3", photo="a", photos=[junk])
    assert not_a_photo.status_code == 422 and "not a picture" in not_a_photo.content.decode()
    ten = report(client, cast, event_id="n4", photo="a", photos=[picture(str(n)) for n in range(10)])
    assert ten.status_code == 422 and "At most 9 photos." in ten.content.decode()
    assert Hazard.objects.count() == 0 and Photo.objects.count() == 0


def test_a_stranger_finds_neither_ticket_nor_photo_nor_list(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    photo = ticket.photos.get()
    stranger, member = logged_in(cast.stranger), logged_in(cast.town)
    addresses = [
        f"/hazards/{ticket.id}/",
        f"/photos/{photo.id}/",
        f"/photos/{photo.id}/?size=thumbnail",
        "/sites/field/hazards/",
        "/sites/field/hazards/new/",
        "/sites/field/hazards/place/?lon=113.77&lat=34.765",
        f"/api/v1/hazards/{ticket.id}",
        "/api/v1/sites/field/hazards",
        "/sites/field/heat/",
        "/sites/field/report/",
        "/sites/field/models/",
    ]
    assert [stranger.get(address).status_code for address in addresses] == [404] * len(addresses)
    assert [member.get(address).status_code for address in addresses] == [200] * len(addresses)
    assert act(stranger, ticket, "void", "s1", reason="x").status_code == 404
    ticket.refresh_from_db()
    assert ticket.state == "SUBMITTED"


def test_a_photo_is_private_and_its_thumbnail_smaller(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    photo = ticket.photos.get()
    whole = logged_in(cast.safety).get(f"/photos/{photo.id}/")
    small = logged_in(cast.safety).get(f"/photos/{photo.id}/?size=thumbnail")
    assert "private" in whole["Cache-Control"] and "public" not in whole["Cache-Control"]
    assert whole["Content-Type"] == small["Content-Type"] == "image/jpeg"
    assert b"".join(whole.streaming_content)[:3] == b"\xff\xd8\xff"  # type: ignore[attr-defined]
    assert Client().get(f"/photos/{photo.id}/").status_code == 302


def test_an_overdue_ticket_says_so_and_its_zone_is_red(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    act(logged_in(cast.safety), ticket, "approve_general", "o1", **five_items(cast))
    ticket.refresh_from_db()
    assert ticket.deadline is not None
    late = ticket.deadline + timedelta(minutes=1)
    assert site_colours(cast.site, now=ticket.deadline - timedelta(seconds=1)).zones[cast.edge.id].grade == 2
    assert site_colours(cast.site, now=late).zones[cast.edge.id].grade == 4
    Hazard.objects.filter(pk=ticket.pk).update(deadline=timezone.now() - timedelta(hours=25))
    page = logged_in(cast.safety).get("/sites/field/hazards/?overdue=on").content.decode()
    assert ticket.number in page and "Overdue" in page
    assert "Overdue, day 2" in logged_in(cast.safety).get(f"/hazards/{ticket.id}/").content.decode()


def test_the_filters_find_and_the_empty_list_says_what_to_do(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    def listed(user: User, query: str) -> bool:
        return ticket.number in logged_in(user).get(f"/sites/field/hazards/{query}").content.decode()

    assert listed(cast.worker, "?mine=on") and not listed(cast.manager, "?mine=on")
    assert listed(cast.manager, "?state=SUBMITTED") and not listed(cast.manager, "?state=CLOSED")
    assert not listed(cast.manager, "?overdue=on")
    empty = logged_in(cast.stranger).get("/sites/next-door/hazards/").content.decode()
    assert "No hazard has been reported on this site yet." in empty


def test_the_chosen_place_names_zone_and_storey_before_it_is_sent(cast: Cast, logged_in: Login) -> None:
    client = logged_in(cast.worker)
    query = f"?lon={LON}&lat={LAT}&storey={cast.storey.id}"
    inside = client.get(f"/sites/field/hazards/place/{query}").content.decode()
    assert "二层临边" in inside and "2F" in inside and "97.00 m" in inside
    outside = client.get("/sites/field/hazards/place/?lon=113.80&lat=34.80").content.decode()
    assert "outside the boundary" in outside and "it counts for the whole site" in outside


def test_more_time_is_asked_for_and_granted_in_the_sites_own_time(cast: Cast, logged_in: Login, ticket: Hazard) -> None:
    act(logged_in(cast.safety), ticket, "approve_general", "m1", **five_items(cast))
    ticket.refresh_from_db()
    assert ticket.deadline is not None
    later = (ticket.deadline + timedelta(days=1)).astimezone(ZoneInfo("Asia/Shanghai"))
    asked = act(
        logged_in(cast.foreman), ticket, "request_extension", "m2",
        new_deadline=later.strftime("%Y-%m-%dT%H:%M"), reason="等材料", interim_protection="拉警戒线",
    )  # fmt: skip
    assert asked.status_code == 302, asked.content.decode()
    waiting = logged_in(cast.safety).get(f"/hazards/{ticket.id}/").content.decode()
    assert later.strftime("%Y-%m-%d %H:%M") in waiting and 'data-event="approve_extension"' in waiting
    assert act(logged_in(cast.foreman), ticket, "approve_extension", "m3", reason="x").status_code == 403
    assert act(logged_in(cast.safety), ticket, "approve_extension", "m4", reason="同意").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.deadline, ticket.extension_count) == (later, 1)
