"""The official forms (spec/domain/01 1.8): their columns in order, headings in both languages, words in cells. Pure.

Columns after the official ones, with a lighter head, carry what the forms do not have but a round trip needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from spatial.control_lists.rules import MEASURE_KINDS

LANGUAGES = ("zh", "en")
LEVELS = ("company", "project", "team", "post")


@dataclass(frozen=True)
class Column:
    """One column: its key, headings (zh, en), width in characters, group heading, and other names people use."""

    key: str
    zh: str
    en: str
    width: float = 10
    group: tuple[str, str] | None = None
    also: tuple[str, ...] = ()
    official: bool = True
    point: bool = False
    """It tells of the risk point, so it is merged over the rows of its sources."""

    def heading(self, language: str) -> str:
        return self.zh if language == "zh" else self.en

    def group_heading(self, language: str) -> str:
        return (self.group[0] if language == "zh" else self.group[1]) if self.group else ""


@dataclass(frozen=True)
class Form:
    """One sheet: its name and title, its columns, and the keys without which it is not this form."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    must: frozenset[str] = field(default_factory=frozenset)
    kinds: tuple[str, ...] = ("activity", "facility")

    def title(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


LEVEL_WORDS: dict[str, tuple[str, ...]] = {
    "company": ("公司级", "Company", "企业级", "公司", "企业"),
    "project": ("项目级", "Project", "项目部级", "项目", "项目部"),
    "team": ("班组级", "Team", "班组"),
    "post": ("岗位级", "Post", "岗位"),
}
GRADE_WORDS = {
    4: ("重大风险", "Major", "重大", "一级", "Ⅰ级", "I级"),
    3: ("较大风险", "Considerable", "较大", "二级", "Ⅱ级", "II级"),
    2: ("一般风险", "General", "一般", "三级", "Ⅲ级", "III级"),
    1: ("低风险", "Low", "低", "四级", "Ⅳ级", "IV级"),
}
COLOUR_WORDS = {4: ("红", "Red", "红色"), 3: ("橙", "Orange", "橙色"), 2: ("黄", "Yellow", "黄色"),
                1: ("蓝", "Blue", "蓝色")}  # fmt: skip
COLOUR_RGB = {4: "FF0000", 3: "FFA500", 2: "FFFF00", 1: "0000FF"}
KIND_WORDS = {"activity": ("作业活动", "Work activity", "作业活动类"),
              "facility": ("设备设施", "Equipment or facility", "设备设施类")}  # fmt: skip
CHOICE_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "routine": {"routine": ("常规", "Routine", "常规作业"), "non_routine": ("非常规", "Non-routine", "非常规作业")},
    "special_equipment": {"yes": ("是", "Yes", "Y", "√"), "no": ("否", "No", "N", "×")},
}
_KIND_MEASURES = {
    "engineering": ("工程技术措施", "Engineering", ("工程技术", "工程控制措施", "工程措施")),
    "management": ("管理措施", "Management", ("管理", "管理控制")),
    "training": ("培训教育措施", "Training", ("培训教育", "教育培训措施", "培训措施")),
    "ppe": ("个体防护措施", "Personal protection", ("个体防护", "个人防护措施", "PPE")),
    "emergency": ("应急处置措施", "Emergency", ("应急处置", "应急措施", "应急处置要求")),
}
_CODE = Column("code", "编号", "No.", 11, also=("风险点编号", "序号", "no"), point=True)
_REMARK = Column("remark", "备注", "Remark", 14, also=("说明",), point=True)
_EXISTING = ("现有管控措施", "Existing measures")
_LEC, _LS = ("LEC法", "LEC method"), ("LS法", "LS method")
_AFTER_LEC, _AFTER_LS = ("管控后LEC", "LEC after controls"), ("管控后LS", "LS after controls")
_PEOPLE = ("各级责任人", "Responsible people")


