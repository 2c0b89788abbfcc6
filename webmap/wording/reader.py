"""Which of the two languages of the data (`zh`, `en`) the reader reads."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import get_language


def reads_chinese() -> bool:
    """Return whether the reader reads Chinese; so does who told no language."""
    return (get_language() or "zh").startswith("zh")


def data_language() -> Literal["zh", "en"]:
    """Return the key of the reader's language in tables that hold both."""
    return "zh" if reads_chinese() else "en"
