"""No device throws another one off the broker, whatever client id it gives: real Mosquitto, the product's settings.

Each trial is run once more without `use_username_as_clientid`, which shows that the setting is what holds.
"""

from __future__ import annotations

import os
import queue
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from deploy.broker import is_ready, settings_text
from deploy.device_doors import OWN_NAMES, Doors
from deploy.ports import LOCAL, free_port
from deploy.supervision import wait_until
from spatial.devices.broker_files import SERVICE_ACCOUNT, access_text
from spatial.devices.rules import broker_hash
from tests.deploy.test_device_doors import certificate

PASSWORD = "a-device-password"
COMMANDS = "tw/v1/ZD-1/H-A/commands"


class Broker:
    """Mosquitto with two devices and the account of the services."""

    def __init__(self, folder: Path, *, own_names: bool) -> None:
        self.port, self.tls_port, self.own_port = free_port(), free_port(), free_port()
        self.folder = folder
        doors = Doors(*certificate(folder, "server"), tls_port=self.tls_port)
        text = settings_text(folder, self.port, self.own_port, doors)
        assert text.count(OWN_NAMES) == 2  # both doors of the devices, and not that of the services
        user = "user root\n" if os.geteuid() == 0 else ""
        (folder / "mosquitto.conf").write_text(user + (text if own_names else text.replace(OWN_NAMES, "")))
        accounts = ("H-A", "H-B", SERVICE_ACCOUNT)
        (folder / "passwd").write_text("".join(f"{name}:{broker_hash(PASSWORD)}\n" for name in accounts))
        (folder / "acl").write_text(access_text([]))
        command = ["/usr/sbin/mosquitto", "-c", str(folder / "mosquitto.conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        assert wait_until(lambda: is_ready(self.port) and is_ready(self.tls_port), 10)


@pytest.fixture(params=[True, False], ids=["as the product sets it", "without own names"])
def own_names(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def broker(tmp_path: Path, own_names: bool) -> Iterator[Broker]:
    running = Broker(tmp_path, own_names=own_names)
    yield running
    running.process.kill()
    running.process.wait(10)


class Client:
    """A client that does not come back by itself; what it heard, and whether it was thrown off."""

    def __init__(self, broker: Broker, port: int, username: str, client_id: str, *, clean: bool = True) -> None:
        self.heard: queue.Queue[bytes] = queue.Queue()
        self.said: queue.Queue[str] = queue.Queue()
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id, clean_session=clean, reconnect_on_failure=False
        )
        self.client.username_pw_set(username, PASSWORD)
        if port == broker.tls_port:
            self.client.tls_set(ca_certs=str(broker.folder / "server.crt"), cert_reqs=ssl.CERT_NONE)
            self.client.tls_insecure_set(True)
        self.client.on_connect = lambda _c, _d, _f, reason, _p: self.said.put(str(reason))
        self.client.on_disconnect = lambda *_: self.said.put("gone")
        self.client.on_subscribe = lambda *_: self.said.put("subscribed")
        self.client.on_message = lambda _c, _d, message: self.heard.put(message.payload)
        self.client.connect(LOCAL, port)
        self.client.loop_start()
        assert self.said.get(timeout=10) == "Success"

    def listen(self) -> None:
        self.client.subscribe(COMMANDS, qos=1)
        assert self.said.get(timeout=10) == "subscribed"

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.mark.parametrize("door", ["port", "tls_port"])
@pytest.mark.parametrize("given", ["H-A", "helmet-17"])
def test_a_device_that_gives_anothers_client_id_throws_nobody_off(
    broker: Broker, own_names: bool, door: str, given: str
) -> None:
    victim = Client(broker, getattr(broker, door), "H-A", given, clean=False)
    victim.listen()
    thief = Client(broker, getattr(broker, door), "H-B", given)
    platform = Client(broker, broker.own_port, SERVICE_ACCOUNT, "sender")
    platform.client.publish(COMMANDS, b"leave", qos=1).wait_for_publish(10)
    if own_names:
        assert victim.heard.get(timeout=10) == b"leave"
        assert victim.said.empty() and victim.client.is_connected()
    else:
        assert victim.said.get(timeout=10) == "gone" and victim.heard.empty()
    for client in (victim, thief, platform):
        client.leave()


def test_what_waits_for_a_device_that_is_away_is_kept_for_it(broker: Broker, own_names: bool) -> None:
    victim = Client(broker, broker.port, "H-A", "H-A", clean=False)
    victim.listen()
    victim.leave()
    platform = Client(broker, broker.own_port, SERVICE_ACCOUNT, "sender")
    platform.client.publish(COMMANDS, b"leave", qos=1).wait_for_publish(10)
    for clean in (False, True):  # first to take it, then to drop it
        thief = Client(broker, broker.port, "H-B", "H-A", clean=clean)
        thief.leave()
        assert thief.heard.empty()  # the broker asks once more who may read what waits
    back = Client(broker, broker.port, "H-A", "H-A", clean=False)
    if own_names:
        assert back.heard.get(timeout=10) == b"leave"
    else:
        back.listen()  # answered after whatever waited
        assert back.heard.empty()
    for client in (back, platform):
        client.leave()


def test_a_device_that_connects_twice_displaces_itself_and_services_do_not(broker: Broker, own_names: bool) -> None:
    first = Client(broker, broker.port, "H-A", "one")
    second = Client(broker, broker.port, "H-A", "two")
    if own_names:
        assert first.said.get(timeout=10) == "gone"
    services = [Client(broker, broker.own_port, SERVICE_ACCOUNT, name) for name in ("live", "backfill", "")]
    services[0].client.subscribe("tw/v1/+/+/positions")
    assert services[0].said.get(timeout=10) == "subscribed"
    assert all(each.client.is_connected() and each.said.empty() for each in services)
    for client in (first, second, *services):
        client.leave()
