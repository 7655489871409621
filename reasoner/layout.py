"""The parts of a report, apart from how they are printed: sections of lines and tables, and two ways to print them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 100
_MARKS: Final = {"good": "+", "bad": "-", "open": "?", "note": "!", "": " "}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report: how deep it stands, what kind of thing it says, and the words."""

    text: str
    depth: int = 0
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; every row as long as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines whose columns matter, printed as they are."""

    lines: tuple[str, ...]


Part = Line | Table | Drawing


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    parts: tuple[Part, ...]


def as_text(title: str, sections: tuple[Section, ...]) -> list[Line]:
    """Print sections as aligned plain text; each line keeps its tone, so that a terminal may colour it.

    >>> [line.text for line in as_text("A", (Section("B", (Line("c", 1, "good"),)),))]
    ['A', '=', '', 'B', '-', '  + c']
    """
    out = [Line(title, tone="title"), Line("=" * len(title), tone="title")]
    for section in sections:
        out += [Line(""), Line(section.title, tone="heading"), Line("-" * len(section.title), tone="heading")]
        for part in section.parts:
            if isinstance(part, Table):
                out += [Line(row) for row in _table(part)]
            elif isinstance(part, Drawing):
                out += [Line(row) for row in part.lines]
            else:
                out += _wrapped(part)
    return out


def as_markdown(title: str, sections: tuple[Section, ...]) -> str:
    """Print sections as Markdown."""
    out = [f"# {_safe(title)}", ""]
    for section in sections:
        out += [f"## {_safe(section.title)}", ""]
        for part in section.parts:
            if isinstance(part, Table):
                out += ["", f"| {' | '.join(map(_safe, part.head))} |", f"|{'---|' * len(part.head)}"]
                out += [f"| {' | '.join(map(_safe, row))} |" for row in part.rows]
                out.append("")
            elif isinstance(part, Drawing):
                out += ["", "```", *part.lines, "```", ""]
            else:
                mark = f"{_MARKS[part.tone]} " if _MARKS.get(part.tone, " ").strip() else ""
                out.append(f"{'  ' * part.depth}- {mark}{_safe(part.text)}")
        out.append("")
    return "\n".join(out)


def _safe(text: str) -> str:
    for mark in ("\\", "|", "<", ">", "[", "]", "*", "`"):
        text = text.replace(mark, "\\" + mark)
    return " ".join(text.split())


def _wrapped(line: Line) -> list[Line]:
    if not line.text:
        return [line]
    mark = _MARKS.get(line.tone, " ")
    lead = "  " * line.depth + (f"{mark} " if line.depth or mark.strip() else "")
    words = textwrap.wrap(line.text, _WIDTH - len(lead), break_long_words=False, break_on_hyphens=False) or [""]
    return [Line((lead if n == 0 else " " * len(lead)) + text, tone=line.tone) for n, text in enumerate(words)]


def _table(table: Table) -> list[str]:
    rows = [table.head, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.head))]
    last = len(widths) - 1
    printed = ["  " + "  ".join(cell if n == last else cell.ljust(widths[n]) for n, cell in enumerate(row)).rstrip() for row in rows]
    rule = "  " + "  ".join("-" * (width if n < last else min(width, 40)) for n, width in enumerate(widths))
    return [printed[0], rule, *printed[1:]]
