"""A large model is assembled by the same process in a new program: less memory, and the same result."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bim.pipeline import assembly, sandbox
from bim.pipeline.limits import Limits
from bim.pipeline.site_context import SiteContext
from bim.pipeline.supervise import Watch, run_pipeline
from tests.bim.authoring import small_building


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.ifc"
    small_building(path)
    return path


def results(folder: Path) -> dict[str, Any]:
    """Return everything that the assembly writes, without its seconds."""
    with (folder / "edges.json").open() as file:
        edges = {key: value for key, value in json.load(file).items() if key != "seconds"}
    files = [folder / "footprints.bin", folder / "rows.npz", folder / "result.json", *(folder / "tiles").iterdir()]
    return {"edges": edges, **{path.name: path.read_bytes() for path in files}}


def test_the_result_is_the_same_in_either_sandbox(source: Path, tmp_path: Path, kept_by: str) -> None:
    (plain := tmp_path / "plain").mkdir()
    (afresh := tmp_path / "afresh").mkdir()
    run_pipeline(source, plain, SiteContext(), Watch())
    stages: list[str] = []
    watch = Watch(on_progress=lambda progress: stages.append(progress.stage), limits=Limits(large_from_bytes=0))
    run_pipeline(source, afresh, SiteContext(), watch)
    assert list(dict.fromkeys(stages)) == ["check", "read", "mesh", "footprints", "tiles"]
    assert results(afresh) == results(plain)


def programs(source: Path, folder: Path, large_from_bytes: int) -> list[str]:
    """Run a child without its sandbox and return what each Python program it was or started has imported."""
    folder.mkdir()
    request = {
        "source": str(source), "site": SiteContext().as_json(), "attempt": 0, "one_by_one": False, "killed": {},
        "threads": 2, "memory_bytes": 4 << 30, "cpu_s": 100, "large_from_bytes": large_from_bytes,
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(sandbox.PACKAGE_ROOT), "PYTHONPROFILEIMPORTTIME": "1"}
    command = [sys.executable, "-s", "-P", "-m", "bim.pipeline.child", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {"done": True}
    assert (folder / "result.json").exists()
    return done.stderr.split("| site\n")[1:]


def test_the_assembly_of_a_large_model_does_not_know_ifcopenshell(source: Path, tmp_path: Path) -> None:
    size = source.stat().st_size
    small = programs(source, tmp_path / "small", size + 1)
    large = programs(source, tmp_path / "large", size)
    assert len(large) == len(small) + 1
    assert "ifcopenshell" in "".join(large[:-1]) and "bim.pipeline.assembly" not in "".join(large[:-1])
    assert "ifcopenshell" not in large[-1] and "bim.pipeline.assembly" in large[-1]


def test_a_model_of_many_triangles_is_assembled_by_two_processes_alike(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder := tmp_path / "work").mkdir()
    run_pipeline(source, folder, SiteContext(), Watch())
    by_one = results(folder)
    forks: list[bool] = []
    do_all = assembly.do_all

    def watched(jobs: Any, folder: Path, two: bool, *rest: Any) -> Any:
        forks.append(two)
        return do_all(jobs, folder, two, *rest)

    monkeypatch.setattr(assembly, "do_all", watched)
    for at_least in (assembly.TWO_FROM_TRIANGLES, 1):
        monkeypatch.setattr(assembly, "TWO_FROM_TRIANGLES", at_least)
        assembly.assemble(folder, SiteContext(), {}, lambda stage, part: None)
        assert results(folder) == by_one
    assert forks == [False, True]
