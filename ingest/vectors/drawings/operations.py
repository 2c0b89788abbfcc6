"""Import a drawing as a plan of a site: its chosen layers on the map, valid from a day on."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any, Final

import shapely
from django.contrib.gis.geos import Polygon
from django.db import transaction
from django.utils.translation import gettext_noop

from ingest.vectors.drawings.placing import Placed, Placing, place_drawing
from ingest.vectors.drawings.reading import Drawing, Layer, read_drawing
from ingest.vectors.places.operations import ImportRefused
from spatial import crs, media
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.places.models import PlaceFile, SiteDrawing

MOST_TEXTS: Final = 3000


def drawing_of(file: PlaceFile) -> Drawing:
    """This function will read a kept drawing. Raises FileRefused."""
    with media.open_blob(file.source_sha256) as blob:
        return read_drawing(blob.read(), file.file_name)


def shapes_geojson(placed: Placed) -> dict[str, Any]:
    """Return a placed drawing as GeoJSON in EPSG:4490: a feature of lines for each layer, and its texts."""
    features = []
    for layer in placed.layers:
        if layer.shapes:
            properties = {"layer": layer.name, "colour": layer.colour}
            shape = shapely.GeometryCollection(layer.shapes)
            features.append({"type": "Feature", "properties": properties, "geometry": _geometry(shape)})
        features += [_text(layer, *text) for text in layer.texts[:MOST_TEXTS]]
    return {"type": "FeatureCollection", "features": features}


def _geometry(shape: shapely.GeometryCollection) -> dict[str, Any]:
    """Return a collection of lines as one MultiLineString, of anything else as it is; centimetres are enough."""
    rounded = shapely.transform(shape, lambda places: places.round(8))
    lines = [part for part in rounded.geoms if isinstance(part, shapely.LineString)]
    drawn = shapely.MultiLineString(lines) if len(lines) == len(rounded.geoms) else rounded
    return dict(json.loads(shapely.to_geojson(drawn)))


def _text(layer: Layer, lon: float, lat: float, text: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [round(lon, 8), round(lat, 8)]}
    return {"type": "Feature", "properties": {"layer": layer.name, "text": text}, "geometry": geometry}


def import_drawing(
    *, file: PlaceFile, name: str, placing: Placing, valid_from: datetime, actor: Any | None, now: datetime
) -> SiteDrawing:
    """This function will keep the chosen layers of a drawing as a plan of its site, valid from a moment on.

    Raises FileRefused for an unreadable drawing, FieldRefused for a placing that cannot be, ImportRefused for a
    file that was imported already.
    """
    assert file.site is not None
    placed = place_drawing(drawing_of(file), placing, file.site)
    content = json.dumps(shapes_geojson(placed), ensure_ascii=False, separators=(",", ":")).encode()
    shapes_sha256 = media.store_blob(io.BytesIO(content))
    with transaction.atomic():
        file = PlaceFile.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=file.pk)
        if file.imported_at is not None:
            raise ImportRefused(gettext_noop("This file was imported already."))
        return _keep(file, name, placing, placed, shapes_sha256, valid_from, actor, now)


def _keep(
    file: PlaceFile,
    name: str,
    placing: Placing,
    placed: Placed,
    shapes_sha256: str,
    valid_from: datetime,
    actor: Any | None,
    now: datetime,
) -> SiteDrawing:
    site = file.site
    assert site is not None
    points = [{"pixel": [p.x, p.y], "map": [p.east_m, p.north_m]} for p in placing.control_points]
    row = SiteDrawing.objects.create(
        organisation=site.organisation,
        site=site,
        name=name,
        file_name=file.file_name,
        source_sha256=file.source_sha256,
        shapes_sha256=shapes_sha256,
        datum=f"EPSG:{site.projected_srid}" if points else placing.datum,
        layers=[layer.name for layer in placed.layers],
        control_points=points,
        residual_rms_m=placed.fit.rms_m if placed.fit else None,
        shape_count=placed.count,
        outline=Polygon(list(placed.outline.exterior.coords), srid=crs.STORAGE_SRID),
        valid_from=valid_from,
    )
    file.imported_at, file.datum = now, row.datum
    file.answers = {"layers": row.layers, "unit": placing.unit}
    file.counts = {"shapes": row.shape_count}
    file.save(update_fields=["imported_at", "datum", "answers", "counts"])
    details = {"name": name, "file_name": file.file_name, "sha256": file.source_sha256, "layers": row.layers,
               "datum": row.datum, "shapes": row.shape_count, "rms_m": row.residual_rms_m}  # fmt: skip
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="import_drawing",
        subject_kind="site_drawing",
        subject_id=row.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    append_event(site=site, kind="site_map_imported", payload={"id": str(row.pk), "name": name}, occurred_at=now)
    return row
