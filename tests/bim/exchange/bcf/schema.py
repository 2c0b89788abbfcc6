"""Faults of a BCF file by the classes of bcf-client, which xsdata generated from the official schemas.

Order, number and names of elements, names of attributes, patterns, lengths and limits are checked; a second reader
that shares nothing with our writer.
"""

from __future__ import annotations

import re
import typing
import zipfile
from dataclasses import MISSING, fields, is_dataclass
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

ROOTS = {
    ("2.1", "bcf.version"): "Version",
    ("2.1", "project.bcfp"): "ProjectExtension",
    ("2.1", "extensions.xml"): "Extensions",
    ("3.0", "bcf.version"): "Version",
    ("3.0", "project.bcfp"): "ProjectInfo",
    ("3.0", "extensions.xml"): "Extensions",
    ("3.0", "documents.xml"): "DocumentInfo",
}


def faults(content: bytes, version: str) -> list[str]:
    """Return a sentence per fault of any file in the archive; [] where all are valid."""
    if version == "2.1":
        from bcf.v2 import model
    else:
        from bcf.v3 import model
    found: list[str] = []
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            kind = ROOTS.get((version, name))
            if kind is None and not name.endswith(("/markup.bcf", ".bcfv")):
                continue
            kind = kind or ("Markup" if name.endswith(".bcf") else "VisualizationInfo")
            root = ElementTree.fromstring(archive.read(name))
            if not hasattr(model, kind):
                found.append(f"{name}: no such file in BCF {version}")
                continue
            if root.tag != kind:
                found.append(f"{name}: root {root.tag}")
            found += [f"{name}: {fault}" for fault in _element(root, getattr(model, kind))]
            if (version, kind) == ("3.0", "VisualizationInfo") and len(_cameras(root)) != 1:
                found.append(f"{name}: {len(_cameras(root))} cameras")  # a choice in the schema: the classes lost it
    return found


def _cameras(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [node for node in root if node.tag in ("PerspectiveCamera", "OrthogonalCamera")]


def _element(node: ElementTree.Element, kind: Any) -> list[str]:
    hints = typing.get_type_hints(kind)
    known = [(field, hints[field.name], field.metadata) for field in fields(kind)]
    attributes = {meta["name"]: (field, meta) for field, _, meta in known if meta.get("type") == "Attribute"}
    elements = {meta["name"]: (field, hint, meta) for field, hint, meta in known if meta.get("type") == "Element"}
    found = [f"{node.tag}@{name} is unknown" for name in node.attrib if name not in attributes]
    for name, (field, meta) in attributes.items():
        if name in node.attrib:
            found += _text(f"{node.tag}@{name}", node.attrib[name], meta)
        elif field.default is MISSING:
            found.append(f"{node.tag}@{name} is missing")
    order = list(elements)
    positions = [order.index(child.tag) for child in node if child.tag in elements]
    found += [f"{node.tag}/{child.tag} is unknown" for child in node if child.tag not in elements]
    if positions != sorted(positions):
        found.append(f"{node.tag}: children out of order")
    for name, (field, hint, meta) in elements.items():
        children = node.findall(name)
        many = typing.get_origin(hint) is list
        if field.default is MISSING and field.default_factory is MISSING and not children:
            found.append(f"{node.tag}/{name} is missing")
        if len(children) < meta.get("min_occurs", 0):
            found.append(f"{node.tag}/{name} occurs too seldom")
        if len(children) > 1 and not many:
            found.append(f"{node.tag}/{name} occurs {len(children)} times")
        inner = next((part for part in (hint, *typing.get_args(hint)) if is_dataclass(part)), None)
        for child in children:
            found += _element(child, inner) if inner else _text(f"{node.tag}/{name}", child.text or "", meta)
    return found


def _text(where: str, text: str, meta: Any) -> list[str]:
    found = []
    if (pattern := meta.get("pattern")) and not re.fullmatch(pattern, text):
        found.append(f"{where} {text!r} does not fit {pattern}")
    if len(text.strip()) < meta.get("min_length", 0):
        found.append(f"{where} is too short")
    if "length" in meta and len(text) != meta["length"]:
        found.append(f"{where} has not {meta['length']} characters")
    if "min_inclusive" in meta and not meta["min_inclusive"] <= float(text):
        found.append(f"{where} is too small")
    if "min_exclusive" in meta and not meta["min_exclusive"] < float(text):
        found.append(f"{where} is too small")
    if "max_inclusive" in meta and not float(text) <= meta["max_inclusive"]:
        found.append(f"{where} is too large")
    return found
