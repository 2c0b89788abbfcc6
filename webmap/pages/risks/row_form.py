"""A row of a draft as a form: what was sent becomes data of a row, and a stored row fills the form again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from spatial.control_lists.rules import (
    MEASURE_KINDS,
    METHOD_SCORES,
    EntryData,
    PersonData,
    SourceData,
    Tables,
    columns_of,
)

LEVELS = ("company", "project", "team", "post")
_SOURCE = re.compile(r"^s(\d+)-")
TEXTS = ("name", "step_no", "step", "standard", "deviation", "factor_code", "accident_type", "judgement",
         "added_measures")  # fmt: skip
MOST_SOURCES = 60


def read_row(post: Mapping[str, str], kind: str, tables: Tables, base: EntryData | None) -> EntryData:
    """Return the row that a form describes; what the form does not hold (the place) is kept from `base`."""
    numbers = sorted({int(match[1]) for name in post if (match := _SOURCE.match(name))})[:MOST_SOURCES]
    sources = [source for number in numbers if (source := read_source(post, f"s{number}-", tables))]
    data = base or EntryData(code="", name="")
    return replace(
        data,
        code=post.get("code", data.code).strip(),
        name=post.get("name", "").strip(),
        place_text=post.get("place_text", "").strip(),
        columns={name: post.get(f"col-{name}", "").strip() for name in columns_of(kind) if post.get(f"col-{name}")},
        lead_level=post.get("lead_level", ""),
        lowering_reason=post.get("lowering_reason", "").strip(),
        people=tuple(_people(post)),
        sources=tuple(sources),
    )


def _people(post: Mapping[str, str]) -> Iterable[PersonData]:
    for level in LEVELS:
        for line in post.get(f"people-{level}", "").splitlines():
            if line.strip():
                name, _space, phone = line.strip().rpartition(" ")
                digits = phone.replace("-", "").lstrip("+")
                if name and digits.isdigit() and len(digits) >= 5:
                    yield PersonData(level, name.strip(), phone)
                else:
                    yield PersonData(level, line.strip())


def read_source(post: Mapping[str, str], prefix: str, tables: Tables) -> SourceData | None:
    """Return one hazard source of a form, or None where its block was left empty or taken out."""
    if post.get(f"{prefix}remove"):
        return None
    method = post.get(f"{prefix}method", "LEC")
    method = method if method in METHOD_SCORES else "LEC"
    measures = {
        kind: tuple(line.strip() for line in post.get(f"{prefix}m-{kind}", "").splitlines() if line.strip())
        for kind in MEASURE_KINDS
    }
    source = SourceData(
        **{name: post.get(f"{prefix}{name}", "").strip() for name in TEXTS},
        method=method,
        before=_scores(post, f"{prefix}{method}-before-", method, tables),
        after=_scores(post, f"{prefix}{method}-after-", method, tables),
        measures={kind: texts for kind, texts in measures.items() if texts},
    )
    return source if source != SourceData(name="", method=method) else None


def _scores(post: Mapping[str, str], prefix: str, method: str, tables: Tables) -> dict[str, float]:
    table = {"LEC": tables.lec, "LS": tables.ls}[method]
    scores = {}
    for name in METHOD_SCORES[method]:
        text = post.get(f"{prefix}{name}", "")
        value = next((cell["v"] for cell in table[name] if str(cell["v"]) == text), None)
        if value is not None:
            scores[name] = value
    return scores
