"""`/sites/<code>/report/`: the shareable report as a download."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from spatial.places.models import Site
from webmap.reports.contents import read_report
from webmap.reports.inlining import POLICY
from webmap.reports.shareable import render_report


@never_cache
@require_GET
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Send the four-colour map of a site with its tickets as one HTML file; `?view=1` shows it in the browser."""
    site = get_object_or_404(Site.objects.visible_to(request.user).select_related("organisation"), code=code)
    now = timezone.now()
    page = render_report(read_report(site, user=request.user, now=now))
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    day = timezone.localtime(now, timezone=timezone.get_current_timezone()).strftime("%Y%m%d-%H%M")
    shown = "inline" if "view" in request.GET else "attachment"
    response["Content-Disposition"] = f'{shown}; filename="twinwall-{site.code}-{day}.html"'
    response["Content-Security-Policy"] = POLICY
    return response


urlpatterns = [path("sites/<slug:code>/report/", report, name="report")]
