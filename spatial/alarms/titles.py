"""What an alarm is called, in both languages of the product: made of its rule's two names and its own facts. Pure.

Names of people, zones, storeys and devices stay as they are. The Chinese title is the record; pages show a reader
the title of their language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Words:
        """This function will return the two names of a row of a table (`zh`, `en`)."""
        return cls(row["zh"], row["en"])

    @classmethod
    def same(cls, text: str) -> Words:
        """This function will return a name, which is the same in both."""
        return cls(text, text)

    def aside(self, more: Words | str) -> Words:
        """This function will add something in brackets; nothing adds none."""
        added = _both(more)
        return Words(
            f"{self.zh}（{added.zh}）" if added.zh else self.zh, f"{self.en} ({added.en})" if added.en else self.en
        )

    def then(self, more: Words | str) -> Words:
        """This function will add something behind a space."""
        added = _both(more)
        return Words(f"{self.zh} {added.zh}".strip(), f"{self.en} {added.en}".strip())


def _both(text: Words | str) -> Words:
    return Words.same(text) if isinstance(text, str) else text


def titled(rule: Words, rest: Words) -> Words:
    """This function will return the title of an alarm: its rule, then what is the matter, where that is known."""
    if not rest.zh:
        return rule
    return Words(f"{rule.zh}：{rest.zh}", f"{rule.en}: {rest.en}")


def entry_title(rule: Words, person: str, zone: str, aside: Words | str) -> Words:
    """This function will return the title of an entry alarm: rule, person, zone, and its storey or what is wrong."""
    return titled(rule, Words.same(f"{person} · {zone}").aside(aside))


def crowd_title(rule: Words, zone: str, storey: str, count: float | None, limit: int | None) -> Words:
    """This function will return the title of a head-count alarm: rule, zone, count and limit."""
    return titled(rule, Words.same(zone).aside(storey).then(f"{count or 0:.0f} / {limit or 0}"))


def reading_title(rule: Words, where: Words, value: str, limit: str) -> Words:
    """This function will return the title of an alarm of a reading: rule, what measured, value and limit."""
    return titled(rule, where.then(value).aside(limit))


def device_title(rule: Words, who: str, aside: Words | str, value: float | None) -> Words:
    """This function will return the title of an alarm about a device: rule, wearer, device or trade, and per cent."""
    return titled(rule, Words.same(who).aside(aside).then("" if value is None else f"{value:.0f} %"))


def paper_title(rule: Words, what: Words, last_day: date) -> Words:
    """This function will return the title of an alarm of a paper that ends: rule, whose paper, its last day."""
    return titled(rule, what.aside(Words(f"有效期至 {last_day}", f"valid until {last_day}")))


def machine_title(rule: Mapping[str, Any], machine: str, other: str, numbers: Mapping[str, Any]) -> Words:
    """This function will return the title of an alarm of a machine: rule, who came near, and what decided."""
    who = Words.same(f"{other} · {machine}" if other else machine)
    return titled(Words.of(rule), who.aside(_decided(rule["id"], numbers)))


def _decided(rule: str, numbers: Mapping[str, Any]) -> Words | str:
    """Return how near, how soon, or how heavy."""
    if rule == "P-15":
        return f"{numbers.get('load_t')} t"
    distance = numbers.get("distance_m", numbers.get("edge_m"))
    near = f"{round(distance, 2)} m" if isinstance(distance, float) else ""
    soon = numbers.get("contact_s") if rule == "TC-04" else None
    if isinstance(soon, float):
        return Words(f"{near}，{soon:g} s", f"{near}, {soon:g} s")
    return near
