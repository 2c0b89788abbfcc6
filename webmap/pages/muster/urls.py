"""Addresses of musters."""

from django.urls import path

from .views import add, end, muster_page, report, start, tick

BASE = "sites/<slug:code>/live/muster/"
urlpatterns = [
    path(BASE, muster_page, name="muster"),
    path(f"{BASE}start/", start, name="muster-start"),
    path(f"{BASE}<uuid:muster_id>/tick/<uuid:entry_id>/", tick, name="muster-tick"),
    path(f"{BASE}<uuid:muster_id>/add/", add, name="muster-add"),
    path(f"{BASE}<uuid:muster_id>/end/", end, name="muster-end"),
    path(f"{BASE}<uuid:muster_id>/report.pdf", report, name="muster-report"),
]
