"""What an import may use where its caller names nothing: the settings of the instance (`TWINWALL_IMPORT_*`)."""

from __future__ import annotations

from django.conf import settings

from .pipeline.limits import MEGABYTE, Limits


def seconds_or_settings(limit_s: float | None) -> float:
    """Return the caller's limit in seconds, else the instance's."""
    return float(settings.TWINWALL_IMPORT_SECONDS) if limit_s is None else limit_s


def limits_or_settings(limits: Limits | None) -> Limits:
    """Return the caller's limits of memory, disk and processes, else the instance's."""
    return limits or Limits(
        memory_bytes=settings.TWINWALL_IMPORT_MEMORY_MB * MEGABYTE,
        disk_bytes=settings.TWINWALL_IMPORT_DISK_MB * MEGABYTE,
        processes=settings.TWINWALL_IMPORT_PROCESSES,
    )
