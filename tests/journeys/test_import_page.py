"""The BIM engineer at the import page, and a painted layer over the model in 3D."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bim.authoring import small_building

from .conftest import SITE, until

pytestmark = pytest.mark.journey


def test_the_engineer_sends_a_file_and_reads_its_verdict_without_loading_the_page_again(
    at_page: Any, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "附属用房.ifc", tmp_path / "cut.ifc"
    small_building(whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    page = at_page("bim_engineer", f"/sites/{SITE}/models/")
    page.set_input_files("#model-file", str(cut))
    page.click(".import-form button[type=submit]")
    page.wait_for_selector('[data-verdict="refused"]', timeout=90_000)
    assert "END-ISO-10303-21" in page.locator(".import-verdict").inner_text()

    page.goto(page.url.split("/models/")[0] + "/models/")
    page.set_input_files("#model-file", str(whole))
    page.click(".import-form button[type=submit]")
    page.wait_for_selector('[data-verdict^="imported"]', timeout=90_000)
    assert "附属用房" in page.locator(".page h1").inner_text()
    counted = page.locator("#classes tbody tr").all_inner_texts()
    assert any(row.startswith(("IfcSlab", "IfcWall")) for row in counted)
    with page.expect_download() as downloading:
        page.click('a[href$="elements.csv"]')
    assert Path(downloading.value.path()).read_bytes().startswith(b"\xef\xbb\xbfglobal_id,")


def test_a_painted_layer_takes_the_grades_place_and_gives_it_back(account: Any, at_page: Any) -> None:
    models = account("project_manager").get(f"/sites/{SITE}/models")
    tower = max(models, key=lambda model: model["meshed_count"])
    page = at_page("project_manager", f"/sites/{SITE}/?testprofile&paint=gaps&revision={tower['id']}")
    until(page, "() => window.twinwall && window.twinwall.state()")
    page.wait_for_selector("#paint:not([hidden]) .paint-legend li", timeout=90_000)
    assert page.locator("#paint h2").inner_text() == "没有形状的构件"
    graded = page.evaluate(
        "() => window.twinwall.state().elements.find(e => window.twinwall.elementColour(e.global_id)).global_id"
    )
    until(page, "id => window.twinwall.elementColour(id)?.grade === 0", arg=graded)
    page.click("#paint button")
    until(page, "id => (window.twinwall.elementColour(id)?.grade ?? 0) > 0", arg=graded)
    assert page.locator("#paint").is_hidden() and "paint=" not in page.url
