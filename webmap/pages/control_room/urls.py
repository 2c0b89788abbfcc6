"""Addresses of the control room."""

from django.urls import path

from .views import control_room, roll

urlpatterns = [
    path("sites/<slug:code>/live/", control_room, name="control-room"),
    path("sites/<slug:code>/live/roll.json", roll, name="live-roll"),
]
