"""Folders that imports and checks work in, while others come and go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bim.work_folders import sweep_work_folders, work_folder


def test_work_that_begins_while_other_work_ends_has_its_folder(tmp_path: Path, settings: Any) -> None:
    settings.TWINWALL_DATA_ROOT = tmp_path

    def come_and_go(_: int) -> int:
        for _number in range(300):
            with work_folder() as folder:
                (folder / "file").write_bytes(b"x")
        return 300

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(come_and_go, range(4))) == 1_200
    assert list(tmp_path.iterdir()) == []


def test_the_folders_of_dead_imports_are_swept_and_those_of_the_living_are_not(tmp_path: Path, settings: Any) -> None:
    settings.TWINWALL_DATA_ROOT = tmp_path
    with work_folder() as alive:
        dead = alive.with_name("import-dead")
        (dead / "tiles").mkdir(parents=True)
        assert sweep_work_folders() == 1
        assert alive.is_dir() and not dead.exists()
    assert not alive.exists()
