"""`/sites/CODE/live/people/gate/`: give helmets out and take them back, by two scans each."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from spatial.devices.models import Device
from spatial.people.importing import may_keep
from spatial.people.models import Person
from spatial.places.models import Site
from spatial.wearing.operations import WEARABLE, IssueRefused, issue_device, return_device
from spatial.wearing.queries import visible

from .list_page import people_site
from .words import issue_words, local

SHOWN = 20


@require_http_methods(["GET", "POST"])
def gate_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the two fields and the last issues; a badge gives the device out, none takes it back."""
    site = people_site(request.user, code)
    if not may_keep(request.user, site):
        raise Http404
    error = ""
    if request.method == "POST":
        error = _hand_over(request, site)
        if not error:
            target = request.POST.get("next", "")
            here = target.startswith(f"/sites/{site.code}/live/")
            return redirect(target) if here else redirect("people-gate", code=code)
    rows = [
        {"issue": issue, "issued": local(issue.issued_at, site), "returned": local(issue.returned_at, site)}
        for issue in visible(request.user).filter(site=site)[:SHOWN]
    ]
    free = Device.objects.filter(site=site, active=True, kind__in=WEARABLE, person=None).order_by("code")
    context = {"site": site, "rows": rows, "error": error, "given": request.POST, "free": free[:200]}
    return render(request, "pages/people_gate.html", context, status=422 if error else 200)


def _hand_over(request: HttpRequest, site: Site) -> str:
    """Do what was scanned and return what is wrong with it, nothing when it was done."""
    now, device_code = timezone.now(), request.POST.get("device", "").strip()
    device = Device.objects.filter(site=site, code__iexact=device_code).first()
    if device is None:
        return _("There is no device %(code)s on this site.") % {"code": device_code or "—"}
    badge = request.POST.get("badge", "").strip()
    try:
        if not badge:
            issue = return_device(device=device, actor=request.user, now=now)
            messages.success(request, _("%(code)s is back from %(name)s.") % {
                "code": device.code, "name": issue.person.full_name})  # fmt: skip
            return ""
        people = list(Person.objects.filter(site=site, badge__iexact=badge)[:2])
        if not people:
            people = list(Person.objects.filter(site=site, full_name=badge, left_on=None)[:2])
        if len(people) != 1:
            return _("No single person here has the badge or name %(badge)s.") % {"badge": badge}
        take_back = "take_back" in request.POST
        issue_device(device=device, person=people[0], actor=request.user, now=now, take_back=take_back)
    except IssueRefused as refused:
        return issue_words(refused)
    messages.success(request, _("%(name)s wears %(code)s now.") % {"code": device.code, "name": people[0].full_name})
    return ""
