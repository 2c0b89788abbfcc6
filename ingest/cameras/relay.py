"""Re-packages cameras' pictures as HLS while somebody looks: one ffmpeg per camera, its lease renewed by each look.

A relay's thread starts ffmpeg, watches it and the lease, and takes the folder away at the end. ffmpeg dies with that
thread (PR_SET_PDEATHSIG), so no picture runs on when the web process is killed.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from spatial.cameras.rules import Address, CameraRefused

from .rtsp import describe

PLAYLIST = "index.m3u8"
SEGMENT_S = 1
LISTED = 6
TICK_S = 0.2
FIRST_PICTURE_S = 20.0
REMEMBER_FAILURE_S = 4.0


@dataclass(frozen=True, slots=True)
class Source:
    """Where a picture comes from; the password lives in memory only."""

    camera_id: UUID
    address: Address
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """How a camera's picture stands: starting, playing or failed; `code` and `detail` say why."""

    state: str
    code: str = ""
    detail: str = ""
    began: bool = False


def ffmpeg_input(source: Source, number: str) -> bytes:
    """Return the list that ffmpeg reads its only source from: so the password stands in no command line."""
    address = source.address.at(number)
    if source.username:
        account = f"{quote(source.username, safe='')}:{quote(source.password, safe='')}@"
        address = address.replace("://", f"://{account}", 1)
    quoted = address.replace("'", "'\\''")
    options = "option rtsp_transport tcp\noption allowed_media_types video\noption timeout 8000000\n"
    return f"ffconcat version 1.0\nfile '{quoted}'\n{options}".encode()


def ffmpeg_arguments(folder: Path) -> list[str]:
    """Return the words of the ffmpeg that copies a camera's video into HLS; only RTSP and its own input may be read."""
    read = ["-protocol_whitelist", "pipe,rtsp,rtsps,rtp,tcp,tls,crypto", "-f", "concat", "-safe", "0"]
    read += ["-fflags", "+genpts", "-i", "pipe:0"]
    write = ["-map", "0:v:0", "-an", "-c", "copy", "-f", "hls", "-hls_time", str(SEGMENT_S)]
    write += [
        "-hls_list_size",
        str(LISTED),
        "-hls_flags",
        "delete_segments+omit_endlist+independent_segments+temp_file",
    ]
    write += ["-hls_segment_filename", str(folder / "s%06d.ts"), str(folder / PLAYLIST)]
    ending = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    return [*ending, "ffmpeg", "-hide_banner", "-loglevel", "error", *read, *write]


class _Relay:
    def __init__(self, source: Source, folder: Path, lease_s: float, own_ports: Collection[int]) -> None:
        self.source, self.folder, self.lease_s, self.own_ports = source, folder, lease_s, own_ports
        self.look = Look("starting")
        self.until = time.monotonic() + lease_s
        self.pid = 0
        self.thread = threading.Thread(target=self._run, name=f"camera {source.camera_id}", daemon=True)
        self._ending = threading.Event()

    def stop(self) -> None:
        self._ending.set()

    def _run(self) -> None:
        try:
            offer = describe(self.source.address, self.source.username, self.source.password, own_ports=self.own_ports)
            self._relay(offer.number)
        except CameraRefused as error:
            self.look = Look("failed", error.code, str(error))
            self._ending.wait(REMEMBER_FAILURE_S)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _relay(self, number: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        try:
            process = subprocess.Popen(
                ffmpeg_arguments(self.folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            raise CameraRefused("no_ffmpeg", "ffmpeg is not installed on the server.") from error
        self.pid = process.pid
        with contextlib.suppress(BrokenPipeError), process.stdin or contextlib.nullcontext():  # it may have ended
            process.stdin.write(ffmpeg_input(self.source, number))  # type: ignore[union-attr]
        started = time.monotonic()
        try:
            while not self._ending.wait(TICK_S) and time.monotonic() < self.until:
                if process.poll() is not None:
                    raise CameraRefused("ended", "The camera ended the picture.")
                if (self.folder / PLAYLIST).exists():
                    self.look = Look("playing")
                elif time.monotonic() - started > FIRST_PICTURE_S:
                    raise CameraRefused("no_picture", "The camera answers but sends no picture.")
        finally:
            process.kill()
            process.wait()


class Relays:
    """The cameras that are looked at now; at most `limit` at once."""

    def __init__(self, folder: Path, *, limit: int = 6, lease_s: float = 15.0, own_ports: Collection[int] = ()) -> None:
        self.folder, self.limit, self.lease_s, self.own_ports = folder, limit, lease_s, own_ports
        self._running: dict[UUID, _Relay] = {}
        self._lock = threading.Lock()

    def look(self, source: Source) -> Look:
        """This function will start a camera's picture or renew its lease, and tell how it stands."""
        with self._lock:
            self._running = {key: one for key, one in self._running.items() if one.thread.is_alive()}
            held = self._running.get(source.camera_id)
            if held is not None and held.source == source:
                held.until = time.monotonic() + self.lease_s
                return held.look
            if held is not None:
                held.stop()
                held.thread.join(5)
            elif len(self._running) >= self.limit:
                return Look("failed", "too_many", str(self.limit))
            relay = _Relay(source, self.folder / str(source.camera_id), self.lease_s, self.own_ports)
            self._running[source.camera_id] = relay
            relay.thread.start()
            return Look("starting", began=True)

    def file(self, camera_id: UUID, name: str) -> Path | None:
        """Return a file of a running picture: its playlist or one of its segments; None for anything else."""
        relay = self._running.get(camera_id)
        known = name == PLAYLIST or (name.startswith("s") and name.endswith(".ts") and name[1:-3].isdigit())
        path = self.folder / str(camera_id) / name
        return path if relay is not None and known and path.is_file() else None

    def newest_segment(self, camera_id: UUID) -> Path | None:
        """Return the newest whole segment of a running picture."""
        return max((self.folder / str(camera_id)).glob("s*.ts"), default=None)

    def process_of(self, camera_id: UUID) -> int:
        """Return the process id of a camera's ffmpeg, 0 where none runs."""
        relay = self._running.get(camera_id)
        return relay.pid if relay is not None and relay.thread.is_alive() else 0

    def wait_until_ended(self, camera_id: UUID, timeout_s: float) -> bool:
        """Wait for a picture to end (nobody looks any more); for the end of the process and for tests."""
        relay = self._running.get(camera_id)
        if relay is not None:
            relay.thread.join(timeout_s)
        return relay is None or not relay.thread.is_alive()

    def stop_all(self) -> None:
        """End every picture now."""
        for relay in list(self._running.values()):
            relay.stop()
            relay.thread.join(5)


def snapshot(segment: Path) -> bytes:
    """This function will return the first whole picture of a segment as JPEG. Raises CameraRefused."""
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-protocol_whitelist", "file,pipe", "-i", str(segment),
         "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe", "pipe:1"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False,
    )  # fmt: skip
    if done.returncode != 0 or not done.stdout:
        raise CameraRefused("no_picture", "The camera answers but sends no picture.")
    return done.stdout
