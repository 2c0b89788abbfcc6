"""One row of an analysis record or graded list read as a hazard source, checked against the tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from spatial.control_lists.rules import (
    LENGTHS,
    MEASURE_KINDS,
    METHOD_SCORES,
    SourceData,
    Tables,
    gettext_noop,
    grade,
    split_accidents,
)

from .cells import NOTHING, grade_of, lines_of, number_of
from .headings import plain


class Faults(Protocol):
    """Takes a fault of a column of the row being read."""

    def __call__(self, key: str, sentence: str, severity: str = "refuse", **values: Any) -> None: ...


class SourceReader:
    """Reads hazard sources; each fault goes to `fault` with the key of its column."""

    def __init__(self, tables: Tables, fault: Faults) -> None:
        self.tables, self.fault = tables, fault

    def read(self, values: Mapping[str, str]) -> SourceData:
        """Return the source of a row."""
        method = self._method(values)
        source = SourceData(
            name=self._short("source", values.get("source", "")),
            step_no=self._short("step_no", values.get("step_no", "")),
            step=self._short("step", values.get("step", "")),
            standard=self._short("standard", values.get("standard", "")),
            deviation=self._short("deviation", values.get("deviation", "")),
            factor_code=self._short("factor_code", values.get("factor_code", "")),
            accident_type=self._accidents(values.get("accident_type", "")),
            method=method,
            before=self._scores("before", method, values),
            after=self._scores("after", method, values),
            judgement=self._judgement(values.get("judgement", "")),
            measures=self._measures(values),
            added_measures=self._short("added_measures", values.get("added_measures", "")),
        )
        self._check_grades(source, values)
        return source

    def _short(self, key: str, text: str) -> str:
        most = LENGTHS.get(key, 300)
        if len(text) > most:
            self.fault(key, gettext_noop("“%(text)s…” is longer than %(most)s characters: shorten it."),
                       text=text[:20], most=most)  # fmt: skip
        return text

    def _accidents(self, text: str) -> str:
        known = self.tables.levels["accident_types_GB6441"]
        named = split_accidents(text)
        for one in named:
            if one not in known:
                self.fault("accident_type", gettext_noop(
                    "“%(accident)s” is none of the accident types of GB 6441: write one of %(known)s."
                ), accident=one, known="、".join(known))  # fmt: skip
        return self._short("accident_type", "、".join(named))

    def _method(self, values: Mapping[str, str]) -> str:
        filled = {
            method
            for method, names in METHOD_SCORES.items()
            for moment in ("before", "after")
            for name in names
            if plain(values.get(f"{moment}.{method}.{name}", "")) not in NOTHING
        }
        if len(filled) > 1:
            self.fault("before.LEC.L", gettext_noop("Scores of both LEC and LS are filled in: keep one method."))
        return "LS" if filled == {"LS"} else "LEC"

    def _scores(self, moment: str, method: str, values: Mapping[str, str]) -> dict[str, float]:
        table = {"LEC": self.tables.lec, "LS": self.tables.ls}[method]
        scores: dict[str, float] = {}
        for name in METHOD_SCORES[method]:
            key = f"{moment}.{method}.{name}"
            text = values.get(key, "")
            if plain(text) in NOTHING:
                continue
            value = number_of(text)
            allowed = [row["v"] for row in table[name]]
            if value not in allowed:
                self.fault(key, gettext_noop("%(name)s is %(value)s; it must be one of %(allowed)s."), name=name,
                           value=text[:20], allowed=", ".join(map(str, allowed)))  # fmt: skip
            else:
                scores[name] = next(one for one in allowed if one == value)
        return scores

    def _judgement(self, text: str) -> str:
        if plain(text) in NOTHING:
            return ""
        usable = [row["id"] for row in self.tables.judgements if row["id"] != "DJ-05"]
        code = text.strip().upper()
        if code not in usable:
            self.fault("judgement", gettext_noop("“%(text)s” is no direct judgement: write one of %(usable)s."),
                       text=text[:20], usable=", ".join(usable))  # fmt: skip
        return code

    def _measures(self, values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        measures = {}
        for kind in MEASURE_KINDS:
            lines = lines_of(values.get(f"measures.{kind}", ""))
            for line in lines:
                if len(line) > LENGTHS["measure"]:
                    self.fault(f"measures.{kind}", gettext_noop(
                        "“%(text)s…” is longer than %(most)s characters: shorten it."
                    ), text=line[:20], most=LENGTHS["measure"])  # fmt: skip
            if lines:
                measures[kind] = lines
        return measures

    def _check_grades(self, source: SourceData, values: Mapping[str, str]) -> None:
        graded = grade(source, self.tables)
        checks = [("grade", graded.grade_before), ("colour", graded.grade_before), ("grade_after", graded.grade_after)]
        for key, computed in checks:
            text = values.get(key, "")
            if plain(text) in NOTHING:
                continue
            written = grade_of(text)
            if written is None:
                self.fault(key, gettext_noop(
                    "“%(text)s” is no grade: write 重大, 较大, 一般 or 低, or leave it empty."
                ),
                           text=text[:20])  # fmt: skip
            elif computed is not None and written != computed:
                self.fault(key, gettext_noop(
                    "The cell says “%(text)s”, the scores give grade %(computed)s: correct scores or clear the cell."
                ), text=text[:20], computed=computed)  # fmt: skip
        for moment, value in (("before", graded.value_before), ("after", graded.value_after)):
            key = f"{moment}.{source.method}.value"
            written_value = number_of(values.get(key, "")) if values.get(key) else None
            if value is not None and written_value is not None and abs(written_value - value) > 0.05:
                self.fault(key, gettext_noop(
                    "The cell says %(written)s, the scores give %(computed)s: correct the scores, or clear the cell."
                ), written=written_value, computed=value)  # fmt: skip
