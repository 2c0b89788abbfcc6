"""Where this instance's services live: env variables first, then `environment.json`, then defaults.

`deploy` writes `$TWINWALL_VAR/environment.json`; tests set `TWINWALL_<KEY>` variables.
"""

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path

from bim.pipeline.limits import DEFAULT_LIMIT_S, MEGABYTE, Limits

ROOT = Path(__file__).resolve().parent.parent.parent


class EnvironmentInvalid(ValueError):
    """A value in the environment cannot be used; the message names it and says what it must be."""


@dataclass(frozen=True)
class Environment:
    """Addresses and folders of one running Twinwall."""

    var: Path
    pg_host: str
    pg_port: int
    pg_database: str
    redis_url: str
    mqtt_host: str
    mqtt_port: int
    mqtt_own_port: int
    mqtt_open_port: int
    mqtt_tls_port: int
    first_camera_port: int
    second_camera_port: int
    jt808_host: str
    jt808_port: int
    http_host: str
    http_port: int
    media_root: Path
    data_root: Path
    secrets_dir: Path
    import_seconds: int
    import_memory_mb: int
    import_disk_mb: int
    import_processes: int


LEAST = {"import_seconds": 5, "import_memory_mb": 512, "import_disk_mb": 64, "import_processes": 8}
"""Below these no model at all could be imported."""


def _defaults(var: Path) -> dict[str, object]:
    return {
        "pg_host": str(var / "run"),
        "pg_port": 5432,
        "pg_database": "twinwall",
        "redis_url": f"unix://{var / 'run' / 'redis.sock'}",
        "mqtt_host": "127.0.0.1",
        "mqtt_port": 1883,
        "mqtt_own_port": 1884,
        "mqtt_open_port": 0,
        "mqtt_tls_port": 0,
        "first_camera_port": 8554,
        "second_camera_port": 8555,
        "jt808_host": "127.0.0.1",
        "jt808_port": 8808,
        "http_host": "127.0.0.1",
        "http_port": 8000,
        "media_root": str(var / "media"),
        "data_root": str(var / "data"),
        "secrets_dir": str(var / "secrets"),
        "import_seconds": int(DEFAULT_LIMIT_S),
        "import_memory_mb": Limits().memory_bytes // MEGABYTE,
        "import_disk_mb": Limits().disk_bytes // MEGABYTE,
        "import_processes": Limits().processes,
    }


def _convert(name: str, kind: object, value: object) -> object:
    if kind in (int, "int"):
        try:
            return int(str(value))
        except ValueError as error:
            raise EnvironmentInvalid(f"{name} must be a whole number, not {value!r}.") from error
    return Path(str(value)) if kind in (Path, "Path") else str(value)


def read_environment(variables: dict[str, str] | None = None) -> Environment:
    """This function will return the addresses of the instance that this process belongs to.

    Raises EnvironmentInvalid when a number is not a number or too small, or the file is not JSON.
    """
    source = dict(os.environ) if variables is None else variables
    var = Path(source.get("TWINWALL_VAR") or ROOT / "var")
    values = _defaults(var)
    file = var / "environment.json"
    if file.is_file():
        try:
            values.update(json.loads(file.read_text(encoding="utf-8")))
        except json.JSONDecodeError as error:
            raise EnvironmentInvalid(f"{file} is not JSON ({error}); run ./twin up to write it anew.") from error
    resolved: dict[str, object] = {"var": var}
    for field in fields(Environment):
        if field.name == "var":
            continue
        name = f"TWINWALL_{field.name.upper()}"
        resolved[field.name] = _convert(name, field.type, source.get(name, values[field.name]))
        if (least := LEAST.get(field.name)) is not None and resolved[field.name] < least:  # type: ignore[operator]
            raise EnvironmentInvalid(f"{name} must be at least {least}, not {resolved[field.name]}.")
    return Environment(**resolved)  # type: ignore[arg-type]
