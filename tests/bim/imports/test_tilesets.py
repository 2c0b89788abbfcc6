"""No tileset without its revision and no revision without its tileset, whatever dies between the two."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection

from bim.committing import AlreadyImported, commit_import
from bim.models import Revision
from bim.operations import import_file, requeue_interrupted
from bim.queries import tileset_folder
from bim.tilesets import sweep_tilesets
from bim.work_folders import drop_tiles, tiles_in_place
from deploy.instance import ROOT
from deploy.supervision import wait_until
from spatial.places.models import Site

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def halted(building: Path, site: Site) -> Iterator[subprocess.Popen[str]]:
    """Yield an import in a process of its own that has placed its tiles and not committed."""
    places = {
        "TWINWALL_PG_DATABASE": str(connection.settings_dict["NAME"]),
        "TWINWALL_DATA_ROOT": str(django_settings.TWINWALL_DATA_ROOT),
        "TWINWALL_MEDIA_ROOT": str(django_settings.MEDIA_ROOT),
    }
    command = [sys.executable, "-m", "tests.bim.imports.halting", str(building), site.code]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **places}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "placed\n"
        yield process
    finally:
        process.kill()
        process.wait(30)


def tilesets() -> list[str]:
    return sorted(folder.name for folder in tileset_folder("").glob("*"))


def test_the_tiles_of_an_import_killed_before_its_commit_are_swept_and_those_of_a_living_one_are_not(
    building: Path, site: Site
) -> None:
    with halted(building, site) as importing:
        (placed,) = tilesets()
        assert (sweep_tilesets(), tilesets(), Revision.objects.count()) == (0, [placed], 0)
        importing.kill()
        importing.wait(30)
        assert wait_until(lambda: sweep_tilesets() == 1, 30)
    assert (tilesets(), Revision.objects.count()) == ([], 0)
    verdict = import_file(path=building, site_code=site.code)
    assert verdict["verdict"] == "imported" and tilesets() == [str(Revision.objects.get().pk)]
    assert requeue_interrupted() == [] and Path(verdict["tileset"] or "").is_file()


def test_an_import_that_goes_on_after_a_sweep_has_its_tiles(building: Path, site: Site) -> None:
    with halted(building, site) as importing:
        assert sweep_tilesets() == 0
        assert importing.communicate("go on\n", timeout=60)[0] == "imported\n"
    assert sweep_tilesets() == 0
    assert (tileset_folder(Revision.objects.get().pk) / "tileset.json").is_file()


def test_a_second_process_at_one_revision_takes_nothing_from_the_first(
    building: Path, site: Site, tmp_path: Path
) -> None:
    import_file(path=building, site_code=site.code)
    revision = Revision.objects.select_related("site", "model").get()
    (tmp_path / "tiles").mkdir()
    with pytest.raises(AlreadyImported):
        commit_import(
            revision=revision, site=site, site_code=site.code, model_name="", result={}, folder=tmp_path, started=0.0,
            actor=None, now=revision.created_at,
        )  # fmt: skip
    assert (tileset_folder(revision.pk) / "tileset.json").is_file() and (tmp_path / "tiles").is_dir()
    assert revision.elements.count() == 10


def test_a_sweep_takes_what_no_revision_has_and_leaves_what_is_not_a_tileset(building: Path, site: Site) -> None:
    import_file(path=building, site_code=site.code)
    gone, other = tileset_folder(uuid4()), tileset_folder("notes")
    for folder in (gone, other):
        folder.mkdir()
        (folder / "tileset.json").write_text("{}", encoding="utf-8")
    assert sweep_tilesets() == 1
    assert tilesets() == sorted(["notes", str(Revision.objects.get().pk)])


def test_tiles_find_their_place_while_other_imports_remove_the_empty_folder(tmp_path: Path, settings: Any) -> None:
    settings.TWINWALL_DATA_ROOT = tmp_path

    def come_and_go(name: int) -> int:
        for number in range(200):
            work, target = tmp_path / f"work-{name}", tmp_path / "tilesets" / f"{name}-{number}"
            (work / "tiles").mkdir(parents=True)
            with tiles_in_place(work, target):
                assert target.is_dir()
            drop_tiles(target)
        return 200

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(come_and_go, range(4))) == 800
    assert not (tmp_path / "tilesets").exists()


def test_a_commit_that_fails_takes_its_tiles_away(tmp_path: Path) -> None:
    (tmp_path / "work" / "tiles").mkdir(parents=True)
    with pytest.raises(ZeroDivisionError), tiles_in_place(tmp_path / "work", tmp_path / "tilesets" / "a"):
        assert (tmp_path / "tilesets" / "a").stat().st_mode & 0o777 == 0o755
        1 / 0  # noqa: B018
    assert not (tmp_path / "tilesets").exists()
