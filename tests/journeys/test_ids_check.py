"""The BIM engineer runs an IDS file over the tower, reads what fails, and sees it in 3D."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bim.ifc.ids.writing import WALLS, document, specification

from .conftest import SITE, until

pytestmark = pytest.mark.journey

COLUMNS = WALLS.replace("IFCWALL", "IFCCOLUMN")
RATED = (
    "<property><propertySet><simpleValue>Pset_Delivery</simpleValue></propertySet>"
    "<baseName><simpleValue>Batch</simpleValue></baseName></property>"
)
SCHEMAS = "IFC2X3 IFC4 IFC4X3_ADD2"


def test_the_engineer_uploads_an_ids_file_and_sees_what_fails_in_3d(account: Any, at_page: Any, tmp_path: Path) -> None:
    models = account("bim_engineer").get(f"/sites/{SITE}/models")
    tower = max(models, key=lambda model: model["meshed_count"])
    asked = tmp_path / "批次.ids"
    text = document(specification(RATED, COLUMNS, versions=SCHEMAS, name="柱有批次"), info="<title>批次交付</title>")
    asked.write_text(text, encoding="utf-8")

    page = at_page("bim_engineer", f"/sites/{SITE}/models/{tower['id']}/checks/")
    page.set_input_files("#ids-file", str(asked))
    page.click("button[value=upload]")
    page.wait_for_selector('[data-check-state="done"]', timeout=120_000)
    assert page.locator(".page h1").inner_text().startswith("批次交付")
    assert "属性集 Pset_Delivery 中应有属性 Batch" in page.locator(".check-requirements").inner_text()
    failing = page.locator(".check-findings tbody tr").count()
    assert failing > 0 and "没有这个属性集" in page.locator(".check-findings tbody tr").first.inner_text()

    first = page.locator(".check-findings tbody code").first.inner_text()
    with page.expect_download() as downloading:
        page.click('a[href$="findings.csv"]')
    assert first in Path(downloading.value.path()).read_text(encoding="utf-8-sig")

    page.goto(page.locator('a[href*="paint=findings"]').first.evaluate("link => link.href") + "&testprofile")
    until(page, "() => window.twinwall && window.twinwall.state()")
    page.wait_for_selector("#paint:not([hidden]) .paint-legend li", timeout=90_000)
    assert page.locator("#paint h2").inner_text() == "批次交付"
    assert "柱有批次" in page.locator(".paint-legend").inner_text()
    until(page, "id => (window.twinwall.elementColour(id)?.rgba ?? [])[0] === 179", arg=first)
