"""Each contestant really takes a file, and one that cannot is no measurement."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from bim.models import Revision
from tests.bim.authoring import small_building

from .contestants import Failed, first_picture_bytes, fragments, ours, serializer, tiles_size
from .ifc_import import size_rows


@pytest.fixture
def building(tmp_path: Path) -> Path:
    small_building(tmp_path / "building.ifc")
    return tmp_path / "building.ifc"


@pytest.mark.django_db
def test_our_run_is_a_whole_import_and_each_goes_to_a_site_of_its_own(
    building: Path, tmp_path: Path, settings: Any
) -> None:
    settings.TWINWALL_DATA_ROOT, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "media"
    settings.TWINWALL_DATA_ROOT.mkdir()
    settings.MEDIA_ROOT.mkdir()
    runs = []
    for _ in range(2):
        before_s = time.process_time()
        runs.append(ours(building))
        assert runs[-1].cpu_s > time.process_time() - before_s  # the child counts, not this process alone
    assert Revision.objects.count() == 2 and {row.elements.count() for row in Revision.objects.all()} == {10}
    for run in runs:
        assert run.verdict is not None and run.verdict["meshed"] == 4 and run.seconds > 0
        assert run.cpu_s > 0 and run.peak_bytes > 50e6
        folder = Path(run.verdict["tileset"]).parent
        assert run.size == tiles_size(folder) and 0 < run.size.sent < run.size.plain
        assert run.size.plain == sum(path.stat().st_size for path in folder.iterdir())
        assert run.first_picture == first_picture_bytes(folder) <= run.size.sent


def test_both_peers_take_the_same_file_and_say_how_much_memory_they_used(building: Path) -> None:
    held = bytearray(os.urandom(1 << 20)) * 700  # 734 MB of this process must not count as theirs
    for run in (fragments(building), serializer(building)):
        assert 0 < run.size.sent < run.size.plain
        assert 20e6 < run.peak_bytes < 7e8 and run.seconds > 0 < run.cpu_s
    assert len(held) > 7e8


def test_a_peer_that_writes_nothing_is_no_measurement(tmp_path: Path) -> None:
    (tmp_path / "junk.ifc").write_text("no model")
    with pytest.raises(Failed, match="peer_glb"):
        serializer(tmp_path / "junk.ifc")
    with pytest.raises(Failed, match=r"import_fragments\.mjs"):
        fragments(tmp_path / "missing.ifc")


def test_bytes_are_compared_like_with_like(building: Path) -> None:
    peer = serializer(building).size
    sent, plain = size_rows("x", peer, peer, "IfcOpenShell GLB serializer", 0.5)
    assert (sent.name, plain.name) == ("tile bytes, sent, x", "tile bytes, plain, x")
    assert (sent.ratio, plain.ratio, sent.holds, plain.holds) == (1.0, 1.0, False, False)  # type: ignore[union-attr]
