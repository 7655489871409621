"""The README says what is: its printed reports, its files and its Python are compared with what they stand for."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reasoner.shell import app
from tests.doors import Server

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PRINTED = re.findall(r"<!-- printed: spine (.+?) -->\n```text\n(.*?)```", README, re.DOTALL)
FILES = re.findall(r"<!-- file: (.+?) -->\n```\w+\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"(?<!<!-- served -->\n)```python\n(.*?)```", README, re.DOTALL)
SERVED = re.findall(r"<!-- served -->\n```console\n\$ (curl .+?)\n(.*?)```", README, re.DOTALL)
SERVED_PYTHON = re.findall(r"<!-- served -->\n```python\n(.*?)```", README, re.DOTALL)
PLACE = "http://127.0.0.1:8765"


@pytest.mark.parametrize(("command", "shown"), PRINTED)
def test_a_printed_report_is_how_the_command_begins(command: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = CliRunner().invoke(app, command.split())
    assert shown.strip()
    assert found.output.splitlines()[: len(shown.splitlines())] == shown.splitlines()


@pytest.mark.parametrize(("path", "shown"), FILES)
def test_a_shown_file_is_the_file(path: str, shown: str) -> None:
    assert shown == (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("code", PYTHON)
def test_the_python_runs(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102  our own README, run so that it stays true
    assert printed.getvalue().startswith("necessary")


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"`spine (\w+)", README))
    known = {"serve", "store"} | {
        command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands
    }
    assert named <= known | {group.name for group in app.registered_groups}


@pytest.mark.parametrize(("command", "shown"), SERVED)
def test_a_shown_call_is_answered_as_shown(command: str, shown: str, server: Server) -> None:
    words = shlex.split(command.replace(PLACE, server.origin))
    found = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.splitlines()[: len(shown.splitlines())] == shown.splitlines()


@pytest.mark.parametrize("code", SERVED_PYTHON)
def test_the_notebook_runs(code: str, server: Server) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code.replace(PLACE, server.origin), "README.md", "exec"), {})  # noqa: S102  as above
    assert "determinations" in printed.getvalue()
