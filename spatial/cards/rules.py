"""Which signs, emergency steps and rules belong on a card, and the inherent grades of zones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Zone = Any
Point = Any


@dataclass(frozen=True)
class Sign:
    """One safety sign: its kind (prohibition, warning, mandatory, information), name and the key of its drawing."""

    code: str
    kind: str
    zh: str
    en: str
    glyph: str
    conf: str

    def name(self, language: str) -> str:
        """Return the sign's name in Chinese, or in English for every other language."""
        return self.zh if language.startswith("zh") else self.en


def signs_for(accident_types: Iterable[str], texts: Iterable[str], table: Mapping[str, Any]) -> list[Sign]:
    """Return the signs that accident types and words of sources and measures call for.

    They come in the order in which GB 2894 hangs them (the table's `order`).
    """
    accidents, words = set(accident_types), "\n".join(texts)
    found = [
        Sign(row["code"], row["kind"], row["zh"], row["en"], row["glyph"], row["conf"])
        for row in table["signs"]
        if accidents & set(row["accidents"]) or any(word in words for word in row["words"])
    ]
    return sorted(found, key=lambda sign: table["order"].index(sign.kind))


def emergency_steps(accident_types: Iterable[str], table: Mapping[str, Any], language: str) -> list[str]:
    """Return the steps of each accident type, in the order of the types and without repeats."""
    key = "zh" if language.startswith("zh") else "en"
    steps = table["steps"]
    rows = [steps[kind][key] for kind in dict.fromkeys(accident_types) if kind in steps] or [steps["*"][key]]
    return list(dict.fromkeys(step for row in rows for step in row))


def post_rules(trade: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the rules of a trade: the first row whose trade is part of this one, else the row of all others."""
    rows = table["posts"]
    return next((row for row in rows if row["trade"] in trade), rows[-1])


def met_by_post(trade: str, texts: Mapping[Point, str], table: Mapping[str, Any]) -> list[Point]:
    """Return the points whose text (name and sources) holds one of the words of a trade; "*" meets every point."""
    words = post_rules(trade, table)["words"]
    return [point for point, text in texts.items() if "*" in words or any(word in text for word in words)]


def inherent_zone_grades(
    parents: Mapping[Zone, Zone | None], members: Mapping[Point, Sequence[Zone]], grades: Mapping[Point, int]
) -> dict[Zone, int]:
    """Return each zone's inherent grade: the highest of the points in it and of the zones inside it; 0 for none."""
    found = dict.fromkeys(parents, 0)
    for point, zones in members.items():
        for zone in zones:
            above: Zone | None = zone
            seen: set[Zone] = set()
            while above in found and above not in seen:
                seen.add(above)
                found[above] = max(found[above], grades.get(point, 0))
                above = parents[above]
    return found
