"""Run the gateway of a configuration file until it is told to stop, and tell its state in a file."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingest.gateway.config import GatewayConfig
from ingest.gateway.intake import Intake
from ingest.gateway.journal import Journal
from ingest.gateway.service import Gateway
from ingest.mqtt.uplink import Uplink

STATUS_EVERY_S = 1.0
STALE_S = 10.0


def run_gateway(config: GatewayConfig, journal: Journal) -> None:
    """This function will serve until SIGTERM or SIGINT. Raises OSError when the intake's port is taken."""
    asyncio.run(_serve(config, journal))


async def _serve(config: GatewayConfig, journal: Journal) -> None:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    uplink = Uplink(
        address=(config.broker_host, config.broker_port),
        username=config.gateway,
        password=config.password,
        ca_file=config.broker_ca,
        inbox_topic=f"tw/v1/{config.site}/{config.gateway}/ack",
        on_state=lambda state: _soon(loop, gateway.hear_state, state),
        on_message=lambda payload: _soon(loop, gateway.hear_answer, payload),
        commands_topic=f"tw/v1/{config.site}/+/commands",
        on_command=lambda topic, payload: _soon(loop, intake.carry, topic, payload),
    )
    gateway = Gateway(config, journal, uplink, time.monotonic)
    intake = Intake(gateway)
    server = await intake.start(config.listen_host, config.listen_port)

    def stop() -> None:
        stopping.set()
        gateway.wake.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    uplink.start()
    telling = asyncio.create_task(_tell(gateway, config.status_file))
    try:
        await gateway.run(stopping)
    finally:
        telling.cancel()
        server.close()
        await asyncio.to_thread(uplink.stop)
        write_status(config.status_file, {**gateway.state(), "platform": "away: the gateway was stopped"})
        journal.close()


def _soon(loop: asyncio.AbstractEventLoop, call: Any, *arguments: Any) -> None:
    with suppress(RuntimeError):  # the loop has ended: the gateway is stopping
        loop.call_soon_threadsafe(call, *arguments)


async def _tell(gateway: Gateway, file: Path) -> None:
    while True:
        with suppress(OSError):  # a full disk: the log says so already, and devices hear it
            write_status(file, gateway.state())
        await asyncio.sleep(STATUS_EVERY_S)


def write_status(file: Path, state: dict[str, Any]) -> None:
    """This function will replace the status file in one step."""
    new = file.with_name(file.name + ".new")
    text = json.dumps({**state, "process": os.getpid(), "written_at": round(time.time(), 3)}, indent=1)
    new.write_text(text + "\n", encoding="utf-8")
    new.replace(file)


def read_status(file: Path, now: float) -> dict[str, Any]:
    """This function will return the last status with `running`: whether it was written within the last seconds."""
    try:
        state: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"running": False, "why": f"{file} was not written yet"}
    age_s = now - state["written_at"]
    return {"running": 0 <= age_s < STALE_S and Path("/proc", str(state["process"])).exists(), **state}
