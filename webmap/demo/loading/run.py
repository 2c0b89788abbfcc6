"""All steps of the demo in order, each told with the time it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from bim.ifc.demo_project.dimensions import SITE_CODE
from spatial.hazards.models import Hazard
from spatial.people.models import User
from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.rulebook.operations import load_editions
from webmap.demo import district
from webmap.demo.cast import ACCOUNTS
from webmap.demo.loading import (
    accounts,
    assessments,
    boxes,
    cameras,
    devices,
    fences,
    fleet,
    gateway,
    grids,
    ground,
    lists,
    machines,
    major_hazards,
    maps,
    model,
    patrols,
    planning,
    public_risks,
    risks,
    rules,
    sensors,
    tickets,
    walls,
)
from webmap.demo.loading import (
    people as people_facts,
)
from webmap.project.environment import read_environment

SINCE = timedelta(days=10)
"""How long the demo's zones and risk points have been known, so that there is a past to replay."""


class DemoMissing(LookupError):
    """Something of the demo is not there; the message says which command makes it."""


@dataclass(frozen=True)
class DemoPlace:
    """Where the demo's files go and where the broker is."""

    folder: Path
    mqtt: tuple[str, int]


class DemoLoad:
    """This class will load the demo step by step; steps that were done before change nothing."""

    def __init__(self, place: DemoPlace, say: Callable[[str], None]) -> None:
        self.place = place
        self.say = say

    def load(self) -> Hazard:
        """Load everything and return the ticket that is due in about a minute (or was, on a later run)."""
        now = timezone.now()
        folder = self.place.folder
        with self._step("Rule tables"):
            load_editions()
        with self._step("Region, enterprises and sites"):
            regions, enterprises = ground.ensure_regions(now), ground.ensure_enterprises(now)
            site = ground.ensure_demo_site(regions, enterprises, now)
            others = ground.ensure_other_sites(regions, enterprises, now)
        with self._step("Accounts and people"):
            users = accounts.ensure_accounts(site, regions[district.DISTRICT[0]], folder / "logins.json", now)
            people = accounts.ensure_people(site, now)
        with self._step("Building model: write and import"):
            revision = model.ensure_model(site, model.ensure_model_file(folder, now))
        with self._step("Site plan and zones"):
            maps.ensure_site_plan(site, folder, users["bim_engineer"], now)
            maps.ensure_earlier_plan(site, folder, users["bim_engineer"], now)
            maps.ensure_rooms(site, folder, users["bim_engineer"], now)
            maps.ensure_zones(site, folder, users["safety_officer"], now - SINCE)
            fences.ensure_fence_kinds(site, users, now - SINCE + timedelta(hours=1))
        with self._step("Rule packs followed"):
            rules.ensure_rule_choices(enterprises, now)
        with self._step("Risk points"):
            points = risks.ensure_risk_points(site, revision, now - SINCE)
            risks.ensure_other_risks(others, now - SINCE)
        with self._step("Control lists"):
            lists.ensure_control_lists(site, users, now - SINCE + timedelta(hours=6))
        with self._step("Public risk points"):
            public_risks.ensure_public_risks(regions, users["regulator"], now)
        with self._step("Patrols"):
            patrols.ensure_patrols(site, users, now)
        with self._step("Cards for the walls"):
            walls.ensure_walls(site, users, now)
        with self._step("Major hazard installations"):
            major_hazards.ensure_major_hazards(site, users, now)
        with self._step("Planning documents"):
            planning.ensure_planning(site, users, now)
        with self._step("Devices and their routes"):
            fleet.ensure_monitors(site, revision, now)
            fleet.ensure_helmets(site, people, folder / "fleet.json", self.place.mqtt, now)
            machines.ensure_machines(site, users, folder / "fleet.json", now)
            devices.ensure_devices(site, users, now)
            boxes.ensure_boxes(site, folder / "fleet.json", now)
            gateway.ensure_gateway(site, folder, self.place.mqtt, read_environment().http_port, now)
        with self._step("Papers, shifts, posts, permits and calls"):
            people_facts.ensure_people_facts(site, people, users, timezone.now())
            people_facts.ensure_issues(site, people, users, timezone.now())
        with self._step("Cameras"):
            cameras.ensure_cameras(site, users["safety_officer"], self._camera_ports(), now)
        with self._step("Sensors and a week of measurements"):
            sensors.ensure_sensors(site, users, folder / "fleet.json", timezone.now())
            major_hazards.ensure_following(site, users, timezone.now())
            grids.ensure_grids(site, users["safety_officer"], now)
        with self._step("Hazard tickets"):
            teller = tickets.TicketTeller(site, users, points, timezone.now())
            tickets.ensure_tickets(teller)
        with self._step("Assessment of the enterprise"):
            assessments.ensure_assessment(site.organisation, users, timezone.now())
        return tickets.ensure_overdue_ticket(self._teller_now(teller))

    def refresh_deadline(self) -> Hazard:
        """Close the ticket that went overdue and report it anew, due in about a minute. Raises DemoMissing.

        Cameras are pointed at the ports of this start, where those changed.
        """
        site = Site.objects.filter(code=SITE_CODE).first()
        usernames = {account.username: account.key for account in ACCOUNTS}
        users = {usernames[user.username]: user for user in User.objects.filter(username__in=usernames)}
        if site is None or len(users) < len(ACCOUNTS):
            raise DemoMissing("The demo is not loaded; run ./twin manage load_demo first.")
        points = {point.code: point for point in RiskPoint.objects.filter(site=site).select_related("anchor")}
        cameras.ensure_cameras(site, users["safety_officer"], self._camera_ports(), timezone.now())
        return tickets.renew_overdue_ticket(tickets.TicketTeller(site, users, points, timezone.now()))

    @staticmethod
    def _camera_ports() -> tuple[int, int]:
        environment = read_environment()
        return environment.first_camera_port, environment.second_camera_port

    @staticmethod
    def _teller_now(teller: tickets.TicketTeller) -> tickets.TicketTeller:
        """The same teller at this moment: the deadline counts from the end of the load, not from its start."""
        return tickets.TicketTeller(teller.site, teller.users, teller.points, timezone.now())

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.say(f"{name} … {time.monotonic() - started:.1f} s")


def deadline_words(hazard: Hazard, now: datetime) -> str:
    """One line about the ticket that shows how a zone turns red by itself."""
    if hazard.deadline is None:
        return f"{hazard.number}: {hazard.state}"
    seconds = round((hazard.deadline - now).total_seconds())
    return f"{hazard.number} is due in {seconds} s" if seconds > 0 else f"{hazard.number} is overdue since {-seconds} s"
