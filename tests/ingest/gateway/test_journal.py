"""The journal on a real disk: torn writes, damage, another process, and the bound."""

from __future__ import annotations

import pytest

from ingest.gateway.journal import Journal, JournalFull, JournalInUse
from ingest.gateway.lines import Line


def line(sequence, size=100):
    return Line("H-1", "00aa11bb", sequence, b"x" * size, 1, urgent=False)


def take(journal, *sequences):
    for sequence in sequences:
        with journal.transaction():
            journal.take(line(sequence))


def test_a_record_torn_in_the_middle_is_as_if_it_had_never_been_written(tmp_path):
    """The disk's state of before is put back together with half of the last transaction, as a power cut leaves it."""
    file = tmp_path / "journal.sqlite3"
    journal = Journal(file, max_bytes=10**6)
    take(journal, 1, 2, 3)
    log = file.with_name(file.name + "-wal")
    before = log.stat().st_size
    take(journal, 4)
    whole = log.read_bytes()
    copy = tmp_path / "after" / "journal.sqlite3"
    copy.parent.mkdir()
    for torn in (before + 1, (before + len(whole)) // 2, len(whole) - 1):
        copy.write_bytes(file.read_bytes())
        copy.with_name(copy.name + "-wal").write_bytes(whole[:torn])
        revived = Journal(copy, max_bytes=10**6)
        assert [entry.id for entry in revived.waiting()] == [1, 2, 3]
        assert (revived.boot, revived.lines) == (journal.boot, 3)
        take(revived, 4)  # the device says it again
        assert revived.lines == 4
        revived.close()
        for left in copy.parent.iterdir():
            left.unlink()


def test_numbers_go_on_after_everything_was_acknowledged_and_the_file_opened_again(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite3", max_bytes=10**6)
    take(journal, 1, 2)
    with journal.transaction():
        assert journal.number(journal.waiting()) == 1
    with journal.transaction():
        journal.forget(1)
    boot = journal.boot
    journal.close()
    again = Journal(tmp_path / "journal.sqlite3", max_bytes=10**6)
    take(again, 2, 3)  # 2 is known although it is gone
    assert (again.boot, again.lines, again.bytes) == (boot, 1, 260)
    with again.transaction():
        assert again.number(again.waiting()) == 2


def test_an_undone_transaction_leaves_counts_and_numbers_as_they_were(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite3", max_bytes=1000)
    take(journal, 1)
    with pytest.raises(JournalFull), journal.transaction():
        journal.number(journal.waiting())
        journal.take(line(2))
        journal.take(line(3, size=800))
    assert (journal.lines, journal.bytes, journal.next_sequence, journal.numbered()) == (1, 260, 1, {})


def test_a_damaged_journal_is_set_aside_whole_and_a_new_one_begins_under_another_boot(tmp_path):
    file = tmp_path / "journal.sqlite3"
    journal = Journal(file, max_bytes=10**6)
    take(journal, *range(1, 60))
    boot = journal.boot
    journal.close()
    damaged = bytearray(file.read_bytes())
    damaged[4096:8192] = b"\xa5" * 4096
    damaged[:16] = b"not a database!!"
    file.write_bytes(damaged)
    new = Journal(file, max_bytes=10**6)
    assert new.set_aside == tmp_path / "journal.sqlite3.damaged-1"
    assert new.set_aside.read_bytes() == damaged
    assert (new.lines, new.boot != boot) == (0, True)


def test_two_gateways_do_not_share_a_journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite3", max_bytes=10**6)
    with pytest.raises(JournalInUse):
        Journal(tmp_path / "journal.sqlite3", max_bytes=10**6)
    journal.close()
    Journal(tmp_path / "journal.sqlite3", max_bytes=10**6).close()
