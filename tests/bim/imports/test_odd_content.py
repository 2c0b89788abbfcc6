"""Odd names, numbers and addresses inside files."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from bim.ifc.container import check_file
from bim.ifc.reading import open_model, read_model
from bim.models import Element
from bim.operations import import_file
from spatial.places.models import Site
from tests.bim.authoring import Author, small_building

pytestmark = pytest.mark.django_db


def test_control_characters_in_names_of_property_sets_and_properties_are_imported(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "source.ifc"
    small_building(path)
    content = path.read_bytes()
    odd = content.replace(b"'Pset_WallCommon'", b"'a\\X\\00\\X\\1F'").replace(b"'FireRating'", b"'b\\X2\\D800\\X0\\'")
    assert odd != content
    path.write_bytes(odd)
    assert import_file(path=path, site_code=site.code)["verdict"] == "imported"
    (names,) = Element.objects.get(ifc_class="IfcWall").properties.items()
    assert "\x00" not in names[0] and names[0].startswith("a")


def test_a_number_beyond_all_numbers_is_refused_with_its_line(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "source.ifc"
    small_building(path)
    content = path.read_bytes().replace(b",3000.);", b",1E400);", 1)
    path.write_bytes(content)
    line = content[: content.index(b"1E400")].count(b"\n") + 1
    verdict = import_file(path=path, site_code=site.code)
    assert verdict["reason"] is not None
    assert verdict["reason"].startswith(f"The file cannot be parsed. Line {line}: token 1E400")


NAMES = {
    rb"\X2\5916\X0\\X2\5899\X0\ A": "外墙 A",
    rb"\X2\59165899\X0\-1": "外墙-1",
    rb"\X4\00020BB7\X0\\X2\6881\X0\ 3": "𠮷梁 3",
    rb"\S\D\X\E9 K\S\|che": "Äé Küche",
    rb"\X\CD\X\E2\X\C7\X\BD-2": "外墙-2",
    "剪力墙".encode("gb18030") + rb" \X2\4E8C\X0\ F": "剪力墙 二 F",
}


def test_names_in_every_encoding_are_exact_in_the_rows(site: Site, tmp_path: Path) -> None:
    author = Author()
    for number in range(len(NAMES)):
        author.box("IfcWall", (number * 2, 0, 0), (1, 0.2, 3)).Name = f"NAME-{number}-"
    content = author.save(tmp_path / "names.ifc").read_bytes()
    for number, raw in enumerate(NAMES):
        assert content.count(b"'NAME-%d-'" % number) == 1
        content = content.replace(b"'NAME-%d-'" % number, b"'" + raw + b"'")
    (tmp_path / "names.ifc").write_bytes(content)
    verdict = import_file(path=tmp_path / "names.ifc", site_code=site.code)
    assert "Names are written as raw GBK" in (verdict["reason"] or "")
    walls = Element.objects.filter(ifc_class="IfcWall").order_by("index")
    assert list(walls.values_list("name", flat=True)) == list(NAMES.values())


def test_addresses_in_a_file_are_never_asked(site: Site, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        author = small_building(tmp_path / "links.ifc")
        wall = author.file.by_type("IfcWall")[0]
        for number, place in enumerate((address, "file:///etc/passwd")):
            document = author.file.create_entity("IfcDocumentReference", place, f"D{number}", "document")
            code = author.file.create_entity("IfcClassificationReference", place, f"C{number}", "code")
            author.file.create_entity("IfcImageTexture", True, True, None, None, None, place)
            for kind, relating in (("Document", document), ("Classification", code)):
                author.file.create_entity(
                    f"IfcRelAssociates{kind}",
                    GlobalId=f"0000000000000000000{kind[0]}{number}0",
                    RelatedObjects=[wall],
                    **{f"Relating{kind}": relating},
                )
        author.save(tmp_path / "links.ifc")
        outside = open_model(check_file(tmp_path / "links.ifc", tmp_path))[0]
        read_model(outside, check_file(tmp_path / "links.ifc", tmp_path))
        verdict = import_file(path=tmp_path / "links.ifc", site_code=site.code)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert (verdict["verdict"], verdict["meshed"]) == ("imported", 4)
    row = Element.objects.get(ifc_class="IfcWall")
    assert {"C0", "C1"} == {each["code"] for each in row.classifications}
    assert "root:" not in json.dumps(row.properties)
