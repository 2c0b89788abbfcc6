"""Folders that imports and checks work in, while others come and go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bim.work_folders import work_folder


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
