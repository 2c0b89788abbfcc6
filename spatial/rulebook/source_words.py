"""What the sources that editions name are called in the reader's language. Pure."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, str]]:
    text = files("spatial.rulebook").joinpath("data/source_words.json").read_text(encoding="utf-8")
    return dict(json.loads(text)["sources"])


def source_words(source: str, language: str, *, row: str = "") -> str:
    """This function will return a source in a language (`zh`, `en`); one that is not known as it stands.

    `row` is the id of the row that names it, for words that say something only together with it.
    """
    found = _table().get(f"{row}: {source}") or _table().get(source)
    return found.get(language, source) if found else source