def _measures(group: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(
        Column(f"measures.{kind}", _KIND_MEASURES[kind][0], _KIND_MEASURES[kind][1], 22, group, _KIND_MEASURES[kind][2])
        for kind in MEASURE_KINDS
    )


def _scores(prefix: str, lec: tuple[str, str], ls: tuple[str, str], *, official: bool) -> tuple[Column, ...]:
    rows = [("LEC.L", "L", lec), ("LEC.E", "E", lec), ("LEC.C", "C", lec), ("LEC.value", "D", lec),
            ("LS.L", "L", ls), ("LS.S", "S", ls), ("LS.value", "R", ls)]  # fmt: skip
    return tuple(Column(f"{prefix}.{key}", name, name, 5.5, group, official=official) for key, name, group in rows)


def _people() -> tuple[Column, ...]:
    return tuple(
        Column(f"people.{level}", f"{LEVEL_WORDS[level][0]}责任人", f"{LEVEL_WORDS[level][1]} level", 15, _PEOPLE,
               (f"{LEVEL_WORDS[level][-1]}责任人", LEVEL_WORDS[level][0]), point=True)
        for level in LEVELS
    )  # fmt: skip


_MAJOR = (
    Column("starts_on", "开始日期", "Start", 11, also=("起始日期", "计划开始"), official=False, point=True),
    Column("ends_on", "结束日期", "End", 11, also=("截止日期", "计划结束"), official=False, point=True),
    Column("monitor", "监测监控或值守", "Monitor or duty", 16, also=("监控措施", "值守"), official=False, point=True),
    Column("special_plan", "专项方案", "Special plan", 16, also=("专项施工方案",), official=False, point=True),
    Column("expert_review", "专家论证", "Expert review", 14, official=False, point=True),
    Column("emergency_plan", "应急预案", "Emergency plan", 16, official=False, point=True),
)
_EXTRA = (
    Column("lowering_reason", "直接判定取消理由", "Why a judgement no longer holds", 18, official=False, point=True),
    Column("geometry", "空间位置(EWKT)", "Geometry (EWKT)", 18, official=False, point=True),
    Column("storey_id", "楼层标识", "Storey id", 10, official=False, point=True),
    Column("model_id", "模型标识", "Model id", 10, official=False, point=True),
    Column("element_global_id", "构件GlobalId", "Element GlobalId", 12, official=False, point=True),
    Column("element_name", "构件名称", "Element name", 12, official=False, point=True),
    Column("offset_m", "构件内偏移(m)", "Offset on element (m)", 12, official=False, point=True),
)
ACTIVITIES = Form("activities", "作业活动清单", "Work activities", (
    _CODE,
    Column("place_text", "作业地点(区域)", "Place or zone", 18, also=("地点", "区域", "作业地点", "场所")),
    Column("name", "作业活动", "Activity", 22, also=("作业活动名称", "风险点名称", "活动名称", "名称")),
    Column("content", "作业活动内容", "Content", 26, also=("作业内容", "活动内容", "内容")),
    Column("routine", "活动类型(常规/非常规)", "Kind (routine / non-routine)", 12,
           also=("岗位/活动类型", "活动类型", "类型", "kind")),
    Column("frequency", "活动频率", "Frequency", 12, also=("频率", "频次", "活动频次")),
    Column("people_count", "作业人数", "People count", 9, also=("人数",)),
    Column("period", "作业时段", "Period", 12, also=("作业周期", "作业期间", "周期")),
    _REMARK, *_MAJOR, *_EXTRA,
), frozenset({"name", "content"}), ("activity",))  # fmt: skip
FACILITIES = Form("facilities", "设备设施清单", "Equipment and facilities", (
    _CODE,
    Column("name", "设备设施名称", "Name", 22, also=("设备名称", "风险点名称", "名称")),
    Column("facility_class", "类别", "Class", 12, also=("设备类别", "设备设施类别")),
    Column("model", "型号", "Model", 14, also=("规格型号", "型号规格")),
    Column("number", "设备编号", "Number", 12, also=("位号", "位号/所在部位")),
    Column("place_text", "所在部位", "Place", 18, also=("所在位置", "安装地点", "地点", "位置")),
    Column("special_equipment", "是否特种设备", "Special equipment (Y/N)", 10, also=("特种设备",)),
    Column("registration_no", "使用登记号", "Registration no.", 16, also=("登记编号", "注册编号", "登记证号")),
    Column("owner", "产权(使用)单位", "Owner", 16, also=("产权单位", "使用单位")),
    _REMARK, *_MAJOR, *_EXTRA,
), frozenset({"name", "model"}), ("facility",))  # fmt: skip
_SIGN = (
    Column("lead_level", "管控层级", "Level", 9, also=("管控级别", "责任层级"), point=True),
    Column("person", "责任人", "Person", 14, point=True),
    Column("analyst", "分析人", "Analyst", 9, also=("辨识人", "评价人"), point=True),
    Column("reviewer", "审核人", "Reviewer", 9, point=True),
    Column("approver", "审定人", "Approver", 9, also=("批准人",), point=True),
    Column("analysed_on", "分析日期", "Date", 11, also=("日期",), point=True),
)
_AFTER = (
    Column("code", "风险点编号", "Risk point no.", 11, official=False, also=("编号", "no"), point=True),
    Column("judgement", "直接判定", "Direct judgement", 9, official=False, also=("直接判定条款",)),
    *_scores("after", _AFTER_LEC, _AFTER_LS, official=False),
    Column("grade_after", "管控后等级", "Grade after controls", 9, official=False, also=("残余风险等级",)),
)
_RESULT = (
    *_scores("before", _LEC, _LS, official=True),
    Column("grade", "风险等级", "Grade", 9, also=("评价级别", "等级", "风险级别")),
    Column("added_measures", "建议新增(改进)措施", "Added measures", 20, also=("建议改进措施", "新增措施", "改进措施")),
)
JHA = Form("jha", "作业活动风险分析评价记录(JHA)", "Job hazard analysis record (JHA)", (
    Column("name", "作业活动", "Activity", 18, also=("风险点", "作业活动名称", "工作任务"), point=True),
    Column("step_no", "步骤序号", "Step no.", 7, also=("序号",)),
    Column("step", "作业步骤", "Step", 18, also=("工作步骤", "作业步骤或内容")),
    Column("source", "危险源", "Hazard source", 24, also=("危险源或潜在事件", "危险有害因素", "主要危害因素")),
    Column("factor_code", "因素代码(GB/T 13861)", "Factor code (GB/T 13861)", 9, also=("危害因素代码", "因素代码")),
    Column("accident_type", "可能发生的事故类型", "Possible accident type", 13,
           also=("事故类型", "可能导致的事故", "易发生的事故类型")),
    *_measures(_EXISTING), *_RESULT, *_SIGN, *_AFTER,
), frozenset({"name", "step", "source", "scores"}), ("activity",))  # fmt: skip
SCL = Form("scl", "设备设施安全检查分析评价记录(SCL)", "Safety checklist analysis record (SCL)", (
    Column("name", "设备设施", "Facility", 18, also=("设备设施名称", "风险点", "设备名称"), point=True),
    Column("step_no", "序号", "Item no.", 7, also=("检查项目序号",)),
    Column("step", "检查项目", "Check item", 18, also=("检查项目(部位)", "检查部位")),
    Column("standard", "标准(条款)", "Standard (clause)", 22, also=("标准", "检查标准")),
    Column("deviation", "不符合标准情况及后果", "Deviation and result", 20,
           also=("产生偏差的主要后果", "偏差", "后果")),
    Column("source", "危险源", "Hazard source", 22, also=("危险有害因素", "主要危害因素")),
    Column("factor_code", "因素代码(GB/T 13861)", "Factor code (GB/T 13861)", 9, also=("危害因素代码", "因素代码")),
    Column("accident_type", "可能发生的事故类型", "Possible accident type", 13, also=("事故类型",)),
    *_measures(_EXISTING), *_RESULT, *_SIGN, *_AFTER,
), frozenset({"name", "step", "source", "scores"}), ("facility",))  # fmt: skip
GRADED = Form("graded", "安全风险分级管控清单", "Graded control list", (
    Column("code", "风险点编号", "Risk point no.", 11, also=("编号", "序号", "no"), point=True),
    Column("kind", "风险点类型", "Risk point kind", 10, also=("类型", "kind"), point=True),
    Column("name", "风险点名称", "Risk point name", 18, also=("风险点", "名称"), point=True),
    Column("step", "作业步骤/检查项目", "Step or item", 16, also=("作业步骤", "检查项目", "步骤或项目")),
    Column("source", "危险源", "Hazard source", 22, also=("危险有害因素", "主要危害因素")),
    Column("accident_type", "事故类型", "Accident type", 12, also=("可能发生的事故类型", "易发生的事故类型")),
    Column("grade", "风险等级", "Grade", 9, also=("管控前等级", "等级", "风险级别")),
    Column("colour", "颜色", "Colour", 6, also=("风险颜色", "四色")),
    *_measures(("管控措施", "Measures")),
    Column("lead_level", "管控层级", "Lead level", 9, also=("管控级别", "责任层级"), point=True),
    Column("unit", "责任单位", "Unit", 14, also=("责任部门", "管控单位"), point=True),
    *_people(), _REMARK,
), frozenset({"name", "source", "lead_level"}))  # fmt: skip
MAJOR = Form("major", "重大风险管控统计表", "Major risks under control", (
    Column("row_no", "序号", "No.", 6),
    Column("project", "项目名称", "Project", 18),
    Column("risk", "重大风险", "Major risk", 22),
    Column("place_text", "部位", "Place", 16),
    Column("starts_on", "开始日期", "Start", 11),
    Column("ends_on", "结束日期", "End", 11),
    Column("accident", "可能事故及影响人数", "Possible accident and people", 18),
    Column("measures", "管控措施", "Measures", 40),
    Column("level_person", "管控层级及责任人", "Level and person", 22),
    Column("monitor", "监测监控或值守", "Monitor or duty", 18),
    Column("plan", "专项方案及专家论证", "Plan and expert review", 20),
    Column("emergency_plan", "应急预案", "Emergency plan", 16),
    Column("state", "当前状态", "State", 12),
))  # fmt: skip
READ_FORMS = (ACTIVITIES, FACILITIES, JHA, SCL, GRADED)


def forms_of(kind: str) -> tuple[Form, Form, Form]:
    """Return the three forms of a list: inventory, analysis record, graded list."""
    return (ACTIVITIES, JHA, GRADED) if kind == "activity" else (FACILITIES, SCL, GRADED)
