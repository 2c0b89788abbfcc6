"""People of the demo with their papers, shifts, posts, permits, days of attendance, notice and calls."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from spatial.attendance.models import Post
from spatial.attendance.operations import Seen, create_post, note_presence
from spatial.commands.models import Command
from spatial.commands.operations import send_command
from spatial.devices.models import Device
from spatial.people.importing import import_roster
from spatial.people.models import CertificateRequirement, Person, Role, User
from spatial.people.operations import give_badge
from spatial.people.requirements import require_certificate
from spatial.people.roster import read_roster, roster_workbook
from spatial.permits.models import WorkPermit
from spatial.permits.operations import decide_permit, note_passage, request_permit, start_work, test_gas
from spatial.permits.rules import permit_kinds
from spatial.places.models import Site
from spatial.privacy.models import Policy
from spatial.privacy.operations import give_consent, open_track, publish_policy
from spatial.wearing.models import Issue
from spatial.wearing.operations import issue_device
from spatial.zones.models import Zone
from webmap.demo.people_facts import REQUIRED, badge, roster_rows
from webmap.demo.zones import SUMP_ZONE

DAYS = 6
NOTICE = (
    "为保障您的安全，安全帽在您当班且位于工地范围内时记录位置；下班或离开工地后只计数、不保存位置。"
    "位置保存 90 天，之后只保留每小时各区域人数。按下 SOS 时无论何时何地都会定位。\n\n"
    "任何人查看您的历史轨迹都必须填写目的并被记录，您可以随时在“我的轨迹”中查看谁看过。"
)


def ensure_people_facts(site: Site, people: dict[str, Person], users: dict[str, User], now: datetime) -> None:
    """This function will give the demo's people what the live rules ask for; what is there already stays."""
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    if not Person.objects.filter(site=site).exclude(badge="").exists():
        for number, code in enumerate(sorted(people), start=1):
            give_badge(person=people[code], badge=badge(number), actor=users["safety_officer"], now=now)
        roster = read_roster(roster_workbook(roster_rows(today)))
        import_roster(site=site, roster=roster, actor=users["safety_officer"], now=now)
        _past_days(site, today, now)
    if not Post.objects.filter(site=site).exists():
        _posts(site, users, now)
        _watch_of_today(site, now)
    if not Policy.objects.filter(organisation=site.organisation).exists():
        _privacy(site, users, now)
    _required_certificate(users, now)


def _required_certificate(users: dict[str, User], now: datetime) -> None:
    company, (trade, kind, source) = users["company_safety"], REQUIRED
    organisation = company.memberships.get(role=Role.ENTERPRISE_SAFETY).organisation
    if not CertificateRequirement.objects.filter(organisation=organisation).exists():
        require_certificate(organisation=organisation, trade=trade, kind=kind, source=source, actor=company, now=now)


def ensure_issues(site: Site, people: dict[str, Person], users: dict[str, User], now: datetime) -> None:
    """This function will give the helmets out at the gate, and call everybody once, where that was not done."""
    for device in Device.objects.filter(site=site, code__in=people, person__isnull=False):
        if not Issue.objects.filter(device=device).exists():
            person = people[device.code]
            issue_device(device=device, person=person, actor=users["safety_officer"], now=now)
    if not Command.objects.filter(site=site).exists():
        helmets = list(Device.objects.filter(site=site, kind=Device.Kind.HELMET, active=True))
        send_command(
            site=site, devices=helmets, kind="text", text="今日 15 时后有大风，幕墙作业请提前收工。", target="site",
            target_label="工地所有人", actor=users["safety_officer"], now=now, life=timedelta(hours=2),
        )  # fmt: skip
    if not WorkPermit.objects.filter(site=site).exists():
        _permits(site, users, now)


def _past_days(site: Site, today: date, now: datetime) -> None:
    """Note the earlier days of the week: came a little before seven, a break at noon, left about six."""
    zone, seen = ZoneInfo(site.time_zone), []
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        for number, person in enumerate(Person.objects.filter(site=site).exclude(badge="").order_by("badge")):
            if (number + back) % 13 == 0:
                continue  # a day off
            came = datetime.combine(day, time(6, 40), tzinfo=zone) + timedelta(minutes=(number * 7 + back * 5) % 35)
            noon = datetime.combine(day, time(11, 35), tzinfo=zone) + timedelta(minutes=number % 9)
            left = datetime.combine(day, time(17, 50), tzinfo=zone) + timedelta(minutes=(number * 11 + back) % 70)
            seen += _stay(site, person, came, noon) + _stay(site, person, noon + timedelta(minutes=80), left)
    note_presence(seen=[one for one in seen if one.at <= now])


