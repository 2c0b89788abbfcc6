"""Editions: every table with source and confidence, loaded once, never changed under its version."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.core.management import call_command

from spatial.rulebook.models import Edition
from spatial.rulebook.operations import DATA, EditionChanged, load_editions
from spatial.rulebook.queries import EditionMissing, current_edition, table
from spatial.rulebook.rules import PackInvalid, read_pack, tables_sha256

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def write_pack(folder, *, version="1", rows=None, **changes) -> None:
    manifest = {
        "pack": "test-pack",
        "version": version,
        "valid_from": "2026-01-01",
        "valid_to": None,
        "tables": [{"name": "t", "file": "t.csv", "source": "GB 1", "conf": "B"}],
    } | changes
    (folder / f"test-pack-{version}.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "t.csv").write_text(rows or "a,b\n1,2\n", encoding="utf-8")


def test_the_national_edition_is_there_after_migration():
    edition = current_edition(on=TODAY)
    assert str(edition) == "cn-national 2026.1"
    row = Edition.objects.get(pk=edition.pk)
    assert row.sha256 == tables_sha256(row.tables)
    assert all(content["source"] and content["conf"] for content in row.tables.values())
    names = {"lec", "ls", "risk_levels", "direct_judgement", "zone_triggers", "hazard_workflow", "alarm_rules"}
    assert names <= set(row.tables)
    assert len(table(edition, "zone_triggers")["kinds"]) == 14
    assert len(table(edition, "hazard_workflow")["transitions"]) == 36
    assert len(table(edition, "dangerous_works")) == 24


def test_loading_again_changes_nothing(capsys):
    before = list(Edition.objects.values())
    call_command("load_rulebook")
    assert list(Edition.objects.values()) == before
    assert capsys.readouterr().out.count("\n") == 9


def test_changed_tables_need_a_new_version(tmp_path):
    write_pack(tmp_path)
    load_editions(folder=tmp_path)
    write_pack(tmp_path, rows="a,b\n1,3\n")
    with pytest.raises(EditionChanged, match="new version"):
        load_editions(folder=tmp_path)
    assert table(current_edition(pack="test-pack", on=TODAY), "t") == [{"a": "1", "b": "2"}]
    (tmp_path / "test-pack-1.json").unlink()
    write_pack(tmp_path, version="2", rows="a,b\n1,3\n", valid_from="2026-06-01")
    load_editions(folder=tmp_path)
    assert current_edition(pack="test-pack", on=TODAY).version == "2"
    assert current_edition(pack="test-pack", on=date(2026, 5, 31)).version == "1"


def test_an_edition_ends_on_its_last_day(tmp_path):
    write_pack(tmp_path, valid_to="2026-11-23")
    load_editions(folder=tmp_path)
    assert current_edition(pack="test-pack", on=TODAY).version == "1"
    with pytest.raises(EditionMissing, match="load_rulebook"):
        current_edition(pack="test-pack", on=date(2026, 11, 24))


def test_a_table_without_source_or_confidence_is_refused():
    manifest = json.dumps({"pack": "p", "version": "1", "tables": [{"name": "t", "file": "t.json", "source": ""}]})
    with pytest.raises(PackInvalid, match="no source"):
        read_pack(manifest, lambda name: "{}")


def test_the_files_are_those_that_the_manifests_name_and_words_for_them():
    manifests = {f"cn-national-2026.{n}.json" for n in (1, 2, 3, 4, 5)} | {
        f"cn-henan-2026.{n}.json" for n in (1, 2, 3, 4)
    }
    rows = [json.loads((DATA / name).read_text()) for name in manifests]
    named = {
        row["file"] for one in rows for row in [*one.get("tables", ()), *one.get("differences", ())] if "file" in row
    }
    assert {file.name for file in DATA.iterdir()} == named | manifests | {"source_words.json", "table_words.json"}
