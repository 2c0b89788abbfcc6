"""Storey names of different tools and languages that mean the same floor: 1F, Level 1, 一层, 首层."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SAME_FLOOR_M = 0.3

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE = "零〇一二两三四五六七八九十"
_NUMBER = rf"(\d{{1,3}}|[{_CHINESE}]{{1,3}})"
_ABOVE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:地上|第|标高)?{_NUMBER}(?:层|楼|f|fl|/f)(?:平面|楼面|结构)?",
        rf"(?:f|fl|l|lvl|level|floor|storey|story|标高){_NUMBER}",
        rf"{_NUMBER}(?:st|nd|rd|th)(?:floor|storey|story|level)",
    )
)
_BELOW = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:地下|负){_NUMBER}(?:层|楼)?",
        rf"(?:b|basement){_NUMBER}(?:f|层)?",
        rf"-{_NUMBER}(?:f|层|楼)?",
    )
)
_FIRST = {"首层", "底层", "groundfloor", "ground", "gf", "firstfloor"}
_ROOF = {"屋面", "屋顶", "屋面层", "屋顶层", "天面", "roof", "rf", "rooflevel"}


def storey_key(name: str) -> str:
    """Return what a storey's name says of its number (`1`, `-2`, `roof`), or the name itself in one spelling."""
    plain = re.sub(r"[\s_.]+", "", unicodedata.normalize("NFKC", name).casefold())
    if plain in _FIRST:
        return "1"
    if plain in _ROOF:
        return "roof"
    for patterns, sign in ((_ABOVE, 1), (_BELOW, -1)):
        for pattern in patterns:
            found = pattern.fullmatch(plain)
            if found and (number := _number(found.group(1))):
                return str(sign * number)
    return plain


def _number(text: str) -> int:
    """Return a number up to 99 in Chinese or up to 999 in digits; 0 where it is none."""
    if text.isdecimal() and text.isascii():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS.get(text, 0) if len(text) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0) if ones != "十" else 0


def storeys_agree(some: Iterable[tuple[str, float]], others: Iterable[tuple[str, float]]) -> bool:
    """Return whether two lists of (name, floor height in metres) can be one building's.

    At least half of the shorter list must have its storey of that name within 0.3 m in the other, and no number of a
    floor may stand at two heights.
    """
    mine = {storey_key(name): height for name, height in some}
    theirs = {storey_key(name): height for name, height in others}
    shared = mine.keys() & theirs.keys()
    near = [key for key in shared if abs(mine[key] - theirs[key]) < SAME_FLOOR_M]
    return len(near) == len(shared) > 0 and len(near) * 2 >= min(len(mine), len(theirs))
