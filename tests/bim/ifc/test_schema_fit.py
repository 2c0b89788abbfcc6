"""Files under other names of a schema: read where their records fit, refused where a shape or a place would change."""

from __future__ import annotations

from pathlib import Path

import pytest

from bim.ifc.container import check_file
from bim.ifc.reading import open_model
from bim.ifc.refusal import Refusal
from tests.bim.authoring import Author

LAST = 9_000


def heard(tmp_path: Path, schema: str, *records: str) -> list[str]:
    """Open an authored IFC4X3 file under another name, with records added, and return the parser's warnings."""
    author = Author("IFC4X3_ADD2")
    author.box("IfcWall", (0, 0, 0), (1, 0.2, 3))
    path = author.save(tmp_path / "source.ifc")
    lines = "".join(f"#{LAST + number}={record};\n" for number, record in enumerate(records))
    content = path.read_text().replace("IFC4X3_ADD2", schema)
    end = content.rindex("ENDSEC;")
    path.write_text(content[:end] + lines + content[end:])
    return open_model(check_file(path, tmp_path))[1]


def line_of(tmp_path: Path, record: int) -> int:
    content = (tmp_path / "source.ifc").read_text()
    return content[: content.index(f"#{LAST + record}=")].count("\n") + 1


OLD_ALIGNMENT = "IFCALIGNMENT('2XNqMQT2j2ZPTvZyVxxhmg',$,'A',$,$,$,$,#1,.NOTDEFINED.)"


@pytest.mark.parametrize(
    "schema", ["IFC4X3", "IFC4X3_TC1", "IFC4X3_ADD1", "IFC4X3_RC4", "IFC4X3_RC1", "IFC4X2", "IFC4X1"]
)
def test_a_building_reads_the_same_under_every_name_of_its_schema(schema: str, tmp_path: Path) -> None:
    assert heard(tmp_path, schema) == []


def test_a_trailing_attribute_that_may_be_missing_is_no_misfit(tmp_path: Path) -> None:
    assert heard(tmp_path, "IFC4X1", "IFCCARTESIANPOINTLIST3D(((0.,0.,0.),(1.,0.,0.)))") == []


def test_a_scale_of_one_beyond_the_map_conversion_changes_nothing_and_another_is_refused(tmp_path: Path) -> None:
    placed = [
        "IFCCARTESIANPOINT((0.,0.,0.))", "IFCAXIS2PLACEMENT3D(#9000,$,$)",
        "IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-05,#9001,$)", "IFCPROJECTEDCRS('EPSG:4547',$,$,$,$,$,$)",
    ]  # fmt: skip
    conversion = "IFCMAPCONVERSION(#9002,#9003,0.,0.,0.,1.,0.,1.,{0},{0})"
    assert heard(tmp_path, "IFC4X3_RC3", *placed, conversion.format("1.")) == []
    with pytest.raises(Refusal) as refused:
        heard(tmp_path, "IFC4X3_RC3", *placed, conversion.format("0.9996"))
    assert refused.value.reason == (
        f"The file says schema IFC4X3_RC3 and would be misread as IFC4X3_ADD2: line {line_of(tmp_path, 4)}, #9004 "
        "IfcMapConversion has 10 attributes where 8 are expected (0.9996 would be lost); export it as IFC4X3_ADD2, "
        "IFC4 or IFC2X3."
    )


def test_an_alignment_of_ifc4x1_is_read_and_its_old_attributes_are_named_with_their_line(tmp_path: Path) -> None:
    said = heard(tmp_path, "IFC4X1", OLD_ALIGNMENT)
    line = line_of(tmp_path, 0)
    assert said == [f"Attributes of 1 classes do not fit IFC4X3_ADD2 and were not used: IfcAlignment (line {line})."]


def test_a_sectioned_solid_of_the_first_candidate_would_be_another_shape_and_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"#9000 IfcSectionedSolidHorizontal has 4 attributes where 3 are expected"):
        heard(tmp_path, "IFC4X3_RC1", "IFCSECTIONEDSOLIDHORIZONTAL(#1,(#1),(#1),.T.)")


def test_a_reference_to_what_the_attribute_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"#9001 IfcLocalPlacement has an IfcDirection as RelativePlacement"):
        heard(tmp_path, "IFC4X2", "IFCDIRECTION((1.,0.,0.))", "IFCLOCALPLACEMENT($,#9000)")


def test_a_file_under_the_schemas_own_name_is_not_judged_so(tmp_path: Path) -> None:
    assert heard(tmp_path, "IFC4X3_ADD2", "IFCDIRECTION((1.,0.,0.))", "IFCLOCALPLACEMENT($,#9000)") == []
