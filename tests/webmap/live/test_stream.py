"""The stream on a real server: state by the clock alone, nothing lost, nothing twice, and it ends with the right."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
import uvicorn
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from deploy.supervision import wait_until
from spatial.alarms.models import Alarm
from spatial.alarms.operations import raise_alarm
from spatial.alarms.titles import Words
from spatial.devices.models import Device
from spatial.hazards.operations import approve_general, report_hazard
from spatial.notices.operations import append_event
from spatial.people.operations import create_person, create_user, grant_role
from spatial.tracks.operations import NewestFixes, keep_newest
from spatial.tracks.position_rows import PositionRow, columns_of
from tests.webmap.field_cast import LAT, LON, Cast, build_cast, photo_bytes
from webmap.live.permission import announce_change
from webmap.project.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[Cast]:
    settings.MEDIA_ROOT = tmp_path
    yield build_cast()


def session_of(user: Any) -> str:
    """Return the cookie of a new session of this user."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """Serve the product by uvicorn in this process on a free port, and give its address."""
    config = uvicorn.Config(application, port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


class Reader:
    """Reads server-sent events of one connection."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self.lines = lines

    async def next(self, *names: str, within_s: float = 10.0) -> tuple[str, int | None, Any]:
        """Return (name, id, data) of the next event with one of these names."""
        async with asyncio.timeout(within_s):
            name, event_id = "", None
            async for line in self.lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("id: "):
                    event_id = int(line.removeprefix("id: "))
                elif line.startswith("data: ") and name in names:
                    return name, event_id, json.loads(line.removeprefix("data: "))
                elif not line:
                    event_id = None
        raise AssertionError("The stream ended.")


