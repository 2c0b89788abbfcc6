"""Addresses of privacy."""

from django.urls import path

from . import views

urlpatterns = [
    path("me/track/", views.my_track, name="my-track"),
    path("sites/<slug:code>/live/privacy/", views.policy_page, name="privacy"),
]
