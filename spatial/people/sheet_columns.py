"""The sheets and columns of the people workbook: Chinese and English headings, what is needed, what kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "day", "moment", "clock", "number", "badges", "weekdays", "breaks", "names"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key, its headings, whether it must be filled, and what stands in it."""

    key: str
    zh: str
    en: str
    needed: bool = False
    kind: Kind = "text"
    most: int = 120


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its key, its names, its columns, and an example row for the template."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    example: tuple[object, ...]


SHEETS = (
    Sheet("employers", "单位", "Employers", (
        Column("name", "单位名称", "Employer", True),
        Column("kind", "单位类型", "Kind"),
        Column("credit_code", "统一社会信用代码", "Credit code", most=32),
    ), ("示例劳务有限公司", "劳务", "91410000MA00000000")),
    Sheet("teams", "班组", "Teams", (
        Column("name", "班组名称", "Team", True, most=80),
        Column("employer", "所属单位", "Employer"),
        Column("leader_name", "班组长", "Team leader", most=60),
    ), ("木工一班", "示例劳务有限公司", "王组长")),
    Sheet("people", "人员", "People", (
        Column("badge", "工号", "Badge", True, most=40),
        Column("full_name", "姓名", "Name", True, most=60),
        Column("trade", "工种", "Trade", True, most=40),
        Column("team", "班组", "Team", most=80),
        Column("employer", "单位", "Employer"),
        Column("phone", "电话", "Phone", most=20),
        Column("entered_on", "进场日期", "On site since", kind="day"),
        Column("left_on", "离场日期", "Left on", kind="day"),
    ), ("A0001", "李示例", "木工", "木工一班", "示例劳务有限公司", "13800000000", "2026-03-01", "")),
    Sheet("shifts", "班次", "Shifts", (
        Column("name", "班次名称", "Shift", True, most=40),
        Column("starts", "开始", "Starts", True, "clock"),
        Column("ends", "结束", "Ends", True, "clock"),
        Column("weekdays", "星期", "Weekdays", kind="weekdays"),
        Column("breaks", "休息", "Breaks", kind="breaks"),
        Column("teams", "适用班组", "For teams", kind="names"),
    ), ("白班", "07:00", "19:00", "1-7", "12:00-13:00", "")),
    Sheet("certificates", "证书", "Certificates", (
        Column("badge", "工号", "Badge", True, most=40),
        Column("kind", "证书类别", "Kind", True, most=40),
        Column("number", "证书编号", "Number", True, most=60),
        Column("issuer", "发证机关", "Issued by"),
        Column("valid_from", "有效期起", "Valid from", True, "day"),
        Column("valid_until", "有效期止", "Valid until", True, "day"),
    ), ("A0001", "建筑架子工", "豫A0412026000001", "河南省住房和城乡建设厅", "2026-03-01", "2028-02-29")),
    Sheet("education", "三级安全教育", "Safety education", (
        Column("badge", "工号", "Badge", True, most=40),
        Column("level", "级别", "Level", True),
        Column("held_on", "日期", "Date", True, "day"),
        Column("hours", "学时", "Hours", kind="number"),
        Column("teacher", "授课人", "Teacher", most=60),
    ), ("A0001", "公司级", "2026-03-01", 15, "安示例")),
    Sheet("briefings", "安全技术交底", "Safety briefings", (
        Column("work", "作业内容", "Work", True),
        Column("given_by", "交底人", "Given by", True, most=60),
        Column("held_at", "交底时间", "Held at", True, "moment"),
        Column("valid_from", "有效期起", "Valid from", True, "day"),
        Column("valid_until", "有效期止", "Valid until", True, "day"),
        Column("badges", "已签字人员工号", "Signed by (badges)", True, "badges", 4000),
        Column("content", "交底内容", "Content", most=4000),
    ), ("模板支设", "安示例", "2026-03-02 07:10", "2026-03-02", "2026-03-08", "A0001、A0002", "临边作业系挂安全带")),
)  # fmt: skip
EMPLOYER_KINDS = {
    "总包": "general", "总承包": "general", "分包": "subcontractor", "专业分包": "subcontractor", "劳务": "labour",
    "监理": "supervision", "其他": "other",
    "general": "general", "subcontractor": "subcontractor", "labour": "labour", "supervision": "supervision",
    "other": "other",
}  # fmt: skip
EDUCATION_WORDS = {
    "公司级": "company", "公司": "company", "company": "company", "项目级": "project", "项目": "project",
    "project": "project", "班组级": "team", "班组": "team", "team": "team",
}  # fmt: skip
