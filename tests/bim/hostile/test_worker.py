"""A real Celery worker: killed, it goes on by itself and commits once; attacked, it lives and takes the next import."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.gis.geos import Point, Polygon
from django.db import connection
from django.utils import timezone

from bim.models import Revision
from bim.operations import cancel_revision, import_file, queue_revision, requeue_interrupted
from bim.pipeline.usage import descendants
from bim.queries import tileset_folder, waits_behind
from deploy.instance import ROOT
from deploy.supervision import wait_until
from spatial.ledger.models import Act
from spatial.media import blob_path
from spatial.notices.models import Event
from spatial.places.models import Site
from spatial.places.operations import create_organisation, create_site
from tests.bim.authoring import Author, small_building

pytestmark = pytest.mark.django_db(transaction=True)
UNFINISHED = ("queued", "running")


class Worker:
    """`celery worker` as a process of its own, on the test database and the throw-away Redis."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; its first deed is to take up what was left."""
        command = [sys.executable, "-m", "celery", "--app", "tests.bim.hostile.worker", "worker", "--concurrency", "2"]
        places = {
            "TWINWALL_PG_DATABASE": str(connection.settings_dict["NAME"]),
            "TWINWALL_DATA_ROOT": str(django_settings.TWINWALL_DATA_ROOT),
            "TWINWALL_MEDIA_ROOT": str(django_settings.MEDIA_ROOT),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
                cwd=ROOT, env={**os.environ, **places}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def children(self) -> list[int]:
        """Return the sandboxes that its pool processes have started."""
        return [
            pid for pid in descendants(self.pid) if b"bwrap" in _command(pid) or b"pipeline.keeper" in _command(pid)
        ]

    def kill(self, *, with_pool: bool = True) -> None:
        """Kill it as a crash would."""
        pool = list(descendants(self.pid)) if with_pool else []
        os.kill(self.pid, signal.SIGKILL)
        for pid in pool:
            _kill(pid)
        assert self.process is not None
        self.process.wait(10)

    def stop(self) -> None:
        """Stop it in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture
def worker(tmp_path: Path, data_root: Path) -> Iterator[Worker]:
    started = Worker(tmp_path)
    yield started
    started.stop()
    print(started.log.read_text(errors="replace")[-4_000:] if started.log.exists() else "")


def site_named(code: str) -> Site:
    outline = Polygon(((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75), (113.62, 34.74)), srid=4490)
    return create_site(
        code=code, name=code, organisation=create_organisation(name=code), boundary=outline,
        location=Point(113.625, 34.7466, srid=4490), projected_srid=4547, ground_height_m=110.5, actor=None,
        now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def site(db: None) -> Site:
    return site_named("ZD-TOWER")


def upload(path: Path, site: Site) -> Revision:
    with path.open("rb") as content:
        return queue_revision(site=site, content=content, file_name=path.name, actor=None, now=timezone.now())


def building(path: Path, walls: int = 0) -> Path:
    """Write the small building with some more walls, for which only OpenCASCADE is trusted: 300 take some seconds."""
    author: Author = small_building(path)
    for number in range(walls):
        wall = author.box("IfcWall", (number * 2_000.0, 9_000.0, 0), (1_000, 200, 3_000))
        bends = [author.point(500 * step, 300 * (step % 2), 100 * step) for step in range(4)]
        line = author.file.create_entity("IfcPolyline", bends)
        bent = author.file.create_entity("IfcSweptDiskSolid", line, 20.0 + 0.01 * number, None, 0.0, 3.0)
        wall.Representation.Representations[0].Items = [bent]
    return author.save(path)


def reaches(revision: Revision, says: Callable[[Revision], bool], seconds: float = 90) -> bool:
    """Wait until the row says so."""
    return wait_until(lambda: says(Revision.objects.get(pk=revision.pk)), seconds)


def ended(revision: Revision) -> Revision:
    assert reaches(revision, lambda row: row.state not in UNFINISHED), revision.state
    return Revision.objects.get(pk=revision.pk)


def committed_once(revision: Revision, elements: int) -> None:
    row = ended(revision)
    assert (row.state, row.elements.count()) == ("imported", elements), row.verdict
    assert Act.objects.filter(verb="import_model", subject_id=str(row.pk)).count() == 1
    assert [event.payload["revision_id"] for event in Event.objects.filter(kind="model_imported")].count(
        str(row.pk)
    ) == 1
    assert (tileset_folder(row.pk) / "tileset.json").is_file()


def nothing_runs(worker: Worker) -> bool:
    return worker.children() == [] and not list((worker.folder / "data").glob("imports/*"))


def test_a_worker_killed_with_its_pool_goes_on_by_itself_and_commits_once(
    worker: Worker, site: Site, tmp_path: Path
) -> None:
    worker.start()
    revision = upload(building(tmp_path / "一期主体.ifc", 300), site)
    assert reaches(revision, lambda row: row.stage == "mesh")
    worker.kill()
    assert wait_until(lambda: not [pid for pid in descendants(1) if b"bim.hostile.child" in _command(pid)], 10)
    left = Revision.objects.get(pk=revision.pk)
    assert (left.state, left.starts, left.elements.count()) == ("running", 1, 0)
    assert len(list((tmp_path / "data" / "imports").iterdir())) == 1
    worker.start()
    committed_once(revision, 310)
    assert Revision.objects.get(pk=revision.pk).starts == 2
    assert wait_until(lambda: nothing_runs(worker), 30), "the killed worker's folder is still there"


def test_a_killed_pool_process_is_replaced_and_the_import_begins_again(
    worker: Worker, site: Site, tmp_path: Path
) -> None:
    worker.start()
    revision = upload(building(tmp_path / "一期主体.ifc", 300), site)
    assert reaches(revision, lambda row: row.stage == "mesh")
    (sandbox, *_) = worker.children()
    pool = int(Path(f"/proc/{sandbox}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(pool, signal.SIGKILL)
    committed_once(revision, 310)
    requeue_interrupted()
    assert wait_until(lambda: nothing_runs(worker), 30)


def test_a_model_that_kills_its_worker_each_time_is_refused_at_the_fourth_start(
    worker: Worker, site: Site, tmp_path: Path
) -> None:
    revision = upload(building(tmp_path / "一期主体.ifc"), site)
    Revision.objects.filter(pk=revision.pk).update(state="running", stage="mesh", starts=3)
    worker.start()
    row = ended(revision)
    assert row.state == "refused"
    assert row.verdict["reason"] == "The import was begun 3 times, and each time its worker was killed."


def test_an_attacked_worker_lives_and_takes_the_next_import(worker: Worker, site: Site, tmp_path: Path) -> None:
    worker.start()
    told = {}
    for deed in ("fork_a_bomb", "outlive", "answer_with_rubbish"):
        (tmp_path / f"{deed}.ifc").write_text(json.dumps({"deed": deed}))
        told[deed] = ended(upload(tmp_path / f"{deed}.ifc", site)).verdict["reason"]
    assert told == {
        "fork_a_bomb": "The import started more than 16 processes and was stopped.",
        "outlive": "The file broke the reader in the stage read: the process ended with status 3.",
        "answer_with_rubbish": "The file broke the reader: what it left is damaged (result.json is no JSON).",
    }
    assert worker.process is not None and worker.process.poll() is None
    committed_once(upload(building(tmp_path / "一期主体.ifc"), site), 10)
    assert wait_until(lambda: nothing_runs(worker), 30), "grading the model's readiness has its own child"
    kept = Revision.objects.get(state="imported").file_sha256
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == [blob_path(kept)]


def test_two_imports_of_a_site_stand_in_line_and_another_site_does_not_wait(
    worker: Worker, site: Site, tmp_path: Path
) -> None:
    other = site_named("OTHER")
    first = upload(building(tmp_path / "主体.ifc", 900), site)
    second = upload(building(tmp_path / "机电.ifc", 1), site)
    third = upload(building(tmp_path / "幕墙.ifc", 2), site)
    apart = upload(building(tmp_path / "别处.ifc", 3), other)
    assert (waits_behind(first), waits_behind(second), waits_behind(third)) == (None, first, second)
    assert waits_behind(apart) is None
    worker.start()
    assert reaches(first, lambda row: row.state == "running")
    again = upload(tmp_path / "主体.ifc", site)
    assert again == first, "the same file, while it runs, is the same import"
    assert ended(apart).finished_at < ended(first).finished_at
    rows = [ended(revision) for revision in (first, second, third)]
    assert [row.state for row in rows] == ["imported"] * 3
    for before, after in pairwise(rows):
        assert before.finished_at <= after.started_at
    assert upload(tmp_path / "主体.ifc", site) == first
    assert import_file(path=tmp_path / "主体.ifc", site_code=site.code)["elements"] == 910
    assert Revision.objects.filter(site=site).count() == 3 and Act.objects.filter(verb="import_model").count() == 4


def test_a_cancel_from_the_page_stops_the_worker_in_the_middle(worker: Worker, site: Site, tmp_path: Path) -> None:
    worker.start()
    revision = upload(building(tmp_path / "一期主体.ifc", 300), site)
    assert reaches(revision, lambda row: row.stage == "mesh")
    cancel_revision(revision=revision, actor=None, now=timezone.now())
    row = ended(revision)
    assert (row.state, row.verdict, row.elements.count()) == ("cancelled", None, 0)
    assert wait_until(lambda: nothing_runs(worker), 10)
    assert not tileset_folder(row.pk).exists()
