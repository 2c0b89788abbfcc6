"""A mesher that comes to no end costs the bodies that are left, not the import; the next import fills them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bim.models import Element, Revision
from bim.operations import import_file
from bim.pipeline.limits import OURS_INSIDE, Limits
from bim.pipeline.supervise import Watch
from spatial.ledger.models import Act
from tests.bim.authoring import Author
from webmap.pages.imports.reason_words import reason_words

SLOW = Limits(
    module="tests.bim.hostile.slow_mesher",
    visible=(*OURS_INSIDE, "tests/__init__.py", "tests/bim/__init__.py", "tests/bim/hostile"),
)


def test_half_of_the_time_or_reading_again_and_three_tenths_of_the_limit_are_kept_for_what_follows() -> None:
    watch = Watch(limit_s=100, started=1_000)
    assert watch.mesh_ends == float("inf")
    watch.mesh_began = 1_010
    assert watch.mesh_ends == watch.deadline - (10 + 30) == 1_055
    watch.mesh_began = 1_075
    assert watch.mesh_ends == watch.deadline - 20 / 2 == 1_085


@pytest.mark.django_db(transaction=True)
def test_bodies_that_are_left_become_gaps_and_the_same_file_again_fills_them(tmp_path: Path, data_root: Path) -> None:
    author = Author()
    for number in range(8):
        author.box("IfcWall", (number * 2.0, 0, 0), (1, 0.2, 3 + number / 10))
    path = author.save(tmp_path / "walls.ifc")

    first = import_file(path=path, site_code="slow", limit_s=30, limits=SLOW)
    assert (first["verdict"], first["meshed"], len(first["gaps"])) == ("imported_with_gaps", 3, 5), first["reason"]
    (reason,) = {gap["reason"] for gap in first["gaps"]}
    after = reason.removeprefix("It was not meshed: the time for meshes was up after ").split(" s ")[0]
    assert reason.endswith(" s of the import's 30 s.") and 0 < int(after) < 28
    assert reason_words(reason) == f"未生成几何：导入限时 30 秒，几何生成的时间到第 {after} 秒已用完。"
    assert Element.objects.filter(meshed=True).count() == 3 and Element.objects.filter(gap_reason=reason).count() == 5

    second = import_file(path=path, site_code="slow", limit_s=60)
    assert (second["verdict"], second["meshed"], second["gaps"]) == ("imported", 8, [])
    act = Act.objects.filter(verb="import_model").latest("occurred_at")
    assert (act.details["meshes"]["reused"], act.details["meshes"]["new"]) == (3, 5)

    assert import_file(path=path, site_code="slow") == second
    assert [revision.number for revision in Revision.objects.order_by("number")] == [1, 2]
