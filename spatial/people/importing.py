"""Take a people workbook into a site, all of it or nothing; and give the same workbook out again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from spatial.ledger.operations import record_act

from .models import Briefing, BriefingSignature, Certificate, Education, Employer, Person, Role, Shift, Team
from .queries import roles_on
from .roster import Fault, Roster, Row, roster_workbook
from .rules import certificate_name
from .sheet_columns import SHEETS

KEEPERS = {Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY}


class ImportRefused(ValueError):
    """A workbook is not taken: `faults` says where it is wrong, none when the actor may not import."""

    def __init__(self, message: str, faults: list[Fault] | None = None) -> None:
        self.faults = faults or []
        super().__init__(message)


@dataclass
class Outcome:
    """How many rows of each sheet are new, changed, or the same."""

    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)

    def as_rows(self) -> list[tuple[str, int, int, int]]:
        """Return a row per sheet: its key, and the three counts."""
        return [(sheet.key, self.new[sheet.key], self.changed[sheet.key], self.same[sheet.key]) for sheet in SHEETS]


def may_keep(user: Any, site: Any) -> bool:
    """Return whether a user may change the people of a site."""
    return bool(user.is_superuser or roles_on(user, site) & KEEPERS)


@transaction.atomic
def import_roster(*, site: Any, roster: Roster, actor: Any | None, now: datetime | None = None) -> Outcome:
    """This function will take the rows of a workbook: who has a known badge is changed, others are added.

    Raises ImportRefused and changes nothing when a row has a fault or the actor may not.
    """
    now = now or timezone.now()
    if actor is not None and not may_keep(actor, site):
        raise ImportRefused("People are kept by the safety officer or the project manager.")
    if roster.faults:
        raise ImportRefused(f"{len(roster.faults)} faults; nothing was imported.", roster.faults)
    taking = _Taking(site, Outcome())
    for sheet in SHEETS:
        for row in roster.rows[sheet.key]:
            taking.take(row)
    outcome = taking.outcome
    details = {"new": dict(outcome.new), "changed": dict(outcome.changed), "same": dict(outcome.same)}
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="import_people",
        subject_kind="site",
        subject_id=site.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    return outcome


def preview_roster(*, site: Any, roster: Roster, actor: Any | None, now: datetime) -> Outcome:
    """This function will tell what an import would do, and do nothing. Raises ImportRefused."""
    with transaction.atomic():
        outcome = import_roster(site=site, roster=roster, actor=actor, now=now)
        transaction.set_rollback(True)
    return outcome


class _Taking:
    """One import: rows in the order of the sheets, so that what is named is there."""

    def __init__(self, site: Any, outcome: Outcome) -> None:
        self.site, self.outcome = site, outcome
        self.row_of_site = {"organisation": site.organisation, "site": site}
        self.employers = {row.name: row for row in Employer.objects.filter(site=site)}
        self.teams = {row.name: row for row in Team.objects.filter(site=site)}
        self.people = {row.badge: row for row in Person.objects.filter(site=site).exclude(badge="")}

    def take(self, row: Row) -> None:
        getattr(self, f"_{row.sheet}")(row)

    def _put(self, sheet: str, model: Any, key: dict[str, Any], values: dict[str, Any]) -> Any:
        found = model.objects.filter(site=self.site, **key).first()
        if found is None:
            self.outcome.new[sheet] += 1
            return model.objects.create(**self.row_of_site, **key, **values)
        different = [name for name, value in values.items() if getattr(found, name) != value]
        (self.outcome.changed if different else self.outcome.same)[sheet] += 1
        for name in different:
            setattr(found, name, values[name])
        if different:
            found.save(update_fields=different)
        return found

    def _employer(self, name: str | None) -> Employer | None:
        if not name:
            return None
        if name not in self.employers:
            self.employers[name] = self._put("employers", Employer, {"name": name}, {})
        return self.employers[name]

    def _employers(self, row: Row) -> None:
        values = {key: row.values[key] for key in ("kind", "credit_code") if key in row.values}
        name = row.values["name"]
        self.employers[name] = self._put("employers", Employer, {"name": name}, values)

    def _teams(self, row: Row) -> None:
        values = {"employer": self._employer(row.values.get("employer")),
                  "leader_name": row.values.get("leader_name", "")}  # fmt: skip
        self.teams[row.values["name"]] = self._put("teams", Team, {"name": row.values["name"]}, values)

    def _people(self, row: Row) -> None:
        given = row.values
        team = self.teams[given["team"]] if "team" in given else None
        employer = self._employer(given.get("employer")) or (team.employer if team else None)
        values = {
            "full_name": given["full_name"],
            "trade": given["trade"],
            "team": team,
            "employer": employer,
            "phone": given.get("phone", ""),
            "entered_on": given.get("entered_on"),
            "left_on": given.get("left_on"),
        }
        self.people[given["badge"]] = self._put("people", Person, {"badge": given["badge"]}, values)

    def _shifts(self, row: Row) -> None:
        given = row.values
        values = {
            "starts": given["starts"],
            "ends": given["ends"],
            "weekdays": given.get("weekdays", list(range(1, 8))),
            "breaks": given.get("breaks", []),
            "active": True,
        }
        shift = self._put("shifts", Shift, {"name": given["name"]}, values)
        shift.teams.set([self.teams[name] for name in given.get("teams", ())])

    def _certificates(self, row: Row) -> None:
        given = row.values
        key = {"person": self.people[given["badge"]], "kind": given["kind"], "number": given["number"]}
        values = {"issuer": given.get("issuer", ""), "valid_from": given["valid_from"],
                  "valid_until": given["valid_until"]}  # fmt: skip
        self._put("certificates", Certificate, key, values)

    def _education(self, row: Row) -> None:
        given = row.values
        key = {"person": self.people[given["badge"]], "level": given["level"], "held_on": given["held_on"]}
        self._put("education", Education, key, {"hours": given.get("hours", 0.0), "teacher": given.get("teacher", "")})

    def _briefings(self, row: Row) -> None:
        given = row.values
        held_at = given["held_at"].replace(tzinfo=ZoneInfo(self.site.time_zone))
        key = {"work": given["work"], "held_at": held_at, "given_by": given["given_by"]}
        values = {"valid_from": given["valid_from"], "valid_until": given["valid_until"],
                  "content": given.get("content", "")}  # fmt: skip
        briefing = self._put("briefings", Briefing, key, values)
        for badge in given["badges"]:
            BriefingSignature.objects.get_or_create(
                briefing=briefing,
                person=self.people[badge],
                defaults={**self.row_of_site, "signed_at": held_at},
            )


def export_roster(site: Any) -> bytes:
    """Return the people of a site as the workbook that can be imported again."""
    zone = ZoneInfo(site.time_zone)
    people = Person.objects.filter(site=site).exclude(badge="").select_related("team", "employer").order_by("badge")
    kinds = {"general": "总包", "subcontractor": "分包", "labour": "劳务", "supervision": "监理", "other": "其他"}
    levels = {"company": "公司级", "project": "项目级", "team": "班组级"}
    certificates = Certificate.objects.filter(site=site, person__in=people).select_related("person")
    education = Education.objects.filter(site=site, person__in=people).select_related("person")
    briefings = Briefing.objects.filter(site=site).prefetch_related("signatures__person").order_by("held_at")
    shifts = Shift.objects.filter(site=site, active=True).prefetch_related("teams").order_by("starts")
    return roster_workbook(
        {
            "employers": [
                (row.name, kinds[row.kind], row.credit_code)
                for row in Employer.objects.filter(site=site).order_by("name")
            ],
            "teams": [
                (row.name, row.employer.name if row.employer else "", row.leader_name)
                for row in Team.objects.filter(site=site).select_related("employer").order_by("name")
            ],
            "people": [
                (one.badge, one.full_name, one.trade, one.team.name if one.team else "",
                 one.employer.name if one.employer else "", one.phone, _day(one.entered_on), _day(one.left_on))
                for one in people
            ],
            "shifts": [
                (one.name, one.starts.strftime("%H:%M"), one.ends.strftime("%H:%M"),
                 "、".join(str(day) for day in one.weekdays), "、".join("-".join(pair) for pair in one.breaks),
                 "、".join(team.name for team in one.teams.all()))
                for one in shifts
            ],
            "certificates": [
                (one.person.badge, certificate_name(one.kind, "zh"), one.number, one.issuer, _day(one.valid_from),
                 _day(one.valid_until))
                for one in certificates.order_by("person__badge", "kind")
            ],
            "education": [
                (one.person.badge, levels[one.level], _day(one.held_on), one.hours, one.teacher)
                for one in education.order_by("person__badge", "held_on")
            ],
            "briefings": [
                (one.work, one.given_by, one.held_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"), _day(one.valid_from),
                 _day(one.valid_until), "、".join(_signers(one)), one.content)
                for one in briefings if _signers(one)
            ],
        }
    )  # fmt: skip


def _signers(briefing: Briefing) -> list[str]:
    return sorted(one.person.badge for one in briefing.signatures.all() if one.signed_at and one.person.badge)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
