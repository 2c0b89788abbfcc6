"""What many attempts have left is read as one, however many files that is."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bim.ifc.meshing_types import Mesh, Outcome
from bim.pipeline.frames import write_frame
from bim.pipeline.outcomes import Meshes, collect_outcomes

ATTEMPTS = 300


@pytest.fixture
def few_files() -> Iterator[None]:
    """Let this process have as few open files as a child of an import may."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def triangle(size_m: float) -> Mesh:
    corners = np.array([[0.0, 0, 0], [size_m, 0, 0], [0, size_m, 0]])
    return Mesh(corners, np.array([[0, 1, 2]], np.int32), np.full((1, 4), 255, np.uint8), np.zeros(1, np.int32))


def test_the_meshes_of_more_attempts_than_files_may_be_open_are_all_read(few_files: None, tmp_path: Path) -> None:
    for number in range(ATTEMPTS):
        with (tmp_path / f"mesh-{number:03d}.bin").open("wb") as file:
            write_frame(file, Outcome(number, triangle(1.0 + number), engine="opencascade"))
    meshes = Meshes(collect_outcomes(tmp_path))
    assert len(meshes) == ATTEMPTS
    for _ in range(2):
        assert [meshes[number].vertices.max() for number in range(ATTEMPTS)] == [1.0 + n for n in range(ATTEMPTS)]
