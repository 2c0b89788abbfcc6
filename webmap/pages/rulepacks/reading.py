"""Tables of an edition as a person reads them: each with source, mark, and whether it is own or inherited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from spatial.rulebook.differences import Difference, PackInvalid, changes_between, value_at
from spatial.rulebook.machine_limits import TABLE as MACHINE_LIMITS
from spatial.rulebook.machine_limits import limit_settings
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import lineage, resolved_tables
from spatial.rulebook.table_words import in_order
from spatial.rulebook.tenant_numbers import number_settings
from webmap.wording.reader import data_language, reads_chinese
from webmap.wording.rule_words import told_of_rule, told_source

from .words import (
    DEADLINES,
    LEVELS,
    LIMIT_GROUPS,
    NUMBER_GROUPS,
    PERIODS,
    ROW_NAMES,
    limit_label,
    mark_words,
    name_words,
    table_title,
    title_words,
    value_words,
)

HIDDEN = frozenset({"all_products", "test_vectors", "matrix", "properties", "cases"})
ABOUT = frozenset({"source", "conf", "note"})
"""What a table says of itself: shown above it, not in it."""
LISTED = {"m_s": ("force", "from_m_s", "to_m_s")}
"""Columns of rows that are lists."""
ROWS = frozenset({"rows", *LISTED})
"""Names that say no more than the name of what they are the rows of."""


@dataclass(frozen=True)
class Block:
    """A small table: a title, columns and rows of text, and its own source and mark where it has one."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    source: str = ""

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Return the rows with the column of each cell: on a phone a row is a little card."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Section:
    """One table of an edition, readable; `own` counts the values that this edition says itself."""

    name: str
    title: str
    source: str
    mark: dict[str, Any]
    inherited_from: str
    own: int
    blocks: list[Block]


def _rows_block(title: str, name: str, rows: list[dict[str, Any]]) -> Block:
    """Return rows of a table; what each is called in either language is one column, told in the reader's."""
    named = any(one in row for row in rows for one in ROW_NAMES)
    told_apart = {*ROW_NAMES, "code"} if named else set()
    held = dict.fromkeys(one for row in rows for one in row if one not in told_apart)
    columns = in_order({**held, "name": None} if named else held, block=name)
    cells = [[title_words(row) if named and one == "name" else _cell(row, one) for one in columns] for row in rows]
    return Block(title, [name_words(one, block=name) for one in columns], cells)


def _cell(row: dict[str, Any], name: str) -> str:
    if name not in row:
        return ""
    if name == "source" and isinstance(row[name], str):
        return told_source(row[name], row=str(row.get("id", "")))
    return value_words(row[name], field=name)


def blocks_of(content: Any, name: str = "", title: str = "") -> list[Block]:
    """Return any table's content as flat tables: one per list of rows, one per group of single values.

    `name` is the key under which the content stands, `title` what the way to it is called.
    """
    if isinstance(content, list):
        return [_list_block(content, name, title)]
    if not isinstance(content, dict):
        return [Block(title, [_("Value")], [[value_words(content)]])]
    said = {key: value for key, value in content.items() if key not in HIDDEN | ABOUT}
    single = {key: said[key] for key in in_order(said, block=name) if not isinstance(said[key], dict | list)}
    nested = {key: said[key] for key in in_order(said, block=name) if key not in single}
    if len(nested) > 2 and all(_is_flat(value) for value in nested.values()):
        rows = [{"name": key, **value} for key, value in nested.items()]
        return [*_singles(title, name, single), _rows_block(title, name, rows)]
    found = _singles(title, name, single)
    for key, value in nested.items():
        if key in ROWS:
            found += blocks_of(value, name if key == "rows" else key, "" if found else title)
        else:
            found += blocks_of(value, key, " › ".join(part for part in (title, name_words(key, block=name)) if part))
    if title and found and content.get("source"):
        mark = f" · {content['conf']}" if content.get("conf") else ""
        found[0] = replace(found[0], source=told_source(content["source"]) + mark)
    return found


def _is_flat(value: Any) -> bool:
    return isinstance(value, dict) and not any(isinstance(one, dict | list) for one in value.values())


def _list_block(content: list[Any], name: str, title: str) -> Block:
    if name in LISTED:
        content = [dict(zip(LISTED[name], row, strict=False)) for row in content]
    if content and all(isinstance(row, dict) for row in content):
        return _rows_block(title, name, content)
    return Block(title, [_("Value")], [[value_words(row)] for row in content])


