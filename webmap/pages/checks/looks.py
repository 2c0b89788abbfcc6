"""Signs, words and colours of results; never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy

from bim.exchange.ids.models import Check
from bim.exchange.ids.words import applicability_words, problem_words, requirement_words, why_words


@dataclass(frozen=True)
class Look:
    """How a result is shown: its sign, its word, the class of its badge."""

    sign: str
    label: Any
    css: str


LOOKS: Final = {
    "pass": Look("✓", gettext_lazy("Passed"), "good"),
    "fail": Look("✕", gettext_lazy("Failed"), "bad"),
    "not_applicable": Look("–", gettext_lazy("Nothing to check"), ""),
    "not_checked": Look("?", gettext_lazy("Not checked"), "warn"),
}
STATES: Final = {
    Check.State.WAITING: Look("…", gettext_lazy("Waiting"), ""),
    Check.State.RUNNING: Look("▸", gettext_lazy("Being checked"), ""),
    Check.State.FAILED: Look("!", gettext_lazy("Could not be checked"), "bad"),
    Check.State.CANCELLED: Look("–", gettext_lazy("Cancelled"), ""),
}
STAGES: Final = {
    "open": gettext_lazy("Opening the model"),
    "read": gettext_lazy("Reading the IDS file"),
    "check": gettext_lazy("Checking the elements"),
}


def look_of(check: Check) -> Look:
    """Return how a check is shown as a whole: its result, or its state while it has none."""
    return LOOKS.get(check.status) or STATES.get(Check.State(check.state)) or LOOKS["not_checked"]


@dataclass(frozen=True)
class RequirementLine:
    """One requirement of a result, with its sentence."""

    position: int
    words: str
    instructions: str
    passed: int
    failed: int
    listed: int

    @property
    def look(self) -> Look:
        return LOOKS["fail" if self.failed else "pass" if self.passed else "not_applicable"]


@dataclass(frozen=True)
class SpecificationLine:
    """One specification of a check with its words."""

    at: int
    name: str
    status: str
    applies: str
    usage: str
    description: str
    instructions: str
    identifier: str
    why: str
    applicable: int
    undecided: int
    lines: list[RequirementLine]

    @property
    def number(self) -> int:
        return self.at + 1

    @property
    def look(self) -> Look:
        return LOOKS[self.status]

    @property
    def failed(self) -> int:
        return sum(line.failed for line in self.lines)


def specification_lines(check: Check) -> list[SpecificationLine]:
    """Return the results of a check in the IDS's order."""
    asked = check.document.content["specifications"]
    return [_specification(at, asked[at], result) for at, result in enumerate(check.results)]


def _specification(at: int, asked: dict[str, Any], result: dict[str, Any]) -> SpecificationLine:
    return SpecificationLine(
        at=at,
        name=asked["name"],
        status=result["status"],
        applies=applicability_words(asked["applicability"]),
        usage=asked["usage"],
        description=asked["description"],
        instructions=asked["instructions"],
        identifier=asked["identifier"],
        why=why_words(result["status"], result["why"], result["detail"], asked["ifc_versions"]),
        applicable=result["applicable"],
        undecided=result["undecided"],
        lines=[
            RequirementLine(
                position, requirement_words(one["kind"], one["facet"]), (one["facet"] or {}).get("instructions", ""),
                one["passed"], one["failed"], one["listed"],
            )
            for position, one in enumerate(result["requirements"])
        ],
    )  # fmt: skip


def problem_of(check: Check, model_words: Any) -> str:
    """Return why a check failed; what the importer says of the model goes through `model_words`."""
    problem = check.problem or {}
    if problem.get("code") == "model":
        return str(model_words(problem.get("reason", "")))
    return problem_words(
        problem.get("code", ""), problem.get("line", 0), problem.get("detail", ""), problem.get("reason", "")
    )
