"""What changed from one list to another: added, removed, regraded, measures, people, place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .rules import EntryData, SourceData, Tables, entry_grades, grade


@dataclass(frozen=True)
class Change:
    """One row that differs; `what` names the kinds of difference in a fixed order."""

    code: str
    name: str
    what: tuple[str, ...]
    before: EntryData | None
    after: EntryData | None
    grade_before: int | None = None
    grade_after: int | None = None
    residual_before: int | None = None
    residual_after: int | None = None
    measures_added: tuple[tuple[str, str], ...] = ()
    measures_removed: tuple[tuple[str, str], ...] = ()


def _grades(entry: EntryData | None, tables: Tables) -> tuple[int | None, int | None]:
    return entry_grades(grade(source, tables) for source in entry.sources) if entry else (None, None)


def _measures(entry: EntryData) -> set[tuple[str, str]]:
    return {(kind, text) for source in entry.sources for kind, texts in source.measures.items() for text in texts}


def _hazards(sources: Sequence[SourceData]) -> list[SourceData]:
    """Return the sources without what has a word of its own: measures and scores."""
    return [
        replace(s, measures={}, added_measures="", before={}, after={}, judgement="", method="LEC") for s in sources
    ]


def _scores(sources: Sequence[SourceData]) -> list[tuple]:
    return [(s.method, dict(s.before), dict(s.after), s.judgement) for s in sources]


def _what(old: EntryData, new: EntryData, tables: Tables) -> tuple[str, ...]:
    tests = {
        "regraded": _grades(old, tables) != _grades(new, tables),
        "rescored": _scores(old.sources) != _scores(new.sources),
        "sources": _hazards(old.sources) != _hazards(new.sources),
        "measures": _measures(old) != _measures(new)
        or [s.added_measures for s in old.sources] != [s.added_measures for s in new.sources],
        "people": (old.people, old.lead_level) != (new.people, new.lead_level),
        "place": (old.place, old.place_text) != (new.place, new.place_text),
        "columns": (old.name, dict(old.columns)) != (new.name, dict(new.columns)),
    }
    return tuple(name for name, differs in tests.items() if differs)


def _compared(old: EntryData, new: EntryData, tables: Tables) -> Change | None:
    what = _what(old, new, tables)
    if not what:
        return None
    (grade_before, residual_before), (grade_after, residual_after) = _grades(old, tables), _grades(new, tables)
    had, has = _measures(old), _measures(new)
    return Change(
        new.code, new.name, what, old, new, grade_before, grade_after, residual_before, residual_after,
        tuple(sorted(has - had)), tuple(sorted(had - has)),
    )  # fmt: skip


def differences(old: Sequence[EntryData], new: Sequence[EntryData], tables: Tables) -> list[Change]:
    """Return the rows that differ, removed ones last; rows are the same when they have the same number."""
    earlier = {entry.code: entry for entry in old}
    changes = []
    for entry in new:
        before = earlier.pop(entry.code, None)
        if before is None:
            after, residual = _grades(entry, tables)
            changes.append(Change(entry.code, entry.name, ("added",), None, entry, None, after, None, residual))
        elif (change := _compared(before, entry, tables)) is not None:
            changes.append(change)
    for entry in earlier.values():
        was, residual = _grades(entry, tables)
        changes.append(Change(entry.code, entry.name, ("removed",), entry, None, was, None, residual, None))
    return changes


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """Return how many rows differ in each way, in a fixed order; zero where none does."""
    names = ("added", "removed", "regraded", "rescored", "sources", "measures", "people", "place", "columns")
    return {name: sum(name in change.what for change in changes) for name in names}
