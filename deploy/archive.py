"""The file format of a backup: a tar of database dump, media, data and secrets, ending with its own manifest.

The manifest, the last member, lists every other member with size and SHA-256; a file that was cut off has none.
"""

import hashlib
import io
import json
import tarfile
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from deploy.refusal import Refusal

FORMAT, VERSION = "twinwall-backup", 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
FOLDERS = ("media", "data", "secrets")
CHUNK = 1 << 20


@dataclass
class ArchiveWriter:
    """Adds files to a backup and counts them for the manifest."""

    tar: tarfile.TarFile
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, file: Path, name: str) -> None:
        """This function will add one file; its size is fixed when it is opened, so a growing file stays readable."""
        with file.open("rb") as source:
            entry = self.tar.gettarinfo(arcname=name, fileobj=source)
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            counted = _Counted(source, entry.size)
            self.tar.addfile(entry, counted)
        self.members[name] = {"size": entry.size, "sha256": counted.digest.hexdigest()}

    def add_folder(self, folder: Path, name: str) -> None:
        """This function will add every regular file below `folder`, except unfinished ones (`.new`)."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != ".new":
                self.add(path, f"{name}/{path.relative_to(folder).as_posix()}")

    def finish(self, **facts: Any) -> dict[str, Any]:
        """This function will write the manifest and return it."""
        manifest = {"format": FORMAT, "version": VERSION, **facts, "members": self.members}
        content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode, entry.mtime = len(content), 0o600, int(time.time())
        self.tar.addfile(entry, io.BytesIO(content))
        return manifest


class _Counted(io.RawIOBase):
    """Reads at most `size` bytes of a file and hashes what it read."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self.source, self.left, self.digest = source, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.source.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(block)
        self.digest.update(block)
        return block


def verify(file: Path) -> dict[str, Any]:
    """This function will read a whole backup and return its manifest.

    Raises Refusal when the file is no backup of this product, is cut off, or differs from its manifest.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(file, "r:") as tar:
            for entry in tar:
                if manifest is not None or not _is_plain(entry):
                    raise Refusal(f"{file} is not a Twinwall backup: it holds {entry.name!r}. Nothing was changed.")
                content = tar.extractfile(entry)
                assert content is not None
                if entry.name == MANIFEST:
                    manifest = json.loads(content.read())
                else:
                    found[entry.name] = {"size": entry.size, "sha256": _digest(content)}
    except FileNotFoundError:
        raise Refusal(f"There is no file {file}.") from None
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise Refusal(f"{file} is not a readable Twinwall backup ({error}). Nothing was changed.") from None
    if manifest is None:
        raise Refusal(f"{file} is cut off: its manifest is missing. Nothing was changed.")
    _compare(file, manifest, found)
    return manifest


def _compare(file: Path, manifest: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Refusal(f"{file} is not a Twinwall backup. Nothing was changed.")
    if manifest.get("version") != VERSION:
        raise Refusal(f"{file} has backup version {manifest.get('version')}; this Twinwall reads {VERSION}.")
    members = manifest.get("members")
    if members != found or DUMP not in found:
        stated = members if isinstance(members, dict) else {}
        wrong = sorted(name for name in {*stated, *found} if stated.get(name) != found.get(name))
        what = wrong[0] if wrong else DUMP
        raise Refusal(f"{file} is damaged: {what} is not what its manifest says. Nothing was changed.")


def _is_plain(entry: tarfile.TarInfo) -> bool:
    """Only regular files below the known folders; nothing that could be written elsewhere."""
    parts = PurePosixPath(entry.name).parts
    if not entry.isreg() or entry.name.startswith("/") or ".." in parts:
        return False
    return entry.name in (MANIFEST, DUMP) or (len(parts) > 1 and parts[0] in FOLDERS)


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := content.read(CHUNK):
        digest.update(block)
    return digest.hexdigest()


def extract(file: Path, target: Path) -> None:
    """This function will write the members of a verified backup below `target`, keeping their modes."""
    with tarfile.open(file, "r:") as tar:
        for entry in tar:
            if not _is_plain(entry):
                raise Refusal(f"{file} changed while it was read.")
            path = target / entry.name
            path.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(entry)
            assert content is not None
            with path.open("wb") as out:
                while block := content.read(CHUNK):
                    out.write(block)
            path.chmod(entry.mode & 0o777)
