"""The columns of a file of devices, in Chinese and English, and the words that may stand in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spatial.devices.kinds import catalogue


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its field, its heading in Chinese and in English, what belongs into it, how wide it is."""

    field: str
    zh: str
    en: str
    hint: str
    width: int = 14
    needed: bool = False


COLUMNS: Final = (
    Column("code", "设备编码", "code", "2～40 位字母、数字、- 或 _，全平台唯一，也是设备的接入用户名", 14, True),
    Column("name", "设备名称", "name", "不超过 120 字", 22, True),
    Column("kind", "设备类别", "kind", "从列表中选择", 12, True),
    Column("protocol", "接入协议", "protocol", "从列表中选择；留空为 Twinwall", 14),
    Column("report_interval_s", "上报间隔(秒)", "report interval (s)", "1～86400；留空为 5", 12),
    Column("terminal_number", "终端号(JT/T 808)", "terminal number", "JT/T 808 终端必填，11～20 位数字", 18),
    Column("datum", "坐标系", "datum", "WGS84、CGCS2000 或 GCJ-02；留空为 WGS84", 12),
    Column("maker", "生产厂家", "maker", "", 16),
    Column("model", "规格型号", "model", "", 14),
    Column("serial_number", "出厂编号", "serial number", "同一厂家内不得重复", 16),
    Column("lon", "经度", "longitude", "国家2000 经度，固定设备填写", 13),
    Column("lat", "纬度", "latitude", "国家2000 纬度", 12),
    Column("height_m", "高程(米)", "height (m)", "1985 国家高程基准；留空为场地标高", 10),
    Column("add_ons", "附加模块", "add-ons", "用“、”分隔；留空为该类设备的标准配置", 28),
    Column("paper_kind", "证件类型", "paper", "从列表中选择", 12),
    Column("paper_number", "证件编号", "paper number", "", 18),
    Column("paper_issued_on", "发证日期", "issued on", "写作 2026-01-31", 12),
    Column("paper_expires_on", "有效期至", "last day", "写作 2026-12-31", 12),
    Column("calibrated_quantity", "校准项目", "calibrated quantity", "项目代码或名称，如 氧气", 12),
    Column("calibration_number", "校准证书编号", "calibration certificate", "", 18),
    Column("calibrated_on", "校准日期", "calibrated on", "写作 2026-01-31", 12),
    Column("calibration_due_on", "下次校准日期", "calibration due on", "写作 2027-01-31", 14),
    Column("calibration_scale", "校准系数", "scale", "真值 = 原始值 × 系数 + 偏移；留空为 1", 10),
    Column("calibration_offset", "校准偏移", "offset", "留空为 0", 10),
    Column("note", "备注", "note", "不超过 300 字", 20),
)
FIELDS: Final = {column.field: column for column in COLUMNS}
KINDS: Final = {
    "智能安全帽": "helmet",
    "定位标签": "tag",
    "车辆": "vehicle",
    "塔式起重机": "crane",
    "施工升降机": "hoist",
    "传感器": "sensor",
    "网关": "gateway",
    "摄像机": "camera",
    "终端": "terminal",
}
PROTOCOLS: Final = {
    "Twinwall": "twinwall",
    "SensorThings": "sensorthings",
    "映射JSON": "mapped",
    "JT/T 808": "jt808",
    "不上报": "silent",
}
PAPERS: Final = {
    "检验报告": "inspection",
    "合格证": "certificate",
    "产权备案": "filing",
    "使用登记": "use_permit",
    "保险": "insurance",
    "防爆合格证": "explosion",
}


def field_of(heading: object) -> str | None:
    """This function will return the field that a heading stands for, or None."""
    text = str(heading or "").strip().rstrip("*").replace("（", "(").replace("）", ")").lower()
    return next((column.field for column in COLUMNS if text in (column.zh.lower(), column.en, column.field)), None)


def add_on_codes() -> dict[str, str]:
    """This function will return the codes of add-ons by code and by their Chinese and English names."""
    found: dict[str, str] = {}
    for row in catalogue().add_ons.values():
        found |= {row.code: row.code, row.zh: row.code, row.en.lower(): row.code}
    return found
