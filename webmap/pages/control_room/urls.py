"""Addresses of the control room."""

from django.urls import path

from .views import control_room, machines, roll, sensors

urlpatterns = [
    path("sites/<slug:code>/live/", control_room, name="control-room"),
    path("sites/<slug:code>/live/roll.json", roll, name="live-roll"),
    path("sites/<slug:code>/live/sensors.json", sensors, name="live-sensors"),
    path("sites/<slug:code>/live/machine-facts.json", machines, name="live-machines"),
]
