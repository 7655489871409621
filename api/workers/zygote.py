"""The process that workers are born from: it reads the library once, leaves the network, and forks on request.

It runs as `python -m api.workers.zygote FD LIBRARY MAKER`, where MAKER names the function that makes what a worker
does from the library's folder. On the channel FD the server asks it to bear or to kill a worker; it says which worker
was born, and how one ended. It never sees what a caller sent.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from api.workers.frames import Broken, receive_job, reply_frame
from api.workers.isolation import Limits, address_space, confine, die_with_parent, leave_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.workers.frames import Job, Reply

_LONGEST: Final = 65_536
READY: Final = "ready"
BORN: Final = "born"
UNBORN: Final = "unborn"
ENDED: Final = "ended"


def serve(channel: socket.socket, work: Callable[[Job], Reply], facts: dict[str, Any]) -> None:
    """Bear and kill workers until the server hangs up."""
    waking, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    children: set[int] = set()
    _say(channel, {"event": READY, **facts})
    while True:
        ready, _, _ = select.select([channel.fileno(), waking], [], [])
        if waking in ready:
            os.read(waking, _LONGEST)
            _reap(channel, children)
        if channel.fileno() in ready:
            data, handles, _, _ = socket.recv_fds(channel, _LONGEST, 1)
            if not data:
                return
            asked = orjson.loads(data)
            if "kill" in asked:
                # Only a child that is not reaped yet: its number cannot belong to anybody else.
                if asked["kill"] in children:
                    os.kill(asked["kill"], signal.SIGKILL)
                continue
            told: dict[str, Any] = {"birth": asked["birth"]}
            try:
                born = _bear(channel, handles[0], Limits(**asked["limits"]), work)
            except OSError:  # No room for another process: that is no reason for those that live to end.
                _say(channel, {"event": UNBORN, **told})
            else:
                children.add(born)
                _say(channel, {"event": BORN, "worker": born, **told})
            finally:
                os.close(handles[0])


def _bear(channel: socket.socket, handle: int, limits: Limits, work: Callable[[Job], Reply]) -> int:
    here = os.getpid()
    born = os.fork()
    if born:
        return born
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        die_with_parent(here)
        channel.close()
        confine(limits)
        _labour(socket.socket(fileno=handle), work, address_space() + limits.memory // 2)
        status = 0
    finally:
        os._exit(status)  # Never back into the zygote's own loop, whatever was raised.


def _labour(channel: socket.socket, work: Callable[[Job], Reply], most: int) -> None:
    while (job := receive_job(channel)) is not None:
        try:
            reply = work(job)
            if address_space() > most:  # What one job leaves behind is not to be missing for the next.
                reply = replace(reply, facts={**reply.facts, "retire": True})
            channel.sendall(reply_frame(reply))
        except (Broken, OSError):
            return


def _reap(channel: socket.socket, children: set[int]) -> None:
    while children:
        worker, status = os.waitpid(-1, os.WNOHANG)
        if not worker:
            return
        children.discard(worker)
        _say(channel, {"event": ENDED, "worker": worker, "status": os.waitstatus_to_exitcode(status)})


def _say(channel: socket.socket, what: dict[str, Any]) -> None:
    try:
        channel.send(orjson.dumps(what))
    except OSError:
        os._exit(0)


def main() -> None:
    """Make what workers do, leave the network, and serve."""
    handle, root, maker = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The server decides when to stop.
    die_with_parent(os.getppid())
    module, _, name = maker.partition(":")
    work = getattr(importlib.import_module(module), name)(root)
    gc.collect()
    gc.freeze()
    has_left = leave_network()
    with socket.socket(fileno=handle) as channel:
        serve(channel, work, {"network": "none" if has_left else "open"})


if __name__ == "__main__":
    main()
