"""The steps of the guide; only the owner of the instance (a superuser) has them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from spatial.devices.models import Device
from spatial.devices.operations import DeviceRefused, register_device
from spatial.people.models import Membership, Person
from spatial.people.operations import create_person, create_user, grant_role
from spatial.places.models import Organisation, Site
from spatial.places.operations import PlaceRefused, create_organisation, create_site
from webmap.access import visible_site
from webmap.device_addresses import broker_address, is_closed_to_the_network

from .forms import DeviceForm, PersonForm, SiteForm
from .steps import DEVICE, PEOPLE, SITE, guide_steps

MAP_SETTINGS = {"MIN_ZOOM": 3, "MAX_ZOOM": 21, "DEFAULT_CENTER": (34.76, 113.77), "DEFAULT_ZOOM": 13}
View = Callable[..., HttpResponse]


def for_the_owner(view: View) -> View:
    """Let superusers in; for everybody else the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise Http404
        return never_cache(require_http_methods(["GET", "POST"])(view))(request, *args, **values)

    return guarded


@for_the_owner
def new_site(request: HttpRequest) -> HttpResponse:
    """Step 1: create the site with its company, coordinate system and boundary."""
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            site = _create_site(request.user, form.cleaned_data)
        except PlaceRefused as error:
            form.add_error(None, str(error))
        else:
            return redirect("setup-people", code=site.code)
    context = {
        "form": form,
        "steps": guide_steps(SITE, None),
        "map_settings": MAP_SETTINGS,
        "sites": Site.objects.all()[:20],
    }
    return render(request, "pages/setup_site.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _create_site(actor: Any, given: dict[str, Any]) -> Site:
    now = timezone.now()
    company = given.pop("organisation")
    organisation = Organisation.objects.filter(name=company).first() or create_organisation(
        name=company, actor=actor, now=now
    )
    location = given["boundary"].centroid
    return create_site(organisation=organisation, location=location, actor=actor, now=now, **given)


@for_the_owner
def add_people(request: HttpRequest, code: str) -> HttpResponse:
    """Step 2: add accounts with a role on the site; the password is shown once."""
    site = visible_site(request.user, code)
    form, shown = PersonForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        shown = _create_account(request.user, site, form.cleaned_data)
        form = PersonForm()
    members = Membership.objects.filter(site=site).select_related("user").order_by("created_at")
    context = {"site": site, "form": form, "steps": guide_steps(PEOPLE, site), "members": members, "shown": shown}
    return render(request, "pages/setup_people.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _create_account(actor: Any, site: Site, given: dict[str, Any]) -> dict[str, str]:
    now, password = timezone.now(), secrets.token_urlsafe(9)
    user = create_user(
        username=given["username"], password=password, full_name=given["full_name"], actor=actor, now=now
    )
    grant_role(user=user, role=given["role"], site=site, actor=actor, now=now)
    return {"full_name": user.full_name, "username": user.username, "password": password}


@for_the_owner
def add_device(request: HttpRequest, code: str) -> HttpResponse:
    """Step 5: register a device; its broker credential is shown once."""
    site = visible_site(request.user, code)
    form, shown = DeviceForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            shown = _create_device(request.user, site, form.cleaned_data)
            form = DeviceForm()
        except DeviceRefused as error:
            form.add_error(None, str(error))
    devices = Device.objects.filter(site=site).select_related("person", "latest_position").order_by("code")
    context = {
        "site": site,
        "form": form,
        "steps": guide_steps(DEVICE, site),
        "devices": devices,
        "shown": shown,
        "example": example_message(site, timezone.now()),
        "broker": broker_address(request.get_host()),
        "closed": is_closed_to_the_network(),
    }
    return render(request, "pages/setup_device.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _create_device(actor: Any, site: Site, given: dict[str, Any]) -> dict[str, str]:
    now = timezone.now()
    wearer, trade = given.pop("wearer"), given.pop("trade")
    person = _wearer(actor, site, wearer, trade, now) if wearer else None
    device, password = register_device(site=site, person=person, actor=actor, now=now, **given)
    return {
        "code": device.code,
        "password": password,
        "topic": f"tw/v1/{site.code}/{device.code}/positions",
    }


def _wearer(actor: Any, site: Site, full_name: str, trade: str, now: datetime) -> Person:
    """Return the person of this name and trade on the site, new or known: two devices may have one wearer."""
    known = Person.objects.filter(site=site, full_name=full_name, trade=trade).first()
    return known or create_person(site=site, full_name=full_name, trade=trade, actor=actor, now=now)


def example_message(site: Site, now: datetime) -> str:
    """Return a message as a device of this site sends it: one fix in the middle of the site, now."""
    fix = {
        "t": int(now.timestamp() * 1000),
        "lon": round(site.location.x, 7) if site.location else 0,
        "lat": round(site.location.y, 7) if site.location else 0,
        "h": site.ground_height_m,
        "h_ref": "yellow_sea",
        "acc": 0.5,
        "src": "UWB",
        "worn": True,
    }
    return json.dumps({"v": 1, "boot": secrets.token_hex(4), "seq": 1, "battery": 90, "fixes": [fix]})
