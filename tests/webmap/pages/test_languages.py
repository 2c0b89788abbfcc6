"""Both languages are complete: every source string has its Chinese, and pages in Chinese hold no English sentence."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.webmap.field_cast import build_cast

ROOT = Path(settings.BASE_DIR)
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "lazy"}
PAGES = ["/login/", "/region/", "/sites/field/map/", "/sites/field/hazards/", "/sites/field/models/"]
IN_TEMPLATE = re.compile(r"""\{%-?\s*translate\s+(?:"([^"]+)"|'([^']+)')|_\("([^"]+)"\)""")
IN_SCRIPT = re.compile(r"""\b(?:gettext|ngettext)\(\s*(?:'((?:[^'\\]|\\.)+)'|"([^"]+)")""")


def unquoted(lines: str) -> str:
    """Return the text of the quoted lines of one catalogue entry."""
    return "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', lines))


def read_catalogue(file: Path) -> dict[str, str]:
    """Return {source: translation} of a .po file; the header is left out."""
    found = {}
    for block in file.read_text(encoding="utf-8").split("\n\n")[1:]:
        assert "fuzzy" not in block, f"{file.name} has a guess: {block}"
        lines = "\n".join(line for line in block.split("\n") if not line.startswith("#"))
        source = re.match(r"msgid ((?:\".*\"\n?)+)", lines)
        if source:
            found[unquoted(source[1])] = unquoted(lines[lines.index("\nmsgstr") :])
    return found


def catalogue_files(name: str) -> list[Path]:
    """Return the files of all catalogues of this domain."""
    found = [
        file
        for depth in ("", "*/", "*/*/", "*/*/*/")
        for file in sorted(ROOT.glob(f"{depth}locale/zh_Hans/*/{name}.po"))
        if not file.relative_to(ROOT).parts[0].startswith((".", "var"))
    ]
    assert found
    return found


def catalogue(name: str) -> dict[str, str]:
    """Return all catalogues of this domain as one."""
    merged: dict[str, str] = {}
    for file in catalogue_files(name):
        merged |= read_catalogue(file)
    return merged


def python_sources() -> set[str]:
    """Return the literals that Python code hands to gettext."""
    found: set[str] = set()
    for package in ("spatial", "bim", "ingest", "webmap"):
        for file in (ROOT / package).rglob("*.py"):
            if "node_modules" in file.parts or "migrations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in CALLS
                    and node.args
                ):
                    literal = node.args[0]
                    if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                        found.add(literal.value)
    return found


def template_sources() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "webmap/templates").rglob("*.html"):
        for match in IN_TEMPLATE.finditer(file.read_text(encoding="utf-8")):
            found.add(next(text for text in match.groups() if text))
    return found


def script_sources() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "webmap/frontend/src").rglob("*.js"):
        for match in IN_SCRIPT.finditer(file.read_text(encoding="utf-8")):
            found.add(re.sub(r"\\(.)", r"\1", next(text for text in match.groups() if text)))
    return found


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_every_entry_of_the_catalogue_is_translated(domain: str) -> None:
    known = catalogue(domain)
    assert len(known) > 80
    assert [source for source, translation in known.items() if not translation] == []


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_one_source_string_has_one_translation_in_all_catalogues(domain: str) -> None:
    """Django merges the catalogues: of two translations one is never shown, and which one is an accident."""
    known: dict[str, tuple[str, Path]] = {}
    clashes = []
    for file in catalogue_files(domain):
        for source, translation in read_catalogue(file).items():
            first, where = known.setdefault(source, (translation, file))
            if first != translation:
                clashes.append(
                    f"{source}: {first} in {where.relative_to(ROOT)}, {translation} in {file.relative_to(ROOT)}"
                )
    assert clashes == []


def test_every_source_string_is_in_the_catalogue() -> None:
    sources = python_sources() | template_sources()
    assert len(sources) > 500
    assert sorted(sources - catalogue("django").keys()) == []
    assert sorted(script_sources() - catalogue("djangojs").keys()) == []


def visible_words(html: str) -> str:
    """Return what a page shows: no tags, scripts, styles or data."""
    body = html[html.index("<body") :]
    body = re.sub(r"<(script|style|code|option)\b.*?</\1>", " ", body, flags=re.S)
    words = re.sub(r"<[^>]+>", " ", body)
    return re.sub(r"\./twin [\w ./-]+", " ", words)  # a command to type is not a sentence


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_chinese_holds_no_english_sentence(path: str) -> None:
    cast = build_cast()
    client = Client()
    if path != "/login/":
        cast.manager.language = "zh-hans"
        cast.manager.save()
        client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["Content-Language"] == "zh-hans"
    words = visible_words(answer.content.decode()).replace("English", "").replace("Twinwall", "")
    english = re.findall(r"[A-Za-z]{3,}(?:[ ,]+[A-Za-z]{2,})+", words)
    assert english == []


@pytest.mark.django_db
def test_the_language_of_an_account_is_remembered_across_browsers() -> None:
    cast = build_cast()
    first, second = Client(), Client()
    for client in (first, second):
        client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    first.post("/language/", {"language": "zh-hans", "next": "/region/"})
    assert second.get("/sites/field/map/").headers["Content-Language"] == "zh-hans"
    outside = first.post("/language/", {"language": "en", "next": "https://example.org/"})
    assert outside.headers["Location"] == "/"
    assert second.get("/sites/field/map/").headers["Content-Language"] == "en"
