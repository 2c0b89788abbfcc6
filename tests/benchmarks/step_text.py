"""STEP files (ISO 10303-21) as text: instances, references and arguments, without an IFC parser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_TOKENS = re.compile(r"'(?:[^']|'')*'|/\*.*?\*/|;|#(\d+)", re.DOTALL)
_HEAD = re.compile(r"\s*#(\d+)\s*=\s*([A-Z0-9_]+)\s*(?=\()", re.IGNORECASE)
_STRUCTURE = re.compile(r"'(?:[^']|'')*'|[(),]", re.DOTALL)


@dataclass(frozen=True)
class Instance:
    """One `#number=CLASS(...)`: `texts` lies around `references`, the numbers of the instances that it names."""

    number: int
    ifc_class: str
    texts: tuple[str, ...]
    references: tuple[int, ...]

    def body(self, renumber: Callable[[int], int]) -> str:
        """Return its arguments in their brackets with every reference renumbered."""
        parts = [self.texts[0]]
        for reference, text in zip(self.references, self.texts[1:], strict=True):
            parts += [f"#{renumber(reference)}", text]
        return "".join(parts)

    @property
    def arguments(self) -> list[str]:
        """Return its arguments as written."""
        return split_arguments(self.body(lambda number: number))


def read_instances(text: str) -> Iterator[Instance]:
    """Yield the instances of the DATA section; comments are left out. Raises ValueError at what is no instance."""
    start = text.index("DATA;") + len("DATA;")
    pieces: list[str] = []
    references: list[int] = []
    written: list[str] = []
    begin = start
    for token in _TOKENS.finditer(text, start):
        if token[0][0] == "'":
            continue
        written.append(text[begin : token.start()])
        begin = token.end()
        if token[0][0] == "/":
            continue
        if token[1]:
            pieces.append("".join(written))
            references.append(int(token[1]))
            written = []
            continue
        pieces.append("".join(written))
        written = []
        if pieces == [pieces[0]] and pieces[0].strip() == "ENDSEC":
            return
        yield _instance(pieces, references)
        pieces, references = [], []
    raise ValueError("The DATA section has no end.")


def _instance(pieces: list[str], references: list[int]) -> Instance:
    head = _HEAD.match(f"#{references[0]}{pieces[1]}") if references and not pieces[0].strip() else None
    if head is None:
        raise ValueError(f"Not an instance: {''.join(pieces)[:80]!r}.")
    first = f"#{references[0]}{pieces[1]}"[head.end() :]
    return Instance(int(head[1]), head[2].upper(), (first, *pieces[2:]), tuple(references[1:]))


def split_arguments(body: str) -> list[str]:
    """Return the top-level arguments of `(a,b,(c,d))`."""
    found: list[str] = []
    depth = begin = 0
    for mark in _STRUCTURE.finditer(body):
        if mark[0] == "(":
            depth += 1
            begin = mark.end() if depth == 1 else begin
        elif mark[0] == ")":
            depth -= 1
            if depth == 0:
                return [*found, body[begin : mark.start()].strip()]
        elif mark[0] == "," and depth == 1:
            found.append(body[begin : mark.start()].strip())
            begin = mark.end()
    raise ValueError(f"Brackets do not match in {body[:80]!r}.")
