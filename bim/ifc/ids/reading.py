"""Read an IDS file: safe XML, the official schema that ifctester ships, then ifctester's own objects."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ifctester.facet
import ifctester.ids
from elementpath.regex import RegexError, translate_pattern
from xmlschema import XMLSchema, XMLSchemaValidationError

from . import older_versions
from .records import DocumentRecord, FacetRecord, SpecificationRecord, Usage
from .xml_tree import NAMESPACE, IdsRefusal, XmlTree, read_tree

LONGEST_TEXT: Final = 4_000
_INFO: Final = ("version", "description", "author", "copyright", "date", "purpose", "milestone")
_KINDS: Final = {
    "Entity": "entity", "Attribute": "attribute", "Classification": "classification", "PartOf": "partOf",
    "Property": "property", "Material": "material",
}  # fmt: skip
_PARAMETERS: Final = ("name", "predefinedType", "propertySet", "baseName", "dataType", "value", "system", "relation")


@dataclass(frozen=True)
class IdsFile:
    """A file that was read: what it asks, as data, and ifctester's specifications in the same order."""

    record: DocumentRecord
    specifications: tuple[Any, ...]


@functools.cache
def ids_schema() -> XMLSchema:
    """Return the official XSD of IDS 1.0 from ifctester's package; nothing is fetched."""
    path = Path(ifctester.ids.cwd) / "ids.xsd"
    return XMLSchema(str(path), allow="local", defuse="always")


def read_ids(path: Path) -> IdsFile:
    """Read an IDS 1.0 or 0.9 file. Raises IdsRefusal with the line and what to do."""
    tree = read_tree(path)
    errors = list(_errors(tree))
    notes: list[str] = [_info_note(tree, error) for error in errors if _is_info(error)]
    serious = [error for error in errors if not _is_info(error)]
    ids_version = "1.0"
    if serious:
        changes = older_versions.upgrade(tree.root)
        if not changes or any(not _is_info(error) for error in _errors(tree)):
            raise _refusal(tree, serious)
        ids_version, notes = "0.9", [*notes, *changes]
    answer: Any = ids_schema().decode(
        tree.root, validation="lax", strip_namespaces=True, namespaces={**tree.prefixes, "": NAMESPACE}
    )
    decoded, _skipped = answer
    document = ifctester.ids.Ids().parse(decoded)
    raw = decoded["specifications"]["specification"]
    raw = raw if isinstance(raw, list) else [raw]
    for specification, data in zip(document.specifications, raw, strict=True):
        specification.identifier = data.get("@identifier", "")
        _check_patterns(tree, specification)
    return IdsFile(_document_record(document, ids_version, notes), tuple(document.specifications))


def _errors(tree: XmlTree) -> Iterator[XMLSchemaValidationError]:
    return ids_schema().iter_errors(tree.root, namespaces=dict(tree.prefixes), use_location_hints=False)


def _is_info(error: XMLSchemaValidationError) -> bool:
    """Return whether an error is in what the file says of itself, which changes no result (but a missing title)."""
    return _plain_path(error).startswith("/ids/info/")


def _plain_path(error: XMLSchemaValidationError) -> str:
    """Return where an error is, without prefixes of namespaces."""
    return re.sub(r"[^/:]+:", "", error.path or "")


def _info_note(tree: XmlTree, error: XMLSchemaValidationError) -> str:
    field = _plain_path(error).rpartition("/")[2]
    return f"Line {tree.line_of(error.elem)}: the {field} of the file is not as the standard wants it; it was ignored."


def _refusal(tree: XmlTree, errors: list[XMLSchemaValidationError]) -> IdsRefusal:
    first = min(errors, key=lambda error: tree.line_of(error.elem))
    line, detail = tree.line_of(first.elem), " ".join(str(first.reason or first.message).split())[:400]
    others = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return IdsRefusal(
        "schema", line, detail,
        f"Line {line}: {detail.rstrip('.')}{others}. The file is no valid IDS 1.0; correct it in the program that "
        "wrote it.",
    )  # fmt: skip


def _check_patterns(tree: XmlTree, specification: Any) -> None:
    for facet in (*specification.applicability, *specification.requirements):
        for parameter in _PARAMETERS:
            value = getattr(facet, parameter, None)
            if isinstance(value, ifctester.facet.Restriction) and "pattern" in value.options:
                for pattern in _listed(value.options["pattern"]):
                    _check_pattern(tree, str(pattern))


def _check_pattern(tree: XmlTree, pattern: str) -> None:
    try:
        translate_pattern(pattern, back_references=False, lazy_quantifiers=False, anchors=False)
    except RegexError as error:
        found = (e for e in tree.root.iter() if e.tag.endswith("}pattern") and e.get("value") == pattern)
        line = tree.line_of(next(found, None))
        raise IdsRefusal(
            "pattern", line, pattern[:200],
            f"Line {line}: {pattern[:200]!r} is no regular expression of XML Schema; correct the pattern.",
        ) from error  # fmt: skip


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(value or "").strip()[:LONGEST_TEXT]


def _document_record(document: Any, ids_version: Any, notes: list[str]) -> DocumentRecord:
    return DocumentRecord(
        title=_text(document.info.get("title")) or "IDS",
        specifications=tuple(_specification_record(one) for one in document.specifications),
        ids_version=ids_version,
        notes=tuple(notes),
        **{name: _text(document.info.get(name)) for name in _INFO},
    )


def _specification_record(specification: Any) -> SpecificationRecord:
    versions = specification.ifcVersion
    usage: Usage = specification.get_usage()
    return SpecificationRecord(
        name=_text(specification.name),
        usage=usage,
        ifc_versions=tuple(versions.split() if isinstance(versions, str) else versions),
        applicability=tuple(facet_record(facet) for facet in specification.applicability),
        requirements=tuple(facet_record(facet) for facet in specification.requirements),
        identifier=_text(specification.identifier),
        description=_text(specification.description),
        instructions=_text(specification.instructions),
    )


def facet_record(facet: Any) -> FacetRecord:
    """Return an ifctester facet as data."""
    values: dict[str, dict[str, Any]] = {}
    for parameter in _PARAMETERS:
        value = getattr(facet, parameter, None)
        if parameter not in {name.lstrip("@") for name in facet.parameters} or value is None:
            continue
        if isinstance(value, ifctester.facet.Restriction):
            values[parameter] = {"base": value.base.rpartition(":")[2]} | {
                name: [str(one) for one in _listed(option)] if name in ("enumeration", "pattern") else str(option)
                for name, option in value.options.items()
            }
        else:
            values[parameter] = {"value": str(value)}
    cardinality: Any = getattr(facet, "cardinality", None) or "required"
    kind: Any = _KINDS[type(facet).__name__]
    return FacetRecord(kind, cardinality, values, _text(getattr(facet, "instructions", "")))
