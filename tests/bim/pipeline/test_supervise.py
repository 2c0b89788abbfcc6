"""The whole pipeline on real children: known boxes, killed and stopped meshers, limits, cancelling."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from bim.ifc.records import ElementRecord
from bim.ifc.refusal import Refusal
from bim.pipeline.model_files import read_elements, read_outlines
from bim.pipeline.sandbox import bubblewrap, child_command
from bim.pipeline.site_context import SiteContext
from bim.pipeline.supervise import Cancelled, Progress, Watch, run_pipeline
from bim.tiles.frame import EnuFrame
from tests.bim.authoring import Author, small_building
from tests.bim.tile_reader import ReadFeature, read_leaves


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.ifc"
    small_building(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


def children_of(pid: int) -> list[int]:
    """Return every process below `pid`."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def runs_the_child(pid: int) -> bool:
    """Say whether a process is the child or its sandbox, and not the fast mesher that the child has started."""
    return b"bim.pipeline.child" in Path(f"/proc/{pid}/cmdline").read_bytes()


class Saboteur:
    """Sends a signal to the child (inside its sandbox) when it begins to mesh, the first `times` times."""

    def __init__(self, number: signal.Signals, times: int) -> None:
        self.number, self.left = number, times
        self.stages: list[str] = []

    def __call__(self, progress: Progress) -> None:
        fresh = not self.stages or self.stages[-1] != progress.stage
        self.stages.append(progress.stage)
        if progress.stage == "mesh" and fresh and self.left:
            self.left -= 1
            os.kill([pid for pid in children_of(os.getpid()) if runs_the_child(pid)][-1], self.number)


def box_model(path: Path, count: int = 1) -> Path:
    author = Author()
    for number in range(count):
        author.box("IfcWall", (number * 2.0, 0, 0), (1, 0.2, 3))
    return author.save(path)


def elements_in_tiles(folder: Path) -> dict[int, tuple[ElementRecord, ReadFeature]]:
    """Return by index what the tiles show, each with its element."""
    elements = {element.index: element for element in read_elements(folder)}
    return {index: (elements[index], feature) for index, feature in read_leaves(folder / "tiles").items()}


def test_every_body_is_meshed_and_the_stair_without_one_is_no_gap(source: Path, folder: Path) -> None:
    result = run_pipeline(source, folder, SiteContext(), Watch())
    assert (result["elements"], result["meshed"], result["gaps"]) == (10, 4, [])
    read = elements_in_tiles(folder)
    assert sorted(element.ifc_class for element, _ in read.values()) == ["IfcColumn", "IfcSlab", "IfcSpace", "IfcWall"]


def test_boxes_heights_and_outlines_are_those_of_the_drawing(source: Path, folder: Path) -> None:
    result = run_pipeline(source, folder, SiteContext(), Watch())
    origin = result["georeference"]["origin"]
    frame = EnuFrame(origin["lon"], origin["lat"], origin["height_m"])
    assert origin["height_m"] == pytest.approx(110.3)
    assert [storey["height_m"] for storey in result["storeys"]] == pytest.approx([110.5, 113.5])
    read = {element.ifc_class: (index, feature) for index, (element, feature) in elements_in_tiles(folder).items()}
    with np.load(folder / "rows.npz", allow_pickle=False) as rows:
        boxes, heights = rows["box"], rows["height"]
    slab, wall, column = (read[name][0] for name in ("IfcSlab", "IfcWall", "IfcColumn"))
    assert heights[slab] == pytest.approx([110.3, 110.5], abs=1e-3)
    assert heights[wall] == pytest.approx([110.5, 113.5], abs=1e-3)
    assert heights[column] == pytest.approx([113.5, 116.5], abs=1e-3)
    for index, feature in read.values():
        assert np.concatenate([feature.lower, feature.upper]) == pytest.approx(boxes[index], abs=1e-3)
    outlines = read_outlines(folder)

    def to_plan(points: np.ndarray) -> np.ndarray:
        return frame.from_geodetic(np.column_stack((points, np.full(len(points), 110.3))))[:, :2]

    plan = shapely.transform(shapely.from_wkb(outlines[slab]), to_plan)
    assert plan.area == pytest.approx(10 * 6 - 1, rel=1e-4), "the hole of 1 m² stays open"
    assert len(plan.geoms[0].interiors) == 1
    assert plan.length == pytest.approx(2 * (10 + 6) + 4, rel=1e-4)


def test_progress_rises_to_the_end(source: Path, folder: Path) -> None:
    heard: list[Progress] = []
    run_pipeline(source, folder, SiteContext(), Watch(on_progress=heard.append))
    assert [p.percent for p in heard] == sorted(p.percent for p in heard)
    assert list(dict.fromkeys(p.stage for p in heard))[:4] == ["check", "read", "mesh", "footprints"]


