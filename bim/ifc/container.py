"""The file before it is opened: is it STEP, whole, of a readable schema? Unpacks .ifczip within limits."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .refusal import Refusal
from .schema_names import nearest_schema, schema_warning
from .text import escape_raw_names

MAX_UNZIPPED_BYTES = 2 << 30
MAX_ZIP_RATIO = 200
MAX_ZIP_MEMBERS = 10_000
_HEAD_BYTES = 64 << 10
_DEFLATE64 = 9
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']*)'", re.IGNORECASE)
_LEADING = re.compile(rb"^(?:\s+|/\*.*?\*/)*", re.DOTALL)
_END = re.compile(rb"END-ISO-10303-21\s*;")


@dataclass(frozen=True)
class CheckedFile:
    """A STEP file that may be opened: its path, the schema it declares, the one it is read under, warnings."""

    path: Path
    declared_schema: str
    schema: str
    warnings: tuple[str, ...]


def check_file(source: Path, work_dir: Path) -> CheckedFile:
    """Check `source`, unpack or rewrite it into `work_dir` where needed, and return what may be opened.

    Raises Refusal with the line or the cause.
    """
    if source.stat().st_size == 0:
        raise Refusal("The file is empty (0 bytes).")
    with source.open("rb") as file:
        start = file.read(4)
    content = _unzip(source) if start.startswith(b"PK") else source.read_bytes()
    return _check_step(content, source, work_dir)


def _unzip(source: Path) -> bytes:
    """Return the one .ifc file of a zip, refusing bombs, ifcXML and methods that cannot be read."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            if len(members) > MAX_ZIP_MEMBERS:
                raise Refusal(f"The zip holds {len(members)} files; a model is one .ifc file in a zip.")
            return _read_member(archive, _choose_member(members))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Refusal(f"The zip cannot be unpacked: {error}.") from error


def _choose_member(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    files = [m for m in members if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    models = [m for m in files if m.filename.lower().endswith(".ifc")]
    if len(models) == 1:
        return models[0]
    if len(models) > 1:
        names = ", ".join(m.filename for m in models[:5])
        raise Refusal(f"The zip holds {len(models)} models ({names}); import them one by one.")
    if any(m.filename.lower().endswith((".ifcxml", ".xml")) for m in files):
        raise Refusal("The zip holds ifcXML, which cannot be read yet; export the model as STEP (.ifc).")
    raise Refusal("The zip holds no .ifc file.")


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type == _DEFLATE64:
        raise Refusal("The zip uses Deflate64, which cannot be unpacked here; zip the .ifc file again or send it bare.")
    if member.flag_bits & 1:
        raise Refusal("The zip is locked with a password.")
    limit = min(MAX_UNZIPPED_BYTES, max(member.compress_size, 4096) * MAX_ZIP_RATIO)
    if member.file_size > limit:
        raise Refusal(
            f"The zip would unpack to {member.file_size} bytes from {member.compress_size}: more than is allowed."
        )
    with archive.open(member) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Refusal("The zip unpacks to more than it says: it was not read further.")
    return content


def _check_step(content: bytes, source: Path, work_dir: Path) -> CheckedFile:
    warnings: list[str] = []
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    body_start = _LEADING.match(content[:_HEAD_BYTES])
    offset = body_start.end() if body_start else 0
    if not content.startswith(b"ISO-10303-21", offset):
        raise Refusal(_what_it_is_instead(content))
    if not _END.search(content, max(0, len(content) - _HEAD_BYTES)):
        line = content.count(b"\n") + 1
        raise Refusal(f"The file is cut off: it ends at line {line} without END-ISO-10303-21;.")
    declared, used = _schema_of(content)
    if note := schema_warning(declared, used):
        warnings.append(note)
    content, encoding = escape_raw_names(content)
    if encoding:
        warnings.append(f"Names are written as raw {encoding} instead of STEP escapes; they were read as {encoding}.")
    if declared != used:
        content = _SCHEMA.sub(b"FILE_SCHEMA(('" + used.encode() + b"'", content, count=1)
    path = work_dir / "model.ifc"
    path.write_bytes(content)
    return CheckedFile(path, declared, used, tuple(warnings))


def _schema_of(content: bytes) -> tuple[str, str]:
    found = _SCHEMA.search(content[:_HEAD_BYTES])
    if not found:
        raise Refusal("The header names no schema (FILE_SCHEMA is missing or damaged).")
    declared = found.group(1).decode("ascii", "replace").strip()
    used = nearest_schema(declared)
    if used is None:
        raise Refusal(f"The header names the schema {declared[:40]!r}, which is no IFC schema that can be read.")
    return declared, used


def _what_it_is_instead(content: bytes) -> str:
    head = content[:2048].lstrip().lower()
    if content.startswith(b"PK\x03\x04"):
        return "The .ifc file in the zip is a zip itself; unpack it first."
    if content.startswith(b"\x1f\x8b"):
        return "The file is a gzip archive, not IFC; unpack it first."
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "The file is saved as UTF-16; IFC files (STEP) are ASCII."
    if b"<html" in head or head.startswith(b"<!doctype html"):
        return "Line 1: the file is an HTML page (a failed download?), not IFC."
    if head.startswith(b"<") or b"<ifcxml" in head:
        return "The file is ifcXML, which cannot be read yet; export the model as STEP (.ifc)."
    return "Line 1: the file is not IFC: it does not begin with ISO-10303-21;."
