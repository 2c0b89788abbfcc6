"""What the demo's lists say beyond its risk points: steps, factor codes, columns, scores after controls. Pure.

Steps and factor codes follow the accident type (GB/T 13861-2022); scores after controls are the highest chance (L) of
the pick list that leaves the grade which the demo's kind of risk names as residual.
"""

from __future__ import annotations

from dataclasses import replace

from spatial.control_lists.rules import EntryData, SourceData, Tables, value_and_grade

FACTORS = {
    "高处坠落": "2102", "物体打击": "2108", "坍塌": "2101", "起重伤害": "2101", "机械伤害": "2102", "触电": "2103",
    "火灾": "2109", "容器爆炸": "22", "车辆伤害": "2108", "其他伤害": "32",
}  # fmt: skip
STEPS = {
    "activity": {
        "高处坠落": "临边部位作业", "物体打击": "材料堆放与转运", "坍塌": "搭设与浇筑", "起重伤害": "起吊就位",
        "车辆伤害": "车辆进出场",
    },
    "facility": {
        "高处坠落": "防护设施", "物体打击": "上方防护与堆载", "坍塌": "结构与连接", "起重伤害": "安全装置与连接",
        "机械伤害": "传动部位防护", "触电": "接地与漏电保护", "火灾": "消防器材与可燃物", "容器爆炸": "气瓶存放",
        "其他伤害": "通道与照明",
    },
}  # fmt: skip
STANDARDS = {
    "高处坠落": "JGJ 80-2016", "物体打击": "JGJ 80-2016", "坍塌": "JGJ 120-2012、JGJ 130-2011",
    "起重伤害": "JGJ 276-2012", "机械伤害": "JGJ 160-2016", "触电": "JGJ 46-2005", "火灾": "GB 50720-2011",
    "容器爆炸": "GB 50720-2011", "其他伤害": "JGJ 59-2011",
}  # fmt: skip
COLUMNS = {
    "activity": {"routine": "routine", "frequency": "每日", "people_count": "8", "period": "白班", "unit": "项目部"},
    "facility": {"facility_class": "施工设施", "special_equipment": "no", "owner": "项目部", "unit": "项目部"},
}
MAJOR = {
    "starts_on": "2026-03-01", "ends_on": "2027-03-31", "monitor": "第三方监测,专人值守",
    "special_plan": "专项施工方案已审批", "expert_review": "专家论证通过", "emergency_plan": "坍塌事故专项应急预案",
}  # fmt: skip


def filled(row: EntryData, kind: str, residual: int | None, tables: Tables) -> EntryData:
    """Return a risk point's row with everything that a list must have before it is submitted."""
    sources = tuple(_filled(n, source, kind, residual, tables) for n, source in enumerate(row.sources, start=1))
    grades = [value_and_grade(source.method, source.before, tables)[1] or 0 for source in sources]
    columns = COLUMNS[kind] | (MAJOR if max(grades) == 4 else {})
    if kind == "facility" and any(word in row.name for word in ("塔吊", "升降机")):
        columns |= {"facility_class": "起重机械", "special_equipment": "yes", "registration_no": "豫A-起-2026-0137"}
    return replace(row, columns=columns, sources=sources)


def _filled(number: int, source: SourceData, kind: str, residual: int | None, tables: Tables) -> SourceData:
    accident = source.accident_type
    return replace(
        source,
        step_no=str(number),
        step=STEPS[kind].get(accident, "日常作业" if kind == "activity" else "日常检查"),
        standard=STANDARDS.get(accident, "JGJ 59-2011") if kind == "facility" else "",
        deviation=source.name if kind == "facility" else "",
        factor_code=FACTORS.get(accident, "2"),
        after=_after(source, residual, tables),
    )


def _after(source: SourceData, residual: int | None, tables: Tables) -> dict[str, float]:
    """Return the scores before controls with the highest chance that does not leave more than the residual grade."""
    table = tables.lec if source.method == "LEC" else tables.ls
    chances = sorted((row["v"] for row in table["L"] if row["v"] <= source.before["L"]), reverse=True)
    for chance in chances:
        scores = {**source.before, "L": chance}
        if residual is None or (value_and_grade(source.method, scores, tables)[1] or 4) <= residual:
            return scores
    return {**source.before, "L": chances[-1]}
