"""Addresses of the search for who was near."""

from django.urls import path

from .views import nearby_page

urlpatterns = [path("sites/<slug:code>/live/nearby/", nearby_page, name="nearby")]
