"""Files before they are opened: refused with the line or the cause, unpacked within limits."""

import io
import zipfile
from pathlib import Path

import pytest

from bim.ifc.container import check_file
from bim.ifc.reading import open_model
from bim.ifc.refusal import Refusal
from bim.ifc.step_syntax import find_syntax_error
from tests.bim.authoring import small_building


@pytest.fixture
def model(tmp_path: Path) -> bytes:
    path = tmp_path / "model.ifc"
    small_building(path)
    return path.read_bytes()


def refusal_of(content: bytes, tmp_path: Path, name: str = "upload.ifc") -> str:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        open_model(check_file(path, tmp_path))
    return refused.value.reason


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal_of(b"", tmp_path) == "The file is empty (0 bytes)."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE html><html>404", "Line 1: the file is an HTML page (a failed download?), not IFC."),
        (b"\x1f\x8b\x08\x00", "The file is a gzip archive, not IFC; unpack it first."),
        (b"<?xml version='1.0'?>", "The file is ifcXML, which cannot be read yet; export the model as STEP (.ifc)."),
        ("ISO-10303-21;".encode("utf-16"), "The file is saved as UTF-16; IFC files (STEP) are ASCII."),
        (b"solid cube", "Line 1: the file is not IFC: it does not begin with ISO-10303-21;."),
    ],
)  # fmt: skip
def test_what_is_not_step_is_named_for_what_it_is(content: bytes, sentence: str, tmp_path: Path) -> None:
    assert refusal_of(content, tmp_path) == sentence


def test_a_file_that_is_cut_off_is_refused_with_its_last_line(model: bytes, tmp_path: Path) -> None:
    cut = model[: len(model) // 2]
    line = cut.count(b"\n") + 1
    assert refusal_of(cut, tmp_path) == f"The file is cut off: it ends at line {line} without END-ISO-10303-21;."


def test_a_schema_that_is_no_ifc_is_refused_by_name(model: bytes, tmp_path: Path) -> None:
    assert "'AP214'" in refusal_of(model.replace(b"'IFC4'", b"'AP214'"), tmp_path)
    assert "FILE_SCHEMA" in refusal_of(model.replace(b"FILE_SCHEMA", b"FILE_SCHEMO"), tmp_path)


def test_broken_syntax_is_refused_with_its_line(model: bytes, tmp_path: Path) -> None:
    lines = model.split(b"\n")
    lines[20] = lines[20].replace(b"(", b"((", 1)
    assert refusal_of(b"\n".join(lines), tmp_path).startswith("The file cannot be parsed. Line 21: ")


def test_classes_that_the_schema_does_not_know_are_counted_in_a_warning(model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload.ifc"
    path.write_bytes(model.replace(b"IFCSTAIR(", b"IFCSOLIDSTRATUM("))
    _, warnings = open_model(check_file(path, tmp_path))
    assert warnings[0] == "1 instances of classes that IFC4 does not know were left out: IFCSOLIDSTRATUM (1)."


def test_the_scan_names_the_line_of_an_open_text_and_of_an_open_comment() -> None:
    assert find_syntax_error("DATA;\n#1=IFCX('a);\nENDSEC;\n") == "Line 2: a text is opened with ' and never closed."
    assert find_syntax_error("DATA;\n\n/* #1=IFCX();") == "Line 3: a comment is never closed."
    assert find_syntax_error("DATA;\n#1=IFCX('it''s');\nENDSEC;\n") is None


def test_a_file_without_project_and_elements_is_refused(tmp_path: Path) -> None:
    header = b"FILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\nFILE_SCHEMA(('IFC4'));\n"
    content = b"ISO-10303-21;\nHEADER;\n" + header + b"ENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n"
    assert "no project and no element" in refusal_of(content, tmp_path)


def test_an_ifczip_is_unpacked_wherever_its_member_says_it_lies(model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload.ifczip"
    path.write_bytes(zipped({"../../escape.ifc": model, "readme.txt": b"x"}))
    work = tmp_path / "work"
    work.mkdir()
    checked = check_file(path, work)
    assert checked.path == work / "model.ifc" and [p.name for p in work.iterdir()] == ["model.ifc"]
    assert not (tmp_path.parent / "escape.ifc").exists()


def test_zips_that_cannot_be_one_model_are_refused(model: bytes, tmp_path: Path) -> None:
    assert "2 models (a.ifc, b.ifc)" in refusal_of(zipped({"a.ifc": model, "b.ifc": model}), tmp_path)
    assert "ifcXML" in refusal_of(zipped({"a.ifcxml": b"<x/>"}), tmp_path)
    assert refusal_of(zipped({"a.txt": b"x"}), tmp_path) == "The zip holds no .ifc file."
    assert refusal_of(zipped({"a.ifc": model})[:-30], tmp_path).startswith("The zip cannot be unpacked: ")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    reason = refusal_of(zipped({"a.ifc": b"\0" * 50_000_000}), tmp_path)
    assert reason.startswith("The zip would unpack to 50000000 bytes from ")


@pytest.mark.parametrize(
    ("declared", "used"),
    [("IFC4X3_ADD1", "IFC4X3_ADD2"), ("IFC4X3", "IFC4X3_ADD2"), ("IFC2X_FINAL", "IFC2X3"), ("ifc4_add2", "IFC4")],
)
def test_other_names_of_a_schema_are_read_as_the_nearest_and_that_is_said(
    declared: str, used: str, model: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "upload.ifc"
    path.write_bytes(model.replace(b"'IFC4'", f"'{declared}'".encode()))
    checked = check_file(path, tmp_path)
    assert (checked.declared_schema, checked.schema) == (declared, used)
    assert checked.warnings[0].startswith(f"The file says schema {declared}; it was read as {used}")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_that_can_be_unpacked_gives_the_same_model(method: int, model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload.ifczip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("/absolute/a.ifc", model)
    assert check_file(path, tmp_path).path.read_bytes() == model
    assert not Path("/absolute").exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_of_another_method_is_not_unpacked_either(method: int, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.ifc", b"\0" * 50_000_000)
    assert refusal_of(buffer.getvalue(), tmp_path).startswith("The zip would unpack to 50000000 bytes from ")


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a.ifc")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    reason = refusal_of(buffer.getvalue(), tmp_path)
    assert reason == "Line 1: the file is not IFC: it does not begin with ISO-10303-21;."


def test_a_zip_in_a_zip_is_refused(model: bytes, tmp_path: Path) -> None:
    inner = zipped({"a.ifc": model})
    assert refusal_of(zipped({"a.ifc": inner}), tmp_path) == (
        "The .ifc file in the zip is a zip itself; unpack it first."
    )
    assert refusal_of(zipped({"inner.zip": inner}), tmp_path) == "The zip holds no .ifc file."


@pytest.mark.parametrize(
    ("offset", "value", "sentence"),
    [
        (6, 1, "The zip is locked with a password."),
        (
            8,
            9,
            "The zip uses Deflate64, which cannot be unpacked here; zip the .ifc file again or send it bare.",
        ),
    ],
)
def test_a_locked_zip_and_deflate64_are_refused(
    offset: int, value: int, sentence: str, model: bytes, tmp_path: Path
) -> None:
    content = bytearray(zipped({"a.ifc": model}))
    content[offset] |= value
    directory = content.index(b"PK\x01\x02")
    content[directory + offset + 2] = content[directory + offset + 2] | value if offset == 6 else value
    assert refusal_of(bytes(content), tmp_path) == sentence
