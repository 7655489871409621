"""The commands of the desk where decisions are told and contested: a notice, and an appeal."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from reasoner.appeal import appeal
from reasoner.console import AsOf, PolicyName, Until, bytes_of, case_of, day_of, show
from reasoner.door import determine
from reasoner.layout import as_markdown, as_text
from reasoner.letter import appeal_sections, appeal_title, notice_sections, notice_title
from reasoner.library import Library
from reasoner.notice import notice_of

if TYPE_CHECKING:
    from reasoner.layout import Section


class Sheet(StrEnum):
    """How a notice or an appeal is printed."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


Form = Annotated[Sheet, typer.Option("--format", help="How to print it.")]


def attach(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("notice")(notice_command)
    app.command("appeal")(appeal_command)


def notice_command(
    case: Annotated[Path, typer.Argument(help="A case file.", metavar="CASE")],
    policy: PolicyName = None,
    as_of: AsOf = None,
    evidence_until: Until = None,
    form: Form = Sheet.TEXT,
) -> None:
    """Write the content of a notice: what was decided, why, what is missing, and how to contest it."""
    library = Library.read()
    found = determine(
        library,
        case_of(library, case),
        policy=policy,
        policy_date=day_of(as_of, "--as-of"),
        evidence_until=day_of(evidence_until, "--evidence-until"),
    )
    data = notice_of(found)
    _print(data, form, notice_title(data), notice_sections(data))


def appeal_command(
    original: Annotated[Path, typer.Argument(help="The case as it was determined.", metavar="ORIGINAL")],
    added: Annotated[Path, typer.Argument(help="What is added: documents and statements.", metavar="ADDED")],
    policy: PolicyName = None,
    as_of: AsOf = None,
    evidence_until: Until = None,
    decided: Annotated[
        Path | None,
        typer.Option("--decided", help="The saved first determination (JSON): its edition and day are kept."),
    ] = None,
    form: Form = Sheet.TEXT,
) -> None:
    """Determine a request again under the same edition of the policy, with what was added, and say what moved."""
    library = Library.read()
    found = appeal(
        library,
        bytes_of(original),
        bytes_of(added),
        policy=policy,
        policy_date=day_of(as_of, "--as-of"),
        evidence_until=day_of(evidence_until, "--evidence-until"),
        first=bytes_of(decided) if decided else None,
        names=(original.name, added.name),
    )
    _print(found.data, form, appeal_title(found.data), appeal_sections(found.data))


def _print(data: dict[str, object], form: Sheet, title: str, sections: tuple[Section, ...]) -> None:
    if form is Sheet.TEXT:
        show(as_text(title, sections))
        return
    told = as_markdown(title, sections).encode()
    if form is Sheet.JSON:
        told = orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"
    sys.stdout.buffer.write(told)
    sys.stdout.flush()
