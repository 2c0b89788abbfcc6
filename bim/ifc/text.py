"""Names as people wrote them: odd encodings never crash and never reach the database as control characters."""

from __future__ import annotations

import re
from typing import Any

MAX_TEXT = 2_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_C1 = re.compile(r"[\x80-\x9f]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_HANZI = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]+")
_LATIN_RUN = re.compile(r"[\xa1-\xfe]+")
_KANA = re.compile(r"[\u3041-\u30fe]")


def clean_text(value: Any, limit: int = MAX_TEXT) -> str:
    """Return a value as text without control characters or lone surrogates, cut to `limit` characters."""
    if value is None:
        return ""
    text = str(value)
    if not text.isascii() and _is_gb2312_in_disguise(text):
        text = _LATIN_RUN.sub(lambda run: run.group().encode("latin-1").decode("gb2312"), text)
    if text.isprintable():  # no control character, no surrogate
        return text[:limit]
    if _C1.search(text):
        text = _recover(text)
    return _CONTROL.sub("\ufffd", text)[:limit]


def _is_gb2312_in_disguise(text: str) -> bool:
    """Return whether GB2312 bytes were escaped one by one as if they were Latin-1 (`\\X\\CD\\X\\E2` for 外).

    Accented letters then come in pairs throughout, four or more together somewhere, as in no European language.
    """
    runs = [] if _C1.search(text) else _LATIN_RUN.findall(text)
    if not runs or max(map(len, runs)) < 4:
        return False
    try:
        return all(_HANZI.fullmatch(run.encode("latin-1").decode("gb2312")) for run in runs)
    except UnicodeDecodeError:
        return False


def _recover(text: str) -> str:
    """Return text whose Shift-JIS or GBK bytes were escaped one by one (`\\X\\8A`), decoded again if it can be."""
    for codec in ("shift_jis", "gb18030"):
        try:
            return text.encode("latin-1").decode(codec)
        except UnicodeError:
            continue
    return text


def _step_escape(match: re.Match[str]) -> str:
    """Return a run of non-ASCII characters as ISO 10303-21 `\\X2\\` or `\\X4\\` directives."""
    run = match.group()
    if max(run) > "\uffff":
        return "\\X4\\" + run.encode("utf-32-be").hex().upper() + "\\X0\\"
    return "\\X2\\" + run.encode("utf-16-be").hex().upper() + "\\X0\\"


def escape_raw_names(content: bytes) -> tuple[bytes, str | None]:
    """Return the file with raw non-ASCII text written as STEP escapes, and the encoding that was recognised.

    ISO 10303-21 allows only ASCII with escapes; tools write raw UTF-8, GBK or Shift-JIS, which IfcOpenShell drops.
    Shift-JIS is chosen over GBK only where it gives kana. Returns the bytes unchanged and None for plain ASCII.
    """
    if content.isascii():
        return content, None
    text, encoding = _decode(content)
    return _NON_ASCII.sub(_step_escape, text).encode("ascii"), encoding


def _decode(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    for codec, label in (("shift_jis", "Shift-JIS"), ("gb18030", "GBK")):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if label == "GBK" or len(_KANA.findall(text)) >= 2:
            return text, label
    return content.decode("latin-1"), "Latin-1"
