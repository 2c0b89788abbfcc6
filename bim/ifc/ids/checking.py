"""Run the specifications of an IDS file over an open model. An entity that breaks a facet fails it with the cause."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from ifctester.facet import Entity

from ..text import clean_text
from .reading import IdsFile, facet_record
from .records import (
    PROHIBITION,
    ElementRef,
    Failure,
    IdsReport,
    Reason,
    RequirementResult,
    SpecificationRecord,
    SpecificationResult,
    Status,
)
from .restrictions import set_right

MAX_FAILURES: Final = 20_000
"""Failures that are listed of one requirement; all are counted."""
LONGEST_ACTUAL: Final = 300
_REPORT_EVERY: Final = 200

Tell = Callable[[float], None]


class TimeIsUp(BaseException):
    """The file's time is over. No Exception: ifctester swallows those."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp in the body after so many seconds, also out of a regular expression that backtracks for ever."""

    def ring(*_: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check_model(model: Any, schema: str, file: IdsFile, limit_s: float, tell: Tell = lambda part: None) -> IdsReport:
    """Return the model's answer to an IDS file; what is not reached within `limit_s` seconds is said not checked.

    `schema` is the one that the model was opened under; `tell` hears the part done, 0 to 1.
    """
    set_right(model)
    started = time.monotonic()
    results: list[SpecificationResult] = []
    elements: dict[int, Any] = {}
    records = file.record.specifications
    late = False
    for number, (record, specification) in enumerate(zip(records, file.specifications, strict=True)):
        left_s = limit_s - (time.monotonic() - started)
        late = late or left_s <= 0

        def tell_part(part: float, number: int = number) -> None:
            tell((number + part) / len(records))

        if schema not in record.ifc_versions:
            results.append(SpecificationResult(record, "not_checked", "schema", schema))
            continue
        if late:
            results.append(SpecificationResult(record, "not_checked", "time", f"{limit_s:g}"))
            continue
        run = _Run(model, specification, record)
        try:
            with time_limit(left_s):
                results.append(run.result(tell_part))
        except TimeIsUp:
            late = True
            results.append(SpecificationResult(record, "not_checked", "time", f"{limit_s:g}"))
        except Exception as error:
            results.append(SpecificationResult(record, "not_checked", "error", _cause(error)))
        else:
            elements |= run.named
    refs = {step_id: _reference(entity) for step_id, entity in sorted(elements.items())}
    return IdsReport(file.record, schema, round(time.monotonic() - started, 3), tuple(results), refs)


class _Run:
    """One specification on one model."""

    def __init__(self, model: Any, specification: Any, record: SpecificationRecord) -> None:
        self.model, self.specification, self.record = model, specification, record
        self.named: dict[int, Any] = {}
        self.checked: list[int] = []
        self.undecided: list[Failure] = []
        facets = [] if record.usage == "prohibited" else specification.requirements
        self.requirements = [_Requirement(facet) for facet in facets]
        self.forbidden = _Tally()

    def result(self, tell: Tell) -> SpecificationResult:
        candidates = self._candidates()
        for number, entity in enumerate(candidates):
            if number % _REPORT_EVERY == 0:
                tell(number / len(candidates))
            if self._is_applicable(entity):
                self._check(entity)
        status, why = self._status()
        requirements = tuple(one.result(self.specification) for one in self.requirements)
        if self.record.usage == "prohibited":
            text = "Shall not exist in the model"
            requirements = (self.forbidden.as_result(text, PROHIBITION, None),)
        return SpecificationResult(
            self.record, status, why, "", tuple(self.checked), requirements,
            tuple(self.undecided[:MAX_FAILURES]), len(self.undecided),
        )  # fmt: skip

    def _candidates(self) -> list[Any]:
        """Return what the first facet can apply to, each entity once, by #id."""
        facets = self.specification.applicability
        found = facets[0].filter(self.model, None) if facets else []
        return [entity for _id, entity in sorted({entity.id(): entity for entity in found}.items())]

    def _is_applicable(self, entity: Any) -> bool:
        try:
            facets = self.specification.applicability
            return all(bool(facet(entity)) for facet in facets if not isinstance(facet, Entity))  # those have filtered
        except Exception as error:
            self.named[entity.id()] = entity
            self.undecided.append(Failure(entity.id(), Reason("ERROR", _cause(error))))
            return False

    def _check(self, entity: Any) -> None:
        step_id = entity.id()
        self.named[step_id] = entity
        self.checked.append(step_id)
        if self.record.usage == "prohibited":
            self.forbidden.fail(step_id, Reason("FORBIDDEN"))
        for requirement in self.requirements:
            requirement.check(entity, step_id)

    def _status(self) -> tuple[Status, str]:
        if self.forbidden.count or any(one.tally.count for one in self.requirements):
            return "fail", ""
        if self.undecided:
            return "not_checked", "error"
        if not self.checked:
            if self.record.usage == "required":
                return "fail", "missing"
            return ("pass", "") if self.record.usage == "prohibited" else ("not_applicable", "")
        return "pass", ""


class _Tally:
    def __init__(self) -> None:
        self.count = 0
        self.failures: list[Failure] = []
        self.passed: list[int] = []

    def fail(self, step_id: int, reason: Reason) -> None:
        self.count += 1
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(Failure(step_id, reason))

    def as_result(self, text: str, kind: str, facet: Any) -> RequirementResult:
        return RequirementResult(text, kind, facet, tuple(self.passed), self.count, tuple(self.failures))


class _Requirement:
    def __init__(self, facet: Any) -> None:
        self.facet = facet
        self.tally = _Tally()

    def check(self, entity: Any, step_id: int) -> None:
        try:
            answer = self.facet(entity)
        except Exception as error:
            self.tally.fail(step_id, Reason("ERROR", _cause(error)))
            return
        if answer.is_pass:
            self.tally.passed.append(step_id)
        else:
            self.tally.fail(step_id, _reason(answer.reason))

    def result(self, specification: Any) -> RequirementResult:
        record = facet_record(self.facet)
        try:
            text = self.facet.to_string("requirement", specification, self.facet)
        except Exception:
            text = record.kind
        return self.tally.as_result(text, record.kind, record)


def _reason(reason: dict[str, Any] | None) -> Reason:
    if not reason:
        return Reason("VALUE")
    expected = str(reason.get("dataType", "") or "")
    return Reason(str(reason.get("type", "VALUE")), _shown(reason.get("actual")), expected)


def _shown(actual: Any) -> str:
    """Return what the model has, as text; of a list its parts."""
    if actual is None:
        return ""
    if isinstance(actual, list | tuple | set | frozenset):
        parts = sorted({_shown(one) for one in actual} - {""})
        return clean_text(", ".join(parts), LONGEST_ACTUAL)
    if hasattr(actual, "is_a"):
        return f"#{actual.id()} {actual.is_a()}"
    if isinstance(actual, bool):
        return str(actual).lower()
    return clean_text(f"{actual:.10g}" if isinstance(actual, float) else str(actual), LONGEST_ACTUAL)


def _cause(error: Exception) -> str:
    return clean_text(f"{type(error).__name__}: {error}", LONGEST_ACTUAL)


def _reference(entity: Any) -> ElementRef:
    return ElementRef(entity.id(), _attribute(entity, "GlobalId", 22), entity.is_a(), _attribute(entity, "Name", 255))


def _attribute(entity: Any, name: str, limit: int) -> str:
    try:
        return clean_text(getattr(entity, name, None), limit)
    except (RuntimeError, UnicodeError):
        return ""
