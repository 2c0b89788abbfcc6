"""Addresses of hazard reporting and tickets."""

from django.urls import path

from .photo import photo
from .report_page import hazard_reported, new_hazard, place_words
from .ticket_list import ticket_list
from .ticket_page import do_act, ticket_page

urlpatterns = [
    path("sites/<slug:code>/hazards/", ticket_list, name="hazards"),
    path("sites/<slug:code>/hazards/new/", new_hazard, name="hazard-new"),
    path("sites/<slug:code>/hazards/place/", place_words, name="hazard-place"),
    path("hazards/<uuid:hazard_id>/", ticket_page, name="hazard"),
    path("hazards/<uuid:hazard_id>/reported/", hazard_reported, name="hazard-reported"),
    path("hazards/<uuid:hazard_id>/<str:event>/", do_act, name="hazard-act"),
    path("photos/<uuid:photo_id>/", photo, name="photo"),
]
