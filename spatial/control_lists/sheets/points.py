"""A risk point gathered from the sheets that speak of it, as a row of a list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spatial.control_lists.rules import (
    CHOICES,
    LENGTHS,
    EntryData,
    PersonData,
    PlaceData,
    SourceData,
    Tables,
    columns_of,
    entry_grades,
    gettext_noop,
    grade,
    lead_level,
)

from .cells import number_of, people_of, word_key
from .faults import CellFault
from .forms import CHOICE_WORDS, KIND_WORDS, LEVEL_WORDS, LEVELS


@dataclass
class GatheredPoint:
    """What the sheets say of one risk point: texts by key and where each was said, and sources by form."""

    values: dict[str, str] = field(default_factory=dict)
    sources: dict[str, list[SourceData]] = field(default_factory=dict)
    said: dict[str, tuple[str, int, str]] = field(default_factory=dict)


class PointReader:
    """Turns gathered points into rows of a list of one kind; faults are appended to `faults`."""

    def __init__(self, kind: str, tables: Tables, faults: list[CellFault]) -> None:
        self.kind, self.tables, self.faults = kind, tables, faults

    def read(self, code: str, point: GatheredPoint) -> EntryData:
        """Return a gathered point as a row."""
        sources = self._sources_of(point)
        before, _ = entry_grades(grade(source, self.tables) for source in sources)
        lead = self._level(point, before)
        return EntryData(
            code=code,
            name=self._held(point, "name", 160),
            place_text=self._held(point, "place_text", 160),
            columns=self._columns(point),
            lead_level=lead,
            sources=tuple(sources),
            people=tuple(self._people(point, before, lead)),
            place=self._place(point.values),
            lowering_reason=self._held(point, "lowering_reason", 200),
        )

    def _at(self, point: GatheredPoint, key: str, sentence: str, **values: Any) -> None:
        sheet, row, column = point.said.get(key, ("", 0, ""))
        self.faults.append(CellFault(sheet, row, column, sentence, values))

    def _held(self, point: GatheredPoint, key: str, most: int) -> str:
        text = point.values.get(key, "")
        if len(text) > most:
            self._at(point, key, gettext_noop("“%(text)s…” is longer than %(most)s characters: shorten it."),
                     text=text[:20], most=most)  # fmt: skip
        return text

    def _sources_of(self, point: GatheredPoint) -> list[SourceData]:
        """Return the sources of the analysis record where there is one; those of the graded list otherwise."""
        for form in ("jha", "scl", "graded"):
            if form in point.sources:
                return point.sources[form]
        return []

    def _columns(self, point: GatheredPoint) -> dict[str, str]:
        columns = {}
        for name in columns_of(self.kind):
            text = self._held(point, name, 300)
            if not text:
                continue
            if name in CHOICES:
                key = word_key(CHOICE_WORDS[name], text)
                if key is None:
                    words = ", ".join(names[0] for names in CHOICE_WORDS[name].values())
                    self._at(point, name, gettext_noop("“%(text)s” cannot stand here: write one of %(words)s."),
                             text=text[:20], words=words)  # fmt: skip
                    continue
                text = key
            columns[name] = text
        kind = point.values.get("kind", "")
        if kind and word_key(KIND_WORDS, kind) not in (None, self.kind):
            sentence = gettext_noop("This risk point is of the other list (%(kind)s): move it there.")
            self._at(point, "kind", sentence, kind=kind[:20])
        return columns

    def _level(self, point: GatheredPoint, before: int | None) -> str:
        text = point.values.get("lead_level", "")
        if not text:
            return ""
        level = word_key(LEVEL_WORDS, text)
        if level is None:
            self._at(point, "lead_level", gettext_noop("“%(text)s” is no level: write one of %(words)s."),
                     text=text[:20], words=", ".join(LEVEL_WORDS[one][0] for one in LEVELS))  # fmt: skip
            return ""
        return "" if before and level == lead_level(before, "", self.tables.levels) else level

    def _people(self, point: GatheredPoint, before: int | None, lead: str) -> Iterable[PersonData]:
        found = []
        for level in LEVELS:
            found += [PersonData(level, *one) for one in people_of(point.values.get(f"people.{level}", ""))]
        if not found and before and point.values.get("person_of_lead"):
            level = lead_level(before, lead, self.tables.levels)
            found = [PersonData(level, *one) for one in people_of(point.values["person_of_lead"])]
        for person in found:
            if len(person.full_name) > LENGTHS["person"] or len(person.phone) > LENGTHS["phone"]:
                self._at(point, f"people.{person.level}", gettext_noop("The name “%(name)s…” is too long."),
                         name=person.full_name[:20])  # fmt: skip
        return found

    def _place(self, values: Mapping[str, str]) -> PlaceData | None:
        if not values.get("geometry"):
            return None
        numbers = [number_of(part.strip()) for part in values.get("offset_m", "").split(",") if part.strip()]
        return PlaceData(
            geometry=values["geometry"],
            storey_id=values.get("storey_id", ""),
            model_id=values.get("model_id", ""),
            element_global_id=values.get("element_global_id", ""),
            element_name=values.get("element_name", ""),
            offset_m=tuple(float(one) for one in numbers if one is not None) or None,
        )
