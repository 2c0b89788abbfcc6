"""Addresses of a site's plans."""

from django.urls import path

from .views import drawing_page, drawing_shapes, plans_page

urlpatterns = [
    path("sites/<slug:code>/plans/", plans_page, name="site-plans"),
    path("sites/<slug:code>/plans/drawings/<uuid:file_id>/", drawing_page, name="site-drawing"),
    path("site-drawings/<uuid:drawing_id>.geojson", drawing_shapes, name="drawing-shapes"),
]
