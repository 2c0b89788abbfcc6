"""Who follows which rules in the demo: one enterprise the Henan pack, one its own values, the rest the national."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from spatial.places.models import Organisation
from spatial.rulebook.models import PackChoice, RulePack
from spatial.rulebook.operations import choose_pack, publish_edition
from spatial.rulebook.queries import current_edition
from webmap.demo import district

HENAN_ENTERPRISE, OWN_ENTERPRISE = district.ENTERPRISES[1], district.ENTERPRISES[2]
OWN_VALUES = {
    "lec_2_incl": False,
    "lead_2": "project",
    "patrol_2_project": "week",
    "deadline_general_short": 2,
    "alarm_policy.escalation.red_remind_s": 20,
    "permit_limits.gas.o2_least": 20,
    "fence_defaults.approach.receded_beyond_m": 1.5,
}
OWN_SOURCE = "黄河筑城股份有限公司 安全生产双重预防管理规定(示例)"


def ensure_rule_choices(enterprises: dict[str, Organisation], now: datetime) -> None:
    """This function will choose packs for two enterprises where none were chosen yet."""
    today = timezone.localdate(now)
    henan, own = enterprises[HENAN_ENTERPRISE], enterprises[OWN_ENTERPRISE]
    if not PackChoice.objects.filter(organisation=henan).exists():
        pack = RulePack.objects.get(code="cn-henan")
        choose_pack(reach=henan, pack=pack, valid_from=today, reason="省内项目", actor=None, now=now, today=today)
    if not PackChoice.objects.filter(organisation=own).exists():
        base = current_edition(on=today)
        publish_edition(
            organisation=own, base=base, answers=OWN_VALUES, source=OWN_SOURCE, clause="第九条", valid_from=today,
            actor=None, now=now, today=today,
        )  # fmt: skip
