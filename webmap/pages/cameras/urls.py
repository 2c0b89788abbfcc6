"""Addresses of cameras."""

from django.urls import path

from .form_page import add_page, change_page, retire
from .list_page import camera_list, cameras_json
from .onvif import ask
from .picture import look, picture_file, picture_page, snapshot_picture

BASE = "sites/<slug:code>/live/cameras"
urlpatterns = [
    path(f"{BASE}/", camera_list, name="cameras"),
    path(f"{BASE}.json", cameras_json, name="cameras-json"),
    path(f"{BASE}/new/", add_page, name="camera-add"),
    path(f"{BASE}/ask/", ask, name="camera-ask"),
    path(f"{BASE}/<uuid:camera_id>/ask/", ask, name="camera-ask-again"),
    path(f"{BASE}/<uuid:camera_id>/", picture_page, name="camera"),
    path(f"{BASE}/<uuid:camera_id>/change/", change_page, name="camera-change"),
    path(f"{BASE}/<uuid:camera_id>/retire/", retire, name="camera-retire"),
    path(f"{BASE}/<uuid:camera_id>/look/", look, name="camera-look"),
    path(f"{BASE}/<uuid:camera_id>/snapshot.jpg", snapshot_picture, name="camera-snapshot"),
    path(f"{BASE}/<uuid:camera_id>/hls/<str:name>", picture_file, name="camera-hls"),
]
