"""One room of the house, looked at whole: its style, its worked cases, its thresholds and its page."""

from __future__ import annotations

from reasoner.house import lint, style
from reasoner.library import Library
from reasoner.thresholds import faults_of, read_thresholds
from reasoner.weave import PAGE, page
from reasoner.worked import (
    WorkedCase,
    case_files,
    folder_of,
    read_worked,
    room_names,
    run,
    run_files,
)

__all__ = ["WorkedCase", "case_files", "check", "folder_of", "read_worked", "room_names", "run", "run_files"]


def check(library: Library, room: str) -> list[str]:
    """Everything that is wrong with a room, one sentence each: worked cases, thresholds, style, a stale page.

    That its shapes compile was settled when the library was read.

    >>> check(Library.read(), "setting-of-care")
    []
    """
    folder = folder_of(library, room)
    faults = run_files(library, room) + faults_of(library, read_thresholds(folder))
    faults += lint(folder) + style(library, room)
    written = folder / PAGE
    # A page is woven from worked cases, so it is only held against them once they can be read.
    if not faults and (not written.is_file() or written.read_text(encoding="utf-8") != page(library, room)):
        faults.append(f"{PAGE}: the page is not what the room now says; weave it again with `spine weave`")
    return faults
