"""Template tags for the main navigation and the tabs of a site."""

from typing import Any, TypedDict

from django import template
from django.utils.translation import gettext as _

from spatial.people.models import Role
from spatial.people.queries import all_roles
from spatial.places.models import Site
from webmap.pages.assessments.gate import may_open
from webmap.pages.landing import landing_url, sees_region

register = template.Library()


class Item(TypedDict):
    label: str
    url: str
    current: bool
    download: bool


class LiveItem(Item):
    """A tab of the live pages; the one that leads a group is set apart from the group before it."""

    leads: bool


def _item(path: str, label: str, url: str, *, download: bool = False, within: bool = False) -> Item:
    """Return a link; with `within` it is also current on the pages below it."""
    current = path == url or (within and path.startswith(url))
    return {"label": label, "url": url, "current": current, "download": download}


@register.simple_tag(takes_context=True)
def main_navigation(context: dict[str, Any]) -> list[Item]:
    """Return the links of the top bar for this user."""
    request = context["request"]
    user = request.user
    if not user.is_authenticated:
        return []
    items = []
    if sees_region(user):
        items.append(_item(request.path, _("Region"), "/region/"))
        items.append(_item(request.path, _("Places"), "/places/", within=True))
    else:
        start = landing_url(user)
        if start.startswith("/sites/"):
            items.append(_item(request.path, _("My site"), "/sites/" + start.split("/")[2] + "/"))
    if user.is_superuser or all_roles(user) - {Role.WORKER}:
        items.append(_item(request.path, _("Rule packs"), "/rules/", within=True))
    if may_open(user):
        items.append(_item(request.path, _("Assessment"), "/assessments/"))
    if user.is_superuser:
        items.append(_item(request.path, _("New site"), "/setup/"))
    if user.is_staff:
        items.append(_item(request.path, _("Administration"), "/admin/"))
    return items


@register.simple_tag(takes_context=True)
def site_tabs(context: dict[str, Any], site: Site) -> list[Item]:
    """Return the tabs of a site page."""
    path = context["request"].path
    base = f"/sites/{site.code}/"
    tabs = [
        _item(path, _("3D"), base),
        _item(path, _("Map"), f"{base}map/"),
        _item(path, _("Live"), f"{base}live/", within=True),
        _item(path, _("Zones"), f"{base}zones/", within=True),
        _item(path, _("Heat"), f"{base}heat/"),
        _item(path, _("Risks"), f"{base}risks/", within=True),
        _item(path, _("Hazards"), f"{base}hazards/"),
        _item(path, _("Report a hazard"), f"{base}hazards/new/"),
        _item(path, _("Models"), f"{base}models/", within=True),
        _item(path, _("Places"), f"{base}places/"),
        _item(path, _("Site plans"), f"{base}plans/", within=True),
        _item(path, _("Shareable report"), f"{base}report/", download=True),
    ]
    return tabs


@register.simple_tag(takes_context=True)
def risk_tabs(context: dict[str, Any], site: Site) -> list[Item]:
    """Return the second row of tabs, of the pages about a site's risks; a screen adds its own line."""
    path = context["request"].path
    base = f"/sites/{site.code}/risks/"
    tabs = [
        (_("Register"), base, False),
        (_("Control lists"), f"{base}lists/", True),
        (_("Major risks"), f"{base}major/", False),
        (_("Planning"), f"{base}planning/", True),
        (_("Cards"), f"{base}cards/", True),
        (_("Printed map"), f"{base}map-print/", False),
        (_("Patrols"), f"{base}patrols/", True),
        (_("Statistics"), f"{base}statistics/", False),
    ]
    return [_item(path, label, url, within=within) for label, url, within in tabs]


@register.simple_tag(takes_context=True)
def live_tabs(context: dict[str, Any], site: Site) -> list[LiveItem]:
    """Return the second row of tabs, of the pages about what happens now; a screen adds its own line."""
    path = context["request"].path
    base = f"/sites/{site.code}/live/"
    groups: list[list[tuple[str, str, bool]]] = [  # label, address below base, whether pages below it are meant too
        [
            (_("Control room"), "", False),
            (_("Alarms"), "alarms/", True),
            (_("Muster"), "muster/", True),
            (_("Cameras"), "cameras/", True),
        ],
        [
            (_("Replay"), "replay/", False),
            (_("Who was near"), "nearby/", False),
        ],
        [
            (_("People"), "people/", True),
            (_("Attendance"), "attendance/", True),
            (_("Work permits"), "permits/", True),
            (_("Calls"), "commands/", True),
            (_("Privacy"), "privacy/", True),
        ],
        [
            (_("Devices"), "devices/", True),
            (_("Machines"), "machines/", True),
            (_("Measurements"), "measurements/", True),
            (_("Major hazard installations"), "major-hazards/", True),
            (_("Alarm rules"), "alarm-rules/", True),
        ],
    ]
    return [
        {**_item(path, label, base + below, within=within), "leads": number == 0}
        for group in groups
        for number, (label, below, within) in enumerate(group)
    ]
