"""Canonical text and hash of rule tables, and packs that store only their differences. Pure: no framework, no clock."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any, NotRequired, TypedDict

from .differences import Difference, PackInvalid

__all__ = ["Pack", "PackInvalid", "edition_sha256", "read_pack", "read_table", "tables_sha256"]


class Pack(TypedDict):
    """One edition as read from data files, before it is stored."""

    pack: str
    title: str
    version: str
    valid_from: date
    valid_to: date | None
    inherits: tuple[str, str] | None
    tables: dict[str, dict[str, Any]]
    differences: list[Difference]
    sha256: NotRequired[str]


def tables_sha256(tables: Any) -> str:
    """Return the SHA-256 in hex of tables written as JSON with sorted keys and no spaces."""
    text = json.dumps(tables, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def edition_sha256(tables: dict[str, Any], base_sha256: str = "", differences: list[Difference] | None = None) -> str:
    """Return the hash of an edition: of its tables, or of its base's hash and the differences to it."""
    if not base_sha256:
        return tables_sha256(tables)
    return tables_sha256({"base": base_sha256, "differences": differences or []})


def read_table(file_name: str, text: str) -> Any:
    """Return the content of a JSON or CSV table; CSV becomes a list of dictionaries. Raises PackInvalid."""
    if file_name.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(text)))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise PackInvalid(f"{file_name} is not JSON: {error}") from error


def _difference(row: dict[str, Any], read_text: Callable[[str], str]) -> Difference:
    where = f"{row.get('table')!r} {row.get('path', '')!r}"
    if not row.get("source") or not row.get("conf"):
        raise PackInvalid(f"The difference at {where} has no source or no confidence mark.")
    if "file" in row:
        value = read_table(row["file"], read_text(row["file"]))
    elif "value" in row:
        value = row["value"]
    else:
        raise PackInvalid(f"The difference at {where} has neither a value nor a file.")
    return Difference(
        table=row["table"],
        path=row.get("path", ""),
        value=value,
        source=row["source"],
        clause=row.get("clause", ""),
        conf=row["conf"],
        note=row.get("note", ""),
    )


def read_pack(manifest_text: str, read_text: Callable[[str], str]) -> Pack:
    """Return the edition that a manifest describes; `read_text` returns a table file's text by its name.

    Every table is `{"source", "conf", "content"}`: a table or difference without source or confidence mark is
    refused. A manifest either brings tables or inherits another edition and brings differences.
    """
    manifest = json.loads(manifest_text)
    inherits = manifest.get("inherits")
    if inherits and manifest.get("tables"):
        raise PackInvalid(f"{manifest['pack']} {manifest['version']} inherits an edition; give it differences only.")
    tables: dict[str, dict[str, Any]] = {}
    for row in manifest.get("tables", ()):
        if not row.get("source") or not row.get("conf"):
            raise PackInvalid(f"The table {row.get('name')!r} has no source or no confidence mark.")
        content = read_table(row["file"], read_text(row["file"]))
        tables[row["name"]] = {"source": row["source"], "conf": row["conf"], "content": content}
    return Pack(
        pack=manifest["pack"],
        title=manifest.get("title", manifest["pack"]),
        version=manifest["version"],
        valid_from=date.fromisoformat(manifest["valid_from"]),
        valid_to=date.fromisoformat(manifest["valid_to"]) if manifest.get("valid_to") else None,
        inherits=(inherits["pack"], inherits["version"]) if inherits else None,
        tables=tables,
        differences=[_difference(row, read_text) for row in manifest.get("differences", ())],
    )
