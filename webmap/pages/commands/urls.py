"""Addresses of commands to helmets."""

from django.urls import path

from . import views

BASE = "sites/<slug:code>/live/commands/"
urlpatterns = [
    path(BASE, views.list_page, name="commands"),
    path(f"{BASE}send/", views.send, name="command-send"),
    path(f"{BASE}<uuid:command_id>/", views.command_page, name="command"),
    path(f"{BASE}<uuid:command_id>/receipts/", views.receipts_part, name="command-receipts"),
]
