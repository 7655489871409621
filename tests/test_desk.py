"""The desk: a notice and an appeal from the command line, as text, Markdown and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reasoner import determine
from reasoner.library import Library
from reasoner.shell import app
from tests.disputes import care, request
from tests.examples import library


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a request, what is added to it, and its saved determination; the knowledge is read once."""
    known = library()
    monkeypatch.setattr(Library, "read", lambda *_: known)
    (tmp_path / "original.ttl").write_bytes(request())
    (tmp_path / "added.ttl").write_bytes(care())
    (tmp_path / "saved.json").write_bytes(determine(known, request()).to_json())
    return tmp_path


def ran(*arguments: object) -> str:
    """What a command prints."""
    found = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert found.exit_code == 0, found.output
    return found.output


def test_a_notice_in_every_form(files: Path) -> None:
    case = files / "original.ttl"
    assert ran("notice", case).startswith("Request for information: nothing is refused")
    assert ran("notice", case, "--format", "markdown").startswith("# Request for information")
    assert json.loads(ran("notice", case, "--format", "json"))["kind"] == "open"


def test_an_appeal_in_every_form(files: Path) -> None:
    both = files / "original.ttl", files / "added.ttl"
    assert ran("appeal", *both).startswith("Appeal: Herniation at L4-L5")
    assert ran("appeal", *both, "--format", "markdown").startswith("# Appeal")
    assert json.loads(ran("appeal", *both, "--format", "json"))["outcome"]["after"] == "necessary"


def test_a_saved_determination_pins_the_appeal(files: Path) -> None:
    told = ran(
        "appeal", files / "original.ttl", files / "added.ttl", "--decided", files / "saved.json", "--format", "json"
    )
    assert json.loads(told)["policy"]["id"] == "default"
