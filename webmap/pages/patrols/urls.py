"""Addresses of patrols."""

from django.urls import path

from .overview_page import assign, overview_page, plan, records_page
from .route_page import codes_page, route_page
from .stop_page import open_patrol, patrol_photo, record_page, stop_page

BASE = "sites/<slug:code>/risks/patrols/"
urlpatterns = [
    path(BASE, overview_page, name="patrols"),
    path(f"{BASE}plan/", plan, name="patrols-plan"),
    path(f"{BASE}records/", records_page, name="patrol-records"),
    path(f"{BASE}records/<uuid:patrol_id>/", record_page, name="patrol-record"),
    path(f"{BASE}routes/<uuid:route_id>/", route_page, name="patrol-route"),
    path(f"{BASE}routes/<uuid:route_id>/assign/", assign, name="patrol-assign"),
    path(f"{BASE}routes/<uuid:route_id>/codes/", codes_page, name="patrol-codes"),
    path(f"{BASE}stops/<uuid:stop_id>/", stop_page, name="patrol-stop"),
    path("patrols/<uuid:patrol_id>/", open_patrol, name="patrol"),
    path("patrols/<uuid:patrol_id>/photo/", patrol_photo, name="patrol-photo"),
]
