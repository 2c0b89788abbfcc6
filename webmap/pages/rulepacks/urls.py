"""Addresses of the pages about rules."""

from django.urls import path

from .choice_page import choice_page
from .edition_pages import compare_page, edition_page, named_edition
from .list_page import list_page
from .own_edition_page import own_edition_page

urlpatterns = [
    path("rules/", list_page, name="rules"),
    path("rules/editions/<uuid:edition_id>/", edition_page, name="rules-edition"),
    path("rules/editions/<str:pack>/<str:version>/", named_edition, name="rules-named-edition"),
    path("rules/compare/", compare_page, name="rules-compare"),
    path("rules/<str:kind>/<uuid:reach_id>/", choice_page, name="rules-choice"),
    path("rules/organisation/<uuid:reach_id>/edition/", own_edition_page, name="rules-own-edition"),
]
