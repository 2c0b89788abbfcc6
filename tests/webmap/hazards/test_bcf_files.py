"""A ticket and a site's open tickets as BCF files."""

from __future__ import annotations

import math
import zipfile
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from bim.models import Element, Model, Revision
from tests.bim.exchange.bcf.official import available, official_faults
from tests.bim.exchange.bcf.schema import faults

pytestmark = pytest.mark.django_db
WALL = "1hqIFTRjfV6AWq_bMtnZwI"


def content_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def stand_on_wall(ticket) -> Revision:
    """Put the ticket on a wall of a model that is placed by EPSG:4547, its origin 100 m west of the ticket."""
    from pyproj import Transformer

    anchor = ticket.anchor
    point = anchor.geometry.centroid
    east, north = Transformer.from_crs(4490, 4547, always_xy=True).transform(point.x, point.y)
    candidate = {
        "level": 50, "source": "map conversion", "kind": "projected", "crs": "EPSG:4547",
        "lon_deg": 0.0, "lat_deg": 0.0,
        "matrix": [1, 0, 0, east - 100, 0, 1, 0, north, 0, 0, 1, 0, 0, 0, 0, 1], "rotation_deg": 0.0, "problem": "",
        "warnings": [],
    }  # fmt: skip
    whose = {"site": ticket.site, "organisation_id": ticket.organisation_id}
    model = Model.objects.create(name="Tower", **whose)
    revision = Revision.objects.create(
        model=model, number=1, file_name="tower.ifc", file_sha256="ab" * 32, state=Revision.State.IMPORTED,
        placed=True, georeference={"candidate": candidate}, **whose,
    )  # fmt: skip
    Element.objects.create(
        revision=revision, index=0, global_id=WALL, ifc_class="IfcWall", model_box_m=[98, 0, 0, 102, 3, 0]
    )
    anchor.model_id, anchor.element_global_id = model.pk, WALL
    anchor.save()
    return revision


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_a_ticket_is_a_valid_topic_with_its_element_its_photo_and_a_camera_beside_it(
    cast, ticket, logged_in, version
) -> None:
    stand_on_wall(ticket)
    answer = logged_in(cast.worker).get(f"/hazards/{ticket.id}/topic-{version}.bcf")
    assert answer.status_code == 200
    content = content_of(answer)
    assert faults(content, version) == []
    assert not available() or official_faults(content, version) == []
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        markup = ElementTree.fromstring(archive.read(f"{ticket.id}/markup.bcf"))
        view = ElementTree.fromstring(archive.read(next(n for n in names if n.endswith(".bcfv"))))
        picture = Image.open(BytesIO(archive.read(next(n for n in names if n.endswith(".png")))))
        assert picture.format == "PNG" and max(picture.size) <= 1600
    assert markup.findtext("Topic/Title", "").startswith(ticket.number)
    assert next(markup.iter("Filename")).text == "tower.ifc"
    assert next(markup.iter("Reference")).text == "urn:sha256:" + "ab" * 32
    assert [node.get("IfcGuid") for node in view.iter("Component")] == [WALL]
    position, direction = (
        [float(part.text or "") for part in next(view.iter(tag))] for tag in ("CameraViewPoint", "CameraDirection")
    )
    height = ticket.anchor.geometry.coords[2]
    reach_m = math.dist((100.0, 0.0, height), (102.0, 3.0, 0.0))  # to the farthest corner of the wall's box
    away_m = (
        1.5 * reach_m / math.sin(math.radians(60.0 / 2))
    )  # all of it is in the picture of 60 degrees, and half more
    seen = [p + away_m * d for p, d in zip(position, direction, strict=True)]
    assert ticket.anchor.geometry.centroid and seen == pytest.approx([100.0, 0.0, height], abs=1e-3)


def test_open_tickets_of_a_site_are_one_file_and_twice_the_same(cast, ticket, logged_in) -> None:
    browser = logged_in(cast.worker)
    page = browser.get(f"/sites/{ticket.site.code}/bcf/")
    assert f"/sites/{ticket.site.code}/bcf/open-2.1.bcf" in page.content.decode()
    first = content_of(browser.get(f"/sites/{ticket.site.code}/bcf/open-3.0.bcf"))
    assert faults(first, "3.0") == []
    assert not available() or official_faults(first, "3.0") == []
    assert first == content_of(browser.get(f"/sites/{ticket.site.code}/bcf/open-3.0.bcf"))


def test_strangers_and_unknown_versions_get_nothing(cast, ticket, logged_in) -> None:
    assert logged_in(cast.stranger).get(f"/hazards/{ticket.id}/topic-2.1.bcf").status_code == 404
    assert logged_in(cast.stranger).get(f"/sites/{ticket.site.code}/bcf/").status_code == 404
    assert logged_in(cast.worker).get(f"/hazards/{ticket.id}/topic-1.0.bcf").status_code == 404
