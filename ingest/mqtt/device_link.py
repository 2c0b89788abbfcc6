"""A device's connection to the broker without a thread of its own: many share one `selectors` loop.

Each link has its own client id, user name and password, as a real device has. `LinkLoop` moves bytes for all
of them and sleeps in the kernel in between.
"""

from __future__ import annotations

import logging
import selectors
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import paho.mqtt.client as mqtt

KEEPALIVE_S = 60
CONNECT_TIMEOUT_S = 3.0
RETRY_MIN_S, RETRY_MAX_S = 1.0, 30.0
MISC_EVERY_S = 5.0
_log = logging.getLogger(__name__)


class Socketed(Protocol):
    """What moves bytes of its own socket when the loop says so."""

    def loop_read(self) -> object: ...
    def loop_write(self) -> object: ...


class Link(Protocol):
    """A device's connection, over whatever it runs."""

    def connect_when_due(self, now: float) -> None: ...
    def publish(self, topic: str, payload: bytes) -> bool: ...
    def keep_alive(self) -> None: ...
    def close(self) -> None: ...


class LinkLoop:
    """One selector for many links; `step` waits for bytes until a moment and lets the links work."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._selector = selectors.DefaultSelector()
        self._links: list[Link] = []
        self._misc_due = 0.0

    def add(self, link: Link) -> None:
        """This function will let a link take part; it connects at the next step."""
        self._links.append(link)

    def step(self, until: float) -> None:
        """This function will serve the sockets until `until` (monotonic seconds), or until one had something."""
        now = self.clock()
        for link in self._links:
            link.connect_when_due(now)
        wait_s = max(0.0, min(until, self._misc_due) - now)
        for key, mask in self._selector.select(wait_s):
            client: Socketed = key.data
            if mask & selectors.EVENT_READ:
                client.loop_read()
            if mask & selectors.EVENT_WRITE:
                client.loop_write()
        if self.clock() >= self._misc_due:
            for link in self._links:
                link.keep_alive()
            self._misc_due = self.clock() + MISC_EVERY_S

    def close(self) -> None:
        """This function will disconnect every link."""
        for link in self._links:
            link.close()
        self._selector.close()

    def watch(self, client: Socketed, sock: Any, *, write: bool) -> None:
        """This function will wait for bytes from a socket, and for room to write where `write` says so."""
        mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        try:
            self._selector.modify(sock, mask, client)
        except KeyError:
            self._selector.register(sock, mask, client)

    def forget(self, sock: Any) -> None:
        """This function will stop watching a socket."""
        try:
            self._selector.unregister(sock)
        except (KeyError, ValueError):
            _log.debug("A socket was closed that was not watched.")


class DeviceLink:
    """One device's session; reconnects with back-off for ever."""

    def __init__(
        self,
        loop: LinkLoop,
        *,
        host: str,
        port: int,
        username: str,
        password: str,
        inbox_topic: str,
        on_message: Callable[[bytes], None],
        more: Mapping[str, Callable[[bytes], None]] | None = None,
    ) -> None:
        self.connected = False
        self._loop, self._address, self._name = loop, (host, port), username
        self._heard = {inbox_topic: on_message, **(more or {})}
        self._pause_s, self._due = RETRY_MIN_S, 0.0
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"device-{username}", clean_session=True)
        self._client.username_pw_set(username, password)
        self._client.connect_timeout = CONNECT_TIMEOUT_S
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = lambda _c, _d, message: self._heard[message.topic](bytes(message.payload))
        self._client.on_socket_open = lambda client, _d, sock: loop.watch(client, sock, write=False)
        self._client.on_socket_close = lambda _c, _d, sock: loop.forget(sock)
        self._client.on_socket_register_write = lambda client, _d, sock: loop.watch(client, sock, write=True)
        self._client.on_socket_unregister_write = lambda client, _d, sock: loop.watch(client, sock, write=False)
        loop.add(self)

    def connect_when_due(self, now: float) -> None:
        """This function will connect when there is no socket and the pause after the last try is over."""
        if self._client.socket() is not None or now < self._due:
            return
        self._due = now + self._pause_s
        self._pause_s = min(RETRY_MAX_S, self._pause_s * 2)
        try:
            self._client.connect(*self._address, keepalive=KEEPALIVE_S)
        except OSError as error:
            _log.warning("%s cannot reach the broker: %s", self._name, error)

    def publish(self, topic: str, payload: bytes) -> bool:
        """This function will send a message (QoS 1) and tell whether there was a connection to send it by."""
        if not self.connected:
            return False
        return self._client.publish(topic, payload, qos=1).rc == mqtt.MQTT_ERR_SUCCESS

    def keep_alive(self) -> None:
        """This function will let the client ping, and notice a connection that has died."""
        if self._client.socket() is not None:
            self._client.loop_misc()

    def close(self) -> None:
        """This function will leave the broker; the loop that watched its socket is ending too."""
        self._client.disconnect()
        self._client.on_socket_close = None
        self._client.on_socket_register_write = None
        self._client.on_socket_unregister_write = None

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("The broker refuses %s: %s", self._name, reason)
            return
        self.connected, self._pause_s = True, RETRY_MIN_S
        client.subscribe([(topic, 1) for topic in self._heard])

    def _disconnected(self, _client: Any, _data: Any, _flags: Any, _reason: Any, _properties: Any) -> None:
        self.connected = False