def test_a_mesher_that_is_killed_is_started_again_and_nothing_is_lost(source: Path, folder: Path) -> None:
    saboteur = Saboteur(signal.SIGKILL, 1)
    result = run_pipeline(source, folder, SiteContext(), Watch(on_progress=saboteur))
    assert saboteur.left == 0 and saboteur.stages.count("check") == 2
    assert (result["meshed"], result["gaps"]) == (4, [])


def test_a_mesher_that_hangs_is_killed_after_its_silence(source: Path, folder: Path) -> None:
    saboteur = Saboteur(signal.SIGSTOP, 1)
    started = time.monotonic()
    result = run_pipeline(source, folder, SiteContext(), Watch(limit_s=30, on_progress=saboteur))
    assert (result["meshed"], result["gaps"]) == (4, [])
    assert 5 < time.monotonic() - started < 30


def test_a_file_that_always_hangs_is_refused_within_the_limit(source: Path, folder: Path) -> None:
    started = time.monotonic()
    with pytest.raises(Refusal, match="stopped at its limit of 4 s"):
        run_pipeline(source, folder, SiteContext(), Watch(limit_s=4, on_progress=Saboteur(signal.SIGSTOP, 99)))
    assert time.monotonic() - started < 4
    assert not (folder / "result.json").exists()
    assert children_of(os.getpid()) == []


def test_a_cancelled_import_ends_its_children(source: Path, folder: Path) -> None:
    asked: list[int] = []

    def cancel() -> bool:
        asked.append(len(children_of(os.getpid())))
        return True

    with pytest.raises(Cancelled):
        run_pipeline(source, folder, SiteContext(), Watch(is_cancelled=cancel))
    assert asked[0] > 0
    assert children_of(os.getpid()) == []


@pytest.mark.parametrize("content", [b"", b"<html>", b"ISO-10303-21;\nHEADER;\n"])
def test_a_refused_file_leaves_no_tiles_and_no_rows(content: bytes, tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "bad.ifc"
    path.write_bytes(content)
    with pytest.raises(Refusal):
        run_pipeline(path, folder, SiteContext(), Watch())
    left = {entry.name for entry in folder.iterdir()}
    assert not left & {"tiles", "rows.npz", "result.json", "elements.jsonl"}


def test_a_body_that_cannot_be_meshed_is_a_gap_with_its_reason(tmp_path: Path, folder: Path) -> None:
    author = Author()
    good = author.box("IfcWall", (0, 0, 0), (1, 0.2, 3))
    bad = author.box("IfcSlab", (0, 0, 0), (1, 1, 1))
    solid = bad.Representation.Representations[0].Items[0]
    solid.Depth = 0.0
    author.save(tmp_path / "source.ifc")
    result = run_pipeline(tmp_path / "source.ifc", folder, SiteContext(), Watch())
    assert result["meshed"] == 1
    assert [(gap["global_id"], gap["ifc_class"]) for gap in result["gaps"]] == [(bad.GlobalId, "IfcSlab")]
    assert result["gaps"][0]["reason"]
    assert [element.global_id for element, _ in elements_in_tiles(folder).values()] == [good.GlobalId]


def test_coordinates_of_a_million_kilometres_lose_no_millimetre(tmp_path: Path, folder: Path) -> None:
    author = Author(prefix="MILLI")
    author.box("IfcWall", (4_554_676_123.0, 1_185_944_009.0, 0), (1_001.0, 203.0, 3_007.0))
    author.save(tmp_path / "source.ifc")
    run_pipeline(tmp_path / "source.ifc", folder, SiteContext(), Watch())
    (feature,) = read_leaves(folder / "tiles").values()
    assert feature.upper - feature.lower == pytest.approx([1.001, 0.203, 3.007], abs=1e-4)


@pytest.mark.skipif(bubblewrap() is None, reason="bubblewrap cannot be used on this machine")
def test_the_child_sees_neither_network_nor_home_nor_other_folders(source: Path, folder: Path, tmp_path: Path) -> None:
    import subprocess

    secret = tmp_path / "secret.txt"
    secret.write_text("no")
    command = child_command(folder, source)
    probe = (
        "import os, socket\n"
        f"print(os.path.exists({str(secret)!r}), os.path.exists('/root'), os.path.exists('/etc/passwd'))\n"
        "try: socket.create_connection(('127.0.0.1', 1), 1)\n"
        "except OSError as error: print(type(error).__name__)\n"
        "try: open('/source/file', 'ab')\n"
        "except OSError as error: print(type(error).__name__)\n"
        "print([name for _, name in socket.if_nameindex()])\n"
    )
    done = subprocess.run([*command[: command.index("-m")], "-c", probe], capture_output=True, text=True, timeout=30)
    lines = done.stdout.splitlines()
    assert lines[0] == "False False False"
    assert lines[1] == "ConnectionRefusedError"
    assert lines[2] in ("OSError", "PermissionError")
    assert lines[3] == "['lo']"
