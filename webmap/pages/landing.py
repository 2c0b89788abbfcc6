"""`/`: each role starts where its work is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from spatial.people.models import Role
from spatial.places.models import Site

# where on a site a role starts; every other role starts in the 3D view
START_OF_ROLE = {Role.WORKER: "hazards/", Role.BIM_ENGINEER: "models/"}


def sees_region(user: Any) -> bool:
    """Return whether the user's reach is wider than one site: a region, an organisation or several sites."""
    if user.is_superuser:
        return True
    if user.memberships.filter(site__isnull=True, region__isnull=False).exists():
        return True
    return Site.objects.visible_to(user).count() > 1


def landing_url(user: Any) -> str:
    """Return the address where this user starts; `/` itself when there is nothing to see yet."""
    if user.is_superuser and not Site.objects.exists():
        return "/setup/"
    if sees_region(user):
        return "/region/"
    site = Site.objects.visible_to(user).first()
    if site is None:
        return "/"
    roles = user.memberships.values_list("role", flat=True)
    starts = {START_OF_ROLE.get(role, "") for role in roles}
    return f"/sites/{site.code}/{starts.pop() if len(starts) == 1 else ''}"


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """Send the user to the page of the role; say so when no site was shared with the account yet."""
    url = landing_url(request.user)
    if url == "/":
        return render(request, "pages/nothing_shared.html")
    return redirect(url)
