"""Attributes as a STEP record writes them, read as the values that IfcOpenShell gives for them.

What is read is the plain way of writing, in which nearly all records are written. Everything else raises Odd: whoever
meets it asks IfcOpenShell for that record.
"""

from __future__ import annotations

import re
from typing import Any


class Odd(Exception):
    """Something is not written in the plain way: IfcOpenShell says what it means."""


_TEXT = rb"'[^']*+(?:''[^']*+)*+'"
_DEEPER = rb"\((?:[^'()]++|'[^']*+')*+\)"
_LIST = rb"\((?:[^'()]++|'[^']*+'|" + _DEEPER + rb")*+\)"
_ID = rb"#[0-9]{1,18}+"

# The forms of an attribute in a pattern of a record: each of them but SKIPPED is one group.
SKIPPED = rb"(?:\s*+" + _TEXT + rb"\s*+|[^'(),]*+(?:" + _LIST + rb"[^'(),]*+)?)"
ANYTHING = b"(" + SKIPPED + b")"
TEXT = rb"\s*+(" + _TEXT + rb"|[$*])\s*+"
ASCII_TEXT = rb"\s*+'([ -&(-\[\]-~]*+)'\s*+"  # without quotes and escapes: the group is the text itself
REFERENCE = rb"\s*+(" + _ID + rb"|\$)\s*+"
REFERENCES = rb"\s*+(\(\s*+" + _ID + rb"\s*+(?:,\s*+" + _ID + rb"\s*+)*+\)|" + _ID + rb"|\$)\s*+"


def record_pattern(count: int, wanted: dict[int, bytes]) -> re.Pattern[bytes]:
    """Return a pattern of the text between a record's outer brackets, with `count` attributes.

    `wanted` says of which form those attributes are that become its groups, by their place. Lists nested more than
    twice do not match.
    """
    forms: list[bytes] = []
    skipped = 0
    for place in range(count):
        if place not in wanted:
            skipped += 1
        ends_run = place in wanted or place == count - 1
        if skipped and ends_run:  # a run of them is one part: patterns take time to build
            forms.append(b"(?:%b,){%d}%b" % (SKIPPED, skipped - 1, SKIPPED) if skipped > 1 else SKIPPED)
            skipped = 0
        if place in wanted:
            forms.append(wanted[place])
    return re.compile(b",".join(forms))


_PRINTABLE_TEXT = re.compile(rb"'(?:[ -&(-~]++|'')*+'")
_ESCAPE = re.compile(r"\\X2\\((?:[0-9A-F]{4})+)\\X0\\|\\X\\([0-9A-F]{2})|\\S\\([ -&(-\[\]-~])|\\(\\)")
_SURROGATE_OR_NOTHING = re.compile(r"[\x00\ud800-\udfff]")
_INTEGER = re.compile(rb"[+-]?[0-9]{1,18}")
_REAL = re.compile(rb"[+-]?(?:[0-9]++\.[0-9]*+|\.[0-9]++)(?:[Ee][+-]?[0-9]{1,3})?")
_TYPED = re.compile(rb"\s*+([A-Za-z0-9_]++)\s*+\(\s*+(.*?)\s*+\)\s*+", re.DOTALL)
_LOGICAL = {b".T.": True, b".F.": False, b".U.": "UNKNOWN"}
_NOTHING = (b"$", b"*")


def text_of(written: bytes) -> str | None:
    """Return a text without its quotes and escapes, None for one that is left out. Raises Odd."""
    if written in _NOTHING:
        return None
    if not _PRINTABLE_TEXT.fullmatch(written):
        raise Odd
    text = written[1:-1].decode("ascii")
    if "'" in text:
        text = text.replace("''", "'")
    return _unescaped(text) if "\\" in text else text


def _unescaped(text: str) -> str:
    parts, end = [], 0
    for escape in _ESCAPE.finditer(text):
        parts += [text[end : escape.start()], _character(escape)]
        end = escape.end()
    if any("\\" in part for part in (*parts[::2], text[end:])):
        raise Odd
    decoded = "".join([*parts, text[end:]])
    if _SURROGATE_OR_NOTHING.search(decoded):
        raise Odd
    return decoded


def _character(escape: re.Match[str]) -> str:
    wide, narrow, shifted, _ = escape.groups()
    if wide:
        return "".join(chr(int(wide[start : start + 4], 16)) for start in range(0, len(wide), 4))
    if narrow:
        return chr(int(narrow, 16))
    return chr(ord(shifted) + 128) if shifted else "\\"


def reference_of(written: bytes) -> int | None:
    """Return the #id of a REFERENCE, None where it is left out."""
    return None if written == b"$" else int(written[1:])


def references_of(written: bytes) -> list[int]:
    """Return the #ids of REFERENCES, a list or one of them, in their order; empty where they are left out."""
    if written[:1] == b"#":
        return [int(written[1:])]
    return [] if written == b"$" else list(map(int, written[1:-1].replace(b"#", b"").split(b",")))


def simple_of(written: bytes) -> tuple[Any, str]:
    """Return a number, or the value of a named type as in IFCLABEL('x'), and the type's name, empty where it has none.

    A number is what it is written as, whatever its type: IFCREAL(1) is an int. Raises Odd.
    """
    bare = written.strip()
    if bare in _NOTHING:
        return None, ""
    if typed := _TYPED.fullmatch(bare):
        inner = typed.group(2)
        if inner in _LOGICAL:
            return _LOGICAL[inner], typed.group(1).decode()
        if inner[:1] == b"'":
            return text_of(inner), typed.group(1).decode()
        return _number(inner), typed.group(1).decode()
    return _number(bare), ""


def _number(written: bytes) -> float | int:
    if _REAL.fullmatch(written):
        return float(written)
    if _INTEGER.fullmatch(written):
        return int(written)
    raise Odd