def _singles(title: str, name: str, single: dict[str, Any]) -> list[Block]:
    if not single:
        return []
    rows = [
        [f"{name_words('grade')} {key}" if key.isdigit() else name_words(key, block=name), value_words(value)]
        for key, value in single.items()
    ]
    return [Block(title, [_("Name"), _("Value")], rows)]


def _limit(value: Any, inclusive: bool, word: str, open_word: str) -> str:
    return "–" if value is None else f"{word if inclusive else open_word} {value}"


def _lec_blocks(content: dict[str, Any]) -> list[Block]:
    bands = [
        [
            str(row["grade"]),
            _limit(row["lo"], row.get("lo_incl", True), "≥", ">"),
            _limit(row["hi"], row.get("hi_incl", True), "≤", "<"),
            title_words(row),
        ]
        for row in content["bands"]
    ]
    heads = [_("Grade"), _("From"), _("To"), _("Wording")]
    lists = [
        _rows_block(name_words(name), name, content[name])
        for name in ("L", "E", "C", "S")
        if name in content and isinstance(content[name][0], dict)
    ]
    return [Block(_("Bands"), heads, bands), *lists]


def _level_blocks(content: dict[str, Any]) -> list[Block]:
    rows = [
        [
            str(row["grade"]),
            row[data_language()],
            row["colour_zh"] if reads_chinese() else row["colour"],
            str(LEVELS.get(row["lead_level"])),
        ]
        for row in content["scale"]
    ]
    heads = [_("Grade"), _("Name"), _("Colour"), _("Lead level")]
    types = [[str(number), value_words(name)] for number, name in enumerate(content["accident_types_GB6441"], start=1)]
    return [
        Block(_("Grades and who leads"), heads, rows),
        Block(_("Accident types"), [_("No."), _("Name")], types),
    ]


def _patrol_blocks(content: dict[str, Any]) -> list[Block]:
    levels = list(LEVELS)
    rows = [
        [grade, *(str(PERIODS.get(periods.get(level, ""), "–")) for level in levels)]
        for grade, periods in content["by_grade"].items()
    ]
    heads = [_("Grade"), *(str(LEVELS[level]) for level in levels)]
    shifts = [[value_words(start)] for start in content["shift_starts"]]
    return [
        Block(_("Period of each level"), heads, rows),
        Block(_("Shifts begin (site's time)"), [_("Time")], shifts),
    ]


def _workflow_blocks(content: dict[str, Any]) -> list[Block]:
    rows = [
        [
            str(DEADLINES.get(f"deadline_{row['path']}_{row['class']}", row["class"])),
            str(row["days"]),
            value_words(row["note"]),
        ]
        for row in content["deadlines_days"]
    ]
    rest = {key: value for key, value in content.items() if key != "deadlines_days"}
    return [Block(_("Deadlines"), [_("Name"), _("Days"), _("Note")], rows), *blocks_of(rest)]


def _machine_blocks(content: dict[str, Any]) -> list[Block]:
    heads = [_("Name"), _("Value"), _("May be set"), _("Source"), _("Mark")]
    blocks = []
    for group, title in LIMIT_GROUPS.items():
        rows = []
        for row in limit_settings(content):
            if row.group != group:
                continue
            place = content[group]
            own = place.get(row.path.split("/")[2])
            given = own if isinstance(own, dict) else place
            span = f"{row.low:g} – {row.high:g}"
            rows.append(
                [
                    limit_label(row),
                    value_words(value_at(content, row.path)),
                    span,
                    told_source(given["source"]),
                    given["conf"],
                ]
            )
        blocks.append(Block(str(title), heads, rows))
    return blocks


def _alarm_blocks(content: dict[str, Any]) -> list[Block]:
    heads = [
        _("Rule"), _("Condition"), _("Level"), _("Looks at"), _("Must hold for (s)"), _("Cleared"), _("Asks for"),
        _("Source"), _("Mark"),
    ]  # fmt: skip
    rows = [
        [
            f"{row['id']} {row[data_language()]}",
            told_of_rule(row, "condition"),
            told_of_rule(row, "level"),
            told_of_rule(row, "inputs"),
            value_words(row["debounce_s"]),
            told_of_rule(row, "clear"),
            told_of_rule(row, "action"),
            told_source(row["source"], row=row["id"]),
            row["conf"],
        ]
        for row in content["rules"]
    ]
    return [Block("", heads, rows)]


