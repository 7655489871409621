"""A whole server for tests, in a process of its own as `spine serve` starts it.

The fixture `server` is there for every module (conftest.py names it): one server for all tests of a process, whose
store is thrown away. What needs settings of its own starts one with `serving`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
EXAMPLES: Final = ROOT / "examples"
_PATIENCE: Final = 120.0
_UNHURRIED: Final = {
    "SPINE_WARM": "0",
    "SPINE_CASE_SECONDS": "90",
    "SPINE_PATIENCE": "60",
    "SPINE_QUERY_SECONDS": "12",
    "SPINE_QUERY_PATIENCE": "10",
}
"""Tests share their machine with each other: what takes a moment alone may take several."""


@dataclass(slots=True)
class Server:
    """A running server: its address, a client that keeps its connections, its folder, its process, what it has logged."""

    origin: str
    client: httpx.Client
    data: Path
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    def post(self, path: str, body: bytes, kind: str, accept: str = "application/json") -> httpx.Response:
        """Send a body."""
        return self.client.post(path, content=body, headers={"Content-Type": kind, "Accept": accept})

    def get(self, path: str, accept: str = "*/*") -> httpx.Response:
        """Ask for an address."""
        return self.client.get(path, headers={"Accept": accept})


def example(name: str) -> bytes:
    """The bytes of an example."""
    return (EXAMPLES / name).read_bytes()


@contextmanager
def serving(data: Path, *flags: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a server on a free port of this machine, wait until it is ready, and stop it as a person would."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("SPINE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.shell", "serve", "--port", "0", "--data", str(data), *flags],
        env={**surroundings, "PYTHONPATH": str(ROOT), **_UNHURRIED, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    stream, log = process.stderr, list[str]()
    opened = threading.Event()

    def listen() -> None:
        for line in stream:
            log.append(line)
            opened.set()
        opened.set()

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        opened.wait(_PATIENCE)
        assert log, "the server said nothing"
        assert log[0].startswith("Serving "), log[0]
        origin = log[0].split()[1].rstrip("/")
        with httpx.Client(base_url=origin, timeout=_PATIENCE, trust_env=False) as client:
            _wait_until_ready(client, process)
            yield Server(origin, client, data, process, log)
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()
            listening.join(10)
            stream.close()


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get("/health/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("the server did not become ready")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a process."""
    with serving(tmp_path_factory.mktemp("server") / "data") as running:
        yield running
