"""The text of a planning document: plain lines with a little structure and named fields. Pure; there is no HTML in it.

A line is one block: `# ` a chapter, `## ` a section, `- ` an item of a list, `| a | b |` a row of a table (the first
one is its head), `{{table:name}}` a table that is filled in, and every other line a paragraph. `{{name}}` inside a line
is a field. Whatever else stands in a line is text, also when it looks like HTML.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

FIELD = re.compile(r"\{\{\s*(table:)?([a-z_]+)\s*\}\}")
STRAY = re.compile(r"\{\{|\}\}")
MAX_CHARACTERS = 60_000
MAX_LINE_CHARACTERS = 4_000
BLANK = "＿＿＿＿"
Kind = Literal["chapter", "section", "paragraph", "items", "table"]
TableFact = Sequence[Sequence[str]]
Fact = str | TableFact


class BodyRefused(ValueError):
    """A text cannot be kept; `line` is where (from 1, 0 for the whole), the message says what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True)
class Piece:
    """A run of text in a line; `field` names what filled it, and `missing` that nothing did."""

    text: str
    field: str = ""
    missing: bool = False


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Block:
    """One block: a line for headings and paragraphs, lines for items, rows of lines for a table."""

    kind: Kind
    line: Line = ()
    items: tuple[Line, ...] = ()
    head: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    missing_table: str = ""

    @property
    def cells(self) -> int:
        """Return how many columns a table has."""
        return len(self.head)


def fields_of(text: str) -> tuple[set[str], set[str]]:
    """Return the names of the text fields and of the tables that a text asks for."""
    found = FIELD.findall(text)
    return {name for table, name in found if not table}, {name for table, name in found if table}


def check_body(text: str, *, fields: Collection[str], tables: Collection[str]) -> None:
    """Refuse a text that is empty, too long, names an unknown field or leaves braces open. Raises BodyRefused."""
    if not text.strip():
        raise BodyRefused(0, "The text is empty; write it, or take the template again.")
    if len(text) > MAX_CHARACTERS:
        raise BodyRefused(0, f"The text has {len(text)} characters; shorten it to {MAX_CHARACTERS}.")
    for number, line in enumerate(text.splitlines(), start=1):
        _check_line(number, line, fields, tables)


def _check_line(number: int, line: str, fields: Collection[str], tables: Collection[str]) -> None:
    if len(line) > MAX_LINE_CHARACTERS:
        raise BodyRefused(number, f"The line has {len(line)} characters; break it into several.")
    if any(ord(character) < 32 and character != "\t" for character in line):
        raise BodyRefused(number, "The line holds a control character; type it again.")
    if STRAY.search(FIELD.sub("", line)):
        raise BodyRefused(number, "A field is {{name}} with a name from the list; close its braces.")
    for table, name in FIELD.findall(line):
        if name not in (tables if table else fields):
            raise BodyRefused(number, f"There is no field {table}{name}; take one from the list beside the text.")
        if table and FIELD.sub("", line).strip():
            raise BodyRefused(number, f"The table {name} needs a line of its own.")


def blocks_of(text: str, facts: Mapping[str, Fact]) -> list[Block]:
    """Return the blocks of a text with its fields filled from facts; what no fact fills is marked as missing."""
    found: list[Block] = []
    items: list[Line] = []
    rows: list[tuple[Line, ...]] = []
    for line in [*(line.strip() for line in text.splitlines()), ""]:
        if items and not line.startswith("- "):
            found.append(Block("items", items=tuple(items)))
            items = []
        if rows and not line.startswith("|"):
            found.append(Block("table", head=rows[0], rows=tuple(rows[1:])))
            rows = []
        if line.startswith("- "):
            items.append(_pieces(line[2:], facts))
        elif line.startswith("|"):
            rows.append(tuple(_pieces(cell.strip(), facts) for cell in line.strip("|").split("|")))
        elif line:
            found.append(_single(line, facts))
    return found


def _single(line: str, facts: Mapping[str, Fact]) -> Block:
    match = FIELD.fullmatch(line)
    if match and match[1]:
        return _table(match[2], facts)
    for mark, kind in (("## ", "section"), ("# ", "chapter")):
        if line.startswith(mark):
            return Block(kind, line=_pieces(line[len(mark) :], facts))  # type: ignore[arg-type]
    return Block("paragraph", line=_pieces(line, facts))


def _table(name: str, facts: Mapping[str, Fact]) -> Block:
    fact = facts.get(name)
    if not fact or isinstance(fact, str) or len(fact) < 2:
        return Block("table", missing_table=name)
    lines = [tuple((Piece(str(cell)),) for cell in row) for row in fact]
    return Block("table", head=lines[0], rows=tuple(lines[1:]))


def _pieces(line: str, facts: Mapping[str, Fact]) -> Line:
    return tuple(piece for piece in _run(line, facts) if piece.text)


def _run(line: str, facts: Mapping[str, Fact]) -> Iterator[Piece]:
    end = 0
    for match in FIELD.finditer(line):
        yield Piece(line[end : match.start()])
        value = facts.get(match[2], "")
        text = value if isinstance(value, str) else ""
        yield Piece(text or BLANK, match[2], missing=not text)
        end = match.end()
    yield Piece(line[end:])


def unfilled(text: str, facts: Mapping[str, Fact]) -> list[str]:
    """Return the names of the fields and tables of a text that no fact fills, in the order of the text."""
    names = []
    for table, name in FIELD.findall(text):
        fact = facts.get(name)
        empty = not fact or (bool(table) and len(fact) < 2)
        if empty and name not in names:
            names.append(name)
    return names
