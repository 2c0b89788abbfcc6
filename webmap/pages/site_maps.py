"""`/site-maps/<id>.png`: the picture of a site map, for those who may see its site."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_GET

from spatial.media import open_blob
from spatial.places.models import SiteMap


def _etag(request: HttpRequest, map_id: UUID) -> str | None:
    row = SiteMap.objects.visible_to(request.user).filter(id=map_id).only("image_sha256").first()
    return quote_etag(row.image_sha256) if row else None


@require_GET
@condition(etag_func=_etag)
def site_map_picture(request: HttpRequest, map_id: UUID) -> HttpResponseBase:
    """Send the stored picture; another version of a map has another id, so browsers may keep it."""
    row = get_object_or_404(SiteMap.objects.visible_to(request.user), id=map_id)
    response = FileResponse(open_blob(row.image_sha256), content_type="image/png")
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response


urlpatterns = [path("site-maps/<uuid:map_id>.png", site_map_picture, name="site-map-picture")]
