"""What is refused, fails or came before leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.db import DataError, transaction

from bim.models import Model, Revision
from bim.operations import import_file
from spatial.places.models import Site

pytestmark = pytest.mark.django_db


def everything(*folders: Path) -> tuple[dict[str, int], list[str]]:
    """Return the row count of every table and every file and folder below `folders`."""
    counts = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    files = [str(path) for folder in folders for path in sorted(folder.rglob("*"))]
    return counts, files


def test_the_same_file_gives_its_earlier_verdict_and_costs_nothing(building: Path, site: Site, tmp_path: Path) -> None:
    first = import_file(path=building, site_code=site.code)
    before = everything(tmp_path)
    again = import_file(path=building, site_code=site.code, model_name="其他")
    assert again == first and list(again) == list(first)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=IFC"])
@pytest.mark.parametrize("code", ["ZD-TOWER", "UNKNOWN"])
def test_a_refused_file_leaves_no_row_and_no_folder_behind(
    content: bytes, code: str, site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "bad.ifc"
    path.write_bytes(content)
    before = everything(tmp_path)
    verdict = import_file(path=path, site_code=code)
    assert (verdict["verdict"], verdict["tileset"], verdict["elements"]) == ("refused", None, 0)
    assert verdict["reason"]
    assert everything(tmp_path) == before


def test_an_import_that_fails_at_the_last_step_leaves_nothing(building: Path, site: Site, tmp_path: Path) -> None:
    model = Model.objects.create(site=site, organisation=site.organisation, name="一期主体")
    Revision.objects.create(  # the next number does not fit its column
        site=site,
        organisation=site.organisation,
        model=model,
        number=2_147_483_647,
        file_name="x",
        file_sha256="0" * 64,
    )
    before = everything(tmp_path)
    with pytest.raises(DataError), transaction.atomic():
        import_file(path=building, site_code=site.code)
    assert everything(tmp_path) == before
