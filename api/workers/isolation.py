"""What is taken from a process before it touches what came from outside: network, memory, files, privileges."""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import sys
from dataclasses import dataclass
from typing import Final

_NEW_USER: Final = 0x10000000
_NEW_NETWORK: Final = 0x40000000
_PARENT_DEATH: Final = 1
_DUMPABLE: Final = 4
_NO_NEW_PRIVILEGES: Final = 38


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use: bytes of memory beyond what it was born with, bytes in a file, and how politely it runs."""

    memory: int
    file: int = 0
    niceness: int = 0


def leave_network() -> bool:
    """Move this process into a network of its own that has no interfaces; False where the platform does not allow it.

    The process must have one thread.
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    return any(library.unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


def die_with_parent(parent: int) -> None:
    """End this process when its parent ends, however that ends."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # It ended while we were being born.
        os._exit(0)


def confine(limits: Limits) -> None:
    """Take from this process what a worker does not need: memory, files, cores, privileges, and a voice."""
    _fall_silent()
    memory = address_space() + limits.memory
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.file),
    ):
        resource.setrlimit(what, (limit, limit))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    os.nice(limits.niceness)
    if sys.platform.startswith("linux"):
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(_DUMPABLE, 0, 0, 0, 0)
        library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _fall_silent() -> None:
    """What a library, an engine or an allocator has to say may quote what it reads; it is said to nobody."""
    logging.disable(logging.CRITICAL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def no_core() -> None:
    """Have this process leave no image of its memory when it dies, neither in a file nor with a collector."""
    # One byte: too few for a file, and the one limit that keeps Linux from starting a collector.
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    limit = 1 if most == resource.RLIM_INFINITY else min(1, most)
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def address_space() -> int:
    """The bytes of address space that this process has now; 0 where that cannot be read."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  no path: the kernel answers
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
