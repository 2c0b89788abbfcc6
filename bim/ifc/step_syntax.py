"""Where a STEP file breaks: a light scan that names the line, used only after the real parser has refused."""

from __future__ import annotations

import re

_INSTANCE = re.compile(r"^#\d+\s*=\s*(?:[A-Za-z][A-Za-z0-9_]*\s*\(.*\)|\(.*\))$", re.DOTALL)
_HEADER_ENTITY = re.compile(r"^[A-Z_]+\s*\(.*\)$", re.DOTALL)
_KEYWORDS = {"ISO-10303-21", "HEADER", "ENDSEC", "DATA", "END-ISO-10303-21"}


def find_syntax_error(text: str) -> str | None:
    """Return a sentence with the line of the first statement that is no STEP (ISO 10303-21), or None."""
    statement: list[str] = []
    line, start_line, depth, in_string = 1, 1, 0, False
    position, length = 0, len(text)
    while position < length:
        char = text[position]
        if char == "\n":
            line += 1
        if in_string:
            in_string = char != "'"
        elif char == "'":
            in_string = True
        elif text.startswith("/*", position):
            end = text.find("*/", position)
            if end < 0:
                return f"Line {line}: a comment is never closed."
            line += text.count("\n", position, end)
            position = end + 2
            continue
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth < 0:
                return f"Line {line}: a bracket closes that was never opened."
        elif char == ";":
            problem = _judge("".join(statement).strip(), depth)
            if problem:
                return f"Line {start_line}: {problem}"
            statement, depth, start_line = [], 0, line
            position += 1
            continue
        if statement or not char.isspace():
            if not statement:
                start_line = line
            statement.append(char)
        position += 1
    if in_string:
        return f"Line {start_line}: a text is opened with ' and never closed."
    return None


def _judge(statement: str, depth: int) -> str | None:
    if depth:
        return f"brackets do not match in {statement[:60]!r}."
    if statement in _KEYWORDS or _INSTANCE.match(statement) or _HEADER_ENTITY.match(statement):
        return None
    return f"not a STEP statement: {statement[:60]!r}."
