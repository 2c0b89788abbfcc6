"""A site plan imported: where its pixels end up, and that a refusal stores nothing."""

import io

import numpy as np
import pytest
import rasterio
from PIL import Image
from rio_cogeo.cogeo import cog_validate

from ingest.rasters.operations import SiteMapRefused, import_site_map
from spatial import crs, media
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.places.models import SiteMap
from tests.ingest.cast import PIT_EAST, PIT_NORTH, SRID, START

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def plan_png() -> bytes:
    """A white plan of 400 x 200 pixels with one red square of 20 pixels at x 300, y 40."""
    picture = Image.new("RGB", (400, 200), "white")
    picture.paste((255, 0, 0), (300, 40, 320, 60))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def points(pixel_m=0.5, **changes):
    rows = [
        {"pixel": [x, y], "map": [PIT_EAST + x * pixel_m, PIT_NORTH + (200 - y) * pixel_m]}
        for x, y in ((0, 0), (400, 0), (400, 200), (0, 200))
    ]
    return [{**row, **changes} for row in rows]


def test_the_red_square_is_where_the_control_points_say_in_both_pictures(cast):
    site_map = import_site_map(
        site=cast.site,
        name="总平面图",
        image=io.BytesIO(plan_png()),
        file_name="plan.png",
        control_points=points(),
        actor=cast.officer,
        now=START,
    )
    assert (site_map.width_px, site_map.height_px) == (400, 200)
    assert site_map.residual_rms_m == pytest.approx(0, abs=1e-6)
    east, north = PIT_EAST + 310 * 0.5, PIT_NORTH + 150 * 0.5
    cog = media.blob_path(site_map.cog_sha256)
    assert cog_validate(str(cog))[0]
    with rasterio.open(cog) as source:
        assert source.crs.to_epsg() == SRID
        assert [int(band) for band in next(source.sample([(east, north)]))] == [255, 0, 0, 255]
    lon, lat = crs.transform_point(east, north, from_srid=SRID, to_srid=4490)
    west, south, right, top = site_map.outline.extent
    assert site_map.outline.coords[0][:4] == ((west, top), (right, top), (right, south), (west, south))
    with media.open_blob(site_map.image_sha256) as file:
        pixels = np.asarray(Image.open(file))
    rows, columns = pixels.shape[:2]
    row, column = int((top - lat) / (top - south) * rows), int((lon - west) / (right - west) * columns)
    assert tuple(pixels[row, column]) == (255, 0, 0, 255)
    assert abs(columns / rows - 2.0) < 0.05
    with media.open_blob(site_map.source_sha256) as file:
        assert file.read() == plan_png()
    assert Act.objects.get(verb="import_site_map").details["rms_m"] == 0
    assert Event.objects.get(kind="site_map_imported").payload["name"] == "总平面图"


def swapped():
    return [{"pixel": row["pixel"], "map": row["map"][::-1]} for row in points()]


def far():
    return [{"pixel": row["pixel"], "map": [row["map"][0] + 9000, row["map"][1]]} for row in points()]


@pytest.mark.parametrize(
    ("image", "control_points", "reason", "field"),
    [
        (plan_png(), points()[:2], "at least 3 control points", "points"),
        (plan_png(), swapped(), "look swapped", "points"),
        (plan_png(), far(), "km from the site", "points"),
        (b"not a picture", points(), "not a picture", "image"),
        (plan_png()[:200], points(), "cannot be read", "image"),
    ],
)
def test_a_plan_that_cannot_be_placed_is_refused_at_its_field_and_nothing_is_stored(
    cast, settings, image, control_points, reason, field
):
    from django.contrib.gis.geos import Point

    cast.site.location = Point(*crs.transform_point(PIT_EAST, PIT_NORTH, from_srid=SRID, to_srid=4490), srid=4490)
    cast.site.save()
    acts = Act.objects.count()
    with pytest.raises(SiteMapRefused, match=reason) as refused:
        import_site_map(
            site=cast.site,
            name="x",
            image=io.BytesIO(image),
            file_name="x.png",
            control_points=control_points,
            actor=None,
            now=START,
        )
    assert refused.value.field == field
    assert (SiteMap.objects.count(), Act.objects.count()) == (0, acts)
    assert not settings.MEDIA_ROOT.exists()
