"""What the shell reads and shows: files of cases, coloured lines, bars; errors in one line each."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

import typer

from reasoner.case import read_case
from reasoner.errors import CaseUnreadable
from reasoner.layout import Line, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reasoner.case import Case
    from reasoner.errors import SpineReasonerError
    from reasoner.library import Library

PolicyName = Annotated[str | None, typer.Option("--policy", help="Name of a policy; the default policy if not given.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Date by which policies are in force (YYYY-MM-DD).", metavar="DATE")
]
Until = Annotated[
    str | None, typer.Option("--evidence-until", help="Set aside what is dated later (YYYY-MM-DD).", metavar="DATE")
]

REFUSED: Final = 2
_SUFFIXES: Final = (".ttl", ".trig", ".nt", ".jsonld", ".json")
_EXPECTED: Final = ".expected.json"
_STYLES: Final = {
    "title": "bold",
    "heading": "bold cyan",
    "good": "green",
    "bad": "red",
    "open": "yellow",
    "silent": "yellow",
    "note": "magenta",
}


def complain(error: SpineReasonerError, path: Path | None = None) -> None:
    """Say on stderr why an input was refused, each problem in one line."""
    problems = getattr(error, "problems", ())
    name = f"{path}: " if path else ""
    for problem in problems or (error,):
        typer.echo(f"refused: {name}{plain(str(problem))}", err=True)


def files_of(cases: list[Path]) -> list[Path]:
    """The case files named, and those that lie in the folders named, without repeats."""
    found: dict[Path, None] = {}
    for path in cases:
        if not path.is_dir():
            found[path] = None
            continue
        try:
            inside = sorted(p for p in path.iterdir() if p.suffix in _SUFFIXES and not p.name.endswith(_EXPECTED))
        except OSError as error:
            raise unreadable(path, error) from error
        if not inside:
            raise CaseUnreadable(
                "case.empty-folder",
                "The folder holds no case.",
                where=str(path),
                mend=f"Cases end in {', '.join(_SUFFIXES)}.",
            )
        found.update(dict.fromkeys(inside))
    return list(found)


def bytes_of(path: Path) -> bytes:
    """The bytes of a file; CaseUnreadable if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> CaseUnreadable:
    """A file that cannot be read or written, as an input that is refused."""
    reason = (error.strerror or type(error).__name__).lower()
    return CaseUnreadable("case.file", f"The file cannot be used: {reason}.", where=str(path), mend="Check its name.")


def case_of(library: Library, path: Path) -> Case:
    """Read a case from a file; errors carry the file's name."""
    return read_case(bytes_of(path), schema=library.schema, name=path.name)


def day_of(text: str | None, option: str) -> date | None:
    """A date given as an option."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise CaseUnreadable("option.date", f"{text!r} is no date.", where=option, mend="Write it as 2026-01-31.")
    return day


def show(lines: list[Line]) -> None:
    """Print lines, coloured where they go to a terminal that wants colour."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        typer.echo("\n".join(line.text for line in lines))
        return
    from rich.console import Console  # noqa: PLC0415  colour is for terminals only
    from rich.text import Text  # noqa: PLC0415  as above

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text(line.text, style=_STYLES.get(line.tone, "")))


def summary(outcomes: dict[str, str]) -> None:
    """Say on stderr what came out for several cases."""
    width = max(map(len, outcomes))
    typer.echo("", err=True)
    for path, outcome in outcomes.items():
        typer.echo(f"{path:<{width}}  {outcome}", err=True)
    counts = {word: list(outcomes.values()).count(word) for word in dict.fromkeys(outcomes.values())}
    typer.echo(f"{len(outcomes)} cases: " + ", ".join(f"{count} {word}" for word, count in counts.items()), err=True)


def progress(paths: list[Path]) -> Iterator[Path]:
    """Go through files, with a bar on stderr if that is a terminal."""
    if len(paths) == 1 or not sys.stderr.isatty():
        yield from paths
        return
    from rich.console import Console  # noqa: PLC0415  a bar is for terminals only
    from rich.progress import track  # noqa: PLC0415  as above

    yield from track(paths, description="Determining", console=Console(stderr=True), transient=True)


@contextmanager
def status(words: str) -> Iterator[None]:
    """Say on a terminal what is going on while it lasts."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415  a spinner is for terminals only

    with Console(stderr=True).status(words):
        yield
