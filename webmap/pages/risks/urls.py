"""Addresses of the risk pages."""

from django.urls import path

from . import (
    excel_pages,
    library_page,
    lists_page,
    major_page,
    place_page,
    point_page,
    register,
    row_page,
    suggestions_page,
    version_page,
)

SITE = "sites/<slug:code>/risks/"
LIST = f"{SITE}lists/<uuid:version_id>/"

urlpatterns = [
    path(SITE, register.register, name="risks"),
    path(f"{SITE}points/<uuid:point_id>/", point_page.point_page, name="risk-point"),
    path(f"{SITE}major/", major_page.major_page, name="major-risks"),
    path(f"{SITE}major/excel/", major_page.major_excel, name="major-risks-excel"),
    path(f"{SITE}grade/", row_page.grade_part, name="risk-grade"),
    path(f"{SITE}lists/", lists_page.lists_page, name="control-lists"),
    path(LIST, version_page.version_page, name="control-list"),
    path(f"{LIST}act/", version_page.act, name="control-list-act"),
    path(f"{LIST}changes/", version_page.changes_page, name="control-list-changes"),
    path(f"{LIST}rows/new/", row_page.new_row, name="control-list-new-row"),
    path(f"{LIST}rows/<uuid:entry_id>/", row_page.row_page, name="control-list-row"),
    path(f"{LIST}rows/<uuid:entry_id>/remove/", row_page.remove_row, name="control-list-remove-row"),
    path(f"{LIST}rows/<uuid:entry_id>/place/", place_page.place_page, name="control-list-place"),
    path(f"{LIST}excel/", excel_pages.download, name="control-list-excel"),
    path(f"{LIST}import/", excel_pages.import_page, name="control-list-import"),
    path(f"{LIST}library/", library_page.library_page, name="control-list-library"),
    path(f"{LIST}suggestions/", suggestions_page.suggestions_page, name="control-list-suggestions"),
]
