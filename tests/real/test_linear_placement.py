"""Elements on an alignment stand where the alignment's own numbers say."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np
import pytest

from bim.pipeline.model_files import read_elements
from bim.pipeline.site_context import SiteContext
from bim.pipeline.supervise import Watch, run_pipeline

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
SIGNALS = OPEN / "buildingSMART_IFC4.3.x-sample-models__linear-placement-of-signal.ifc"

if not SIGNALS.is_file():
    warnings.warn(f"LINEAR PLACEMENT IS NOT TESTED: {SIGNALS} does not exist.", stacklevel=1)

pytestmark = pytest.mark.skipif(not SIGNALS.is_file(), reason=f"LINEAR PLACEMENT IS NOT TESTED: no {SIGNALS}.")

# The alignment's first horizontal segment, a line, and its height there (m); the signal's station and offsets.
DIRECTION_RAD, HEIGHT_M = 0.349924145684616, 5.0
STATION_M, LEFT_M, UP_M = 353.1, 3.0, 2.5


def start_of_alignment() -> tuple[float, float]:
    """Return the start point of the first horizontal segment, read from the file's text."""
    text = SIGNALS.read_text(encoding="ascii", errors="replace")
    line = next(line for line in text.splitlines() if line.startswith("#2294"))
    x, y = line[line.index("((") + 2 : line.index("))")].split(",")[:2]
    return float(x), float(y)


def test_a_signal_stands_beside_its_track_at_its_station(tmp_path: Path) -> None:
    result = run_pipeline(SIGNALS, tmp_path, SiteContext(), Watch())
    assert not any("alignment" in warning for warning in result["warnings"])
    signal = next(element for element in read_elements(tmp_path) if element.name == "Route Indicator_01")
    with np.load(tmp_path / "rows.npz", allow_pickle=False) as rows:
        box, engine = rows["model_box"][signal.index], str(rows["engine"][signal.index])
    assert engine == "opencascade"
    x, y = start_of_alignment()
    along = np.array([math.cos(DIRECTION_RAD), math.sin(DIRECTION_RAD)])
    left = np.array([-along[1], along[0]])
    expected = np.array([x, y]) + STATION_M * along + LEFT_M * left
    assert (box[:2] + box[3:5]) / 2 == pytest.approx(expected, abs=0.05)
    assert box[2] < HEIGHT_M + UP_M < box[5]


def test_a_signal_away_from_where_its_file_says_is_named(tmp_path: Path) -> None:
    text = SIGNALS.read_text(encoding="ascii")
    assert text.count("452600.861459492") >= 1
    moved = tmp_path / "moved.ifc"
    moved.write_text(text.replace("452600.861459492", "452700.861459492"), encoding="ascii")
    folder = tmp_path / "work"
    folder.mkdir()
    result = run_pipeline(moved, folder, SiteContext(), Watch())
    signal = next(element for element in read_elements(folder) if element.name == "Route Indicator_01")
    assert any(
        "1 elements on an alignment do not lie where" in note and signal.global_id in note
        for note in result["warnings"]
    )


def test_a_signal_that_is_read_under_another_schema_and_stands_astray_of_its_alignment_is_named(tmp_path: Path) -> None:
    result = run_pipeline(OPEN / "buildingSMART_IFC4.x-IF__STN01_ACCA.ifc", tmp_path, SiteContext(), Watch())
    notes = [warning for warning in result["warnings"] if "their alignment's parameters put them" in warning]
    assert notes == [
        "1 elements on an alignment do not lie where their alignment's parameters put them: 1gnEPB6qvEY89wQ0JBMc5c."
    ]
    (gap,) = (gap for gap in result["gaps"] if gap["global_id"] == "1gnEPB6qvEY89wQ0JBMc5c")
    assert gap["reason"].startswith("Unplaced: its shape came out ")
    with np.load(tmp_path / "rows.npz", allow_pickle=False) as rows:
        assert not rows["meshed"][gap["index"]] and np.isnan(rows["model_box"][gap["index"]]).all()
