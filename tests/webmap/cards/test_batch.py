"""A whole site as one file: progress that is true, a cancel that stops it, one file kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from spatial.cards.models import PrintJob
from spatial.cards.operations import ask_for_print, cancel_print
from spatial.media import blob_path
from tests.webmap.cards.conftest import BACKEND, Walls
from tests.webmap.cards.reading import codes, page_sizes_mm
from webmap.documents import batch
from webmap.tasks import print_site

BASE = "/sites/field/risks/cards/print/"
PAGES = 3 + 5 + 1  # board, chart, signs; five points; one post


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def ask(walls: Walls) -> PrintJob:
    return ask_for_print(
        site=walls.site, language="zh-hans", base_url="http://testserver/", actor=walls.cast.worker
    )[0]  # fmt: skip


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def test_a_site_becomes_one_file_with_a_page_for_each_sheet(walls: Walls) -> None:
    job = ask(walls)
    told: list[tuple[int, int]] = []
    batch.print_site(job.pk, told=lambda done, total: told.append((done, total)))
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", PAGES, PAGES)
    assert told == [(n, PAGES) for n in range(PAGES + 1)]
    answer = client_of(walls.cast.worker).get(f"{BASE}{job.pk}.pdf")
    pdf = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert page_sizes_mm(pdf) == [(210, 297)] * PAGES
    assert len(codes(pdf)) == 5
    assert client_of(walls.cast.stranger).get(f"{BASE}{job.pk}.pdf").status_code == 404


def test_a_newer_print_replaces_the_file_of_the_earlier_one(
    walls: Walls, django_capture_on_commit_callbacks: Any
) -> None:
    first = ask(walls)
    print_site(str(first.pk))
    first.refresh_from_db()
    kept = first.pdf_sha256
    assert blob_path(kept).is_file()
    second = ask_for_print(site=walls.site, language="en", base_url="http://testserver/", actor=walls.cast.worker)[0]
    with django_capture_on_commit_callbacks(execute=True):
        print_site(str(second.pk))
    first.refresh_from_db()
    assert first.pdf_sha256 == "" and not blob_path(kept).exists()
    assert client_of(walls.cast.worker).get(f"{BASE}{first.pk}.pdf").status_code == 410


def test_a_waiting_print_is_cancelled_at_once_and_never_begun(walls: Walls) -> None:
    job = ask(walls)
    assert client_of(walls.cast.worker).post(f"{BASE}{job.pk}/cancel/").status_code == 302
    print_site(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.done, job.pdf_sha256) == ("cancelled", 0, "")


def test_a_running_print_stops_before_its_next_page(walls: Walls) -> None:
    job = ask(walls)

    def cancel_after_two(done: int, total: int) -> None:
        if done == 2:
            cancel_print(job=job)

    batch.print_site(job.pk, told=cancel_after_two)
    job.refresh_from_db()
    assert (job.state, job.done, job.pdf_sha256) == ("cancelled", 2, "")


def test_a_site_is_printed_once_at_a_time(walls: Walls) -> None:
    job = ask(walls)
    again, is_new = ask_for_print(site=walls.site, language="en", base_url="x", actor=walls.cast.safety)
    assert (again.pk, is_new) == (job.pk, False)


def test_the_page_tells_the_progress_of_a_running_print(walls: Walls) -> None:
    job = ask(walls)
    PrintJob.objects.filter(pk=job.pk).update(state="running", done=4, total=PAGES)
    answer = client_of(walls.cast.worker).get("/sites/field/risks/cards/", headers={"X-Part": "jobs"})
    words = answer.content.decode()
    assert "data-under-way" in words and 'value="4"' in words and f"4 of {PAGES} pages" in words
