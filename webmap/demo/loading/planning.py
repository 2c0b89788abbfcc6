"""Planning of the demo site: a seated group, six issued documents, one under way, one draft, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from spatial.people.models import User
from spatial.places.models import Site
from spatial.planning.models import DocumentVersion, GroupMember
from spatial.planning.operations import begin_document, day_on_site, note_training, seat_member, sign_document

GROUP = (
    ("project_manager", GroupMember.Duty.LEADER, "全面负责,主持月度专题会议"),
    ("company_safety", GroupMember.Duty.DEPUTY, "评审风险清单,督办重大隐患"),
    ("safety_officer", GroupMember.Duty.OFFICER, "清单编制更新、排查督促、统计分析"),
    ("bim_engineer", GroupMember.Duty.MEMBER, "模型与四色图更新"),
)
LATE_MEMBER = ("worker", GroupMember.Duty.MEMBER, "钢筋混凝土班组排查")
ISSUED = ("org_decision", "officer_appointment", "responsibility", "implementation_plan", "regime", "identification")
SIGNERS = (
    ("compile", "safety_officer"),
    ("review", "project_manager"),
    ("approve", "company_head"),
    ("issue", "company_safety"),
)
TRAININGS = (
    ("management", "责任制、辨识评估与分级管控", 6, "孟远航"),
    ("worker", "岗位风险、防护用品与应急处置", 24, "安晓敏"),
)


def ensure_planning(site: Site, users: Mapping[str, User], now: datetime) -> None:
    """This function will make the demo site's planning where there is none.

    A member joins after the decision was issued, so that it shows what is out of date.
    """
    if DocumentVersion.objects.filter(site=site).exists():
        return
    manager, today = users["project_manager"], day_on_site(site, now)
    for key, duty, task in GROUP:
        seat_member(site=site, user=users[key], duty=duty, task=task, since=today, actor=manager, now=now)
    for kind in ISSUED:
        _signed(site, kind, SIGNERS, users, now)
    _signed(site, "screening", SIGNERS[:1], users, now)
    begin_document(site=site, kind="training_plan", actor=users["safety_officer"], now=now)
    key, duty, task = LATE_MEMBER
    seat_member(site=site, user=users[key], duty=duty, task=task, since=today, actor=manager, now=now)
    for level, topic, people, trainer in TRAININGS:
        note_training(
            site=site,
            level=level,
            topic=topic,
            held_on=today - timedelta(days=7),
            attended=people,
            trainer=trainer,
            actor=users["safety_officer"],
            now=now,
        )


def _signed(
    site: Site, kind: str, signers: tuple[tuple[str, str], ...], users: Mapping[str, User], now: datetime
) -> None:
    version = begin_document(site=site, kind=kind, actor=users["safety_officer"], now=now)
    for step, key in signers:
        version = sign_document(version=version, step=step, actor=users[key], now=now)
