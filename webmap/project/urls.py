"""Every address of the product."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from webmap.api.site_api import api
from webmap.live import stream


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when this process serves; says nothing about anybody's data."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/v1/sites/<slug:code>/stream", stream.site_stream),
    path("api/v1/region/stream", stream.region_stream),
    path("api/v1/", api.urls),
    path("", include("webmap.pages.urls")),
]
