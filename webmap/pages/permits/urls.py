"""Addresses of work permits."""

from django.urls import path

from . import views
from .elements_part import elements_part

BASE = "sites/<slug:code>/live/permits/"
urlpatterns = [
    path(BASE, views.list_page, name="permits"),
    path(f"{BASE}new/<slug:kind>/", views.new_page, name="permit-new"),
    path(f"{BASE}elements/", elements_part, name="permit-elements"),
    path(f"{BASE}<uuid:permit_id>/", views.permit_page, name="permit"),
    path(f"{BASE}<uuid:permit_id>/<slug:what>/", views.act, name="permit-act"),
]
