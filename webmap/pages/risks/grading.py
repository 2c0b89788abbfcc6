"""The tables of LEC and LS in full, with what is picked before and after controls, for one hazard source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from spatial.control_lists.rules import METHOD_SCORES, SourceData, Tables, grade, value_and_grade
from spatial.risks.rules import Grading, grade_ls, in_band
from webmap.wording.reader import reads_chinese


@dataclass(frozen=True)
class Pick:
    """One value of a score with its wording, and whether it is picked before and after controls."""

    value: Any
    words: str
    before: bool
    after: bool


HARM_COLUMNS = ("law", "people", "property_wan_cny", "stop", "image")


def _ls_words(row: dict[str, Any]) -> str:
    """Return the wording of a value of L, or of S with its five columns (the worst of them counts)."""
    if "en" in row:
        return row["zh_short"] if reads_chinese() and "zh_short" in row else row["en"]
    money = gettext("loss %(amount)s (10,000 yuan)") % {"amount": row.get("property_wan_cny", "0")}
    texts = [money if key == "property_wan_cny" else gettext(row[key]) for key in HARM_COLUMNS if row.get(key)]
    return "；".join(texts) if reads_chinese() else "; ".join(texts)


def _words(method: str, row: dict[str, Any]) -> str:
    if method == "LEC":
        return row["zh"] if reads_chinese() else row["en"]
    return _ls_words(row)


def pickers(source: SourceData, tables: Tables) -> dict[str, list[tuple[str, list[Pick]]]]:
    """Return, for each method, its scores with all values of the table, the picked ones marked."""
    found: dict[str, list[tuple[str, list[Pick]]]] = {}
    for method, names in METHOD_SCORES.items():
        table = {"LEC": tables.lec, "LS": tables.ls}[method]
        mine = source.method == method
        found[method] = [
            (name, [Pick(row["v"], _words(method, row), mine and source.before.get(name) == row["v"],
                         mine and source.after.get(name) == row["v"]) for row in table[name]])
            for name in names
        ]  # fmt: skip
    return found


def result(source: SourceData, tables: Tables) -> dict[str, Any]:
    """Return the values and grades of a source, and the table of its method with the two picked cells."""
    graded = grade(source, tables)
    answer: dict[str, Any] = {"graded": graded, "method": source.method, "judgement": source.judgement}
    if source.method == "LEC":
        answer["bands"] = _bands(source, tables)
    else:
        answer["matrix"] = _matrix(source, tables)
    return answer


def _bands(source: SourceData, tables: Tables) -> list[dict[str, Any]]:
    def band_of(scores: Any) -> dict[str, Any] | None:
        value, _grade = value_and_grade("LEC", scores, tables)
        return next((b for b in tables.lec["bands"] if value is not None and in_band(value, b)), None)

    before, after = band_of(source.before), band_of(source.after)
    return [
        {"grade": band["grade"], "range": _range(band), "before": band is before, "after": band is after}
        for band in tables.lec["bands"]
    ]


def _range(band: dict[str, Any]) -> str:
    low = ("≥ " if band.get("lo_incl", True) else "> ") + str(band["lo"])
    if band["hi"] is None:
        return low
    return f"{low} … " + ("≤ " if band.get("hi_incl", True) else "< ") + str(band["hi"])


def _matrix(source: SourceData, tables: Tables) -> list[dict[str, Any]]:
    rows = []
    for chance in range(1, 6):
        cells = []
        for harm in range(1, 6):
            grading: Grading = grade_ls({"L": chance, "S": harm}, tables.ls)
            picked = {"L": chance, "S": harm}
            cells.append({"value": int(grading.value), "grade": grading.grade, "before": dict(source.before) == picked,
                          "after": dict(source.after) == picked})  # fmt: skip
        rows.append({"chance": chance, "cells": cells})
    return rows
