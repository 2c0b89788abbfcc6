"""Addresses of alarms."""

from django.urls import path

from .alarm_page import acknowledge_from_list, alarm_page, alarm_photo
from .list_page import alarm_excel, alarm_list

urlpatterns = [
    path("sites/<slug:code>/live/alarms/", alarm_list, name="alarms"),
    path("sites/<slug:code>/live/alarms/alarms.xlsx", alarm_excel, name="alarms-excel"),
    path("sites/<slug:code>/live/alarms/<uuid:alarm_id>/", alarm_page, name="alarm"),
    path("sites/<slug:code>/live/alarms/<uuid:alarm_id>/note/", acknowledge_from_list, name="alarm-note"),
    path("sites/<slug:code>/live/alarms/<uuid:alarm_id>/photos/<str:sha256>/", alarm_photo, name="alarm-photo"),
]
