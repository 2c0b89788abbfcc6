"""The gateway's write-ahead log: what it has promised to a device lies here until the platform has acknowledged it.

SQLite in WAL mode with synchronous=FULL: a transaction is on the disk when it returns, and one that was cut off
in the middle (a killed process, a power cut) is as if it had never begun; the device that waits for its answer
says it again. One row is one line of a device; `sequence` is set when the row has become part of a numbered
message, so a gateway that was killed sends the same rows under the same number again. When the journal holds
`max_bytes`, or the disk has less than RESERVE_BYTES left, new lines are refused: what was promised is never
thrown away for something newer, and the reserve lets it be numbered, sent and forgotten.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.gateway.lines import Line

REMEMBERED_LINES = 100_000
KEPT_REFUSALS = 1000
MAX_WAITING = 500
RESERVE_BYTES = 8 * 2**20
_ENTRY_OVERHEAD_BYTES = 160  # a row of `entry`, its index entries and its row in `taken`
_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (boot TEXT NOT NULL, next_sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, part BLOB NOT NULL, items INTEGER NOT NULL, sequence INTEGER);
CREATE INDEX IF NOT EXISTS entry_by_sequence ON entry (sequence, id);
CREATE TABLE IF NOT EXISTS taken (
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, boot TEXT NOT NULL, sequence INTEGER NOT NULL,
    UNIQUE (device, boot, sequence));
CREATE TABLE IF NOT EXISTS refused (id INTEGER PRIMARY KEY, part BLOB NOT NULL, reason TEXT NOT NULL);
"""


class JournalFull(Exception):
    """The journal holds as much as it may; the line was not taken."""


class JournalUnusable(Exception):
    """The disk refuses; nothing of the transaction has happened."""


class JournalInUse(Exception):
    """Another gateway process works with this journal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that waits for the platform."""

    id: int
    part: bytes
    items: int


