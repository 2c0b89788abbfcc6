"""Addresses of replay."""

from django.urls import path

from .views import alarms, open_names, replay_page, window

BASE = "sites/<slug:code>/live/replay/"
urlpatterns = [
    path(BASE, replay_page, name="replay"),
    path(f"{BASE}window.json", window, name="replay-window"),
    path(f"{BASE}alarms.json", alarms, name="replay-alarms"),
    path(f"{BASE}names/", open_names, name="replay-names"),
]
