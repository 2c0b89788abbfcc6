"""Addresses of the pages about devices."""

from django.urls import path

from . import backfill_pages, placing_pages
from .device_page import act, device_page, new_page
from .file_pages import export_file, import_page, template_file
from .list_page import expiring_page, list_page
from .mapping_pages import editor_page, try_mapping
from .mapping_pages import list_page as mappings_page
from .refused_page import message_page, refused_file, refused_page

BASE = "sites/<slug:code>/live/devices/"
urlpatterns = [
    path(BASE, list_page, name="devices"),
    path(f"{BASE}new/", new_page, name="device-new"),
    path(f"{BASE}papers/", expiring_page, name="device-papers"),
    path(f"{BASE}import/", import_page, name="devices-import"),
    path(f"{BASE}import/template.xlsx", template_file, name="devices-template"),
    path(f"{BASE}devices.xlsx", export_file, name="devices-export"),
    path(f"{BASE}refused/", refused_page, name="devices-refused"),
    path(f"{BASE}refused/messages.csv", refused_file, name="devices-refused-file"),
    path(f"{BASE}refused/<int:message_id>/", message_page, name="device-refused"),
    path(f"{BASE}mappings/", mappings_page, name="device-mappings"),
    path(f"{BASE}mappings/new/", editor_page, name="device-mapping-new"),
    path(f"{BASE}mappings/try/", try_mapping, name="device-mapping-try"),
    path(f"{BASE}mappings/<uuid:mapping_id>/", editor_page, name="device-mapping"),
    path(f"{BASE}backfill/", backfill_pages.list_page, name="device-backfills"),
    path(f"{BASE}backfill/<uuid:file_id>/", backfill_pages.file_page, name="device-backfill"),
    path(f"{BASE}backfill/<uuid:file_id>/<slug:word>/", backfill_pages.act, name="device-backfill-act"),
    path(f"{BASE}placing/", placing_pages.placing_page, name="device-placing"),
    path(f"{BASE}placing/try/", placing_pages.try_points, name="device-placing-try"),
    path(f"{BASE}placing/undo/", placing_pages.undo, name="device-placing-undo"),
    path(f"{BASE}placing/barometer/", placing_pages.barometer, name="device-barometer"),
    path(f"{BASE}<uuid:device_id>/", device_page, name="device"),
    path(f"{BASE}<uuid:device_id>/<slug:act>/", act, name="device-act"),
]
