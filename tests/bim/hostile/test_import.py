"""A child that its file has taken over costs its own import only, whatever it does, with bubblewrap and without."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection

from bim.operations import import_file
from bim.pipeline import sandbox
from bim.pipeline.limits import CHILD, MEGABYTE, OURS_INSIDE, Limits
from bim.pipeline.lockdown import can_filter_calls
from bim.pipeline.usage import descendants
from bim.verdicts import Verdict
from tests.bim.authoring import small_building

pytestmark = pytest.mark.django_db

LIMIT_S = 4.0
HOSTILE = Limits(
    memory_bytes=200 * MEGABYTE, disk_bytes=2 * MEGABYTE, processes=16, module="tests.bim.hostile.child",
    visible=(*OURS_INSIDE, "tests/__init__.py", "tests/bim/__init__.py", "tests/bim/hostile"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def roots(data_root: Path) -> Path:
    return data_root.parent


def everything(roots: Path) -> tuple[dict[str, int], list[str], int]:
    """Return the rows of every table, the files of both folders and the advisory locks held."""
    counts = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    files = [str(path) for name in ("data", "media") for path in sorted((roots / name).rglob("*"))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        (locks,) = cursor.fetchone()
    return counts, files, locks


@pytest.fixture
def attack(kept_by: str, roots: Path) -> Callable[..., Verdict]:
    """Import a file whose child does a deed; check that it is refused in time and that nothing is left."""

    def run(deed: str, **orders: Any) -> Verdict:
        path = roots / "hostile.ifc"
        path.write_text(json.dumps({"deed": deed, **orders}))
        before = everything(roots)
        started = time.monotonic()
        verdict = import_file(path=path, site_code="HOSTILE", limit_s=LIMIT_S, limits=HOSTILE)
        assert time.monotonic() - started < LIMIT_S + 60
        assert verdict["verdict"] == "refused" and verdict["reason"]
        assert descendants(os.getpid()) == {}, "a process is left"
        assert everything(roots) == before
        return verdict

    return run


AT_ITS_LIMIT = "The import was stopped at its limit of 4 s, in the stage {} at {} %."
BROKEN = "The file broke the reader in the stage read: "


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        ("sleep_for_ever", AT_ITS_LIMIT.format("read", 0)),
        ("spin", AT_ITS_LIMIT.format("read", 10)),
        ("sleep_in_the_mesher", AT_ITS_LIMIT.format("mesh", 50)),
        ("talk_nonsense", "The file broke the reader: what it left is damaged (result.json is missing)."),
        ("shout", "The file broke the reader: it wrote a line without an end."),
        ("eat_memory", "The model needs more memory than an import may use."),
        ("eat_memory_together", "The import used more than its 200 MB of memory and was stopped."),
        ("fork_a_bomb", "The import started more than 16 processes and was stopped."),
        ("fill_the_disk", "The import wrote more than its 2 MB to the disk and was stopped."),
        ("fill_the_log", "The import wrote more than its 2 MB to the disk and was stopped."),
        ("fill_with_empty_files", "The import wrote more than its 2 MB to the disk and was stopped."),
        ("outlive", BROKEN + "the process ended with status 3."),
        ("bury_deep", BROKEN + "the process ended with status 3."),
        ("answer_with_a_pipe", "The file broke the reader: what it left is damaged ('rows.npz' is no plain file)."),
        ("answer_with_rubbish", "The file broke the reader: what it left is damaged (result.json is no JSON)."),
    ],
)
def test_a_greedy_or_lying_child_is_stopped_with_a_true_sentence(
    deed: str, sentence: str, attack: Callable[..., Verdict]
) -> None:
    assert attack(deed)["reason"] == sentence


def test_the_next_file_is_imported_and_its_verdict_says_how_it_was_kept(
    attack: Callable[..., Verdict], kept_by: str, roots: Path
) -> None:
    attack("outlive")
    small_building(roots / "next.ifc")
    verdict = import_file(path=roots / "next.ifc", site_code="HOSTILE")
    assert (verdict["verdict"], verdict["meshed"]) == ("imported", 4)
    assert verdict["reason"] == (None if kept_by == "bubblewrap" else sandbox.NO_NAMESPACES)


def found_by(verdict: Verdict) -> dict[str, str]:
    return dict(json.loads(verdict["reason"] or ""))


def test_no_connection_leaves_the_child(attack: Callable[..., Verdict], kept_by: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        found = found_by(attack("connect", port=listener.getsockname()[1]))
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert set(found) == {"tcp", "world", "database"} and "connected" not in found.values()
    if kept_by != "bubblewrap" and can_filter_calls():
        assert set(found.values()) == {"PermissionError"}


def test_the_child_reads_no_secret(attack: Callable[..., Verdict], roots: Path) -> None:
    secrets = [Path(django_settings.TWINWALL_SECRETS_DIR) / "django_secret_key", roots / "password.txt"]
    secrets += [Path(f"/proc/{os.getpid()}/environ"), Path(__file__).parents[3] / "webmap/project/settings.py"]
    (roots / "password.txt").write_text("secret")
    assert b"TWINWALL_" in secrets[2].read_bytes(), "there is something to be found"
    found = found_by(attack("read_secrets", secrets=[str(path) for path in secrets]))
    assert found.pop("own environment") == ""
    assert len(found) == 5 and set(found.values()) <= {"FileNotFoundError", "PermissionError"}


def test_the_child_writes_nowhere_but_in_its_folder(attack: Callable[..., Verdict], roots: Path) -> None:
    outside = [roots / "outside.txt", roots / "hostile.ifc", Path("/usr/lib/hostile"), Path(sandbox.__file__)]
    found = found_by(attack("write_outside", outside=[str(path) for path in outside]))
    assert len(found) == 6 and "opened" not in found.values(), found
    assert not (roots / "outside.txt").exists()


def test_the_childs_folders_in_memory_are_small_and_its_system_is_read_only(
    attack: Callable[..., Verdict], kept_by: str
) -> None:
    found = found_by(attack("fill_the_scratch"))
    full = {place for place, what in found.items() if what == "OSError full"}
    assert full == ({"/tmp", "/dev/shm"} if kept_by == "bubblewrap" else set())
    assert "2000 MB" not in found.values()
    assert not Path("/tmp/hostile.bin").exists() and not Path("/dev/shm/hostile.bin").exists()


def test_a_link_where_the_parent_writes_next_harms_nothing(attack: Callable[..., Verdict], roots: Path) -> None:
    target = roots / "precious.txt"
    target.write_text("precious")
    reason = attack("plant_links", outside=[str(target)])["reason"]
    assert reason == "The mesher broke before its first element: the process ended with SIGABRT."
    assert target.read_text() == "precious"


def test_a_link_among_the_tiles_is_never_published(attack: Callable[..., Verdict], roots: Path) -> None:
    (roots / "password.txt").write_text("secret")
    reason = attack("publish_secrets", secrets=[str(roots / "password.txt")])["reason"]
    assert reason == "The file broke the reader: what it left is damaged ('tiles/tileset.json' is no plain file)."


def test_the_real_child_is_what_an_import_starts() -> None:
    assert Limits().module == CHILD == "bim.pipeline.child"
    assert Limits().visible == ("bim", "spatial/__init__.py", "spatial/crs.py")
