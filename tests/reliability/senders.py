"""The two ways of the messages: helmets at the broker, and local devices at a gateway's port."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Sequence
from random import Random
from typing import Any

from ingest.mqtt import device_link
from ingest.mqtt.device_link import DeviceLink, LinkLoop

from .walking import Answers, Walking

TICK_S = 0.05


class Sender(threading.Thread):
    """Lets devices make `per_second` messages together, each its share of `count` or more until `enough` is set;
    then sends until all are answered. A device with a full memory (its window) makes none until it is answered."""

    def __init__(self, devices: Sequence[Walking], answers: Answers, *, count: int, per_second: float) -> None:
        super().__init__(daemon=True)
        self.devices, self.answers = devices, answers
        self._each, self._pause_s = count // len(devices), len(devices) / per_second
        self._ending, self.enough = threading.Event(), threading.Event()
        self.fault: BaseException | None = None

    @property
    def made(self) -> int:
        """How many messages there are."""
        return sum(device.sequence for device in self.devices)

    @property
    def finished(self) -> bool:
        """Whether everything was made and answered."""
        return not any(self._goes_on(device) or device.outbox for device in self.devices)

    def _goes_on(self, device: Walking) -> bool:
        return device.sequence < self._each or not self.enough.is_set()

    def run(self) -> None:
        try:
            due = [time.monotonic() + n * self._pause_s / len(self.devices) for n in range(len(self.devices))]
            while not self._ending.is_set() and not self.finished:
                now = time.monotonic()
                for number, device in enumerate(self.devices):
                    while due[number] <= now and self._goes_on(device) and len(device.outbox) < device.window:
                        device.make(now, time.time_ns() // 1_000_000)
                        due[number] += self._pause_s
                    due[number] = max(due[number], now - self._pause_s)  # a full device does not catch up in a burst
                    self.transmit(device, now)
                self.serve(now + TICK_S)
        except BaseException as error:
            self.fault = error
            raise
        finally:
            self.close()

    def end(self) -> None:
        """Stop, whatever is left."""
        self._ending.set()
        self.join(20)

    def transmit(self, device: Walking, now: float) -> None:
        """Send what a device has to send."""
        raise NotImplementedError

    def serve(self, until: float) -> None:
        """Take answers until a moment."""
        raise NotImplementedError

    def close(self) -> None:
        """End the connections."""
        raise NotImplementedError


class BrokerSender(Sender):
    """Helmets, each with a session of its own at the broker."""

    def __init__(self, stage: Any, devices: Sequence[Walking], answers: Answers, **options: Any) -> None:
        super().__init__(devices, answers, **options)
        self._loop = LinkLoop(time.monotonic)
        host, port = stage.broker
        self._links: dict[str, DeviceLink] = {}
        self._was: dict[str, bool] = {}
        passwords = {each["code"]: each["password"] for each in stage.cast["helmets"]}
        for device in devices:
            self._links[device.code] = DeviceLink(
                self._loop,
                host=host,
                port=port,
                username=device.code,
                password=passwords[device.code],
                inbox_topic=f"tw/v1/{stage.cast['site']}/{device.code}/ack",
                on_message=lambda payload, device=device: answers.note(device.hear(json.loads(payload))),
            )

    def transmit(self, device: Walking, now: float) -> None:
        link = self._links[device.code]
        if link.connected and not self._was.get(device.code):
            device.reconnected(now)
        self._was[device.code] = link.connected
        if link.connected:
            for held in device.due(now):
                if link.publish(device.topic, held.payload):
                    device.sent(held, now)

    def serve(self, until: float) -> None:
        while time.monotonic() < until:
            self._loop.step(until)

    def close(self) -> None:
        self._loop.close()


class GatewaySender(Sender):
    """Local devices on one connection to the gateway's port."""

    def __init__(self, stage: Any, devices: Sequence[Walking], answers: Answers, **options: Any) -> None:
        super().__init__(devices, answers, **options)
        self._address = ("127.0.0.1", stage.gateway_port)
        self._by_code = {device.code: device for device in devices}
        self._socket: socket.socket | None = None
        self._rest, self._again = b"", 0.0

    def transmit(self, device: Walking, now: float) -> None:
        if self._socket is None and now >= self._again:
            self._connect(now)
        due = device.due(now) if self._socket is not None else []
        try:
            for held in due:
                assert self._socket is not None
                self._socket.sendall(held.payload + b"\n")
                device.sent(held, now)
        except OSError:
            self._lose(now)

    def _connect(self, now: float) -> None:
        try:
            self._socket, self._rest = socket.create_connection(self._address, timeout=2), b""
        except OSError:
            self._lose(now)
            return
        for device in self.devices:
            device.reconnected(now)

    def _lose(self, now: float) -> None:
        self._socket, self._again = None, now + 0.3

    def serve(self, until: float) -> None:
        while (left_s := until - time.monotonic()) > 0:
            if self._socket is None:
                threading.Event().wait(left_s)
                continue
            self._socket.settimeout(left_s)
            try:
                text = self._socket.recv(65536)
            except TimeoutError:
                return
            except OSError:
                text = b""
            if not text:
                self._lose(time.monotonic())
                continue
            *lines, self._rest = (self._rest + text).split(b"\n")
            for line in lines:
                answer = json.loads(line)
                self.answers.note(self._by_code[answer["device"]].hear(answer))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()


def walkers(stage: Any, kind: str, *, seed: int, share: slice, window: int = 4) -> list[Walking]:
    """Return some devices of a kind of the stage's cast, each with a walk of its own; a trial has its own devices."""
    cast = stage.cast
    device_link.RETRY_MIN_S = 0.5
    return [
        Walking(
            code=each["code"],
            topic=f"tw/v1/{cast['site']}/{each['code']}/positions",
            edge=tuple(cast["edge"]),
            metre=tuple(cast["east_of_edge_1m"]),
            random=Random(f"{seed} {each['code']}"),
            names_itself=kind == "local",
            window=window,
        )
        for each in cast[kind][share]
    ]
