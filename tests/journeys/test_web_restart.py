"""The web process dies while a model is imported: the import ends, and the page that was open finds it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bim.authoring import small_building

from .conftest import SITE, until

pytestmark = pytest.mark.journey
WALLS = 1_000


def building(path: Path) -> Path:
    """Write the small building with a thousand walls, no two alike, so that its import outlasts a restart."""
    author = small_building(path)
    for number in range(WALLS):
        author.box("IfcWall", (number * 2_000.0, 9_000.0, 0), (1_000, 200, 3_000 + number))
    return author.save(path)


def test_a_page_that_follows_an_import_finds_it_again_after_the_web_process_was_killed(
    account: Any, at_page: Any, whole_product: Any, tmp_path: Path
) -> None:
    engineer = account("bim_engineer")
    page = at_page("bim_engineer", f"/sites/{SITE}/models/")
    page.set_input_files("#model-file", str(building(tmp_path / "围墙.ifc")))
    page.click(".import-form button[type=submit]")
    page.wait_for_selector("[data-under-way]", timeout=90_000)
    until(page, "() => parseInt(document.querySelector('[data-percent]').textContent) > 0", timeout_s=90)
    loaded_at, revision = page.evaluate("window.twinwall.loadedAt"), page.url.rstrip("/").rsplit("/", 1)[1]

    whole_product.kill_service("web")
    assert page.locator("[data-under-way]").count() == 1, "the import had ended before the process was killed"
    whole_product.start_service("web")

    page.wait_for_selector('[data-verdict="imported"]', timeout=180_000)
    assert page.evaluate("window.twinwall.loadedAt") == loaded_at, "the page was loaded again"
    told = engineer.get(f"/revisions/{revision}")
    assert (told["state"], told["percent"]) == ("imported", 100.0)
    (model,) = (row for row in engineer.get(f"/sites/{SITE}/models") if row["id"] == revision)
    assert (model["name"], model["element_count"], model["meshed_count"]) == ("围墙", 1_010, 1_004)
    again = at_page("bim_engineer", f"/sites/{SITE}/models/{revision}/")
    again.wait_for_selector('[data-verdict="imported"]')
