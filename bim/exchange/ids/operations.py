"""Keep IDS documents, start, run and cancel their checks."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bim.ifc.ids.records import DocumentRecord, IdsReport
from bim.ifc.ids.xml_tree import IdsRefusal
from bim.import_locks import revision_claim
from bim.models import Revision
from bim.pipeline.ids_run import IdsWatch, check_documents, read_document
from bim.pipeline.supervise import Cancelled
from bim.waking import wake_worker
from bim.work_folders import work_folder
from spatial.ledger.operations import record_act
from spatial.media import blob_path, drop_blob, store_blob
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import Site

from . import queries
from .finding_rows import copy_findings
from .models import Check, IdsDocument

TASK = "bim.ids.check"
EVERY_S = 0.5
_log = logging.getLogger(__name__)


CHECKERS: Final = frozenset({Role.BIM_ENGINEER, Role.PROJECT_MANAGER, Role.SUPERVISION_ENGINEER})


class CheckRefused(ValueError):
    """The check cannot be started; `code` is "not_imported" or "withdrawn"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def may_check(user: Any, site: Site) -> bool:
    """Return whether a user may upload IDS documents and start checks on a site."""
    return bool(user.is_superuser or roles_on(user, site) & CHECKERS)


def upload_document(
    *, site: Site, content: BinaryIO, file_name: str, actor: Any | None, now: datetime
) -> tuple[IdsDocument, bool]:
    """This function will read an IDS file in the sandbox and keep it; returns it and whether it is new to the site.

    The same file again is the same document (also one that was withdrawn). Raises IdsRefusal for a broken one, which
    leaves nothing.
    """
    sha256 = store_blob(content)
    if (known := IdsDocument.objects.filter(site=site, sha256=sha256).first()) is not None:
        return _take_back(known), False
    try:
        with work_folder() as folder:
            record = read_document(blob_path(sha256), folder)
        return _keep(site, sha256, record, file_name, actor, now)
    except BaseException:
        if not IdsDocument.objects.filter(sha256=sha256).exists():
            drop_blob(sha256, besides=IdsDocument)
        raise


def _take_back(document: IdsDocument) -> IdsDocument:
    if document.withdrawn_at is not None:
        document.withdrawn_at = None
        document.save(update_fields=["withdrawn_at"])
    return document


@transaction.atomic
def _keep(
    site: Site, sha256: str, record: DocumentRecord, file_name: str, actor: Any | None, now: datetime
) -> tuple[IdsDocument, bool]:
    document, is_new = IdsDocument.objects.get_or_create(
        site=site,
        sha256=sha256,
        defaults={
            "organisation_id": site.organisation_id,
            "file_name": Path(file_name).name[:255],
            "file_bytes": blob_path(sha256).stat().st_size,
            "title": record.title[:300],
            "version": record.version[:100],
            "ids_version": record.ids_version,
            "specification_count": len(record.specifications),
            "content": asdict(record),
            "uploaded_by": actor,
        },
    )
    if is_new:
        details = {"title": document.title, "file_name": document.file_name, "file_sha256": sha256}
        _act(document, actor, "upload_ids", "ids_document", details, now)
    return document, is_new


