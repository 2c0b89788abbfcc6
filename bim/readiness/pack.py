"""The published IDS pack: one file for each safety function, its words in the reader's language."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from .catalogue import FUNCTIONS

FOLDER: Final = Path(__file__).with_name("pack")
IDS: Final = "http://standards.buildingsmart.org/IDS"
NAMESPACES: Final = {
    "ids": IDS, "xs": "http://www.w3.org/2001/XMLSchema", "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}  # fmt: skip
TEXTS: Final = ("name", "description", "instructions")


@dataclass(frozen=True)
class Specification:
    """What a file of the pack says of one specification."""

    identifier: str
    schemas: tuple[str, ...]
    required: bool


def pack_path(function: str) -> Path:
    """Return the file of a safety function. Raises KeyError for what is none."""
    if function not in FUNCTIONS:
        raise KeyError(function)
    return FOLDER / f"{function}.ids"


def specifications(function: str) -> list[Specification]:
    """Return the specifications of a function's file, in its order."""
    return [
        Specification(
            row.attrib["identifier"],
            tuple(row.attrib["ifcVersion"].split()),
            row.find(f"{{{IDS}}}applicability").attrib["minOccurs"] != "0",  # type: ignore[union-attr]
        )
        for row in _read(function).iter(f"{{{IDS}}}specification")
    ]


def pack_file(function: str, say: Callable[[str], str]) -> bytes:
    """Return a function's IDS file with titles, descriptions and instructions as `say` gives them."""
    root = _read(function)
    for name in ("title", "description"):
        for row in root.findall(f"{{{IDS}}}info/{{{IDS}}}{name}"):
            row.text = say(row.text or "")
    for row in root.iter(f"{{{IDS}}}specification"):
        for name in TEXTS:
            row.set(name, say(row.attrib[name]))
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def pack_zip(say: Callable[[str], str]) -> bytes:
    """Return all files of the pack as one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for function in FUNCTIONS:
            archive.writestr(f"{function}.ids", pack_file(function, say))
    return buffer.getvalue()


def _read(function: str) -> ElementTree.Element:
    """Read a file of our own (never one of a user's)."""
    for prefix, uri in NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    return ElementTree.parse(pack_path(function)).getroot()