def _stay(site: Site, person: Person, start: datetime, end: datetime) -> list[Seen]:
    found, at = [], start
    while at < end:
        found.append(Seen(site, person.pk, at, True, 0.0, 0.0))
        at += timedelta(minutes=25)
    found.append(Seen(site, person.pk, end, True, 0.0, 0.0))
    found.append(Seen(site, person.pk, end + timedelta(minutes=2), False, 0.0, 0.0))
    return found


def _posts(site: Site, users: dict[str, User], now: datetime) -> None:
    common: dict[str, Any] = {"site": site, "actor": users["safety_officer"], "now": now}
    create_post(name="专职安全员在岗", trade="安全员", starts=time(7), ends=time(19), **common)
    create_post(name="信号司索工在岗", trade="信号司索工", starts=time(7), ends=time(19), at_least=2, **common)
    create_post(name="夜间电工值班", trade="电工", starts=time(19), ends=time(7), **common)


def _watch_of_today(site: Site, now: datetime) -> None:
    """Note today's safety officer and signalmen until now, with a gap at noon."""
    zone = ZoneInfo(site.time_zone)
    today = now.astimezone(zone).date()
    start = datetime.combine(today, time(7), tzinfo=zone)
    gap = (datetime.combine(today, time(12, 10), tzinfo=zone), datetime.combine(today, time(12, 40), tzinfo=zone))
    minutes = int(min(now - start, timedelta(hours=12)).total_seconds() // 60)
    seen = [
        Seen(site, person.pk, at, True, 0.0, 0.0)
        for person in Person.objects.filter(site=site, trade__in=["安全员", "信号司索工"])
        for at in (start + timedelta(minutes=number) for number in range(0, max(0, minutes), 4))
        if not gap[0] <= at < gap[1]
    ]
    note_presence(seen=seen)


def _privacy(site: Site, users: dict[str, User], now: datetime) -> None:
    publish_policy(organisation=site.organisation, notice=NOTICE, retention_days=90, only_on_shift=True,
                   only_inside=True, actor=users["company_head"], now=now)  # fmt: skip
    person = Person.objects.filter(site=site, user=users["worker"]).first()
    if person is not None:
        give_consent(person=person, actor=users["worker"], now=now)
        open_track(person=person, viewer=users["safety_officer"], purpose="核实临边区域进入经过", now=now,
                   period=(now - timedelta(hours=20), now - timedelta(hours=19)))  # fmt: skip


def _permits(site: Site, users: dict[str, User], now: datetime) -> None:
    """One permit runs in the pit's sump, whose gas was good at the second test only; one is approved, one waits."""
    people = {person.badge: person for person in Person.objects.filter(site=site).exclude(badge="")}
    zones = {zone.code: zone for zone in Zone.objects.filter(site=site, active=True)}

    def ask(kind: str, work: str, zone: str, entrants: list[int], watcher: int, hours: int, at: datetime) -> WorkPermit:
        return request_permit(
            site=site, kind=kind, work=work, zone=zones[zone], starts_at=at, ends_at=at + timedelta(hours=hours),
            entrants=[people[badge(number)] for number in entrants], attendant=people[badge(watcher)],
            measures=[one.code for one in permit_kinds()[kind].measures], actor=users["worker"], now=at,
        )  # fmt: skip

    begun = now - timedelta(minutes=15)
    sump = ask("confined_space", "集水井清淤", SUMP_ZONE, [17, 26], 35, 6, begun)
    decide_permit(permit=sump, approve=True, actor=users["safety_officer"], now=begun)
    for o2, h2s, at in ((18.9, 14.0, begun), (20.8, 1.0, now)):  # before and after it was aired
        test_gas(permit=sump, values={"o2": o2, "lel": 0.0, "h2s": h2s, "co": 4.0}, tested_by="安晓敏",
                 actor=users["safety_officer"], now=at)  # fmt: skip
    start_work(permit=sump, actor=users["worker"], now=now)
    entrant = sump.entrants.get(person=people[badge(17)])
    for inwards in (True, False):  # nobody is left inside: who stays longer than the gas test holds is an alarm
        note_passage(entrant=entrant, inwards=inwards, actor=users["worker"], now=now)
    edge = ask("work_at_height", "屋面女儿墙模板拆除", "Z24", [6, 15], 24, 48, now)
    decide_permit(permit=edge, approve=True, actor=users["safety_officer"], now=now)
    ask("excavation", "南侧管沟开挖", "Z30", [7, 25], 34, 72, now)