@transaction.atomic
def withdraw_document(*, document: IdsDocument, actor: Any | None, now: datetime) -> IdsDocument:
    """This function will take a document off the list; its checks stay."""
    row = IdsDocument.objects.select_for_update().get(pk=document.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        _act(row, actor, "withdraw_ids", "ids_document", {"title": row.title, "file_sha256": row.sha256}, now)
    return row


@transaction.atomic
def start_check(*, revision: Revision, document: IdsDocument, actor: Any | None, now: datetime) -> Check:
    """This function will queue a check; one of the same file over the same revision that stands is returned as it is.

    Raises CheckRefused for a revision that is not imported or a document that is withdrawn.
    """
    if not revision.is_imported:
        raise CheckRefused("not_imported")
    if document.withdrawn_at is not None:
        raise CheckRefused("withdrawn")
    Revision.objects.select_for_update(of=("self",)).get(pk=revision.pk)
    if (standing := queries.standing_check(revision, document)) is not None:
        return standing
    check = Check.objects.create(
        organisation_id=revision.organisation_id, site_id=revision.site_id, revision=revision, document=document,
        started_by=actor,
    )  # fmt: skip
    details = {"revision": str(revision.pk), "document": document.title, "file_sha256": document.sha256}
    _act(check, actor, "start_ids_check", "ids_check", details, now)
    transaction.on_commit(lambda: send_task(check.pk), robust=True)
    return check


def send_task(check_id: UUID) -> None:
    """Wake a worker; without a broker the check waits for the next worker's start."""
    wake_worker(TASK, check_id)


@transaction.atomic
def cancel_check(*, check: Check, actor: Any | None, now: datetime) -> Check:
    """This function will stop a check that waits or runs; one that is finished stays as it is."""
    row = Check.objects.select_for_update().get(pk=check.pk)
    if not row.under_way:
        return row
    row.cancel_requested = True
    if row.state == Check.State.WAITING:
        row.state, row.finished_at = Check.State.CANCELLED, now
    row.save(update_fields=["cancel_requested", "state", "finished_at"])
    _act(row, actor, "cancel_ids_check", "ids_check", {"document": row.document.title}, now)
    return row


def run_check(*, check_id: UUID) -> Check | None:
    """This function will run a waiting check; None where another worker has it or it is finished."""
    with revision_claim(f"ids-check:{check_id}") as mine:
        rows = queries.unfinished_checks().select_related("revision__model", "document", "site__organisation")
        check = rows.filter(pk=check_id).first()
        if not mine or check is None:
            return None
        return _run_claimed(check)


def _run_claimed(check: Check) -> Check:
    started = time.monotonic()
    check.state, check.started_at, check.stage = Check.State.RUNNING, timezone.now(), "open"
    check.save(update_fields=["state", "started_at", "stage"])
    progress = _CheckProgress(check)
    watch = IdsWatch(on_progress=progress.report, is_cancelled=progress.is_cancelled)
    try:
        with work_folder() as folder:
            source, asked = blob_path(check.revision.file_sha256), blob_path(check.document.sha256)
            [report] = check_documents(source, [asked], folder, watch)
        _finish(check, report, time.monotonic() - started)
    except IdsRefusal as refusal:
        problem = {"code": refusal.code, "line": refusal.line, "detail": refusal.detail, "reason": refusal.reason}
        _end(check, Check.State.FAILED, problem)
    except Cancelled:
        _end(check, Check.State.CANCELLED, None)
    except Exception as error:  # never leave a check running for ever: the page must get an answer
        _log.exception("The check %s failed.", check.pk)
        _end(check, Check.State.FAILED, {"code": "ours", "line": 0, "detail": type(error).__name__, "reason": ""})
    return check


class _CheckProgress:
    """Writes progress to the check's row at most twice a second; answers whether to stop."""

    def __init__(self, check: Check) -> None:
        self.check, self.written, self.asked = check, 0.0, 0.0

    def report(self, stage: str, percent: float) -> None:
        now = time.monotonic()
        if stage == self.check.stage and now - self.written < EVERY_S:
            return
        self.written = now
        self.check.stage, self.check.progress = stage, percent
        self.check.save(update_fields=["stage", "progress"])

    def is_cancelled(self) -> bool:
        now = time.monotonic()
        if now - self.asked < EVERY_S:
            return False
        self.asked = now
        return Check.objects.filter(pk=self.check.pk, cancel_requested=True).exists()


@transaction.atomic
def _finish(check: Check, report: IdsReport, seconds: float) -> None:
    check.findings_listed = copy_findings(check, report)
    check.results = results_of(report)
    check.status = report.status
    check.specification_counts = _counts(report)
    check.findings_total = sum(one.failed_count for result in report.specifications for one in result.requirements)
    check.failed_elements = len(_failed_elements(report))
    check.state, check.stage, check.progress = Check.State.DONE, "done", 100.0
    check.seconds, check.finished_at = round(seconds, 2), timezone.now()
    check.previous = queries.earlier_check(check)
    if check.previous is not None:
        check.came, check.went = queries.came_and_went(check, check.previous)
    check.save()
    details = {
        "document": check.document.title, "status": check.status, "specifications": check.specification_counts,
        "findings": check.findings_total, "elements": check.failed_elements,
    }  # fmt: skip
    _act(check, check.started_by, "finish_ids_check", "ids_check", details, check.finished_at)


def _failed_elements(report: IdsReport) -> set[int]:
    """Return the #ids of all entities that fail something, also beyond those that are listed."""
    failed: set[int] = set()
    for result in report.specifications:
        for requirement in result.requirements:
            failed |= set(result.checked).difference(requirement.passed)
    return failed


def _counts(report: IdsReport) -> dict[str, int]:
    counts = dict.fromkeys(("pass", "fail", "not_applicable", "not_checked"), 0)
    for result in report.specifications:
        counts[result.status] += 1
    return counts


def results_of(report: IdsReport) -> list[dict[str, Any]]:
    """Return the results without their elements, as a check keeps them."""
    return [
        {
            "status": result.status,
            "why": result.why,
            "detail": result.detail,
            "applicable": result.applicable_count,
            "undecided": result.undecided_count,
            "requirements": [
                {
                    "text": one.text, "kind": one.kind, "facet": asdict(one.facet) if one.facet else None,
                    "passed": len(one.passed), "failed": one.failed_count, "listed": len(one.failures),
                }
                for one in result.requirements
            ],
        }
        for result in report.specifications
    ]  # fmt: skip


@transaction.atomic
def _end(check: Check, state: Check.State, problem: dict[str, Any] | None) -> None:
    check.state, check.problem, check.finished_at = state, problem, timezone.now()
    check.save(update_fields=["state", "problem", "finished_at"])
    details = {"document": check.document.title, "problem": problem}
    _act(check, check.started_by, f"{state}_ids_check", "ids_check", details, check.finished_at)


def _act(row: Any, actor: Any | None, verb: str, kind: str, details: dict[str, Any], now: datetime) -> None:
    record_act(
        organisation=row.site.organisation, site=row.site, actor=actor, verb=verb, subject_kind=kind,
        subject_id=row.pk, details=details, occurred_at=now, received_at=now,
    )  # fmt: skip


def requeue_interrupted() -> list[UUID]:
    """This function will queue again every check that waits or was running when its worker died; returns their ids."""
    ids = list(queries.unfinished_checks().values_list("pk", flat=True))
    for check_id in ids:
        send_task(check_id)
    return ids
