"""What a user may not see does not exist: every address that names a thing, asked by a stranger and by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import AsyncClient, Client
from django.urls import URLPattern, URLResolver, get_resolver

from spatial.alarms.operations import raise_alarm
from spatial.alarms.titles import Words
from spatial.hazards.models import Photo
from spatial.hazards.operations import report_hazard
from spatial.places.models import SiteMap
from tests.webmap.field_cast import LAT, LON, Cast, build_cast, photo_bytes, square

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
OPEN_TO_ALL = {"healthz", "login/", "language/", "static/"}
NOT_ABOUT_A_SITE = {"", "logout/", "jsi18n/", "region/", "api/v1/openapi.json", "api/v1/sites", "api/v1/region/state",
                    "api/v1/region/boundaries.geojson", "api/v1/region/stream", "api/v1/"}  # fmt: skip


def every_route(patterns: list, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every route of the product as text, with its pattern; the admin guards itself by `is_staff`."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not route.startswith("admin"):
                yield from every_route(pattern.url_patterns, route)
        else:
            yield route, pattern


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def things(cast: Cast, settings, tmp_path) -> dict[str, str]:
    """One thing of each kind on the cast's site, by the name of the address's parameter."""
    settings.MEDIA_ROOT = tmp_path
    hazard = report_hazard(
        site=cast.site, anchor_at={"lon": LON, "lat": LAT, "height_m": 97.0}, description="临边无防护",
        photos=[photo_bytes("before")], found_at=NOW, actor=cast.worker, now=NOW,
    )  # fmt: skip
    alarm = raise_alarm(
        site=cast.site, rule="P-01", level="red", title=Words("闯入", "Entry"), zone=cast.edge, device=None,
        person_name="王工", storey=cast.storey, location=None, raised_at=NOW, received_at=NOW,
    )  # fmt: skip
    site_map = SiteMap.objects.create(
        organisation=cast.site.organisation, site=cast.site, name="总平面图", source_sha256="0" * 64,
        image_sha256="0" * 64, width_px=10, height_px=10, residual_rms_m=0.0, outline=square(LON, LAT, 0.001),
        valid_from=NOW,
    )  # fmt: skip
    return {
        "code": cast.site.code, "hazard_id": str(hazard.id), "alarm_id": str(alarm.id), "map_id": str(site_map.id),
        "photo_id": str(Photo.objects.get(hazard=hazard).id),
    }  # fmt: skip


def address_of(route: str, pattern: URLPattern, things: dict[str, str]) -> str:
    """Return an address of the route: real things where we have one, else values that the route accepts."""
    values = {}
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__
        values[name] = things.get(name) or (str(uuid4()) if kind == "UUIDConverter" or name.endswith("_id") else "x")
    path = "/" + route
    for name in pattern.pattern.converters:
        for text in (f"<{name}>", *(f"<{kind}:{name}>" for kind in ("slug", "uuid", "int", "str", "path"))):
            path = path.replace(text, values[name])
    return path


def test_a_stranger_gets_404_on_every_address_that_names_a_thing(cast: Cast, things: dict[str, str]) -> None:
    stranger, member = Client(), Client()
    stranger.force_login(cast.stranger, backend="django.contrib.auth.backends.ModelBackend")
    member.force_login(cast.safety, backend="django.contrib.auth.backends.ModelBackend")
    asked, seen_by_member = 0, 0
    for route, pattern in every_route(get_resolver().url_patterns):
        if "<" not in route or route.endswith("/stream"):
            continue
        path = address_of(route, pattern, things)
        answers = {"get": stranger.get(path), "post": stranger.post(path, {}, content_type="application/json")}
        for method, answer in answers.items():
            # 422: the body was refused before anybody looked whether the thing exists
            allowed = (404, 405, 422) if method == "post" else (404, 405)
            assert answer.status_code in allowed, f"{method} {path} answered a stranger {answer.status_code}"
            assert cast.site.name.encode() not in answer.content
        asked += 1
        if route.startswith(("sites/", "api/v1/sites")) and "map" in route:
            seen_by_member += member.get(path).status_code == 200
    assert asked >= 20
    assert seen_by_member >= 2  # the same addresses exist for who may see them


def test_nobody_gets_any_page_without_logging_in(cast: Cast, things: dict[str, str]) -> None:
    anonymous = Client()
    for route, pattern in every_route(get_resolver().url_patterns):
        if route in OPEN_TO_ALL or route.endswith("/stream"):
            continue
        answer = anonymous.get(address_of(route, pattern, things))
        where = answer.headers.get("Location", "")
        allowed = answer.status_code in (401, 404, 405) or (answer.status_code == 302 and where.startswith("/login/"))
        assert allowed, f"/{route} answered nobody with {answer.status_code} {where}"


async def ask_stream(path: str, user: object | None) -> int:
    client = AsyncClient()
    if user is not None:
        await client.aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    return (await client.get(path)).status_code


@pytest.mark.django_db(transaction=True)
async def test_a_stranger_gets_404_on_the_stream_and_nobody_401() -> None:
    from asgiref.sync import sync_to_async

    cast = await sync_to_async(build_cast)()
    path = f"/api/v1/sites/{cast.site.code}/stream"
    assert await ask_stream(path, cast.stranger) == 404
    assert await ask_stream(path, None) in (302, 401)


def test_lists_of_a_stranger_hold_only_the_own_site(cast: Cast, things: dict[str, str]) -> None:
    client = Client()
    client.force_login(cast.stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert [site["code"] for site in client.get("/api/v1/sites").json()] == ["next-door"]
    region = client.get("/api/v1/region/state").json()
    assert [site["code"] for site in region["sites"]] == ["next-door"]


def test_acknowledging_needs_a_role_and_is_done_once(cast: Cast, things: dict[str, str]) -> None:
    path = f"/api/v1/alarms/{things['alarm_id']}/acknowledge"
    body = {"client_event_id": "tap-1"}
    client = Client()
    client.force_login(cast.worker, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(path, body, content_type="application/json").status_code == 403
    client.force_login(cast.safety, backend="django.contrib.auth.backends.ModelBackend")
    first = client.post(path, body, content_type="application/json")
    again = client.post(path, body, content_type="application/json")
    assert first.status_code == again.status_code == 200
    assert first.json()["acknowledged_at"] == again.json()["acknowledged_at"] is not None


def test_an_api_request_without_a_csrf_token_is_refused(cast: Cast, things: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.safety, backend="django.contrib.auth.backends.ModelBackend")
    path = f"/api/v1/alarms/{things['alarm_id']}/acknowledge"
    assert client.post(path, {"client_event_id": ""}, content_type="application/json").status_code == 403


def test_the_visible_site_list_follows_a_membership_that_ends(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.safety, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/api/v1/sites/{cast.site.code}/state").status_code == 200
    cast.safety.memberships.all().delete()
    assert client.get(f"/api/v1/sites/{cast.site.code}/state").status_code == 404
