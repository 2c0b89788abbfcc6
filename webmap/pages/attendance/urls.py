"""Addresses of attendance."""

from django.urls import path

from . import views

BASE = "sites/<slug:code>/live/attendance/"
urlpatterns = [
    path(BASE, views.day_page, name="attendance"),
    path(f"{BASE}month/", views.month_page, name="attendance-month"),
    path(f"{BASE}sheet.xlsx", views.export, name="attendance-export"),
    path(f"{BASE}correct/", views.correct, name="attendance-correct"),
    path(f"{BASE}posts/", views.add_post, name="attendance-post"),
    path(f"{BASE}posts/<uuid:post_id>/end/", views.remove_post, name="attendance-post-end"),
]
