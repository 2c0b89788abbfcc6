"""`/sites/<code>/live/devices/mappings/`: mappings of a site, and an editor that shows at once what would be taken."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ingest.decoders.mapped import example_mapping, example_payload, explain
from ingest.decoders.mapping_form import MappingRefused, read_mapping
from ingest.device_mappings import mapping_body, save_mapping
from spatial.devices.models import Device, Mapping
from spatial.devices.queries import may_keep
from spatial.devices.speaking import choose_mapping
from webmap.access import visible_site

from .rights import keeper_site

TRIED = "trial-device"
MOST_LINES = 200


@require_GET
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the mappings with their versions and how many devices each version reads."""
    site = visible_site(request.user, code)
    rows = []
    for mapping in Mapping.objects.filter(site=site).prefetch_related("versions"):
        versions = list(mapping.versions.annotate(read=Count("devices")))
        rows.append({"mapping": mapping, "newest": versions[0], "versions": versions})
    context = {"site": site, "rows": rows, "may_keep": may_keep(request.user, site)}
    return render(request, "pages/devices/mappings.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def editor_page(request: HttpRequest, code: str, mapping_id: UUID | None = None) -> HttpResponse:
    """Show a mapping to change (or a new one), and keep it as a new version."""
    site = keeper_site(request, code)
    mapping = get_object_or_404(Mapping, site=site, pk=mapping_id) if mapping_id else None
    given: dict[str, Any] = request.POST.dict() if request.method == "POST" else _start(mapping)
    if request.method == "GET":
        return _editor(request, site, mapping, given)
    try:
        version = save_mapping(
            site=site,
            name=mapping.name if mapping else given.get("name", ""),
            text=given.get("body", ""),
            example=given.get("example", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except MappingRefused as refused:
        return _editor(request, site, mapping, given, refused=str(refused), status=422)
    moved = 0
    if "use" in given:
        readers = Device.objects.filter(mapping__mapping=version.mapping, site=site, active=True).exclude(
            mapping=version
        )
        for device in readers.select_related("site", "organisation", "mapping__mapping"):
            choose_mapping(device=device, version=version, actor=request.user, now=timezone.now())
            moved += 1
    told = _("Kept as version %(number)s; %(count)s devices read by it now.")
    messages.success(request, told % {"number": version.number, "count": moved})
    return redirect("device-mapping", code=code, mapping_id=version.mapping_id)


def _start(mapping: Mapping | None) -> dict[str, Any]:
    newest = mapping.versions.first() if mapping else None
    body = newest.body if newest else example_mapping()
    example = newest.example if newest else json.dumps(example_payload(), ensure_ascii=False, indent=1)
    return {
        "name": mapping.name if mapping else "",
        "body": json.dumps(body, ensure_ascii=False, indent=1),
        "example": example,
    }


def _editor(
    request: HttpRequest,
    site: Any,
    mapping: Mapping | None,
    given: dict[str, Any],
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "site": site,
        "mapping": mapping,
        "versions": mapping.versions.select_related("recorded_by").annotate(read=Count("devices")) if mapping else [],
        "given": given,
        "refused": refused,
        **tried(given.get("body", ""), given.get("example", "")),
    }
    return render(request, "pages/devices/mapping.html", context, status=status)


def tried(body: str, example: str) -> dict[str, Any]:
    """Return what a mapping takes from a payload, line by line, or why it cannot be read."""
    try:
        form = read_mapping(mapping_body(body))
    except MappingRefused as refused:
        return {"mapping_fault": str(refused)}
    if not example.strip():
        return {"no_example": True}
    found = explain(example.encode(), sender_code=TRIED, form=form)
    return {
        "taken": found.lines[:MOST_LINES],
        "cut": max(0, len(found.lines) - MOST_LINES),
        "faults": [str(fault) for fault in found.faults if fault.field not in {line.field for line in found.lines}],
        "good": found.message is not None,
        "parts": found.message.parts if found.message else (),
    }


@require_POST
def try_mapping(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a mapping would take from a payload; nothing is kept."""
    site = keeper_site(request, code)
    context = {"site": site, **tried(request.POST.get("body", ""), request.POST.get("example", ""))}
    return render(request, "pages/devices/mapping_tried.html", context)
