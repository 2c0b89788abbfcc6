"""Elements of a revision as CSV, Excel and GeoPackage, read back; classes counted; gaps painted."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from django.test import Client
from openpyxl import load_workbook

from bim.models import Element
from bim.queries import class_counts
from bim.revision_place import to_tile_frame
from tests.webmap.viewer.conftest import Cast, as_manager, as_stranger, cast, private_folders  # noqa: F401
from webmap.pages.imports.downloads import harmless


def address(cast: Cast, suffix: str) -> str:  # noqa: F811
    return f"/sites/ZD-TOWER/models/{cast.revision.id}/elements.{suffix}"


def test_csv_holds_every_element_once_and_excel_opens_it_as_utf_8(cast: Cast, as_manager: Client) -> None:  # noqa: F811
    answer = as_manager.get(address(cast, "csv"))
    text = b"".join(answer.streaming_content).decode("utf-8")  # type: ignore[attr-defined]
    assert text.startswith("\ufeffglobal_id,ifc_class,")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    stored = cast.revision.elements.order_by("index")
    assert [row["global_id"] for row in rows] == [element.global_id for element in stored]
    assert [row["bottom_m"] for row in rows] == [
        "" if element.box_min_z_m is None else str(round(element.box_min_z_m, 4)) for element in stored
    ]
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")


def test_the_workbook_has_the_elements_and_a_row_for_each_property(cast: Cast, as_manager: Client) -> None:  # noqa: F811
    answer = as_manager.get(address(cast, "xlsx"))
    book = load_workbook(io.BytesIO(answer.content), read_only=True)
    elements, properties = (list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets)
    assert len(elements) == 1 + cast.revision.elements.count()
    wanted = sum(len(values) for e in cast.revision.elements.all() for values in e.properties.values())
    assert len(properties) == 1 + wanted > 1


def test_the_geopackage_holds_the_footprints_in_cgcs2000(
    cast: Cast,  # noqa: F811
    as_manager: Client,  # noqa: F811
    tmp_path: Path,
) -> None:
    file = tmp_path / "elements.gpkg"
    file.write_bytes(as_manager.get(address(cast, "gpkg")).content)
    meta, _, shapes, columns = pyogrio.raw.read(str(file), layer="elements")
    assert meta["crs"] == "EPSG:4490" and len(shapes) == cast.revision.elements.count()
    names = dict(zip(meta["fields"], columns, strict=True))
    for global_id, wkb in zip(names["global_id"], shapes, strict=True):
        stored = Element.objects.get(revision=cast.revision, global_id=global_id).footprint
        assert (wkb is None) == (stored is None)
        if wkb is not None:
            assert shapely.equals(shapely.from_wkb(wkb), shapely.from_wkb(bytes(stored.wkb)))


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "gpkg"])
def test_a_stranger_gets_no_file_and_an_unknown_format_is_404(
    cast: Cast,  # noqa: F811
    as_manager: Client,  # noqa: F811
    as_stranger: Client,  # noqa: F811
    suffix: str,
) -> None:
    assert as_stranger.get(address(cast, suffix)).status_code == 404
    assert as_manager.get(address(cast, "dwg")).status_code == 404


def test_a_name_that_begins_like_a_formula_stays_a_text() -> None:
    assert [harmless(v) for v in ("=1+1", "@x", "+a", "-b", "Wall", 1.23456, None)] == [
        "'=1+1", "'@x", "'+a", "'-b", "Wall", 1.2346, None,
    ]  # fmt: skip


def test_the_page_counts_each_class_and_offers_the_files(cast: Cast, as_manager: Client) -> None:  # noqa: F811
    counts = class_counts(cast.revision)
    assert sum(row["elements"] for row in counts) == cast.revision.elements.count()
    page = as_manager.get(f"/sites/ZD-TOWER/models/{cast.revision.id}/").content.decode()
    assert all(address(cast, suffix) in page for suffix in ("csv", "xlsx", "gpkg"))
    assert all(f"<td>{row['ifc_class']}</td>" in page for row in counts)


def test_a_gap_is_painted_as_a_box_of_one_metre_at_its_object_placement(
    cast: Cast,  # noqa: F811
    as_manager: Client,  # noqa: F811
    as_stranger: Client,  # noqa: F811
) -> None:
    url = f"/api/v1/models/{cast.revision.id}/paint/gaps"
    assert as_manager.get(url).json()["legend"][0]["count"] == 0
    element = cast.revision.elements.filter(meshed=True).first()
    Element.objects.filter(pk=element.pk).update(gap_reason="no", placement_m=[1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 1, 4])
    painted = as_manager.get(url).json()
    assert (painted["legend"][0]["count"], len(painted["boxes"])) == (1, 1)
    middle = to_tile_frame(cast.revision.georeference, np.array([[2.0, 3.0, 4.0]]))
    box = np.array(painted["boxes"][0]["box"]).reshape(2, 3)
    assert box.mean(axis=0) == pytest.approx(middle[0], abs=1e-9) and np.diff(box, axis=0)[0] == pytest.approx(
        [1, 1, 1]
    )
    assert as_stranger.get(url).status_code == 404
    assert as_manager.get(f"/api/v1/models/{cast.revision.id}/paint/nothing").status_code == 404
