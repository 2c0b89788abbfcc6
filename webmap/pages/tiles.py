"""`/tiles/<revision>/<path>`: the 3D tiles of a revision, for users who may see its site and nobody else."""

from __future__ import annotations

import gzip
from pathlib import Path
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from bim.queries import tileset_folder
from webmap.access import imported_revision

CONTENT_TYPES = {".json": "application/json", ".glb": "model/gltf-binary"}
ONE_YEAR_S = 31_536_000
GZIP_FROM_BYTES = 1024


@require_safe
def tile(request: HttpRequest, revision_id: UUID, name: str) -> HttpResponseBase:
    """Send one file of a tileset. What is not there, not a tile, or not for this user answers 404 alike."""
    revision = imported_revision(request.user, revision_id)
    file = _file_of(revision.id, name)
    response = _sent(file, "gzip" in request.headers.get("Accept-Encoding", ""))
    patch_cache_control(response, private=True, max_age=ONE_YEAR_S, immutable=True)
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def _file_of(revision_id: UUID, name: str) -> Path:
    """Return the tile's path; only tiles, and only inside the revision's own folder."""
    folder = tileset_folder(revision_id).resolve()
    file = (folder / name).resolve()
    if name.endswith("/") or file.suffix not in CONTENT_TYPES or not file.is_relative_to(folder) or not file.is_file():
        raise Http404
    return file


def _sent(file: Path, may_gzip: bool) -> HttpResponseBase:
    content_type = CONTENT_TYPES[file.suffix]
    if not may_gzip or file.stat().st_size < GZIP_FROM_BYTES:
        return FileResponse(file.open("rb"), content_type=content_type)
    response = HttpResponse(gzip.compress(file.read_bytes(), 5), content_type=content_type)
    response["Content-Encoding"] = "gzip"
    return response


urlpatterns = [path("tiles/<uuid:revision_id>/<path:name>", tile, name="tile")]
