"""Load the editions of rule tables that Twinwall carries, publish an organisation's own, and choose which counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from spatial.ledger.operations import record_act

from .adjustable import values_of
from .differences import Difference, with_differences
from .models import Edition, PackChoice, RulePack
from .proposals import differences_to
from .queries import may_set_rules, packs_for, resolved_tables
from .rules import Pack, PackInvalid, edition_sha256, read_pack
from .tenant_numbers import check_tables

DATA = Path(__file__).resolve().parent / "data"
MARKS = ("A", "A-", "B", "C")


class EditionChanged(ValueError):
    """An edition that was already loaded has other content now; changed tables need a new version."""


class RulesRefused(ValueError):
    """A choice or edition cannot be stored; `code` names the sentence, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def _packs(folder: Path) -> list[Pack]:
    """Return the editions of a folder, each after the edition it inherits."""

    def read_text(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    waiting = [
        read_pack(manifest.read_text(encoding="utf-8"), read_text) for manifest in sorted(folder.glob("*-*.json"))
    ]
    known = set(Edition.objects.values_list("pack", "version"))
    ordered: list[Pack] = []
    while waiting:
        ready = [pack for pack in waiting if pack["inherits"] is None or pack["inherits"] in known]
        if not ready:
            names = ", ".join(f"{p['pack']} {p['version']} inherits {' '.join(p['inherits'] or ())}" for p in waiting)
            raise PackInvalid(f"An inherited edition does not exist: {names}.")
        ordered += ready
        known |= {(pack["pack"], pack["version"]) for pack in ready}
        waiting = [pack for pack in waiting if pack not in ready]
    return ordered


def _load(pack: Pack) -> Edition:
    base = None
    check_tables(pack["tables"])
    if pack["inherits"]:
        base = Edition.objects.get(pack=pack["inherits"][0], version=pack["inherits"][1])
        tables = with_differences(resolved_tables(base), pack["differences"])  # refuses a place that does not exist
        check_tables(tables)
    RulePack.objects.get_or_create(code=pack["pack"], defaults={"title": pack["title"]})
    sha256 = edition_sha256(pack["tables"], base.sha256 if base else "", pack["differences"])
    edition, created = Edition.objects.get_or_create(
        pack=pack["pack"],
        version=pack["version"],
        defaults={key: pack[key] for key in ("valid_from", "valid_to", "tables", "differences")}
        | {"base": base, "sha256": sha256},
    )
    if not created and edition.sha256 != sha256:
        raise EditionChanged(
            f"{edition} was loaded with other tables ({edition.sha256[:12]}, now {sha256[:12]}); "
            "give the changed tables a new version."
        )
    return edition


@transaction.atomic
def load_editions(*, folder: Path = DATA) -> list[Edition]:
    """This function will store every edition found in a folder (manifests are named `<pack>-<version>.json`).

    Loading the same content again changes nothing. Raises EditionChanged when the stored content differs,
    because records refer to the edition of their day, and PackInvalid when an inherited edition is missing.
    """
    return [_load(pack) for pack in _packs(folder)]


def _own_code(organisation: Any) -> str:
    """Return the code of the one pack that an organisation keeps for itself."""
    return f"own-{organisation.pk.hex[-8:]}"


def _check_day(valid_from: date, today: date) -> None:
    if valid_from < today:
        raise RulesRefused("past", f"Rules are valid from today ({today}) on at the earliest, not from {valid_from}.")


def _check_may(actor: Any | None, reach: Any) -> None:
    if actor is not None and not may_set_rules(actor, reach):
        raise RulesRefused("not_yours", f"Only the safety department of {reach} or the operator sets its rules.")


def _version(code: str, valid_from: date) -> str:
    editions = Edition.objects.filter(pack=code, version__startswith=f"{valid_from.year}.").count()
    return f"{valid_from.year}.{editions + 1}"


def draft_edition(
    *,
    organisation: Any,
    base: Edition,
    answers: Mapping[str, Any],
    source: str,
    clause: str = "",
    conf: str = "C",
    valid_from: date,
    actor: Any | None,
    today: date,
) -> Edition:
    """Return the edition that would be published, checked whole, without storing anything.

    Raises EditionRefused with every fault of the answers, or RulesRefused.
    """
    _check_may(actor, organisation)
    _check_day(valid_from, today)
    if conf not in MARKS:
        raise RulesRefused("mark", f"{conf!r} is not a confidence mark; the marks are {', '.join(MARKS)}.")
    if not source.strip():
        raise RulesRefused("no_source", "Say where the values come from: a rule without a source is not published.")
    code = _own_code(organisation)
    if base.pack == code:
        raise RulesRefused("own_base", "An edition inherits the pack above, not an earlier edition of its own pack.")
    if not packs_for(organisation).filter(code=base.pack).exists():
        raise RulesRefused("foreign_base", f"{base} belongs to another organisation.")
    before = Edition.objects.filter(pack=code).order_by("-valid_from", "-created_at").first()
    given = Difference(table="", path="", value=None, source=source.strip(), clause=clause.strip(), conf=conf, note="")
    kept = before.differences if before is not None else []
    differences = differences_to(resolved_tables(base), values_of(answers, resolved_tables(base)), given, kept)
    if not differences:
        raise RulesRefused("no_difference", f"Nothing differs from {base}; choose that pack instead.")
    return Edition(
        pack=code,
        version=_version(code, valid_from),
        valid_from=valid_from,
        base=base,
        tables={},
        differences=differences,
        sha256=edition_sha256({}, base.sha256, differences),
    )


@transaction.atomic
def publish_edition(
    *,
    organisation: Any,
    base: Edition,
    answers: Mapping[str, Any],
    source: str,
    clause: str = "",
    conf: str = "C",
    valid_from: date,
    actor: Any | None,
    now: datetime,
    today: date,
) -> Edition:
    """This function will publish an edition of an organisation's own pack, and make it the one it follows.

    Only what `answers` (see `adjustable.answers_of`) say otherwise than `base` is stored, with the given source.
    Raises EditionRefused with every fault of the answers, or RulesRefused; then nothing is stored.
    """
    _check_may(actor, organisation)
    pack, _ = RulePack.objects.get_or_create(
        code=_own_code(organisation), defaults={"title": organisation.name[:120], "organisation": organisation}
    )
    RulePack.objects.select_for_update().get(pk=pack.pk)  # one after the other, or two would have one version
    edition = draft_edition(
        organisation=organisation, base=base, answers=answers, source=source, clause=clause, conf=conf,
        valid_from=valid_from, actor=actor, today=today,
    )  # fmt: skip
    edition.save()
    details = {
        "edition": str(edition),
        "inherits": str(base),
        "valid_from": valid_from.isoformat(),
        "differences": [{"at": row["table"] + row["path"], "source": row["source"]} for row in edition.differences],
        "sha256": edition.sha256,
    }
    _act(organisation, "publish_rule_edition", edition, details, actor=actor, now=now)
    choose_pack(reach=organisation, pack=pack, valid_from=valid_from, actor=actor, now=now, today=today)
    return edition


@transaction.atomic
def choose_pack(
    *,
    reach: Any,
    pack: RulePack | None,
    valid_from: date,
    reason: str = "",
    actor: Any | None,
    now: datetime,
    today: date,
) -> PackChoice:
    """This function will make an organisation or region follow a pack from a day on; None is: what is above again.

    The latest choice for a day counts. Records keep the edition they were made under. Raises RulesRefused.
    """
    _check_may(actor, reach)
    _check_day(valid_from, today)
    organisation = reach if reach._meta.model_name == "organisation" else None
    if pack is not None:
        if not packs_for(organisation).filter(pk=pack.pk).exists():
            raise RulesRefused("foreign_pack", f"{pack} belongs to another organisation.")
        valid = Edition.objects.filter(pack=pack.code, valid_from__lte=valid_from).exclude(valid_to__lt=valid_from)
        if not valid.exists():
            raise RulesRefused("no_edition", f"No edition of {pack} is valid on {valid_from}; choose a later day.")
    choice = PackChoice.objects.create(
        organisation=organisation,
        region=None if organisation is not None else reach,
        pack=pack,
        valid_from=valid_from,
        reason=reason[:200],
    )
    details = {"pack": pack.code if pack else None, "valid_from": valid_from.isoformat(), "reason": reason[:200]}
    details["reach"] = str(reach)
    _act(organisation, "choose_rule_pack", choice, details, actor=actor, now=now)
    return choice


def _act(organisation: Any, verb: str, row: Any, details: dict[str, Any], *, actor: Any, now: datetime) -> None:
    record_act(
        organisation=organisation,
        actor=actor,
        verb=verb,
        subject_kind=row._meta.model_name,
        subject_id=row.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
