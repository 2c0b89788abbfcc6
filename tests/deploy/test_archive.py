"""The backup file: whole or refused."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.archive import ArchiveWriter, extract, verify
from deploy.refusal import Refusal


def write_backup(folder: Path, *, media: bytes = b"photo", finish: bool = True) -> Path:
    """Write a small valid backup below `folder` and return it."""
    (folder / "source" / "ab").mkdir(parents=True)
    (folder / "source" / "ab" / "abcd").write_bytes(media)
    (folder / "dump").write_bytes(b"PGDMP")
    file = folder / "copy.twin"
    with tarfile.open(file, "w:") as tar:
        writer = ArchiveWriter(tar)
        writer.add(folder / "dump", "database.dump")
        writer.add_folder(folder / "source", "media")
        if finish:
            writer.finish(created_at="2026-01-01T00:00:00+00:00", mode="empty", migrations=[])
    return file


def test_what_was_written_comes_back_byte_for_byte(tmp_path: Path) -> None:
    file = write_backup(tmp_path, media=b"\x00\xff" * 700_000)
    manifest = verify(file)
    assert manifest["members"]["media/ab/abcd"]["size"] == 1_400_000
    extract(file, tmp_path / "out")
    assert (tmp_path / "out" / "media" / "ab" / "abcd").read_bytes() == b"\x00\xff" * 700_000


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    content = write_backup(tmp_path).read_bytes()

    @given(st.integers(min_value=0, max_value=content.index(b"twinwall-backup")))
    def check(length: int) -> None:
        cut = tmp_path / "cut.twin"
        cut.write_bytes(content[:length])
        with pytest.raises(Refusal):
            verify(cut)

    check()


def test_one_changed_byte_of_a_photo_is_found(tmp_path: Path) -> None:
    file = write_backup(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"photo", b"phot0"))
    with pytest.raises(Refusal, match=r"is damaged: media/ab/abcd is not what its manifest says"):
        verify(file)


def test_a_backup_without_its_manifest_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is cut off"):
        verify(write_backup(tmp_path, finish=False))


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "media/../../escape", "other/file", "media"])
def test_a_member_that_would_land_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "hostile.twin"
    with tarfile.open(file, "w:") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(Refusal, match="is not a Twinwall backup"):
        verify(file)


def test_a_link_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "hostile.twin"
    with tarfile.open(file, "w:") as tar:
        entry = tarfile.TarInfo("media/link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    with pytest.raises(Refusal, match="is not a Twinwall backup"):
        verify(file)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"format": "other"}, "is not a Twinwall backup"), ({"version": 99}, "has backup version 99")],
)
def test_a_foreign_or_newer_format_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    manifest = json.dumps({"format": "twinwall-backup", "version": 1, "members": {}, **change}).encode()
    file = tmp_path / "foreign.twin"
    with tarfile.open(file, "w:") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        tar.addfile(entry, io.BytesIO(manifest))
    with pytest.raises(Refusal, match=said):
        verify(file)
