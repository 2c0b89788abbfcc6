"""`/sites/<code>/live/devices/backfill/`: a device's file of held-back fixes: uploaded, checked, shown, taken whole."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bim.waking import wake_worker
from ingest.backfill_files import MAX_BYTES
from ingest.backfill_jobs import CHECK_TASK, KINDS, TAKE_TASK, check_file, forget_content, progress_of
from ingest.messages import DEGREE_FRAMES, GRID_PREFIX
from spatial.devices.backfills import OPEN, cancel_backfill, confirm_backfill, upload_backfill
from spatial.devices.models import BackfillFile, Device
from spatial.devices.queries import may_keep
from spatial.devices.rules import DeviceRefused
from spatial.media import store_blob
from spatial.places.models import Site
from spatial.privacy.queries import policy_of
from spatial.tracks.models import PositioningGrid
from webmap.access import visible_site

from .line_sentences import line_words
from .refusal_sentences import refusal_words
from .rights import keeper_site
from .words import local

PER_PAGE = 25
CHECKED_AT_ONCE = 512 * 1024
State = BackfillFile.State


@never_cache
@require_http_methods(["GET", "POST"])
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the files of the site, and take a new one; its check comes first, nothing is stored yet."""
    if request.method == "POST":
        return _upload(request, keeper_site(request, code))
    return _list(request, visible_site(request.user, code), {"device": request.GET.get("device", "")})


def _list(request: HttpRequest, site: Site, given: dict[str, str], error: str = "") -> HttpResponse:
    files = BackfillFile.objects.filter(site=site).select_related("device", "uploaded_by").defer("faults")
    page = Paginator(files, PER_PAGE).get_page(request.GET.get("page"))
    grids = PositioningGrid.objects.filter(site=site).order_by("code").values_list("code", flat=True)
    context = {
        "site": site,
        "page": page,
        "lines": [{"file": file, "when": local(file.created_at, site)} for file in page],
        "may_keep": may_keep(request.user, site),
        "devices": Device.objects.filter(site=site, active=True).order_by("code").values_list("code", flat=True),
        "frames": [*DEGREE_FRAMES, *(f"{GRID_PREFIX}{grid}" for grid in grids)],
        "given": given,
        "error": error,
    }
    return render(request, "pages/devices/backfill.html", context, status=422 if error else 200)


def _upload(request: HttpRequest, site: Site) -> HttpResponse:
    given = {name: request.POST.get(name, "").strip() for name in ("device", "frame")}
    upload = request.FILES.get("file")
    device = Device.objects.filter(site=site, active=True, code=given["device"]).first()
    kind = KINDS.get(PurePath(upload.name or "").suffix.lower()) if upload else None
    size = (upload.size or 0) if upload else 0
    if device is None:
        return _list(request, site, given, _("Choose a device of this site that is in use, by its code."))
    if upload is None or size == 0:
        return _list(request, site, given, _("Choose a file that is not empty."))
    if kind is None:
        return _list(request, site, given, _("The name of the file must end in .csv, .jsonl, .ndjson or .twb."))
    if size > MAX_BYTES:
        return _list(request, site, given, _("The file has more than 64 MiB; cut it into several."))
    try:
        file = upload_backfill(
            device=device,
            file_name=upload.name or "",
            sha256=store_blob(cast(BinaryIO, upload.file)),
            size_bytes=size,
            kind=kind,
            frame=given["frame"] or DEGREE_FRAMES[0],
            actor=request.user,
            now=timezone.now(),
        )
    except DeviceRefused as refused:
        return _list(request, site, given, refusal_words(refused))
    if size <= CHECKED_AT_ONCE:
        check_file(file.pk)
    else:
        wake_worker(CHECK_TASK, file.pk)
    return redirect("device-backfill", code=site.code, file_id=file.pk)


@never_cache
@require_GET
def file_page(request: HttpRequest, code: str, file_id: UUID) -> HttpResponse:
    """Show what a file holds or what is wrong with it, and how far it is taken; the open page asks again."""
    site = visible_site(request.user, code)
    file = _file(site, file_id)
    part = "pages/devices/backfill_state.html"
    whole = "pages/devices/backfill_file.html"
    return render(request, part if request.htmx else whole, _facts(request, site, file))  # type: ignore[attr-defined]


def _facts(request: HttpRequest, site: Site, file: BackfillFile) -> dict[str, Any]:
    progress = progress_of(file.pk) if file.state == State.RUNNING else {}
    facts = file.facts
    kept_days = policy_of(site.organisation).retention_days
    first = datetime.fromisoformat(facts["first"]) if facts else None
    return {
        "site": site,
        "file": file,
        "facts": facts,
        "faults": [(line, *line_words(reason)) for line, reason in file.faults],
        "reason": line_words(file.reason),
        "first": local(first, site) if first else "",
        "last": local(datetime.fromisoformat(facts["last"]), site) if facts else "",
        "rows": [row | {"at": local(datetime.fromisoformat(row["at"]), site)} for row in facts.get("shown", ())],
        "new": facts["fixes"] - facts["known"] if facts else 0,
        "too_old": kept_days if first and (timezone.now() - first).days > kept_days else 0,
        "progress": progress,
        "going": file.state in (State.CHECKING, State.WAITING, State.RUNNING),
        "open": file.state in OPEN,
        "when": local(file.created_at, site),
        "finished": local(file.finished_at, site) if file.finished_at else "",
        "may_keep": may_keep(request.user, site),
    }


@require_POST
def act(request: HttpRequest, code: str, file_id: UUID, word: str) -> HttpResponse:
    """Take a checked file, or cancel one."""
    site = keeper_site(request, code)
    file = _file(site, file_id)
    try:
        if word == "take":
            confirm_backfill(file=file, actor=request.user, now=timezone.now())
            wake_worker(TAKE_TASK, file.pk)
        elif word == "cancel":
            forget_content(cancel_backfill(file=file, actor=request.user, now=timezone.now()))
        else:
            raise Http404
    except DeviceRefused as refused:
        messages.error(request, refusal_words(refused))
    return redirect("device-backfill", code=site.code, file_id=file.pk)


def _file(site: Site, file_id: UUID) -> BackfillFile:
    rows = BackfillFile.objects.select_related("device", "uploaded_by", "site__organisation")
    return get_object_or_404(rows, site=site, pk=file_id)
