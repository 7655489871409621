"""Serving: a key before an open address, one server to a folder, a clean stop, and `--help` that says every setting."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from api.settings import Settings
from tests.doors import ROOT, Server, serving


def spine(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.shell", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )


def test_an_address_that_others_reach_wants_a_key(tmp_path: Path) -> None:
    found = spine("serve", "--host", "0.0.0.0", "--data", str(tmp_path))  # noqa: S104  it is refused
    assert found.returncode == 2
    assert "server.open" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_setting_that_cannot_stand_is_refused_by_its_name() -> None:
    found = spine("serve", "--workers", "0")
    assert found.returncode == 2
    assert "--workers or SPINE_WORKERS" in found.stderr


def test_help_says_every_setting_with_its_default() -> None:
    told = " ".join(spine("serve", "--help").stdout.split())
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in told
        assert f"SPINE_{name.upper()}" in told
        assert str(field.description).split(".")[0][:30] in told


def test_a_second_server_on_a_folder_is_refused(server: Server) -> None:
    found = spine("serve", "--port", "0", "--data", str(server.data))
    assert found.returncode == 2
    assert "Another server uses this folder" in found.stderr
    assert spine("store", "verify", "--data", str(server.data)).returncode == 2


def test_an_address_that_is_taken_is_refused(server: Server, tmp_path: Path) -> None:
    port = server.origin.rsplit(":", 1)[1]
    found = spine("serve", "--port", port, "--data", str(tmp_path))
    assert found.returncode == 2
    assert "server.address" in found.stderr


def test_a_key_is_asked_for_and_a_browser_shows_it_once(tmp_path: Path) -> None:
    with serving(tmp_path, environment={"SPINE_KEY": "open sesame"}) as server:
        assert server.get("/v1/criteria").status_code == 401
        assert server.get("/health/live").status_code == 200
        key = {"Authorization": "Bearer open sesame"}
        assert server.client.get("/v1/criteria?limit=1", headers=key).status_code == 200
        seen = server.client.get("/", headers={"Accept": "text/html"})
        assert (seen.status_code, seen.headers["location"]) == (303, "/enter")
        assert server.client.post("/enter", data={"key": "wrong"}).status_code == 401
        entered = server.client.post("/enter", data={"key": "open sesame"})
        assert entered.status_code == 303
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert server.client.get("/").status_code == 200
        assert not any("sesame" in line for line in server.log)


def test_a_signal_lets_the_server_end_and_its_workers_with_it(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text(encoding="ascii")
        zygote = int(children.split()[0])
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) in (0, -signal.SIGTERM)
        assert not Path(f"/proc/{zygote}").exists()
        assert any('"event": "stopped"' in line for line in server.log)
