"""Addresses of machines."""

from django.urls import path

from .dangers_page import dangers_page
from .list_page import import_page, list_page, template_file
from .machine_page import begin, check, end, machine_page, paper
from .plan_page import plan_page

BASE = "sites/<slug:code>/live/machines/"
urlpatterns = [
    path(BASE, list_page, name="machines"),
    path(f"{BASE}plan/", plan_page, name="machines-plan"),
    path(f"{BASE}dangers/", dangers_page, name="machines-dangers"),
    path(f"{BASE}import/", import_page, name="machines-import"),
    path(f"{BASE}template.xlsx", template_file, name="machines-template"),
    path(f"{BASE}<uuid:machine_id>/", machine_page, name="machine"),
    path(f"{BASE}<uuid:machine_id>/paper/", paper, name="machine-paper"),
    path(f"{BASE}<uuid:machine_id>/begin/", begin, name="machine-begin"),
    path(f"{BASE}<uuid:machine_id>/end/", end, name="machine-end"),
    path(f"{BASE}<uuid:machine_id>/check/", check, name="machine-check"),
]
