"""A report as the page, the card and the API show it: functions with their grades, checks with words and elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bim.models import Element
from bim.readiness.catalogue import FUNCTIONS, Check, catalogue
from bim.readiness.models import ReadinessCheck, ReadinessReport
from bim.readiness.queries import checks_of_report, failing_elements
from bim.readiness.words import CHECK_WORDS, FUNCTION_WORDS, GRADE_WORDS, NOT_JUDGED_WORDS, CheckWords, FunctionWords

from .words import count_words, figure_words, limits_words, rest_words

SHOWN = 5
WORST_FIRST = {"C": 0, "B": 1, "A": 2, "": 3}


@dataclass(frozen=True)
class CheckLine:
    """One check of a report with its words; `elements` are the first that failed."""

    row: ReadinessCheck
    check: Check
    words: CheckWords
    count: str
    figures: str
    limits: str
    not_judged: str
    elements: list[Element]

    @property
    def is_lacking(self) -> bool:
        return self.row.outcome in ("B", "C")


@dataclass(frozen=True)
class FunctionLine:
    """One safety function with its grade, "" where it has none."""

    function: str
    words: FunctionWords
    grade: str
    grade_words: str
    lines: list[CheckLine]

    @property
    def lacking(self) -> list[CheckLine]:
        return [line for line in self.lines if line.is_lacking]

    @property
    def has_elements(self) -> bool:
        return any(line.row.elements for line in self.lacking)

    @property
    def rest(self) -> list[CheckLine]:
        return [line for line in self.lines if not line.is_lacking]

    @property
    def rest_words(self) -> str:
        """How many checks are passed, and how many take part in no grade."""
        passed = sum(line.row.outcome == "A" for line in self.rest)
        return rest_words(passed, len(self.rest) - passed)


def function_lines(report: ReadinessReport, *, elements: int = SHOWN) -> list[FunctionLine]:
    """Return the safety functions in their order, checks that lower the grade first."""
    known = catalogue()
    rows = [row for row in checks_of_report(report) if row.identifier in known]
    return [
        _function(function, report, [check_line(row, elements) for row in rows if row.function == function])
        for function in FUNCTIONS
    ]


def _function(function: str, report: ReadinessReport, lines: list[CheckLine]) -> FunctionLine:
    grade = report.grades.get(function) or ""
    lines.sort(key=lambda line: (WORST_FIRST[line.row.outcome], line.row.position))
    return FunctionLine(function, FUNCTION_WORDS[function], grade, str(GRADE_WORDS.get(grade, "–")), lines)


def check_line(row: ReadinessCheck, elements: int) -> CheckLine:
    """Return a check with its words and the first elements that failed it."""
    check = catalogue()[row.identifier]
    return CheckLine(
        row=row,
        check=check,
        words=CHECK_WORDS[row.identifier],
        count=count_words(row.judged, row.checked, row.failed, check.limits.required),
        figures=figure_words(row.figures),
        limits=limits_words(check.limits),
        not_judged=str(NOT_JUDGED_WORDS.get(row.why, row.why)),
        elements=failing_elements(row, elements) if row.elements and row.outcome else [],
    )


def grade_figures(report: ReadinessReport) -> list[dict[str, Any]]:
    """Return name, grade and its word of every function."""
    found = []
    for function in FUNCTIONS:
        grade = report.grades.get(function) or ""
        words = GRADE_WORDS.get(grade)
        found.append(
            {"function": function, "name": FUNCTION_WORDS[function].name, "grade": grade, "words": words or "–"}
        )
    return found