class Journal:
    """One gateway's journal; used by one thread of one process."""

    def __init__(self, file: Path, *, max_bytes: int) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = open(file.with_suffix(".lock"), "w")  # noqa: SIM115  (held as long as the journal is open)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise JournalInUse(f"Another gateway works with {file}; stop it first.") from None
        self.max_bytes = max_bytes
        self._folder, self._disk_has_room = file.parent, True
        self.set_aside: Path | None = None
        try:
            self._open(str(file))
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise JournalUnusable(f"{file} cannot be opened: {error}.") from error
            self.set_aside = _set_aside(file)
            self._open(str(file))

    def _open(self, file: str) -> None:
        self._rows = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode = WAL")
        self._rows.execute("PRAGMA synchronous = FULL")
        if (said := self._rows.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(said)
        self._rows.executescript(_SCHEMA)
        if self._rows.execute("SELECT count(*) FROM journal").fetchone()[0] == 0:
            self._rows.execute("INSERT INTO journal VALUES (?, 1)", [secrets.token_hex(8)])
        self.boot, self.next_sequence = self._rows.execute("SELECT boot, next_sequence FROM journal").fetchone()
        self._count()

    def _count(self) -> None:
        self.lines, self.bytes = self._rows.execute(
            "SELECT count(*), coalesce(sum(length(part) + ?), 0) FROM entry", [_ENTRY_OVERHEAD_BYTES]
        ).fetchone()
        self.refused = self._rows.execute("SELECT coalesce(max(id), 0) FROM refused").fetchone()[0]
        self.next_sequence = self._rows.execute("SELECT next_sequence FROM journal").fetchone()[0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """This function will make what happens inside durable at its end, or undo it. Raises JournalUnusable."""
        try:
            self._disk_has_room = shutil.disk_usage(self._folder).free >= RESERVE_BYTES
            self._rows.execute("BEGIN IMMEDIATE")
            yield
            self._rows.execute("COMMIT")
        except BaseException as error:
            if self._rows.in_transaction:
                self._rows.execute("ROLLBACK")
            self._count()
            if isinstance(error, sqlite3.Error):
                with suppress(sqlite3.Error):  # makes the room of acknowledged rows usable again
                    self._rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                raise JournalUnusable(str(error)) from error
            raise

    def take(self, line: Line) -> bool:
        """This function will keep a line, or return False when it was taken before. Raises JournalFull."""
        size = len(line.part) + _ENTRY_OVERHEAD_BYTES
        known = "SELECT 1 FROM taken WHERE device = ? AND boot = ? AND sequence = ?"
        key = (line.device, line.boot, line.sequence)
        if self._rows.execute(known, key).fetchone():
            return False
        if self.bytes + size > self.max_bytes:
            raise JournalFull(f"the gateway holds {self.lines} lines and has no room")
        if not self._disk_has_room:
            raise JournalFull(f"the disk of the gateway is full, but for the last {RESERVE_BYTES // 2**20} MiB")
        self._rows.execute("INSERT INTO entry (part, items) VALUES (?, ?)", [line.part, line.items])
        number = self._rows.execute("INSERT INTO taken (device, boot, sequence) VALUES (?, ?, ?)", key).lastrowid or 0
        self._rows.execute("DELETE FROM taken WHERE id <= ?", [number - REMEMBERED_LINES])
        self.lines, self.bytes = self.lines + 1, self.bytes + size
        return True

    def newest(self) -> int:
        """This function will return the id of the last entry ever taken."""
        row = self._rows.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
        return int(row[0]) if row else 0

    def waiting(self, *, after: int = 0, until: int | None = None, limit: int = MAX_WAITING) -> list[Entry]:
        """This function will return entries without a number, oldest first, of ids above `after` up to `until`."""
        rows = self._rows.execute(
            "SELECT id, part, items FROM entry WHERE sequence IS NULL AND id > ? AND id <= ? ORDER BY id LIMIT ?",
            [after, 2**62 if until is None else until, limit],
        )
        return [Entry(*row) for row in rows]

    def number(self, entries: Sequence[Entry]) -> int:
        """This function will give entries the next number and return it."""
        sequence = self.next_sequence
        self._rows.executemany("UPDATE entry SET sequence = ? WHERE id = ?", [(sequence, e.id) for e in entries])
        self.next_sequence = sequence + 1
        self._rows.execute("UPDATE journal SET next_sequence = ?", [self.next_sequence])
        return sequence

    def numbered(self) -> dict[int, list[Entry]]:
        """This function will return what was numbered and not acknowledged, by number."""
        found: dict[int, list[Entry]] = {}
        for sequence, *row in self._rows.execute(
            "SELECT sequence, id, part, items FROM entry WHERE sequence IS NOT NULL ORDER BY sequence, id"
        ):
            found.setdefault(sequence, []).append(Entry(*row))
        return found

    def forget(self, sequence: int) -> None:
        """This function will forget a message that the platform has."""
        size, count = self._rows.execute(
            "SELECT coalesce(sum(length(part) + ?), 0), count(*) FROM entry WHERE sequence = ?",
            [_ENTRY_OVERHEAD_BYTES, sequence],
        ).fetchone()
        self._rows.execute("DELETE FROM entry WHERE sequence = ?", [sequence])
        self.lines, self.bytes = self.lines - count, self.bytes - size

    def refuse(self, sequence: int, entry: Entry, reason: str) -> None:
        """This function will forget the one line of a message that the platform refuses, and keep it with the
        reason."""
        self.forget(sequence)
        number = self._rows.execute("INSERT INTO refused (part, reason) VALUES (?, ?)", [entry.part, reason]).lastrowid
        self._rows.execute("DELETE FROM refused WHERE id <= ?", [(number or 0) - KEPT_REFUSALS])
        self.refused = number or 0

    def disk_has_room(self) -> bool:
        """This function will tell whether the last transaction found more than the reserve on the disk."""
        return self._disk_has_room

    def close(self) -> None:
        """This function will close the file."""
        self._rows.close()
        self._lock.close()


def _set_aside(file: Path) -> Path:
    """Rename a damaged journal, so that nothing of it is lost and the gateway can go on."""
    number = 1
    while (kept := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    file.rename(kept)
    for ending in ("-wal", "-shm"):
        if (beside := file.with_name(file.name + ending)).exists():
            beside.rename(kept.with_name(kept.name + ending))
    return kept
