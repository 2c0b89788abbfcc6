"""Addresses of the pages about fences."""

from django.urls import path

from .views import fence_inside, fence_page

BASE = "sites/<slug:code>/zones/<uuid:zone_id>/fence/"
urlpatterns = [
    path(BASE, fence_page, name="fence"),
    path(f"{BASE}inside/", fence_inside, name="fence-inside"),
]
