"""Addresses of people."""

from django.urls import path

from .certificates_page import certificates_page
from .gate_page import gate_page
from .import_page import import_page, template_file
from .list_page import export_people, list_page
from .person_page import person_page
from .trades_page import drop_page, trades_page

BASE = "sites/<slug:code>/live/people/"
urlpatterns = [
    path(BASE, list_page, name="people"),
    path(f"{BASE}import/", import_page, name="people-import"),
    path(f"{BASE}template.xlsx", template_file, name="people-template"),
    path(f"{BASE}people.xlsx", export_people, name="people-export"),
    path(f"{BASE}certificates/", certificates_page, name="people-certificates"),
    path(f"{BASE}trades/", trades_page, name="people-trades"),
    path(f"{BASE}trades/<uuid:requirement_id>/drop/", drop_page, name="people-trade-drop"),
    path(f"{BASE}gate/", gate_page, name="people-gate"),
    path(f"{BASE}<uuid:person_id>/", person_page, name="person"),
]
