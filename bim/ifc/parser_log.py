"""What IfcOpenShell's parser says in its log only: it opens broken files in silence and drops what it cannot read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from .refusal import Refusal
from .step_syntax import find_syntax_error
from .text import clean_text

_UNKNOWN = re.compile(r"Entity with name '([^']*)' not found in schema .* at offset (\d+)")
_LOST = re.compile(r"Instance reference #\d+ used by instance #(\d+)")
_KEYWORDS = {"ENDSEC", "DATA", "HEADER", "END-ISO-10303-21"}


def line_at(text: str, offset: int) -> int:
    """Return the line of a character offset, from 1."""
    return text.count("\n", 0, offset) + 1


def judge_log(log: str, source: Callable[[], str], schema: str) -> list[str]:
    """Return the warnings of a log; `source` gives the file's text.

    Raises Refusal with the line where the parser lost its place in the file.
    """
    unknown: Counter[str] = Counter()
    for name, offset in _UNKNOWN.findall(log):
        if name.upper() in _KEYWORDS:
            text = source()
            place = find_syntax_error(text) or f"Line {line_at(text, int(offset))}: {name} stands inside a statement."
            raise Refusal(f"The file cannot be parsed. {place}")
        unknown[clean_text(name, 60)] += 1
    warnings = []
    if unknown:
        names = ", ".join(f"{name} ({count})" for name, count in unknown.most_common(6))
        warnings.append(f"{unknown.total()} instances of classes that {schema} does not know were left out: {names}.")
    if lost := _LOST.findall(log):
        warnings.append(f"{len(lost)} references lead to instances that do not exist (the first in #{lost[0]}).")
    return warnings


def parser_says(log: str, error: Exception, text: str) -> str:
    """Return the parser's first error without its time stamp, with the line where it names a place."""
    lines = [clean_text(line, 300) for line in log.splitlines() if line.strip()]
    worst = [line for line in lines if "[error]" in line] or lines or [str(error)]
    sentence = re.sub(r"\[[^\]]*\]\s*", "", worst[0]).strip()
    if offset := re.search(r"at offset (\d+)", sentence):
        return f"Line {line_at(text, int(offset.group(1)))}: {sentence}"
    if instance := re.search(r"for instance #(\d+)", sentence):
        where = re.search(rf"^\s*#{instance.group(1)}\s*=", text, re.MULTILINE)
        if where:
            return f"Line {line_at(text, where.end())}: {sentence}"
    return f"The parser says: {sentence}"