def _number_blocks(table: str, content: dict[str, Any]) -> list[Block]:
    heads = [_("Name"), _("Value"), _("May be set"), _("Source"), _("Mark")]
    rows = number_settings(table, content)
    return [
        Block(
            str(title),
            heads,
            [
                [limit_label(row), value_words(value_at(content, row.path)), f"{row.low:g} – {row.high:g}",
                 told_source(row.source),
                 row.conf]
                for row in rows
                if row.group == f"{table}.{group}"
            ],
        )
        for group, title in NUMBER_GROUPS[table].items()
    ]  # fmt: skip


READERS: dict[str, Callable[[Any], list[Block]]] = {
    "lec": _lec_blocks,
    "ls": _lec_blocks,
    "risk_levels": _level_blocks,
    "patrol_periods": _patrol_blocks,
    "hazard_workflow": _workflow_blocks,
    MACHINE_LIMITS: _machine_blocks,
    "alarm_rules": _alarm_blocks,
    **{table: partial(_number_blocks, table) for table in NUMBER_GROUPS},
}


def sections_of(edition: Edition) -> list[Section]:
    """Return all tables of an edition, the adjustable ones first, each shown as own or inherited."""
    line = [edition, *lineage(edition)]
    tables = resolved_tables(edition)
    names = sorted(tables, key=lambda name: (name not in READERS, list(READERS).index(name) if name in READERS else 0))
    found = []
    for name in names:
        own = sum(1 for row in edition.differences if row["table"] == name)
        whole = not edition.base_id or any(row["table"] == name and not row["path"] for row in edition.differences)
        giver = next(one for one in line if _says_table(one, name))
        found.append(
            Section(
                name=name,
                title=table_title(name),
                source=told_source(tables[name]["source"]),
                mark=mark_words(tables[name]["conf"]),
                inherited_from="" if whole else str(giver),
                own=own,
                blocks=READERS.get(name, blocks_of)(tables[name]["content"]),
            )
        )
    return found


def _says_table(edition: Edition, name: str) -> bool:
    if not edition.base_id:
        return True
    return any(row["table"] == name and not row["path"] for row in edition.differences)


def _named_parts(path: str, content: Any) -> list[str]:
    """Return the keys of a pointer, a row of a list by its class or id rather than its number."""
    parts, walked = [], content
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            walked = walked[int(name)] if isinstance(walked, list) else walked[name]
        except (KeyError, IndexError, ValueError, TypeError):
            walked = None
        if isinstance(walked, dict) and name.isdigit():
            name = str(next((walked[key] for key in ("class5", "class", "code", "id") if key in walked), name))
        parts.append(name_words(name))
    return parts


def place_words(table: str, path: str, content: Any) -> str:
    """Return a place in a table as words."""
    if table in NUMBER_GROUPS:
        named = next((one for one in number_settings(table, content) if one.path == path), None)
        if named is not None:
            return f"{table_title(table)} › {limit_label(named)}"
    if table == MACHINE_LIMITS and (row := next((one for one in limit_settings(content) if one.path == path), None)):
        return f"{table_title(table)} › {limit_label(row)}"
    return " › ".join([table_title(table), *_named_parts(path, content)])


def difference_rows(edition: Edition) -> list[dict[str, Any]]:
    """Return what an edition says itself: the place, what was inherited, its value, source, clause and mark."""
    if edition.base is None:
        return []
    before = resolved_tables(edition.base)
    return [_difference_row(row, before, resolved_tables(edition)) for row in edition.differences]


def _difference_row(row: Difference, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    old: Any = None
    try:
        old = value_at(before[row["table"]]["content"], row["path"]) if row["path"] else None
        said = True
    except (KeyError, PackInvalid):
        said = False
    single = row["path"] and not isinstance(row["value"], dict | list)
    changes = []
    if not single and said and old is not None:
        name = row["table"]
        changes = changes_between({name: {"content": old}}, {name: {"content": row["value"]}})
    return {
        "place": place_words(row["table"], row["path"], after[row["table"]]["content"]),
        "old": (value_words(old) if said and row["path"] else _("not said")) if single or not row["path"] else "",
        "new": value_words(row["value"]) if single else (_("whole table") if not row["path"] else ""),
        "changes": [
            (" › ".join(_named_parts(one.path, row["value"])), value_words(one.old), value_words(one.new))
            for one in changes
        ],
        "source": told_source(row["source"]),
        "clause": row["clause"],
        "mark": mark_words(row["conf"]),
        "note": _(row["note"]) if row["note"] else "",
    }
