"""People of the demo: accounts, crews, helmet wearers, monitors. Names are invented. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bim.ifc.demo_project import dimensions as d
from webmap.demo.routes import HELMETS, helmet_code


@dataclass(frozen=True)
class Account:
    """A demo account: key in ``logins.json``, user name, full name, roles and their reach."""

    key: str
    username: str
    full_name: str
    roles: tuple[str, ...]
    reach: str


ACCOUNTS = (
    Account("project_manager", "manager", "郑国栋", ("project_manager",), "site"),
    Account("safety_officer", "safety", "安晓敏", ("site_safety",), "site"),
    Account("worker", "worker", "高志远", ("worker",), "site"),
    Account("regulator", "regulator", "梁正清", ("dept_reviewer", "town_reviewer"), "district"),
    Account("bim_engineer", "bim", "许明轩", ("bim_engineer",), "site"),
    Account("company_safety", "company", "孟远航", ("enterprise_safety",), "enterprise"),
    Account("company_head", "head", "郝正东", ("enterprise_head",), "enterprise"),
)

CREWS: dict[str, str] = {
    "钢筋混凝土班组": "钢筋工",
    "砌筑抹灰班组": "瓦工",
    "幕墙门窗班组": "幕墙安装工",
    "机电安装班组": "电工",
    "架子工班组": "架子工",
    "木工模板班组": "木工",
    "基坑支护班组": "支护工",
    "起重机械班组": "信号司索工",
    "综合班组": "普工",
}
_NAMES = (
    "李建国 王保山 赵志强 刘海涛 陈小军 张德胜 孙立新 周鹏 马文杰 吴长顺 郑铁柱 冯国庆 褚卫东 "
    "卫青松 蒋大勇 沈海波 韩永福 杨春生 朱红兵 秦学文 尤建民 许振华 何万里 吕家明 施国强 张春雷 "
    "孔祥瑞 曹立伟 严冬青 华永安 金玉柱 魏来福 陶广才 姜志勇 戚继军 谢长河 邹平安 喻晓东"
)


@dataclass(frozen=True)
class Wearer:
    """Who wears a helmet."""

    helmet: str
    full_name: str
    trade: str
    crew: str
    account: str | None = None


def wearers() -> tuple[Wearer, ...]:
    """The wearers of all helmets: 38 workers of nine crews, the account holders `worker` and `safety`."""
    crews = list(CREWS.items())
    found = []
    for index, full_name in enumerate(_NAMES.split(" ")):
        crew, trade = crews[index % len(crews)]
        found.append(Wearer(helmet_code(index + 1), full_name, trade, crew))
    found[10] = Wearer(helmet_code(11), "高志远", "钢筋工", "钢筋混凝土班组", "worker")
    found[22] = Wearer(helmet_code(23), "安晓敏", "安全员", "综合班组", "safety")
    found.append(Wearer(helmet_code(39), "田野", "普工", "综合班组"))
    found.append(Wearer(helmet_code(40), "丁大江", "架子工", "架子工班组"))
    if len(found) != HELMETS:
        raise ValueError(f"The cast has {len(found)} helmet wearers, the routes have {HELMETS}.")
    return tuple(found)


@dataclass(frozen=True)
class Monitor:
    """A fixed device on an element of the model."""

    code: str
    name: str
    kind: str
    element: str
    at: tuple[float, float, float]


def monitors() -> tuple[Monitor, ...]:
    """Six fixed devices: crane and hoist terminals, two sensors, two cameras."""
    x, y = d.CRANE_BASE
    hx, hy = d.HOIST_MAST
    f13 = d.LEVEL["F13"].elevation_m
    return (
        Monitor("ZD-C01", "1号塔吊黑匣子", "crane", "CRANE/cab", (x + 1.0, y - 2.0, d.CRANE_JIB_LEVEL_M - 1.5)),
        Monitor("ZD-L01", "1号升降机监测终端", "hoist", "HOIST/cage/左笼", (hx - 2.0, hy, 2.0)),
        Monitor("ZD-M01", "基坑西侧位移监测", "sensor", "PIT/cap/西", (d.PIT[0] - 0.6, 24.0, d.GROUND_M)),
        Monitor("ZD-M02", "模板支架沉降监测", "sensor", "F13/formwork/4C/22", (26.25, 20.0, f13)),
        Monitor("ZD-V01", "1号大门摄像机", "camera", "SITE/gate/1号大门", (66.0, -43.5, 5.0)),
        Monitor("ZD-V02", "塔吊全景摄像机", "camera", "CRANE/mast/28", (x, y, d.CRANE_JIB_LEVEL_M - 3.0)),
    )
