"""Any table becomes readable: what the words do not know is shown as the pack holds it."""

from __future__ import annotations

from django.utils import translation

from webmap.pages.rulepacks.reading import Block, blocks_of


def test_a_table_that_a_pack_brought_itself_is_shown_by_its_own_names_in_its_own_order() -> None:
    own = {"source": "企标", "my_limit": 3, "grade": 2, "checks": [{"zebra": 1, "apple": "夜间"}, {"apple": "白天"}]}
    with translation.override("en"):
        assert blocks_of(own) == [
            Block("", ["Name", "Value"], [["Grade", "2"], ["my_limit", "3"]]),
            Block("checks", ["zebra", "apple"], [["1", "夜间"], ["", "白天"]]),
        ]


def test_a_row_is_called_in_the_readers_language_and_by_its_code_where_that_says_more() -> None:
    roles = [{"code": "town_reviewer", "zh": "街镇复核员", "en": "reviews for the town"}, {"en": "nobody yet"}]
    for language, told in (
        ("en", ["town reviewer: reviews for the town", "nobody yet"]),
        ("zh-hans", ["街镇复核员", "nobody yet"]),
    ):
        with translation.override(language):
            [block] = blocks_of(roles, "roles")
            assert [row[0] for row in block.rows] == told


def test_a_part_with_its_own_source_says_it_once_above_its_first_table() -> None:
    radius = {"fall_radius": {"source": "GB/T 3608-2008", "conf": "B", "rows": [{"R_m": 3, "h_from": 2, "h_to": 5}]}}
    with translation.override("en"):
        assert blocks_of(radius) == [
            Block(
                "Radius of possible fall",
                ["Height of fall from (m)", "Height of fall to (m)", "Radius of fall (m)"],
                [["2", "5", "3"]],
                "GB/T 3608-2008 · B",
            )
        ]
