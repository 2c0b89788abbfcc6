"""The nine templates: whole, with source and mark, naming only fields that exist."""

from __future__ import annotations

import pytest

from spatial.people.models import Role
from spatial.planning.body import blocks_of, check_body, fields_of
from spatial.planning.models import GroupMember
from spatial.planning.rules import A4_KINDS, GROUP_A
from spatial.planning.templates import field_list, group_a_items, table_fields, template_set, text_fields

KINDS = sorted(template_set().documents)


def test_there_are_nine_kinds_and_the_six_of_item_a4_are_among_them():
    assert len(KINDS) == 9
    assert {kind for kind in KINDS if template_set().documents[kind].item == "A4"} == set(A4_KINDS)
    assert sorted(row.number for row in template_set().documents.values()) == list(range(1, 10))


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_a_good_text_of_some_length_with_source_and_mark(kind):
    template = template_set().documents[kind]
    check_body(template.text, fields=text_fields(), tables=table_fields())
    assert len(template.text) > 400
    assert template.source and template.conf in ("S", "A", "B", "C")
    assert template.zh and template.en.isascii()
    assert len(blocks_of(template.text, {})) >= 8


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_of_a_templates_table_has_as_many_cells_as_its_head(kind):
    for block in blocks_of(template_set().documents[kind].text, {}):
        assert all(len(row) == block.cells for row in block.rows)


def test_every_field_is_used_by_a_template():
    used = set()
    for template in template_set().documents.values():
        fields, tables = fields_of(template.text)
        used |= fields | tables
    assert set(field_list()) == used


def test_words_and_signers_cover_every_role_and_duty():
    assert set(template_set().role_words) == set(Role.values)
    assert set(template_set().duty_words) == set(GroupMember.Duty.values)
    assert all(signers and signers <= set(Role.values) for signers in template_set().signers.values())


def test_group_a_has_ten_points():
    items = group_a_items()
    assert tuple(items) == GROUP_A
    assert sum(row["full"] for row in items.values()) == 10
