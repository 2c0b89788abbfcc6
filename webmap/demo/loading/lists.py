"""The demo site's two control lists: compiled, reviewed and published; and the next version under way."""

from __future__ import annotations

from datetime import datetime

from spatial.control_lists import release
from spatial.control_lists.models import ListVersion
from spatial.control_lists.operations import remark, replace_entries, start_draft
from spatial.control_lists.queries import entries_data, tables_of
from spatial.people.models import User
from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from webmap.demo.control_lists import filled


def ensure_control_lists(site: Site, users: dict[str, User], now: datetime) -> None:
    """This function will publish both lists of the demo site, and leave the next activity list with the department."""
    if ListVersion.objects.filter(site=site).exists():
        return
    for kind in ListVersion.Kind:
        _publish(site, str(kind), users, now)
    version = start_draft(
        site=site,
        kind=ListVersion.Kind.ACTIVITY,
        reason="进入装饰阶段,重新辨识",
        actor=users["safety_officer"],
        now=now,
    )
    release.submit(version=version, note="请审核", actor=users["safety_officer"], now=now)
    row = version.entries.order_by("position").values_list("code", flat=True).first() or ""
    remark(version=version, row=row, text="请补充装饰阶段的作业频率和人数", actor=users["company_safety"], now=now)


def _publish(site: Site, kind: str, users: dict[str, User], now: datetime) -> None:
    residual = dict(RiskPoint.objects.filter(site=site).values_list("code", "residual_grade"))
    version = start_draft(site=site, kind=kind, reason="开工辨识", actor=users["safety_officer"], now=now)
    tables = tables_of(version.rule_edition)
    rows = [filled(row, kind, residual.get(row.code), tables) for row in entries_data(version)]
    replace_entries(version=version, data=rows, source={"file": "demo"}, actor=users["safety_officer"], now=now)
    release.submit(version=version, note="两清单编制完成", actor=users["safety_officer"], now=now)
    release.pass_department(
        version=version, note="辨识全面,分级准确,同意报批", actor=users["company_safety"], now=now
    )  # fmt: skip
    release.publish(version=version, note="批准发布,严格执行", actor=users["company_head"], now=now)
