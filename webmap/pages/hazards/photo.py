"""`/photos/<id>/`: evidence pictures, only for who may see their site."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from spatial.hazards.models import Photo
from spatial.media import BlobMissing, open_blob

_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF", "image/webp"))


@require_GET
@cache_control(private=True, max_age=3600)
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """Send a photo, or with `?size=thumbnail` its thumbnail."""
    row = get_object_or_404(Photo.objects.visible_to(request.user), id=photo_id)
    small = request.GET.get("size") == "thumbnail"
    try:
        blob = open_blob(row.thumbnail_sha256 if small and row.thumbnail_sha256 else row.sha256)
    except BlobMissing as error:
        raise Http404 from error
    head = blob.read(12)
    blob.seek(0)
    media_type = next((kind for sign, kind in _SIGNATURES if head.startswith(sign)), "application/octet-stream")
    response = FileResponse(blob, content_type=media_type)
    response["Content-Disposition"] = "inline"
    return response
