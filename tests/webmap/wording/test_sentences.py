"""Every table of sentences of pure code can be told, and in Chinese."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pytest
from django.utils.translation import gettext, gettext_noop, override

from tests.webmap.pages.test_languages import ROOT
from webmap.wording.sentences import Sentences

TABLE = Sentences(
    gettext_noop("%(code)s is not one."),
    (r"Line (?P<line>\d+): (?P<reason>.*)", "Line %(line)s: %(reason)s"),
    "100 % of it is missing.",
    words={"reason": str.upper},
)


def tables() -> Iterator[tuple[str, Sentences]]:
    """Yield every table of a module of webmap, with its name."""
    for file in sorted((ROOT / "webmap").rglob("*.py")):
        if " Sentences(\n" in file.read_text(encoding="utf-8"):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for key, value in vars(importlib.import_module(name)).items():
                if isinstance(value, Sentences):
                    yield f"{name}.{key}", value


TABLES = dict(tables())


def test_the_tables_are_found() -> None:
    assert len(TABLES) >= 10
    assert "webmap.pages.imports.reason_words._SENTENCES" in TABLES


@pytest.mark.parametrize("name", TABLES)
def test_every_sentence_names_parts_of_its_pattern_and_is_known_in_chinese(name: str) -> None:
    for pattern, sentence in TABLES[name].rows:
        assert set(re.findall(r"%\((\w+)\)s", sentence)) == set(pattern.groupindex), sentence
        with override("zh-hans"):
            assert re.search("[\u4e00-\u9fff]", gettext(sentence)) or sentence == "%(field)s: %(reason)s", sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A.7 is not one.", "A.7 is not one."),
        ("A.7 is not one!", None),
        ("Line 7: it is\ntoo long", "Line 7: IT IS\nTOO LONG"),
        ("100 % of it is missing.", "100 % of it is missing."),
    ],
)
def test_a_whole_text_is_told_by_the_first_row_that_fits_and_never_hidden(text: str, told: str | None) -> None:
    with override("en"):
        assert TABLE.find(text) == told
        assert TABLE.tell(text) == (text if told is None else told)


def test_the_sentence_at_the_beginning_of_a_text_is_told_with_its_end() -> None:
    assert TABLE.opening("100 % of it is missing. More") == ("100 % of it is missing.", 23)
    assert TABLE.opening("More. 100 % of it is missing.") is None
