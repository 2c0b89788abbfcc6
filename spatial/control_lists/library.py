"""The library: typical activities and facilities of construction, and the dangerous works, to start a row from.

Templates are our own (confidence C): their scores are proposals that a person confirms. Dangerous works and their two
thresholds come from the rule edition (住建部令第37号; 建办质〔2018〕31号).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .rules import EntryData, SourceData

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Template:
    """A typical row: for which list and kind of work, and the dangerous work it may be."""

    key: str
    kind: str
    work_type: str
    dangerous_work: str
    data: EntryData


def _template(row: Mapping[str, Any]) -> Template:
    sources = tuple(
        SourceData(**{**source, "measures": {k: tuple(v) for k, v in source["measures"].items()}})
        for source in row["sources"]
    )
    data = EntryData(code="", name=row["name"], columns=dict(row["columns"]), sources=sources)
    return Template(row["key"], row["kind"], row["work_type"], row["dangerous_work"], data)


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return json.loads((DATA / "templates.json").read_text(encoding="utf-8"))


def templates(kind: str) -> list[Template]:
    """Return the templates of a list, in the order of the file."""
    return [_template(row) for row in _file()["templates"] if row["kind"] == kind]


def source_and_mark() -> tuple[str, str]:
    """Return where the templates come from, and their mark of confidence."""
    return _file()["source"], _file()["conf"]


def as_row(template: Template, *, code: str, over_scale: bool) -> EntryData:
    """Return a template as a new row; work over the second threshold is directly judged major (DJ-03)."""
    data = replace(template.data, code=code)
    if not over_scale or not data.sources:
        return data
    return replace(data, sources=(replace(data.sources[0], judgement="DJ-03"), *data.sources[1:]))


def scale_of(row: Mapping[str, str], value: float | None) -> str:
    """Return "over_scale", "dangerous" or "" of a dangerous work at a value of its parameter; "ask" where words decide.

    `row` is a line of the table of dangerous works; thresholds that are numbers are compared, others need a person.
    """
    over, danger = _number(row["over_threshold"]), _number(row["danger_threshold"])
    if row["over_threshold"] == "any":
        return "over_scale"
    if over is not None and value is not None and value >= over:
        return "over_scale"
    if row["over_threshold"] and over is None:
        return "ask"
    if row["danger_threshold"] == "any" or (danger is not None and value is not None and value >= danger):
        return "dangerous"
    return "" if value is not None else "ask"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
