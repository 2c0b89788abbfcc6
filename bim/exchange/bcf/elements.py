"""XML of a BCF file: parsed without DTD, entities or network, in limits, each element with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from .faults import Broken, gettext_noop
from .viewpoints import Vector

MOST_ELEMENTS: Final = 500_000
DEEPEST: Final = 40
GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GLOBAL_ID: Final = re.compile(r"[0-9A-Za-z_$]{22}")
Node = Any


class _Parser(DefusedXMLParser):
    """Writes the line onto every element, and counts."""

    def __init__(self) -> None:
        super().__init__(forbid_dtd=True, forbid_entities=True, forbid_external=True)
        self._count = self._depth = 0

    def _start(self, tag: str, attributes: Any) -> Any:
        self._count += 1
        self._depth += 1
        if self._count > MOST_ELEMENTS or self._depth > DEEPEST:
            message = gettext_noop("The XML has more elements than a topic can have, so it was not read.")
            raise Broken(self.parser.CurrentLineNumber, message)
        node = super()._start(tag, attributes)
        node.line = self.parser.CurrentLineNumber
        return node

    def _end(self, tag: str) -> Any:
        self._depth -= 1
        return super()._end(tag)


def parse(content: bytes, root: str) -> Node:
    """Return the root element, which must have this name. Raises Broken with the line."""
    parser = _Parser()
    try:
        parser.feed(content)
        node = parser.close()
    except ParseError as error:
        line = error.position[0] if getattr(error, "position", None) else 0
        message = gettext_noop("The XML is broken (%(reason)s): export the topic again.")
        raise Broken(line, message, reason=str(error).split(":")[0]) from error
    except DefusedXmlException as error:
        message = gettext_noop("The XML declares a document type or entities, which are not read: export it without.")
        raise Broken(1, message) from error
    except (ValueError, LookupError) as error:
        message = gettext_noop("The XML is in an encoding that is not read: export it as UTF-8.")
        raise Broken(1, message) from error
    if name_of(node) != root:
        message = gettext_noop("The root element is %(found)s, not %(expected)s: export the topic again.")
        raise Broken(node.line, message, found=name_of(node)[:60], expected=root)
    return node


def name_of(node: Node) -> str:
    """Return an element's name without its namespace."""
    return str(node.tag).rpartition("}")[2]


def children(node: Node | None, name: str) -> Iterator[Node]:
    """Yield the children of this name; none of None."""
    if node is not None:
        yield from (child for child in node if name_of(child) == name)


def child(node: Node | None, name: str) -> Node | None:
    """Return the first child of this name."""
    return next(children(node, name), None)


def plain(text: str | None) -> str:
    """Return a text with line feeds only and nothing around it."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def text_of(node: Node | None, name: str) -> str:
    """Return the text of a child, "" where there is none."""
    found = child(node, name)
    return "" if found is None else plain(found.text)


def attribute(node: Node, *names: str) -> str:
    """Return an attribute that different versions spell differently, "" where there is none."""
    return next((plain(node.get(name)) for name in names if node.get(name) is not None), "")


def flag(node: Node, *names: str, default: bool) -> bool:
    """Return a boolean attribute."""
    value = attribute(node, *names).lower()
    return default if value not in ("true", "1", "false", "0") else value in ("true", "1")


def guid_of(node: Node, *names: str) -> str:
    """Return a GUID in lower case. Raises Broken where it has not the form of one."""
    value = attribute(node, *(names or ("Guid",)))
    guid = value.lower().strip("{}")
    if not GUID.fullmatch(guid):
        message = gettext_noop("%(value)s is not a GUID: export the topic again.")
        raise Broken(node.line, message, value=repr(value[:60]))
    return guid


def number(node: Node | None, name: str, parent: Node) -> float:
    """Return a finite number of a child. Raises Broken."""
    try:
        value = float(text_of(node, name))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        message = gettext_noop("%(name)s is not a number.")
        raise Broken((node if node is not None else parent).line, message, name=name)
    return value


def vector(parent: Node, name: str) -> Vector:
    """Return X, Y, Z of a child. Raises Broken."""
    node = child(parent, name)
    return number(node, "X", parent), number(node, "Y", parent), number(node, "Z", parent)


def moment(text: str) -> datetime | None:
    """Return an xs:dateTime with its zone (UTC where none is given; microseconds), None where it is none."""
    try:
        value = datetime.fromisoformat(text)
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return value
