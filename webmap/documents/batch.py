"""All cards and sheets of a site as one PDF, made by a worker that tells its progress and can be stopped."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.utils import timezone, translation

from spatial.cards.models import PrintJob
from spatial.cards.operations import begin_print, end_print, print_progress
from spatial.cards.queries import points_of, posts_of
from spatial.media import store_blob
from webmap.documents.board import board_sheet, signs_sheet
from webmap.documents.card_parts import site_facts
from webmap.documents.chart import chart_sheet
from webmap.documents.map_sheet import map_thumbnail
from webmap.documents.notice_card import notice_sheet
from webmap.documents.post_card import post_sheet
from webmap.documents.printing import SheetTooLong, write_pdf

TASK: Final = "webmap.print_site"
MOST_STARTS: Final = 3
_log = logging.getLogger(__name__)


def print_site(job_id: UUID, *, told: Callable[[int, int], None] = lambda done, total: None) -> None:
    """This function will make the file of a queued job; one that ended is left alone.

    `told` hears (pages done, pages in all) before each page and at the end.
    """
    job = begin_print(job_id=job_id, most_starts=MOST_STARTS)
    if job is None:
        return
    try:
        with translation.override(job.language):
            pdf = _pdf(job, told)
    except SheetTooLong as error:
        end_print(job=job, problem=str(error), now=timezone.now())
    except Exception as error:  # the page must get an answer
        _log.exception("The print %s failed.", job.pk)
        problem = f"The print failed by an error of ours ({type(error).__name__}); it is in the worker's log."
        end_print(job=job, problem=problem, now=timezone.now())
    else:
        sha256 = store_blob(io.BytesIO(pdf)) if pdf else ""
        end_print(job=job, pdf_sha256=sha256, pdf_bytes=len(pdf), now=timezone.now())


def _pdf(job: PrintJob, told: Callable[[int, int], None]) -> bytes:
    """Return the file, or nothing when it was cancelled on the way."""
    site = job.site
    facts = site_facts(site, now=timezone.now(), base_url=job.base_url, language=job.language)
    points, posts = list(points_of(site)), list(posts_of(site))
    makers: list[Callable[[], Any]] = [
        lambda: board_sheet(points, facts, map_thumbnail(site, now=facts.printed_at)),
        lambda: chart_sheet(points, facts),
        lambda: signs_sheet(points, facts),
        *(lambda point=point: notice_sheet(point, facts) for point in points),
        *(lambda post=post: post_sheet(post, facts) for post in posts),
    ]
    sheets = []

    def wanted(done: int) -> bool:
        told(done, len(makers))
        return print_progress(job=job, done=done, total=len(makers))

    for number, make in enumerate(makers):
        if not wanted(number):
            return b""
        sheets.append(make())
    pdf = write_pdf(sheets, title=site.name)
    return pdf if wanted(len(makers)) else b""
