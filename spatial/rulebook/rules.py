"""Canonical text and hash of rule tables. Pure: no framework, no clock."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any, TypedDict


class PackInvalid(ValueError):
    """A rule pack's file cannot be used; the message names the file and what is wrong."""


class Pack(TypedDict):
    """One edition as read from data files, before it is stored."""

    pack: str
    version: str
    valid_from: date
    valid_to: date | None
    tables: dict[str, dict[str, Any]]
    sha256: str


def tables_sha256(tables: dict[str, Any]) -> str:
    """Return the SHA-256 in hex of tables written as JSON with sorted keys and no spaces."""
    text = json.dumps(tables, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_table(file_name: str, text: str) -> Any:
    """Return the content of a JSON or CSV table; CSV becomes a list of dictionaries. Raises PackInvalid."""
    if file_name.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(text)))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise PackInvalid(f"{file_name} is not JSON: {error}") from error


def read_pack(manifest_text: str, read_text: Callable[[str], str]) -> Pack:
    """Return the edition that a manifest describes; `read_text` returns a table file's text by its name.

    Every table is `{"source", "conf", "content"}`: a table without source or confidence mark is refused.
    """
    manifest = json.loads(manifest_text)
    tables: dict[str, dict[str, Any]] = {}
    for row in manifest["tables"]:
        if not row.get("source") or not row.get("conf"):
            raise PackInvalid(f"The table {row.get('name')!r} has no source or no confidence mark.")
        content = read_table(row["file"], read_text(row["file"]))
        tables[row["name"]] = {"source": row["source"], "conf": row["conf"], "content": content}
    return Pack(
        pack=manifest["pack"],
        version=manifest["version"],
        valid_from=date.fromisoformat(manifest["valid_from"]),
        valid_to=date.fromisoformat(manifest["valid_to"]) if manifest.get("valid_to") else None,
        tables=tables,
        sha256=tables_sha256(tables),
    )
