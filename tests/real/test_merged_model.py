"""The large model of the benchmark, made small: two towers and a house, out of real files, as one."""

from __future__ import annotations

import json
import re
import subprocess
import warnings
from collections import Counter
from pathlib import Path

import ifcopenshell
import ifcopenshell.geom
import ifcopenshell.validate
import numpy as np
import pytest

from tests.benchmarks.merged_model import GAP_MM, Merged, Source, global_id, read_source, write_merged
from tests.tools.node import TOOLS, command

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
TOWER, HOUSE = "andrewisen_bim-whale-ifc-samples__TallBuilding.ifc", "ThatOpen_engine_web-ifc__example.ifc"

if not OPEN.is_dir():
    warnings.warn(f"THE MERGED MODEL IS NOT TESTED: {OPEN} does not exist.", stacklevel=1)

pytestmark = pytest.mark.skipif(not OPEN.is_dir(), reason=f"THE MERGED MODEL IS NOT TESTED: {OPEN} does not exist.")


@pytest.fixture(scope="module")
def sources() -> tuple[Source, Source]:
    return read_source(OPEN / TOWER), read_source(OPEN / HOUSE)


@pytest.fixture(scope="module")
def written(sources: tuple[Source, Source], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Merged]:
    tower, house = sources
    path = tmp_path_factory.mktemp("merged") / "merged.ifc"
    return path, write_merged(path, [tower, tower, house], seed=1)


@pytest.fixture(scope="module")
def model(written: tuple[Path, Merged]) -> ifcopenshell.file:
    return ifcopenshell.open(str(written[0]))


def complaints(model: ifcopenshell.file) -> Counter[str]:
    """Return what the schema's validation says, by attribute."""
    logger = ifcopenshell.validate.json_logger()
    ifcopenshell.validate.validate(model, logger)
    return Counter(str(each.get("attribute")) for each in logger.statements)


def test_every_product_of_every_copy_is_there_with_a_globalid_of_its_own(
    written: tuple[Path, Merged], model: ifcopenshell.file
) -> None:
    merged = written[1]
    assert (merged.products, merged.copies) == (2 * 92 + 120 + 1, 3)
    assert len(model.by_type("IfcProduct")) == merged.products == 305
    ids = [row.GlobalId for row in model.by_type("IfcRoot")]
    assert len(ids) == len(set(ids)) == merged.rooted
    before = {row.GlobalId for name in (TOWER, HOUSE) for row in ifcopenshell.open(str(OPEN / name)).by_type("IfcRoot")}
    assert before.isdisjoint(ids)
    classes = Counter(row.is_a() for row in model.by_type("IfcElement"))
    for name, times in ((TOWER, 2), (HOUSE, 1)):
        for row in ifcopenshell.open(str(OPEN / name)).by_type("IfcElement"):
            classes[row.is_a()] -= times
    assert set(classes.values()) == {0}


def test_there_is_one_project_one_site_and_one_context_of_each_kind(model: ifcopenshell.file) -> None:
    for name, count in (("IfcProject", 1), ("IfcSite", 1 + 3), ("IfcUnitAssignment", 1), ("IfcBuilding", 3)):
        assert len(model.by_type(name)) == count
    contexts = model.by_type("IfcGeometricRepresentationContext", include_subtypes=False)
    assert sorted(context.ContextType for context in contexts) == ["Annotation", "Model"]
    views = [(c.ContextIdentifier, c.ContextType) for c in model.by_type("IfcGeometricRepresentationSubContext")]
    assert len(views) == len(set(views))
    (project,) = model.by_type("IfcProject")
    (site,) = (row for relation in project.IsDecomposedBy for row in relation.RelatedObjects)
    below = [row for relation in site.IsDecomposedBy for row in relation.RelatedObjects]
    assert [row.is_a() for row in below] == ["IfcSite"] * 3
    assert [row.RefLatitude is None for row in (site, *below)] == [False, True, True, True]


def test_no_reference_leads_nowhere_and_the_schema_has_no_new_complaint(
    written: tuple[Path, Merged], model: ifcopenshell.file
) -> None:
    text = re.sub(r"'(?:[^']|'')*'", "", written[0].read_text(encoding="latin-1"))
    defined = re.findall(r"^#(\d+)=", text, re.MULTILINE)
    assert len(defined) == len(set(defined))
    assert set(re.findall(r"#(\d+)", text)) == set(defined)
    allowed = Counter[str]()
    for name, times in ((TOWER, 2), (HOUSE, 1)):
        for attribute, count in complaints(ifcopenshell.open(str(OPEN / name))).items():
            allowed[attribute] += times * count
    assert complaints(model) <= allowed


def test_the_copies_stand_apart_and_keep_their_shape(sources: tuple[Source, Source], model: ifcopenshell.file) -> None:
    settings = ifcopenshell.geom.settings()
    settings.set("use-world-coords", True)
    boxes: list[dict[int, np.ndarray]] = [{}, {}, {}]
    for copy, source in enumerate((sources[0], sources[0], sources[1])):
        for row in source.of_class("IFCWALLSTANDARDCASE", "IFCSLAB", "IFCCOLUMN", "IFCBEAM", "IFCMEMBER", "IFCPLATE"):
            element = model.by_guid(global_id(f"1/{copy}/{row.number}"))
            if element.Representation:
                shape = ifcopenshell.geom.create_shape(settings, element)
                points = np.array(shape.geometry.verts).reshape(-1, 3)
                boxes[copy][row.number] = np.array([points.min(axis=0), points.max(axis=0)])
    step = (max(source.extent[0] for source in sources) + GAP_MM) / 1000
    assert len(boxes[0]) >= 20 and boxes[0].keys() == boxes[1].keys()
    for number, box in boxes[0].items():
        assert boxes[1][number] - box == pytest.approx(np.array([[step, 0, 0]] * 2), abs=1e-6)
    plans = [np.array(list(each.values()))[:, :, :2] for each in boxes]
    hulls = [(*plan[:, 0].min(axis=0), *plan[:, 1].max(axis=0)) for plan in plans]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        a, b = hulls[one], hulls[other]
        assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def test_web_ifc_reads_the_same_elements(written: tuple[Path, Merged]) -> None:
    line = command("count_elements.mjs", str(written[0]))
    done = subprocess.run(line, capture_output=True, text=True, cwd=TOOLS, timeout=120, check=True)
    assert json.loads(done.stdout) == {"elements": 2 * 82 + 115, "global_ids": 2 * 82 + 115}


def test_the_same_seed_gives_the_same_bytes_and_another_one_other_globalids(
    written: tuple[Path, Merged], sources: tuple[Source, Source], tmp_path: Path
) -> None:
    tower, house = sources
    write_merged(tmp_path / "again.ifc", [tower, tower, house], seed=1)
    assert (tmp_path / "again.ifc").read_bytes() == written[0].read_bytes()
    write_merged(tmp_path / "other.ifc", [house], seed=2)
    write_merged(tmp_path / "third.ifc", [house], seed=3)
    other, third = (ifcopenshell.open(str(tmp_path / name)) for name in ("other.ifc", "third.ifc"))
    assert {row.GlobalId for row in other.by_type("IfcRoot")}.isdisjoint(
        row.GlobalId for row in third.by_type("IfcRoot")
    )


def test_a_model_in_metres_or_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="not in millimetres"):
        read_source(OPEN / "ThatOpen_engine_web-ifc__Office_A_20110811.ifc")
    with pytest.raises(ValueError, match="IFC4 and not IFC2X3"):
        read_source(OPEN / "xBimTeam_XbimEssentials__SampleHouse4.ifc")
