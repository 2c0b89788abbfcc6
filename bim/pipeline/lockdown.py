"""Where bubblewrap cannot run: the process gives up files, sockets and foreign processes itself, for ever.

Landlock (kernel 5.13, https://docs.kernel.org/userspace-api/landlock.html) needs no right and no namespace; seccomp
(https://docs.kernel.org/userspace-api/seccomp_filter.html) refuses system calls. Both hold for all descendants.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER = 1, 38, 22, 36
_SECCOMP_MODE_FILTER = 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many of the file rights a kernel knows
_SCOPES = 0b11  # abstract sockets, signals (ABI 6)

# x86-64 and arm64 numbers of: socket, ptrace, process_vm_readv/writev, io_uring_setup, bpf, unshare, setns, mount,
# add_key, keyctl, userfaultfd, perf_event_open
_FORBIDDEN = {
    "x86_64": (0xC000003E, (41, 101, 310, 311, 425, 321, 272, 308, 165, 248, 250, 323, 298)),
    "aarch64": (0xC00000B7, (198, 117, 270, 271, 425, 280, 97, 268, 40, 217, 219, 282, 241)),
}
_X32_BIT = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int, pointer: ctypes.Array[ctypes.c_char] | None = None) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask for a signal when the parent ends."""
    _prctl(_PR_SET_PDEATHSIG, number)


def landlock_abi() -> int:
    """Return the version of Landlock that this kernel offers, 0 where it offers none."""
    return max(0, _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def can_filter_calls() -> bool:
    """Return whether the numbers of the system calls of this machine are known."""
    return platform.machine() in _FORBIDDEN


def give_up_files(listable: Iterable[Path], readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Allow nothing but names below `listable`, reading below `readable`, all below `writable`.

    Returns False where the kernel has no Landlock.
    """
    abi = landlock_abi()
    if abi == 0:
        return False
    handled = (1 << _RIGHTS_BY_ABI.get(abi, 16)) - 1
    attributes = struct.pack("=QQQ", handled, 0b11 if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    rules = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        return False
    try:
        for path in listable:
            _allow(rules, path, _READ_DIR)
        for path in readable:
            _allow(rules, path, _READ & handled)
        for path in writable:
            _allow(rules, path, handled)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if _libc.syscall(_RESTRICT_SELF, rules, ctypes.c_uint32(0)) != 0:
            raise OSError(ctypes.get_errno(), "Landlock refused")
    finally:
        os.close(rules)
    return True


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, descriptor)
        if _libc.syscall(_ADD_RULE, rules, _RULE_PATH_BENEATH, rule, ctypes.c_uint32(0)) != 0:
            raise OSError(ctypes.get_errno(), f"Landlock refused a rule for {path}")
    finally:
        os.close(descriptor)


def give_up_sockets_and_tracing() -> bool:
    """Make sockets, tracing of other processes, new namespaces and the like fail with EPERM; False where unknown."""
    if platform.machine() not in _FORBIDDEN:
        return False
    architecture, numbers = _FORBIDDEN[platform.machine()]
    steps = [_statement(0x20, 0, 0, 4), _statement(0x15, 1, 0, architecture), _statement(0x06, 0, 0, 0)]
    steps += [_statement(0x20, 0, 0, 0)]
    for place, number in enumerate(numbers):
        steps.append(_statement(0x15, len(numbers) - place + 1, 0, number))
    steps += [_statement(0x35, 1, 0, _X32_BIT), _statement(0x06, 0, 0, 0x7FFF0000)]
    steps += [_statement(0x06, 0, 0, 0x00050000 | errno.EPERM)]
    code = ctypes.create_string_buffer(b"".join(steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program)
    return True


def _statement(code: int, jump_true: int, jump_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, value)
