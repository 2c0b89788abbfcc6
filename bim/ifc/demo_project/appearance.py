"""Surface styles and materials of the demo model: Chinese name, category, colour (sRGB 0..1), transparency."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """How a material is called and looks."""

    name: str
    category: str
    colour: tuple[float, float, float]
    transparency: float = 0.0


LOOKS: dict[str, Look] = {
    "concrete": Look("C40混凝土", "concrete", (0.72, 0.71, 0.68)),
    "concrete_core": Look("C50混凝土", "concrete", (0.62, 0.62, 0.61)),
    "concrete_new": Look("新浇混凝土", "concrete", (0.52, 0.53, 0.52)),
    "lean_concrete": Look("C20垫层混凝土", "concrete", (0.66, 0.64, 0.58)),
    "shotcrete": Look("喷射混凝土", "concrete", (0.58, 0.54, 0.47)),
    "block": Look("加气混凝土砌块", "block", (0.86, 0.84, 0.79)),
    "facade": Look("外墙涂料浅米色", "block", (0.88, 0.83, 0.72)),
    "stone": Look("裙房石材饰面", "stone", (0.66, 0.58, 0.49)),
    "glass": Look("中空玻璃", "glass", (0.45, 0.66, 0.78), 0.55),
    "aluminium": Look("铝合金型材", "aluminium", (0.32, 0.35, 0.39)),
    "door": Look("钢制防火门", "steel", (0.55, 0.27, 0.20)),
    "lift_door": Look("不锈钢", "steel", (0.74, 0.76, 0.78)),
    "guard_red": Look("临边防护红白漆", "steel", (0.85, 0.16, 0.14)),
    "guard_white": Look("临边防护白漆", "steel", (0.95, 0.95, 0.93)),
    "guard_yellow": Look("黄黑警示漆", "steel", (0.96, 0.76, 0.10)),
    "scaffold": Look("Q235钢管", "steel", (0.72, 0.55, 0.22)),
    "net": Look("密目安全网", "fabric", (0.16, 0.52, 0.32), 0.35),
    "plank": Look("脚手板", "wood", (0.73, 0.57, 0.36)),
    "plywood": Look("覆膜胶合板", "wood", (0.52, 0.31, 0.20)),
    "formwork_steel": Look("盘扣支撑架", "steel", (0.60, 0.64, 0.70)),
    "rebar": Look("HRB400钢筋", "steel", (0.45, 0.28, 0.19)),
    "crane": Look("塔机黄漆", "steel", (0.95, 0.68, 0.08)),
    "counterweight": Look("配重混凝土块", "concrete", (0.50, 0.50, 0.48)),
    "cab": Look("司机室白漆", "steel", (0.92, 0.93, 0.94)),
    "rope": Look("钢丝绳", "steel", (0.16, 0.16, 0.17)),
    "hoist": Look("升降机红漆", "steel", (0.78, 0.20, 0.13)),
    "hoist_mast": Look("导轨架灰漆", "steel", (0.55, 0.58, 0.60)),
    "strut_steel": Look("Q355B钢管支撑", "steel", (0.22, 0.40, 0.58)),
    "hut_wall": Look("岩棉夹芯板", "steel", (0.93, 0.94, 0.94)),
    "hut_band": Look("蓝色彩钢板", "steel", (0.12, 0.36, 0.66)),
    "fence": Look("装配式围挡", "steel", (0.20, 0.45, 0.62)),
    "pad": Look("硬化地面", "concrete", (0.76, 0.75, 0.72)),
    "steel_stack": Look("钢材", "steel", (0.48, 0.36, 0.29)),
    "timber": Look("木方", "wood", (0.76, 0.58, 0.34)),
    "gravel": Look("砂石", "aggregate", (0.62, 0.57, 0.47)),
    "red_shed": Look("红色警示彩钢板", "steel", (0.75, 0.18, 0.16)),
    "space": Look("空间", "", (0.60, 0.75, 0.90), 0.85),
}
