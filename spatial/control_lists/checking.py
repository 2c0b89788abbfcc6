"""What a row or a list lacks: faults that no draft may have, and problems before it can be submitted. Pure.

Sources: spec/domain/01 1.4-1.7 (DB37/T 2882-2016), S0.43; severities come from the edition's settings of lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spatial.risks.rules import (
    JudgementUnknown,
    ScoreRefused,
    direct_judgement,
    grade_source,
    required_levels,
)

from .rules import (
    CHOICES,
    FACTOR_CODE,
    LENGTHS,
    MEASURE_KINDS,
    METHOD_SCORES,
    EntryData,
    Problem,
    SourceData,
    Tables,
    columns_of,
    entry_grades,
    gettext_noop,
    grade,
    lead_level,
    levels_needed,
    split_accidents,
    value_and_grade,
)


def _long(entry: EntryData) -> list[Problem]:
    """Return the texts of a row that are longer than their column."""
    texts = [("code", entry.code), ("name", entry.name), ("place_text", entry.place_text),
             ("lowering_reason", entry.lowering_reason)]  # fmt: skip
    for person in entry.people:
        texts += [("person", person.full_name), ("phone", person.phone)]
    for source in entry.sources:
        texts += [(name, getattr(source, name)) for name in ("step_no", "step", "standard", "deviation")]
        texts += [("source", source.name), ("accident_type", source.accident_type), ("factor_code", source.factor_code)]
        texts += [("added_measures", source.added_measures)]
        texts += [("measure", text) for lines in source.measures.values() for text in lines]
    sentence = gettext_noop("“%(text)s…” is longer than %(most)s characters: shorten it.")
    return [
        Problem(entry.code, name, sentence, {"text": text[:20], "most": LENGTHS[name]})
        for name, text in texts if len(text) > LENGTHS[name]
    ]  # fmt: skip


def entry_faults(kind: str, entry: EntryData, tables: Tables) -> list[Problem]:
    """Return why a row cannot even be kept as a draft: too long, or a value that no table has."""
    levels = [row["code"] for row in tables.levels["control_levels"]]
    sentence = gettext_noop("%(value)s cannot stand here; possible: %(allowed)s.")

    def not_in(name: str, value: str, allowed: Sequence[str]) -> list[Problem]:
        values = {"value": value, "allowed": ", ".join(allowed)}
        return [] if value in allowed else [Problem(entry.code, name, sentence, values)]

    found = _long(entry)
    for name, value in entry.columns.items():
        found += not_in("columns", name, columns_of(kind))
        if len(value) > 300:
            found.append(Problem(entry.code, f"columns.{name}",
                                 gettext_noop("“%(text)s…” is longer than %(most)s characters: shorten it."),
                                 {"text": value[:20], "most": 300}))  # fmt: skip
        if value and name in CHOICES:
            found += not_in(f"columns.{name}", value, CHOICES[name])
    if entry.lead_level:
        found += not_in("lead_level", entry.lead_level, levels)
    for person in entry.people:
        found += not_in("people", person.level, levels)
    for source in entry.sources:
        found += _source_faults(entry.code, source, tables, not_in)
    return found


def _source_faults(row: str, source: SourceData, tables: Tables, not_in: Any) -> list[Problem]:
    found = list(not_in("method", source.method, list(METHOD_SCORES)))
    if found:
        return found
    table = {"LEC": tables.lec, "LS": tables.ls}[source.method]
    for moment, scores in (("before", source.before), ("after", source.after)):
        for name, value in scores.items():
            allowed = [cell["v"] for cell in table[name]] if name in METHOD_SCORES[source.method] else []
            if isinstance(value, bool) or value not in allowed:
                found += not_in(f"{moment}.{name}", str(value), [str(one) for one in allowed])
    if source.judgement:
        usable = [one["id"] for one in tables.judgements if one["id"] != "DJ-05"]
        found += not_in("judgement", source.judgement, usable)
    for kind in source.measures:
        found += not_in("measures", kind, MEASURE_KINDS)
    return found


def source_problems(row: str, source: SourceData, tables: Tables) -> list[Problem]:
    """Return what a hazard source lacks before its list can be submitted."""
    name = source.name or "?"

    def problem(field_name: str, sentence: str, severity: Any = "refuse", **values: Any) -> Problem:
        return Problem(row, field_name, sentence, {"source": name, **values}, severity)

    found = []
    if not source.name.strip():
        found.append(problem("source", gettext_noop("A hazard source has no name: write what can go wrong.")))
    if not source.step.strip():
        found.append(problem("step", gettext_noop("Source “%(source)s” has no step or check item.")))
    if not source.factor_code:
        found.append(problem("factor_code", gettext_noop("Source “%(source)s” has no factor code (GB/T 13861).")))
    elif not FACTOR_CODE.match(source.factor_code):
        found.append(problem("factor_code", gettext_noop(
            "Source “%(source)s”: %(code)s is no factor code; it begins with 1 to 4 (GB/T 13861)."
        ), code=source.factor_code))  # fmt: skip
    found += _accident_problems(problem, source, tables)
    found += _score_problems(problem, source, tables)
    found += _measure_problems(problem, source, tables)
    return found


def _accident_problems(problem: Any, source: SourceData, tables: Tables) -> list[Problem]:
    named = split_accidents(source.accident_type)
    known = tables.levels["accident_types_GB6441"]
    if not named:
        return [problem("accident_type", gettext_noop("Source “%(source)s” has no possible accident (GB 6441)."))]
    return [
        problem("accident_type", gettext_noop(
            "Source “%(source)s”: %(accident)s is none of the accident types of GB 6441; pick from the list."
        ), accident=one)
        for one in named if one not in known
    ]  # fmt: skip


def _scores_wrong(method: str, scores: Mapping[str, float], tables: Tables) -> str:
    try:
        grade_source(method, scores, lec=tables.lec, ls=tables.ls)
    except ScoreRefused as error:
        return str(error)
    return ""


def _score_problems(problem: Any, source: SourceData, tables: Tables) -> list[Problem]:
    if source.method not in METHOD_SCORES:
        return [problem("method", gettext_noop("Source “%(source)s”: the method is LEC or LS."))]
    found = []
    names = ", ".join(METHOD_SCORES[source.method])
    missing = gettext_noop("Source “%(source)s” has no complete scores before controls: pick %(names)s.")
    if not source.before or any(name not in source.before for name in METHOD_SCORES[source.method]):
        found.append(problem("before", missing, names=names))
    elif reason := _scores_wrong(source.method, source.before, tables):
        found.append(problem("before", gettext_noop("Source “%(source)s”: %(reason)s"), reason=reason))
    how = tables.settings["after_scores"]
    if not source.after:
        if how != "ignore":
            found.append(problem("after", gettext_noop(
                "Source “%(source)s” has no scores after controls: the point keeps the grade before controls."
            ), how))  # fmt: skip
    elif reason := _scores_wrong(source.method, source.after, tables):
        found.append(problem("after", gettext_noop("Source “%(source)s”, after controls: %(reason)s"), reason=reason))
    elif _rises(source, tables):
        found.append(problem("after", gettext_noop(
            "Source “%(source)s” is graded higher after controls than before; controls never raise a risk."
        )))  # fmt: skip
    if source.judgement:
        try:
            direct_judgement(source.judgement, tables.judgements)
        except JudgementUnknown as error:
            found.append(problem("judgement", gettext_noop("Source “%(source)s”: %(reason)s"), reason=str(error)))
    return found


def _rises(source: SourceData, tables: Tables) -> bool:
    before, _ = value_and_grade(source.method, source.before, tables)
    after, _ = value_and_grade(source.method, source.after, tables)
    return before is not None and after is not None and after > before


def _measure_problems(problem: Any, source: SourceData, tables: Tables) -> list[Problem]:
    settings = tables.settings
    graded = grade(source, tables)
    kinds = {kind for kind, texts in source.measures.items() if any(text.strip() for text in texts)}
    if not kinds:
        return [problem("measures", gettext_noop("Source “%(source)s” has no control measure."))]
    if not graded.grade_before or graded.grade_before < settings["measures_from_grade"]:
        return []
    sentence = gettext_noop("Source “%(source)s” has grade %(grade)s and needs a measure of kind %(kind)s.")
    return [
        problem(f"measures.{kind}", sentence, settings["missing_measures"], grade=graded.grade_before, kind=kind)
        for kind in settings["measures_needed"] if kind not in kinds
    ]  # fmt: skip


def entry_problems(entry: EntryData, tables: Tables) -> list[Problem]:
    """Return what a row lacks before its list can be submitted, by field; warnings are marked as such."""
    row = entry.code or "?"
    found = []
    if not entry.code.strip():
        found.append(Problem(row, "code", gettext_noop("The row “%(name)s” has no number."), {"name": entry.name}))
    if not entry.name.strip():
        found.append(Problem(row, "name", gettext_noop("The row has no name.")))
    if entry.place is None:
        found.append(Problem(row, "place", gettext_noop("Put the row on the map or on an element of the model.")))
    if not entry.sources:
        found.append(Problem(row, "sources", gettext_noop("The row needs at least one hazard source.")))
    for source in entry.sources:
        found += source_problems(row, source, tables)
    before, _ = entry_grades(grade(source, tables) for source in entry.sources)
    if before:
        found += _people_problems(row, entry, before, tables)
        if before == 4:
            found += _major_problems(row, entry, tables)
    return found


def lowering_problems(entry: EntryData, earlier: EntryData | None) -> list[Problem]:
    """Return the direct judgements that a row drops without a reason: a person adds one, but never just removes it."""
    if earlier is None or entry.lowering_reason.strip():
        return []
    dropped = {s.judgement for s in earlier.sources if s.judgement} - {s.judgement for s in entry.sources}
    sentence = gettext_noop("The direct judgement %(judgement)s was dropped: say why it no longer holds.")
    return [Problem(entry.code, "lowering_reason", sentence, {"judgement": one}) for one in sorted(dropped)]


def _people_problems(row: str, entry: EntryData, before: int, tables: Tables) -> list[Problem]:
    found = []
    ranks = {level["code"]: level["rank"] for level in tables.levels["control_levels"]}
    due = required_levels(before, tables.levels)[0]
    if entry.lead_level and ranks.get(entry.lead_level, 0) < ranks[due]:
        sentence = gettext_noop("Grade %(grade)s is led at level %(due)s or higher, never lower.")
        found.append(Problem(row, "lead_level", sentence, {"grade": before, "due": due}))
    named = {person.level for person in entry.people if person.full_name.strip()}
    sentence = gettext_noop("A named person is missing at level %(level)s: every level at or below %(lead)s has one.")
    lead = lead_level(before, entry.lead_level, tables.levels)
    found += [
        Problem(row, f"people.{level}", sentence, {"level": level, "lead": lead})
        for level in levels_needed(before, entry.lead_level, tables.levels)
        if level not in named
    ]
    return found


def _major_problems(row: str, entry: EntryData, tables: Tables) -> list[Problem]:
    severity = tables.settings["missing_major_columns"]
    if severity == "ignore":
        return []
    sentence = gettext_noop("A major risk needs %(column)s (major-risk table).")
    return [
        Problem(row, f"columns.{name}", sentence, {"column": name}, severity)
        for name in tables.settings["major_columns_needed"] if not entry.columns.get(name, "").strip()
    ]  # fmt: skip


def list_problems(entries: Sequence[EntryData], tables: Tables) -> list[Problem]:
    """Return everything that a list lacks before it can be submitted, row by row."""
    if not entries:
        return [Problem("", "", gettext_noop("The list is empty: add a row, take a template, or read an Excel file."))]
    found: list[Problem] = []
    seen: set[str] = set()
    for entry in entries:
        found += entry_problems(entry, tables)
        if entry.code and entry.code in seen:
            found.append(Problem(entry.code, "code", gettext_noop("The number is used by two rows.")))
        seen.add(entry.code)
    return found


def refusals(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stop a list from being submitted."""
    return [problem for problem in problems if problem.severity == "refuse"]
