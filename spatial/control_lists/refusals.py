"""What an operation on a control list refuses with, in the language of the request. Nothing has changed then."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from .rules import Problem


def sentence(problem: Problem) -> str:
    """Return a problem as a sentence in the present language."""
    return gettext(problem.sentence) % problem.values


class ListRefused(ValueError):
    """A list or row cannot be taken as it is; `problems` names row and field of each reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return " ".join(f"{problem.row}: {sentence(problem)}" if problem.row else sentence(problem)
                        for problem in self.problems)  # fmt: skip


class ListStateRefused(ListRefused):
    """The list is not in the state that this act needs (409)."""


class ListForbidden(PermissionError):
    """This person has no role that may do this on this site (403)."""

    def __init__(self, sentence_text: str) -> None:
        super().__init__(sentence_text)
        self.sentence_text = sentence_text

    def __str__(self) -> str:
        return gettext(self.sentence_text)
