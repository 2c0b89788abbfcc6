"""Ask for a report, compute it, ask again."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bim.import_locks import revision_claim
from bim.models import Revision
from bim.waking import wake_worker
from bim.work_folders import work_folder
from spatial.ledger.operations import record_act
from spatial.media import blob_path

from . import queries
from .grades import Count, not_judged
from .models import ReadinessCheck, ReadinessReport
from .rules import grades, judge
from .second_reading import LIMIT_S, SecondReading, read_again

TASK = "bim.check_readiness"
RETRY_AFTER_S = 10.0
MOST_RETRIES = 30
_log = logging.getLogger(__name__)


def ask_on_commit(*, revision: Revision, **_: Any) -> None:
    """This function will ask for a report of a revision that is being imported; the import waits for nothing."""
    ask_for_report(revision=revision)


@transaction.atomic
def ask_for_report(*, revision: Revision) -> ReadinessReport:
    """This function will queue the report of a revision where it has none, and return it."""
    owner = {"organisation_id": revision.organisation_id, "site_id": revision.site_id}
    report, created = ReadinessReport.objects.get_or_create(revision=revision, defaults=owner)
    if created:
        transaction.on_commit(lambda: send_task(report.pk), robust=True)
    return report


@transaction.atomic
def ask_again(*, report: ReadinessReport, actor: Any, now: datetime) -> ReadinessReport:
    """This function will queue a report again that is finished or has failed; one that waits or runs stays as it is."""
    row = ReadinessReport.objects.select_for_update().get(pk=report.pk)
    if row.under_way:
        return row
    row.state, row.problem = ReadinessReport.State.WAITING, ""
    row.save(update_fields=["state", "problem"])
    record_act(
        organisation=row.organisation, site=row.site, actor=actor, verb="check_readiness", subject_kind="revision",
        subject_id=row.revision_id, details={}, occurred_at=now, received_at=now,
    )  # fmt: skip
    transaction.on_commit(lambda: send_task(row.pk), robust=True)
    return row


def send_task(report_id: UUID, attempt: int = 0) -> None:
    """Wake a worker, a later attempt after a while; without a broker the report waits for the next worker's start."""
    wake_worker(TASK, report_id, attempt, after_s=RETRY_AFTER_S if attempt else None)


def run_report(*, report_id: UUID, limit_s: float = LIMIT_S, attempt: int = 0) -> ReadinessReport | None:
    """This function will compute a report that waits; None where another worker has it or it is finished.

    Where a file or folder is not to be had (root's import hands its files to the services' account only at its end),
    the report waits and is tried again, thirty times.
    """
    with revision_claim(f"readiness:{report_id}") as mine:
        reports = ReadinessReport.objects.select_related("revision__site", "revision__model")
        report = reports.filter(pk=report_id).first()
        if not mine or report is None or not report.under_way:
            return None
        report.state = ReadinessReport.State.RUNNING
        report.save(update_fields=["state"])
        started = time.monotonic()
        try:
            _compute(report, limit_s)
            report.state = ReadinessReport.State.DONE
        except OSError as error:
            if attempt < MOST_RETRIES:
                _log.warning("The readiness of %s is tried again: %s.", report.revision_id, error)
                report.state = ReadinessReport.State.WAITING
                report.save(update_fields=["state"])
                send_task(report.pk, attempt + 1)
                return report
            _fail(report, error)
        except Exception as error:  # never leave a report running for ever: the page must get an answer
            _fail(report, error)
        report.seconds, report.finished_at = round(time.monotonic() - started, 3), timezone.now()
        report.save(update_fields=["state", "grades", "problem", "seconds", "finished_at"])
    return report


def _fail(report: ReadinessReport, error: Exception) -> None:
    _log.exception("The readiness of %s failed.", report.revision_id)
    report.state, report.grades = ReadinessReport.State.FAILED, {}
    report.problem = f"The check failed by an error of ours ({type(error).__name__}); it is in the worker's log."


def _compute(report: ReadinessReport, limit_s: float) -> None:
    read = _read(report.revision, limit_s)
    facts = queries.facts_of(report.revision, read)
    index_of = {element.global_id: element.index for element in reversed(facts.elements)}
    judged = judge(facts, specified_counts(read, index_of))
    with transaction.atomic():
        report.checks.all().delete()
        ReadinessCheck.objects.bulk_create(
            ReadinessCheck(
                report=report, position=position, identifier=one.check.identifier, function=one.check.function,
                outcome=one.outcome or "", judged=one.count.judged, why=one.count.why, checked=one.count.checked,
                failed=one.count.failed, elements=list(one.count.elements), figures=one.count.figures,
            )
            for position, one in enumerate(judged)
        )  # fmt: skip
        report.grades, report.problem = dict(grades(judged)), read.problem


def _read(revision: Revision, limit_s: float) -> SecondReading:
    source = blob_path(revision.file_sha256)
    if not source.is_file():
        return SecondReading(problem="The file is no longer kept.")
    with work_folder() as folder:
        return read_again(source, folder, limit_s)


def specified_counts(read: SecondReading, index_of: Mapping[str, int]) -> dict[str, Count]:
    """Return the counts of the IDS pack by identifier."""
    found: dict[str, Count] = {}
    for identifier, row in (read.specified or {}).items():
        if row.get("why"):
            found[identifier] = not_judged(row["why"])
            continue
        failing = tuple(index_of[name] for name in row["failed_ids"] if name in index_of)
        found[identifier] = Count(row["checked"], row["failed"], failing)
    return found


def requeue_interrupted() -> list[UUID]:
    """This function will queue again every report that waits or was running when its worker died; returns their ids."""
    ids = [report.pk for report in queries.unfinished_reports()]
    for report_id in ids:
        send_task(report_id)
    return ids
