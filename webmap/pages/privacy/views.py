"""`/me/track/`: my own track, who looked, the notice. `/sites/CODE/live/privacy/`: what is kept, counted, looked at."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from spatial.people.models import Person
from spatial.privacy.models import Consent, TrackLook
from spatial.privacy.operations import LookRefused, give_consent, may_publish, publish_policy
from spatial.privacy.queries import looks_at, may_see_names, policy_of, policy_row, untracked_between
from webmap.access import visible_site
from webmap.pages.people.words import local

from .track import track_plan
from .words import LOOK_REFUSALS


class PolicyForm(forms.Form):
    """The next version of the policy."""

    notice = forms.CharField(label=gettext_lazy("Notice to workers"), widget=forms.Textarea(attrs={"rows": 8}))
    retention_days = forms.IntegerField(
        label=gettext_lazy("Days that positions are kept, then only counts"), min_value=1, max_value=3650
    )
    only_on_shift = forms.BooleanField(label=gettext_lazy("Keep positions only on shift"), required=False)
    only_inside = forms.BooleanField(label=gettext_lazy("Keep positions only inside the site"), required=False)


@never_cache
@require_http_methods(["GET", "POST"])
def my_track(request: HttpRequest) -> HttpResponse:
    """Show a worker their own track of a day, who looked at it, and the notice to agree to."""
    person = Person.objects.filter(user=request.user.pk).select_related("site__organisation").first()
    if person is None:
        return render(request, "pages/my_track_none.html", status=404)
    now = timezone.now()
    if request.method == "POST":
        try:
            give_consent(person=person, actor=request.user, now=now)
            messages.success(request, _("Thank you. Your agreement to this version is written down."))
        except LookRefused as refused:
            messages.error(request, LOOK_REFUSALS[refused.code])
        return redirect("my-track")
    zone = ZoneInfo(person.site.time_zone)
    day = _day(request.GET.get("day", ""), now.astimezone(zone).date())
    start = datetime.combine(day, datetime.min.time(), tzinfo=zone)
    policy = policy_row(person.site.organisation)
    context = {
        "person": person,
        "place": person.site,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "track": track_plan(person, start, start + timedelta(days=1)),
        "looks": [(look, local(look.looked_at, person.site), local(look.starts_at, person.site),
                   local(look.ends_at, person.site)) for look in looks_at(person)[:30]],
        "policy": policy,
        "kept": policy_of(person.site.organisation),
        "consent": Consent.objects.filter(person=person, policy=policy).first() if policy else None,
    }  # fmt: skip
    return render(request, "pages/my_track.html", context)


def _day(text: str, today: date) -> date:
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


@never_cache
@require_http_methods(["GET", "POST"])
def policy_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is kept and who looked; who answers for the company publishes the next version."""
    site, now = visible_site(request.user, code), timezone.now()
    policy, kept = policy_row(site.organisation), policy_of(site.organisation)
    initial = {"notice": policy.notice if policy else "", "retention_days": kept.retention_days,
               "only_on_shift": kept.only_on_shift, "only_inside": kept.only_inside}  # fmt: skip
    may = may_publish(request.user, site)
    form = PolicyForm(request.POST or None, initial=initial)
    if request.method == "POST":
        if not may:
            raise Http404
        if form.is_valid():
            publish_policy(organisation=site.organisation, actor=request.user, now=now, **form.cleaned_data)
            messages.success(request, _("Published; it holds from now on."))
            return redirect("privacy", code=code)
    looks = TrackLook.objects.filter(site=site).select_related("viewer", "person").order_by("-looked_at")[:50]
    context = {
        "site": site,
        "policy": policy,
        "kept": kept,
        "published": local(policy.published_at, site, "%Y-%m-%d %H:%M") if policy else "",
        "untracked": untracked_between(site, now - timedelta(days=1), now),
        "looks": [(look, local(look.looked_at, site)) for look in looks],
        "named": may_see_names(request.user, site),
        "agreed": Consent.objects.filter(policy=policy, site=site).count() if policy else 0,
        "form": form if may else None,
    }
    return render(request, "pages/privacy.html", context, status=422 if form.errors else 200)
