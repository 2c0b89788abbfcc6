"""What the fields of tables of editions, and the codes and sentences in them, are called in either language. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, dict[str, str]]]:
    text = files("spatial.rulebook").joinpath("data/table_words.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@lru_cache(maxsize=1)
def _order() -> dict[str, int]:
    return {name: place for place, name in enumerate([*_table()["fields"], *_table()["values"]])}


def field_words(name: str, language: str, *, block: str = "") -> str:
    """This function will return what a field is called in a language (`zh`, `en`); one that is not known by its name.

    `block` is the part of the table that the field stands in, for names that mean different things.
    """
    fields = _table()["fields"]
    return (fields.get(f"{block}.{name}") or fields.get(name) or {}).get(language, name)


def text_words(says: str, language: str, *, field: str = "") -> str:
    """This function will return a code or sentence of a table in a language (`zh`, `en`); what is not known as it is.

    `field` is where it stands, for codes that say something else elsewhere.
    """
    values = _table()["values"]
    return (values.get(f"{field}: {says}") or values.get(says) or {}).get(language, says)


def in_order(names: Iterable[str], *, block: str = "") -> list[str]:
    """This function will return names of fields or codes in the order of the table, those it does not know last."""
    order, last = _order(), len(_order())
    return sorted(names, key=lambda name: order.get(f"{block}.{name}", order.get(name, last)))
