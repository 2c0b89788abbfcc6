"""Kinds of risk of the demo: hazard sources with LEC or LS scores, measures of the five kinds, residual grade. Pure.

Scores are members of the pick lists of spec/domain/01 (1.2, 1.3); grades are never written here, the product
computes them. Accident types: GB 6441.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Source:
    """A hazard source: what can go wrong, which accident, and its scores (three: L, E, C; two: L, S)."""

    name: str
    accident_type: str
    scores: tuple[float, ...]
    measures: tuple[tuple[str, str], ...]

    def given(self) -> dict[str, Any]:
        """The source as ``create_risk_point`` takes it."""
        names = ("L", "E", "C") if len(self.scores) == 3 else ("L", "S")
        return {
            "name": self.name,
            "accident_type": self.accident_type,
            "method": "LEC" if len(self.scores) == 3 else "LS",
            "scores": dict(zip(names, self.scores, strict=True)),
            "measures": [{"kind": kind, "text": text} for kind, text in self.measures],
        }


@dataclass(frozen=True)
class RiskTemplate:
    """A kind of risk with the grade that its measures leave."""

    kind: Literal["activity", "facility"]
    sources: tuple[Source, ...]
    residual_grade: int


def _measures(engineering: str, management: str, emergency: str, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (("engineering", engineering), ("management", management), ("emergency", emergency), *more)


_FALL = _measures(
    "设置定型化防护栏杆,高1.2m,设挡脚板(JGJ 80-2016 4.3)",
    "班前检查防护,拆除须办理审批并派人监护",
    "坠落伤员现场急救并拨打120",
    ("training", "高处作业安全技术交底"),
    ("ppe", "正确系挂安全带"),
)
_LIFT = _measures(
    "力矩、起重量、回转限位装置每日检查",
    "司机、信号司索工持证上岗,吊装区设警戒",
    "吊物坠落应急预案并配备急救箱",
    ("training", "十不吊交底"),
    ("ppe", "安全帽、反光背心"),
)
_PIT = _measures(
    "排桩加内支撑支护,坑顶截水沟,监测点按GB 50497布设",
    "坑边2m内严禁堆载,第三方监测日报",
    "监测超警戒值立即撤人并回填反压",
    ("training", "基坑作业交底"),
)
_FORMWORK = _measures(
    "盘扣架按专项方案搭设,浇筑前验收",
    "浇筑期间支架下方严禁站人",
    "变形超限立即停止浇筑并撤离",
    ("training", "模板支架专项交底"),
)
_POWER = _measures(
    "三级配电两级保护,TN-S系统",
    "电工持证每日巡查并记录",
    "触电急救与切断电源预案",
    ("ppe", "绝缘手套、绝缘鞋"),
)
_FIRE = _measures("每层设灭火器与应急照明", "严禁私拉乱接,动火审批", "火灾疏散演练每季一次", ("training", "消防培训"))
_MACHINE = (
    ("engineering", "传动部位加防护罩"),
    ("management", "定机定人,悬挂操作规程"),
    ("ppe", "护目镜、防护手套"),
)

TEMPLATES: dict[str, RiskTemplate] = {
    "临边作业": RiskTemplate(
        "activity",
        (
            Source("临边防护缺失或失效,人员坠落", "高处坠落", (3, 6, 15), _FALL),
            Source("临边堆料坠落伤人", "物体打击", (3, 6, 7), _FALL[:3]),
        ),
        2,
    ),
    "临边作业(未受控)": RiskTemplate("activity", (Source("临边防护缺失,人员坠落", "高处坠落", (3, 6, 15), _FALL),), 3),
    "屋面临边": RiskTemplate(
        "activity", (Source("屋面临边防护不连续,巡检人员坠落", "高处坠落", (1, 6, 15), _FALL),), 1
    ),
    "洞口作业": RiskTemplate("facility", (Source("洞口防护缺失,人员或物料坠落", "高处坠落", (3, 6, 15), _FALL),), 2),
    "电梯井口": RiskTemplate(
        "facility",
        (
            Source("井口防护门缺失,人员坠落井道", "高处坠落", (3, 6, 15), _FALL),
            Source("井道内每层水平防护不严", "物体打击", (3, 3), _FALL[:3]),
        ),
        2,
    ),
    "深基坑": RiskTemplate(
        "facility",
        (
            Source("支护结构失稳,坑壁坍塌", "坍塌", (3, 6, 40), _PIT),
            Source("坑边超载、渗漏引起位移", "坍塌", (3, 5), _PIT),
        ),
        3,
    ),
    "深基坑(未受控)": RiskTemplate("facility", (Source("监测超警戒值仍在坑内作业", "坍塌", (6, 6, 40), _PIT),), 4),
    "基坑临边": RiskTemplate("activity", (Source("坑边护栏缺失,人员坠落", "高处坠落", (3, 6, 15), _FALL),), 2),
    "基坑支撑": RiskTemplate("facility", (Source("支撑受碰撞失稳", "坍塌", (1, 6, 40), _PIT),), 2),
    "吊装作业": RiskTemplate(
        "activity",
        (
            Source("吊物坠落、吊臂下站人", "起重伤害", (3, 6, 15), _LIFT),
            Source("司索捆绑不当", "物体打击", (3, 3), _LIFT[:3]),
        ),
        2,
    ),
    "塔式起重机": RiskTemplate(
        "facility",
        (
            Source("超力矩、倾覆", "起重伤害", (1, 6, 40), _LIFT),
            Source("附墙、连接螺栓松动", "起重伤害", (3, 4), _LIFT),
        ),
        2,
    ),
    "施工升降机": RiskTemplate(
        "facility",
        (
            Source("吊笼坠落、防坠安全器失效", "起重伤害", (1, 6, 40), _LIFT),
            Source("层门未关闭,人员坠落", "高处坠落", (3, 4), _FALL[:3]),
        ),
        2,
    ),
    "模板支架": RiskTemplate("activity", (Source("支架失稳整体坍塌", "坍塌", (3, 6, 40), _FORMWORK),), 3),
    "外脚手架": RiskTemplate(
        "facility",
        (
            Source("连墙件缺失、架体失稳", "坍塌", (1, 6, 40), _FALL[:3]),
            Source("脚手板未铺满", "高处坠落", (3, 3), _FALL),
        ),
        2,
    ),
    "卸料平台": RiskTemplate("facility", (Source("平台超载、钢丝绳断裂", "坍塌", (1, 6, 40), _FALL[:3]),), 2),
    "加工机械": RiskTemplate("facility", (Source("钢筋机械绞伤", "机械伤害", (3, 6, 3), _MACHINE),), 1),
    "木工火灾": RiskTemplate("facility", (Source("木屑粉尘遇火源", "火灾", (1, 6, 15), _FIRE),), 1),
    "危险品储存": RiskTemplate("facility", (Source("气瓶混放、泄漏爆炸", "容器爆炸", (1, 3, 40), _FIRE),), 2),
    "临时用电": RiskTemplate("facility", (Source("配电箱漏电、线缆破损", "触电", (1, 6, 15), _POWER),), 2),
    "配电房": RiskTemplate("facility", (Source("高低压配电误操作、漏电", "触电", (1, 6, 15), _POWER),), 1),
    "生活区火灾": RiskTemplate("facility", (Source("宿舍私拉乱接、违规用电", "火灾", (1, 10, 15), _FIRE),), 1),
    "材料堆放": RiskTemplate("facility", (Source("堆码过高倒塌", "物体打击", (1, 6, 7), _MACHINE),), 1),
    "楼梯通道": RiskTemplate("facility", (Source("踏步湿滑、照明不足", "其他伤害", (3, 6, 3), _MACHINE[1:]),), 1),
    "车辆运输": RiskTemplate("activity", (Source("场内车辆碰撞行人", "车辆伤害", (1, 6, 7), _MACHINE[1:]),), 1),
}
