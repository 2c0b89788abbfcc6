"""XML that any reader takes: no character that XML cannot carry, times in UTC, the same bytes for the same data."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return the text without the characters that XML cannot carry."""
    return _NOT_XML.sub("", text)


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Return a new last child with this text and these attributes."""
    child = ElementTree.SubElement(parent, tag, {name: clean(value) for name, value in attributes.items()})
    child.text = clean(text) or None
    return child


def add_known(parent: Element, tag: str, text: str) -> None:
    """This function will add a child, unless its text is blank."""
    if clean(text).strip():
        add(parent, tag, text)


def add_time(parent: Element, tag: str, moment: datetime | None) -> None:
    """This function will add a time in UTC, to the millisecond or, where it has them, microsecond."""
    if moment is None:
        return
    utc = moment.astimezone(UTC)
    digits = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    add(parent, tag, utc.isoformat(timespec=digits).replace("+00:00", "Z"))


def as_bytes(root: Element) -> bytes:
    """Return the XML as an indented UTF-8 file."""
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
