"""Addresses of cards, of printed maps and of the live card."""

from django.urls import path

from .batch import cancel, job_pdf, start
from .live_card import live_card
from .map_print import map_file, map_print_page
from .posts import draft, new_post_page, post_page, post_pdf, remove, save
from .views import card_page, card_pdf, cards_page, choices, issue, qr_picture, reissue, sheet_page, sheet_pdf

BASE = "sites/<slug:code>/risks/cards/"
POSTS = f"{BASE}posts/"
MAP = "sites/<slug:code>/risks/map-print/"
urlpatterns = [
    path(BASE, cards_page, name="cards"),
    path(f"{BASE}issue/", issue, name="cards-issue"),
    path(f"{BASE}settings/", choices, name="cards-settings"),
    path(f"{BASE}print/", start, name="cards-print"),
    path(f"{BASE}print/<uuid:job_id>/cancel/", cancel, name="cards-print-cancel"),
    path(f"{BASE}print/<uuid:job_id>.pdf", job_pdf, name="cards-print-pdf"),
    path(f"{POSTS}draft/", draft, name="card-posts-draft"),
    path(f"{POSTS}new/", new_post_page, name="card-post-new"),
    path(f"{POSTS}save/", save, name="card-post-make"),
    path(f"{POSTS}<uuid:post_id>/", post_page, name="card-post"),
    path(f"{POSTS}<uuid:post_id>/save/", save, name="card-post-save"),
    path(f"{POSTS}<uuid:post_id>/remove/", remove, name="card-post-remove"),
    path(f"{POSTS}<uuid:post_id>/card.pdf", post_pdf, name="card-post-pdf"),
    path(f"{BASE}<uuid:point_id>/", card_page, name="card"),
    path(f"{BASE}<uuid:point_id>/card.pdf", card_pdf, name="card-pdf"),
    path(f"{BASE}<uuid:point_id>/code.svg", qr_picture, name="card-code"),
    path(f"{BASE}<uuid:point_id>/reissue/", reissue, name="card-reissue"),
    path(f"{BASE}<slug:name>/", sheet_page, name="card-sheet"),
    path(f"{BASE}<slug:name>.pdf", sheet_pdf, name="card-sheet-pdf"),
    path(MAP, map_print_page, name="map-print"),
    path(f"{MAP}sheet.pdf", map_file, {"kind": "pdf"}, name="map-print-pdf"),
    path(f"{MAP}sheet.png", map_file, {"kind": "png"}, name="map-print-png"),
    path(f"{MAP}preview.png", map_file, {"kind": "preview"}, name="map-print-preview"),
    path("c/<str:token>/", live_card, name="live-card"),
]
