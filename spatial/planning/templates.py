"""The set of documents, their template texts, the fields that fill them, and the items of group A, from data files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).resolve().parent / "data"


class TemplateInvalid(ValueError):
    """A data file of the templates cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class Template:
    """One kind of document: its place in the set, titles, text, validity, and where it is from."""

    kind: str
    number: int
    item: str
    zh: str
    en: str
    text: str
    valid_months: int
    source: str
    conf: str


@dataclass(frozen=True)
class Field:
    """A field or table that a text may name: its titles, where it is filled, and whether a change counts."""

    name: str
    zh: str
    en: str
    fill: str
    watched: bool
    is_table: bool


@dataclass(frozen=True)
class TemplateSet:
    """All of it, with the name of the edition that a document keeps."""

    edition: str
    source: str
    conf: str
    documents: Mapping[str, Template]
    signers: Mapping[str, frozenset[str]]
    role_words: Mapping[str, str]
    duty_words: Mapping[str, str]


def _read(name: str) -> Any:
    try:
        return json.loads((_DATA / name).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise TemplateInvalid(f"{name} is not JSON: {error}") from error


def _template(row: Mapping[str, Any]) -> Template:
    if not row.get("source") or not row.get("conf"):
        raise TemplateInvalid(f"The template {row.get('kind')!r} in set.json has no source or no confidence mark.")
    text = (_DATA / row["file"]).read_text(encoding="utf-8")
    names = ("kind", "number", "item", "zh", "en", "valid_months", "source", "conf")
    return Template(text=text, **{name: row[name] for name in names})


@cache
def template_set() -> TemplateSet:
    """Return the set of documents. Raises TemplateInvalid for a file that cannot be used."""
    content = _read("set.json")
    documents = [_template(row) for row in content["documents"]]
    steps = ("compile", "review", "approve", "issue")
    return TemplateSet(
        edition=f"{content['set']} {content['version']}",
        source=content["source"],
        conf=content["conf"],
        documents={row.kind: row for row in documents},
        signers={step: frozenset(content["signers"][step]) for step in steps},
        role_words=content["role_words"],
        duty_words=content["duty_words"],
    )


@cache
def field_list() -> Mapping[str, Field]:
    """Return every field and table by name."""
    content = _read("fields.json")
    rows = [(row, False) for row in content["fields"]] + [(row, True) for row in content["tables"]]
    names = ("name", "zh", "en", "fill", "watched")
    return {row["name"]: Field(is_table=table, **{name: row[name] for name in names}) for row, table in rows}


def text_fields() -> set[str]:
    """Return the names of the fields that are text."""
    return {field.name for field in field_list().values() if not field.is_table}


def table_fields() -> set[str]:
    """Return the names of the fields that are tables."""
    return {field.name for field in field_list().values() if field.is_table}


def watched_fields() -> set[str]:
    """Return the names of the fields whose change puts an issued document out of date."""
    return {field.name for field in field_list().values() if field.watched}


@cache
def group_a_items() -> Mapping[str, Mapping[str, Any]]:
    """Return the items A1 to A5 by id: full points, words, source and confidence mark."""
    return {row["id"]: row for row in _read("group_a.json")["items"]}
