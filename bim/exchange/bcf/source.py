"""Where a topic is read from: its folder in the archive, and what was noted on the way."""

from __future__ import annotations

import posixpath
from typing import Any, Final

from .archive import Archive, resolve
from .elements import Node, parse
from .faults import Broken, Fault, Lost, gettext_noop

PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Source:
    """One topic's folder. `file` is the entry that is being read; `attached` the paths that it names."""

    def __init__(self, archive: Archive, folder: str) -> None:
        self.archive, self.folder = archive, folder
        self.file = posixpath.join(folder, "markup.bcf")
        self.faults: list[Fault] = []
        self.attached: dict[str, None] = {}

    def note(self, line: int, message: str, *, lost: Lost = "value", **values: Any) -> None:
        """This function will note what could not be read in the present file."""
        self.faults.append(Fault(self.file, line, message, values, lost))

    def note_broken(self, error: Broken, *, lost: Lost) -> None:
        """This function will note a part that was left out."""
        self.faults.append(Fault(self.file, error.line, error.message, error.values, lost))

    def xml(self, name: str, root: str) -> Node:
        """Return the root of an XML file of the folder, which is the present file from then on. Raises Broken."""
        self.file = name
        return parse(self.archive.read_xml(name), root)

    def attach(self, reference: str, line: int) -> str:
        """Return the path from the topic's folder of a file in the archive that the topic names.

        It may be written from the folder or, before 2.1, from the root. What is not there is noted.
        """
        top = posixpath.dirname(self.folder)
        for start in (self.folder, top):
            path = resolve(start, reference)
            if path and path in self.archive:
                self.attached[path] = None
                return posixpath.relpath(path, self.folder)
        message = gettext_noop("%(name)s is named here, but it is not in the file.")
        self.note(line, message, name=reference[:120])
        return reference

    def picture(self, name: str, line: int) -> bytes:
        """Return a snapshot (PNG or JPEG) of the folder, b"" with a note where there is none."""
        path = resolve(self.folder, name)
        if not path or path not in self.archive:
            message = gettext_noop("The picture %(name)s is not in the file; the topic was read without it.")
            self.note(line, message, lost="picture", name=name[:120])
            return b""
        try:
            content = self.archive.read(path)
        except Broken as error:
            self.faults.append(Fault(path, 0, error.message, error.values, "picture"))
            return b""
        if not content.startswith(PICTURES):
            message = gettext_noop("This is not a PNG or JPEG picture; the topic was read without it.")
            self.faults.append(Fault(path, 0, message, lost="picture"))
            return b""
        return content