@asynccontextmanager
async def listening(url: str, path: str, user: Any, cursor: int | None = None) -> AsyncIterator[Reader]:
    """Open a stream as this user."""
    cookies = {"sessionid": await sync_to_async(session_of)(user)}
    headers = {} if cursor is None else {"Last-Event-ID": str(cursor)}
    async with (
        httpx.AsyncClient(base_url=url, cookies=cookies, timeout=20) as client,
        client.stream("GET", path, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        yield Reader(answer.aiter_lines())


async def first_answer(url: str, user: Any) -> None:
    """Let a process that has just begun load what its first answer needs: on a busy machine that takes seconds."""
    cookies = {"sessionid": await sync_to_async(session_of)(user)}
    async with httpx.AsyncClient(base_url=url, cookies=cookies, timeout=60) as client:
        assert (await client.get("/api/v1/sites/field/state")).status_code == 200


def ticket_due_at(cast: Cast, deadline: datetime) -> Any:
    """Return an assigned ticket in the edge zone."""
    found = timezone.now() - timedelta(hours=1)
    hazard = report_hazard(
        site=cast.site, anchor_at={"lon": LON, "lat": LAT, "height_m": 97.0}, description="临边无防护",
        photos=[photo_bytes("before")], found_at=found, actor=cast.worker, now=found,
    )  # fmt: skip
    return approve_general(
        hazard=hazard, rectifier=cast.foreman, rechecker=cast.safety, acceptance_person=cast.manager,
        measure="加装护栏", deadline=deadline, actor=cast.safety, now=found + timedelta(minutes=1),
    )  # fmt: skip


def zone_of(state: dict[str, Any], code: str) -> dict[str, Any]:
    return next(zone for zone in state["zones"] if zone["code"] == code)


LOCK_ZONES = "LOCK TABLE zones_zone IN ACCESS EXCLUSIVE MODE"
HELD_UP = "SELECT pid FROM pg_locks WHERE relation = 'zones_zone'::regclass AND NOT granted"


def beside(services: Any) -> str:
    """Return the address of the database for a connection that is not the product's."""
    name = connection.settings_dict["NAME"]
    return f"host={services.pg_host} port={services.pg_port} dbname={name} user=twinwall_owner"


def append_one(cast: Cast, number: int) -> None:
    with transaction.atomic():
        append_event(site=cast.site, kind="zone_changed", payload={"number": number}, occurred_at=timezone.now())


async def computing(other: psycopg.Connection[Any]) -> int:
    """Wait until a state is being computed, held up by `other`, and return the process of its connection."""
    held_up: list[int] = []

    def seen() -> bool:
        held_up[:] = [pid for (pid,) in other.execute(HELD_UP)]
        return len(held_up) == 1

    assert await sync_to_async(wait_until, thread_sensitive=False)(seen, 15)
    return held_up[0]


@asynccontextmanager
async def states_held_up(services: Any, cast: Cast) -> AsyncIterator[tuple[Reader, psycopg.Connection[Any]]]:
    """Read the stream of a site whose states cannot be computed while the connection given is open."""
    async with served() as url:
        await first_answer(url, cast.manager)
        async with listening(url, "/api/v1/sites/field/stream", cast.manager) as reader:
            await reader.next("state")
            with psycopg.connect(beside(services)) as other:
                other.execute(LOCK_ZONES)
                await sync_to_async(append_one)(cast, 1)
                yield reader, other


async def test_an_event_is_handed_on_while_the_state_of_its_site_is_still_being_computed(
    services: Any, cast: Cast
) -> None:
    async with states_held_up(services, cast) as (reader, other):
        assert (await reader.next("event", "state"))[2]["payload"] == {"number": 1}
        await computing(other)
        await sync_to_async(append_one)(cast, 2)
        assert (await reader.next("event", "state"))[2]["payload"] == {"number": 2}
        other.close()
        assert (await reader.next("event", "state"))[0] == "state"


async def test_a_state_whose_computing_failed_is_computed_again_without_another_event(
    services: Any, cast: Cast
) -> None:
    async with states_held_up(services, cast) as (reader, other):
        for _ in range(2):  # the first computing and the one that tries again
            pid = await computing(other)
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.close()
        assert (await reader.next("event"))[2]["payload"] == {"number": 1}
        assert (await reader.next("event", "state"))[0] == "state"


async def test_a_due_ticket_reddens_its_zone_in_the_open_stream_without_any_worker(cast: Cast) -> None:
    async with served() as url:
        await first_answer(url, cast.manager)
        due = timezone.now() + timedelta(seconds=3)
        hazard = await sync_to_async(ticket_due_at)(cast, due)
        async with listening(url, "/api/v1/sites/field/stream", cast.manager) as reader:
            _, _, state = await reader.next("state")
            assert zone_of(state, "Z-EDGE")["grade"] == 2
            assert datetime.fromisoformat(state["next_change_at"]) == due
            _, _, state = await reader.next("state")
            arrived = datetime.now(UTC)
    zone = zone_of(state, "Z-EDGE")
    assert (zone["grade"], state["counts"]["overdue"]) == (4, 1)
    assert timedelta(0) <= arrived - due < timedelta(seconds=1)
    reason = next(r for r in zone["reasons"] if r["kind"] == "HAZ_GENERAL_OVERDUE")
    since = due.astimezone(timezone.get_fixed_timezone(480)).strftime("%H:%M:%S")
    assert reason["text"].endswith(f"overdue since {since}") and hazard.number in reason["text"]
    assert reason["url"] == f"/hazards/{hazard.id}/"


async def test_the_region_stream_tells_of_the_same_change(cast: Cast) -> None:
    await sync_to_async(ticket_due_at)(cast, timezone.now() + timedelta(seconds=2))
    async with served() as url, listening(url, "/api/v1/region/stream", cast.manager) as reader:
        _, _, before = await reader.next("state")
        _, _, after = await reader.next("state")
    assert [(site["code"], site["grade"]) for site in before["sites"]] == [("field", 2)]
    assert [(site["code"], site["grade"], site["overdue"]) for site in after["sites"]] == [("field", 4, 1)]


def append_many(cast: Cast, numbers: range, *, site: Any = None) -> list[int]:
    now = timezone.now()
    return [
        append_event(site=site or cast.site, kind="hazard_changed", payload={"n": n}, occurred_at=now).id
        for n in numbers
    ]


async def test_a_page_that_was_away_gets_every_event_once_and_in_order(cast: Cast) -> None:
    missed = await sync_to_async(append_many)(cast, range(700))
    async with served() as url, listening(url, "/api/v1/sites/field/stream", cast.manager, missed[0]) as reader:
        writing = asyncio.create_task(sync_to_async(append_many, thread_sensitive=False)(cast, range(700, 760)))
        got = [await reader.next("event") for _ in range(759)]
        live = await writing
    assert [event_id for _, event_id, _ in got] == missed[1:] + live
    assert [data["payload"]["n"] for _, _, data in got] == list(range(1, 760))


async def test_the_id_of_a_state_never_runs_ahead_of_the_events_given(cast: Cast) -> None:
    start = (await sync_to_async(append_many)(cast, range(1)))[0]
    async with served() as url, listening(url, "/api/v1/sites/field/stream", cast.manager) as reader:
        assert (await reader.next("state"))[1] == start
        writing = asyncio.create_task(sync_to_async(append_many, thread_sensitive=False)(cast, range(20)))
        newest, states = start, 0
        while newest < start + 20 or states == 0:
            name, event_id, _ = await reader.next("event", "state")
            if name == "state":
                states += 1
                assert event_id == newest
            else:
                newest = int(event_id or 0)
        await writing


async def test_a_site_stream_carries_nothing_of_another_site(cast: Cast) -> None:
    async with served() as url, listening(url, "/api/v1/sites/field/stream", cast.manager) as reader:
        await reader.next("state")
        await sync_to_async(append_many)(cast, range(3), site=cast.other_site)
        own = await sync_to_async(append_many)(cast, range(1))
        assert (await reader.next("event"))[1] == own[0]


async def test_a_stream_ends_when_the_role_is_taken_away(cast: Cast) -> None:
    async with served() as url, listening(url, "/api/v1/sites/field/stream", cast.manager) as reader:
        await reader.next("state")
        await sync_to_async(cast.manager.memberships.all().delete)()
        with pytest.raises((AssertionError, httpx.RemoteProtocolError), match=r"ended|peer"):
            await reader.next("never", within_s=5)


NAME, CODE = "欧阳建设", "H-SECRET"
ENTERED = Words(f"危险区域闯入：{NAME} · 二层临边", f"Danger-zone entry: {NAME} · 二层临边")
ROLES = {
    "worker": True, "site_safety": True, "project_manager": True, "bim_engineer": True, "enterprise_safety": True,
    "enterprise_head": True, "supervision_engineer": True, "town_reviewer": False, "dept_reviewer": False,
    "committee": False,
}  # fmt: skip


def somebody_in_danger(cast: Cast) -> None:
    """A worker with a helmet that is called after him, a fix, and an alarm about him that colours the zone."""
    now = timezone.now()
    person = create_person(site=cast.site, full_name=NAME, trade="架子工", team=None, now=now)
    device = Device.objects.create(
        organisation=cast.site.organisation, site=cast.site, code=CODE, name=f"{NAME}的安全帽", kind="helmet",
        person=person,
    )  # fmt: skip
    fix = PositionRow(
        organisation_id=device.organisation_id, site_id=device.site_id, device_id=device.pk, fix_time=now,
        received_at=now, lon=LON, lat=LAT, height_m=97.0, accuracy_m=0.5, source="UWB",
    )  # fmt: skip
    keep_newest(fixes=NewestFixes(columns_of([fix]), [None], [True], [None], [None]))
    raise_alarm(
        site=cast.site, rule="P-01", level="orange", title=ENTERED,
        zone=cast.edge, device=device, person_name=NAME, storey=None, location=None, raised_at=now, received_at=now,
        subject=f"P-01:{device.pk}",
    )  # fmt: skip


async def said_to(url: str, viewer: Any) -> dict[str, str]:
    """What the stream of the site and that of the region say to somebody, until the alarm is among it."""
    said: dict[str, str] = {}
    async with listening(url, "/api/v1/sites/field/stream", viewer, cursor=0) as reader:
        while not {"state", "positions", "event"} <= said.keys() or "alarm_raised" not in said["event"]:
            name, _id, data = await reader.next("state", "positions", "event")
            said[name] = said.get(name, "") + json.dumps(data, ensure_ascii=False)
    async with listening(url, "/api/v1/region/stream", viewer, cursor=0) as reader:
        while "alarm_raised" not in said.get("region", ""):
            _, _, data = await reader.next("event")
            said["region"] = json.dumps(data, ensure_ascii=False)
    return said


async def test_the_stream_names_people_to_the_site_and_its_companies_and_never_to_regulators(cast: Cast) -> None:
    await sync_to_async(somebody_in_danger)(cast)
    found: dict[str, set[bool]] = {}
    async with served() as url:
        for role in ROLES:
            said = await said_to(url, await sync_to_async(member)(role, cast))
            found[role] = {NAME in text for text in said.values()}
            assert CODE in said["positions"] and "二层临边" in said["region"]
            if not ROLES[role]:
                assert all("架子工" in said[name] for name in ("state", "positions", "event", "region"))
    assert found == {role: {named} for role, named in ROLES.items()}


@pytest.mark.parametrize("role", ["site_safety", "dept_reviewer"])
def test_no_page_or_answer_names_people_to_a_regulator(cast: Cast, role: str) -> None:
    named, now = ROLES[role], timezone.now()
    somebody_in_danger(cast)
    alarm = Alarm.objects.get()
    client = Client()
    client.force_login(member(role, cast), backend="django.contrib.auth.backends.ModelBackend")
    device = Device.objects.get(code=CODE)
    start, end = (quote((now + timedelta(hours=hours)).isoformat()) for hours in (-1, 1))
    period = f"from={start}&until={end}"
    paths = [
        "/api/v1/sites/field/state", "/api/v1/sites/field/positions", "/api/v1/sites/field/devices",
        "/api/v1/sites/field/alarms", "/api/v1/sites/field/events?cursor=0", "/sites/field/live/roll.json",
        "/sites/field/live/alarms/", f"/sites/field/live/alarms/{alarm.pk}/", "/sites/field/live/devices/",
        f"/sites/field/live/devices/{device.pk}/", f"/sites/field/live/replay/alarms.json?{period}",
    ]  # fmt: skip
    found = {path: NAME in text_of(client.get(path)) for path in paths}
    assert found == dict.fromkeys(paths, named)
    past = client.get("/api/v1/sites/field/past", {"at": timezone.now().isoformat()})
    assert (NAME in text_of(past)) is named
    report = client.get("/sites/field/report/")
    assert report.status_code == 200 and "二层临边" in report.content.decode() and NAME not in report.content.decode()


async def test_a_stream_ends_when_names_may_no_longer_be_seen(cast: Cast) -> None:
    viewer = await sync_to_async(member)("site_safety", cast)
    async with served() as url, listening(url, "/api/v1/sites/field/stream", viewer) as reader:
        await reader.next("state")
        await sync_to_async(viewer.memberships.update)(role="committee")
        await sync_to_async(announce_change)()
        with pytest.raises(AssertionError, match=r"The stream ended\."):
            await reader.next("nothing", within_s=15)


def text_of(answer: Any) -> str:
    """The text of an answer; JSON without escapes."""
    assert answer.status_code == 200, answer.status_code
    if answer.headers["content-type"].startswith("application/json"):
        return json.dumps(answer.json(), ensure_ascii=False)
    return str(answer.content.decode())


def member(role: str, cast: Cast) -> Any:
    """An account with this role on the site."""
    user = create_user(username=f"as-{role}", password="一座工地-2026-field", full_name="看的人")
    grant_role(user=user, role=role, site=cast.site)
    return user
