"""What the workers of `test_api_workers.py` do: each task shows one way in which a job can end."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from api.workers.frames import Job, Reply


def work(_root: Path) -> Callable[[Job], Reply]:
    return _done


def _done(job: Job) -> Reply:
    what = job.task
    if what == "sleep":
        time.sleep(60)
    if what == "devour":
        return _said(str(len(bytearray(2**33))))
    if what == "crash":
        os.abort()
    if what == "write":
        return _said(_outcome(lambda: Path(job.arguments["path"]).write_text("x" * 10_000)))
    if what == "call":
        return _said(_outcome(lambda: socket.create_connection(("127.0.0.1", job.arguments["port"]), 2).close()))
    if what == "descend":
        sys.setrecursionlimit(10**9)
        return _said(_outcome(_deeper))
    return _said(f"{os.getpid()} {len(job.body)}")


def _deeper() -> None:
    _deeper()


def _outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"


def _said(text: str) -> Reply:
    return Reply(200, "text/plain", text.encode(), parts={"again": text.encode()})
