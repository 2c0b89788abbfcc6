"""`/sites/<code>/bcf/imports/<id>/`: look at a BCF file before anything is taken from it, then take topics."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bim.exchange.bcf.faults import BcfUnreadable, Fault
from bim.exchange.bcf.incoming import IncomingTopic, file_of, incoming_topics
from bim.exchange.bcf.models import BcfImport
from bim.exchange.bcf.operations import ImportRefused, keep_file, may_import, take_topics
from bim.exchange.bcf.snapshots import PictureUnreadable, bare_picture
from spatial.places.models import Site
from webmap.access import visible_site
from webmap.wording.hazard_words import CATEGORIES

LARGEST_FILE_BYTES = 50 * 1024 * 1024
LARGEST_PHOTO_BYTES = 20 * 1024 * 1024
THUMBNAIL_PX = 480
MOST_FAULTS_SHOWN = 100


@require_POST
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Keep an uploaded BCF file and show what it would bring; a file that is none is refused on the page."""
    from .views import outgoing_page

    site = visible_site(request.user, code)
    given = request.FILES.get("file")
    if given is None:
        return outgoing_page(request, site, error=_("Choose a BCF file first."), status=422)
    if (given.size or 0) > LARGEST_FILE_BYTES:
        sentence = _("The file is larger than %(limit)s MB: export fewer topics at a time.")
        return outgoing_page(request, site, error=sentence % {"limit": LARGEST_FILE_BYTES // 2**20}, status=422)
    try:
        kept = keep_file(
            site=site, content=given.read(), file_name=given.name or "topics.bcf", actor=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except BcfUnreadable as error:
        return outgoing_page(request, site, error=_(error.message) % error.values, status=422)
    except ImportRefused as error:
        return outgoing_page(request, site, error=str(error), status=403)
    return redirect("bcf-import", code=site.code, import_id=kept.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, code: str, import_id: UUID) -> HttpResponse:
    """Show what a file would bring, and what was taken from it; take what was chosen."""
    site, kept = _kept(request, code, import_id)
    if request.method == "GET":
        return _page(request, site, kept)
    category = request.POST.get("category", "")
    if category not in dict(CATEGORIES):
        return _page(request, site, kept, error=_("Choose a category."), status=422)
    given = ((name, request.FILES.get(name)) for name in request.FILES if name.startswith("photo-"))
    photos = {name.removeprefix("photo-"): file for name, file in given if file}
    if any((file.size or 0) > LARGEST_PHOTO_BYTES for file in photos.values()):
        sentence = _("A photo is larger than %(limit)s MB: take it with a lower resolution.")
        return _page(request, site, kept, error=sentence % {"limit": LARGEST_PHOTO_BYTES // 2**20}, status=422)
    try:
        taken = take_topics(
            source=kept, guids=request.POST.getlist("topic"), category=category,
            photos={guid: file.read() for guid, file in photos.items()}, actor=request.user, now=timezone.now(),
        )  # fmt: skip
    except ImportRefused as error:
        return _page(request, site, kept, error=str(error), status=422)
    request.session["bcf-taken"] = {
        "import": str(kept.pk), "reported": len(taken.reported), "comments": sum(n for _hazard, n in taken.commented),
        "commented": len(taken.commented),
    }  # fmt: skip
    return redirect("bcf-import", code=site.code, import_id=kept.pk)


@require_GET
@cache_control(private=True, max_age=86_400)
def snapshot(request: HttpRequest, code: str, import_id: UUID, guid: UUID) -> HttpResponse:
    """Send a topic's first picture, small and bare of metadata."""
    _site, kept = _kept(request, code, import_id)
    topic = next((one for one in file_of(kept.sha256).topics if one.guid == str(guid)), None)
    picture = next((view.snapshot for view in topic.viewpoints if view.snapshot), b"") if topic else b""
    try:
        return HttpResponse(bare_picture(picture, widest_px=THUMBNAIL_PX), content_type="image/jpeg")
    except PictureUnreadable as error:
        raise Http404 from error


def _kept(request: HttpRequest, code: str, import_id: UUID) -> tuple[Site, BcfImport]:
    site = visible_site(request.user, code)
    rows = BcfImport.objects.visible_to(request.user).select_related("uploaded_by")
    return site, get_object_or_404(rows, site=site, pk=import_id)


def _page(request: HttpRequest, site: Site, kept: BcfImport, *, error: str = "", status: int = 200) -> HttpResponse:
    bcf = file_of(kept.sha256)
    rows = incoming_topics(site, bcf)
    chosen = set(request.POST.getlist("topic")) if request.method == "POST" else None
    taken = request.session.get("bcf-taken") if status == 200 else None
    if taken and taken["import"] == str(kept.pk):
        del request.session["bcf-taken"]
    else:
        taken = None
    context = {
        "site": site,
        "kept": kept,
        "bcf": bcf,
        "rows": [(row, _(row.obstacle) if row.obstacle else "", _ticked(row, chosen)) for row in rows],
        "fresh": sum(row.hazard is None for row in rows),
        "known": sum(row.hazard is not None for row in rows),
        "takeable": sum(not row.obstacle for row in rows),
        "faults": [fault_words(fault) for fault in bcf.faults[:MOST_FAULTS_SHOWN]],
        "fault_count": len(bcf.faults),
        "categories": CATEGORIES,
        "category": request.POST.get("category", ""),
        "may_import": may_import(request.user, site),
        "taken": taken,
        "error": error,
    }
    return render(request, "pages/bcf_import.html", context, status=status)


def _ticked(row: IncomingTopic, chosen: set[str] | None) -> bool:
    return row.suggested if chosen is None else row.topic.guid in chosen


def fault_words(fault: Fault) -> dict[str, Any]:
    """Return a fault in the user's language: where, why, what was lost by it."""
    lost = {
        "topic": _("topic lost"),
        "comment": _("comment lost"),
        "viewpoint": _("viewpoint lost"),
        "picture": _("picture lost"),
        "value": _("value left out"),
    }
    return {"file": fault.file, "line": fault.line, "why": _(fault.message) % fault.values, "lost": lost[fault.lost],
            "grave": fault.lost in ("topic", "comment")}  # fmt: skip
