"""The steps of the guide to the first site, and which of them are done."""

from __future__ import annotations

from typing import Any, TypedDict

from django.urls import reverse
from django.utils.translation import gettext as _

from bim.queries import current_revisions
from spatial.devices.models import Device
from spatial.people.models import Membership
from spatial.places.models import Site
from spatial.zones.models import Zone

SITE, PEOPLE, MODEL, PLAN, DEVICE = range(1, 6)


class Step(TypedDict):
    """One step: `url` is empty while there is no site."""

    number: int
    label: str
    url: str
    current: bool
    done: bool


def guide_steps(current: int, site: Site | None) -> list[Step]:
    """Return the five steps of the guide for a site, or for one that is still to be made."""
    labels = [_("Site"), _("People and roles"), _("Building model"), _("Site plan and zones"), _("First device")]
    urls = [reverse("setup"), "", "", "", ""]
    done = [False] * len(labels)
    if site is not None:
        urls = [reverse("setup")] + [
            reverse(name, args=[site.code]) for name in ("setup-people", "models", "setup-plan", "setup-device")
        ]
        done = [True, *_done(site)]
    return [
        {"number": number, "label": label, "url": url, "current": number == current, "done": ready}
        for number, (label, url, ready) in enumerate(zip(labels, urls, done, strict=True), start=1)
    ]


def _done(site: Site) -> list[bool]:
    return [
        Membership.objects.filter(site=site).exists(),
        current_revisions(site).exists(),
        Zone.objects.filter(site=site).exists(),
        Device.objects.filter(site=site).exists(),
    ]


def guides(user: Any, site: Site) -> bool:
    """Return whether the guide still leads this user on this site: the owner, until every step is done."""
    return bool(user.is_superuser and not all(_done(site)))
