"""The zip of a BCF file, read in memory and in limits; nothing is ever unpacked to a disk."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from io import BytesIO
from typing import Final

from .faults import BcfUnreadable, Broken, Fault, gettext_noop

MIB: Final = 1 << 20
MOST_FILE_BYTES: Final = 200 * MIB
MOST_ENTRIES: Final = 20_000
MOST_XML_BYTES: Final = 16 * MIB
MOST_XML_TOTAL_BYTES: Final = 32 * MIB
MOST_ENTRY_BYTES: Final = 64 * MIB
MOST_TOTAL_BYTES: Final = 512 * MIB


class Archive:
    """The entries of a BCF file by their clean paths, with forward slashes."""

    def __init__(self, content: bytes) -> None:
        """Raises BcfUnreadable where the file is no zip, or larger than the limits."""
        self.faults: list[Fault] = []
        self._left, self._xml_left = MOST_TOTAL_BYTES, MOST_XML_TOTAL_BYTES
        if len(content) > MOST_FILE_BYTES:
            message = gettext_noop("The file is larger than %(limit)s MB: export fewer topics at a time.")
            raise BcfUnreadable(message, limit=MOST_FILE_BYTES // MIB)
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
            message = gettext_noop("This is no BCF file (it is not a whole zip archive): export it again.")
            raise BcfUnreadable(message) from error
        infos = [info for info in self._zip.infolist() if not info.filename.endswith(("/", "\\"))]
        if len(infos) > MOST_ENTRIES:
            message = gettext_noop("The archive has more than %(limit)s entries: export fewer topics at a time.")
            raise BcfUnreadable(message, limit=MOST_ENTRIES)
        self._entries = self._clean(infos)

    def _clean(self, infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        twice: set[str] = set()
        for info in infos:
            name = info.filename.replace("\\", "/")
            if not is_inside(name):
                message = gettext_noop("The path leads out of the archive; the entry was not read.")
                self.faults.append(Fault(name, 0, message))
            elif name in entries:
                twice.add(name)
            else:
                entries[name] = info
        for name in sorted(twice):
            message = gettext_noop("The archive has two entries of this name; none of them was read. Export it again.")
            self.faults.append(Fault(name, 0, message, lost="topic" if name.endswith("markup.bcf") else "value"))
            del entries[name]
        return entries

    def names(self) -> list[str]:
        """Return the paths of all entries, in the order of the archive."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read_xml(self, name: str) -> bytes:
        """Return an XML entry's content. Raises Broken as `read`, and where the file's XML together is too much."""
        limit = min(MOST_XML_BYTES, self._xml_left)
        try:
            content = self.read(name, limit)
        except Broken:
            self._xml_left = max(self._xml_left - min(limit, self._entries[name].file_size), 0)
            raise
        self._xml_left -= len(content)
        return content

    def read(self, name: str, most_bytes: int = MOST_ENTRY_BYTES) -> bytes:
        """Return an entry's content. Raises Broken where it is damaged, encrypted or larger than the limit."""
        most_bytes = min(most_bytes, self._left)
        try:
            with self._zip.open(self._entries[name]) as entry:
                content = entry.read(most_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as e:
            message = gettext_noop(
                "The entry is damaged, encrypted or packed in a way that is not read: export it again."
            )
            raise Broken(0, message) from e
        if len(content) > most_bytes:
            self._left = max(self._left - most_bytes, 0)
            message = gettext_noop("Unpacked it is larger than %(limit)s MB, so it was not read.")
            raise Broken(0, message, limit=most_bytes // MIB)
        self._left -= len(content)
        return content


def is_inside(name: str) -> bool:
    """Return whether a path with forward slashes stays inside the archive."""
    if not name or name.startswith("/") or ":" in name.split("/")[0] or "\0" in name:
        return False
    return posixpath.normpath(name).split("/")[0] != ".." and ".." not in name.split("/")


def resolve(folder: str, reference: str) -> str:
    """Return the archive's path of a reference from a folder, "" where it leads out of the archive."""
    reference = reference.replace("\\", "/")
    if reference.startswith("/") or "://" in reference:
        return ""
    path = posixpath.normpath(posixpath.join(folder, reference))
    return path if path != "." and is_inside(path) else ""
