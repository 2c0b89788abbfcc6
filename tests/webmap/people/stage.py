"""The stage of the tests of people's pages: a site with two workers of a roster and a helmet."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.utils import timezone

from spatial.devices.operations import register_device
from spatial.people.importing import import_roster
from spatial.people.models import Person, User
from spatial.people.roster import read_roster, roster_workbook
from tests.webmap.field_cast import build_cast

BASE = "/sites/field/live/"
ROWS = {
    "employers": [("豫建劳务", "劳务")],
    "teams": [("架子班", "豫建劳务")],
    "people": [("A1", "李架子", "架子工", "架子班"), ("A2", "王普工", "普工", "架子班")],
    "shifts": [("白班", "00:00", "00:00", "1-7")],
}


class Stage:
    """The cast with two workers of a roster, a helmet, and an account of the first."""

    def __init__(self) -> None:
        cast = build_cast()
        for user in (cast.worker, cast.safety, cast.manager, cast.town, cast.stranger):
            user.language = "en"
            user.save()
        self.cast, self.site, self.now = cast, cast.site, timezone.now()
        import_roster(site=self.site, roster=read_roster(roster_workbook(ROWS)), actor=None, now=self.now)
        self.person = Person.objects.get(badge="A1")
        self.person.user = cast.worker
        self.person.save()
        self.mate = Person.objects.get(badge="A2")
        self.helmet, _ = register_device(site=self.site, code="H-1", name="帽1", kind="helmet", report_interval_s=5,
                                         actor=None, now=self.now)  # fmt: skip


def as_user(user: User) -> Client:
    """Return the browser of somebody who has signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(answer: Any) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
