"""The parts of a report, apart from how they are printed: lines, facts and tables, and two ways to print them.

Whatever a case wrote in free text passes through here, so control characters, characters that
turn the direction of writing, and Markdown's own marks are made visible and harmless here.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH: Final = 98
_MARKS: Final = {"good": "+", "bad": "-", "open": "?", "silent": "~", "note": "!", "": " "}
_LABEL: Final = 12
_SPACES: Final = frozenset("\t\n\r\x0b\x0c\x85\u2028\u2029")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>|#~&!])")
_START: Final = re.compile(r"^(\d*)([-+=.)])")
_LINK: Final = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)|(?<=\w)(@)(?=\w)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report: how deep it stands, what kind of thing it says, and the words.

    Keys name the facts that the line carries (a verdict, a criterion, a need), so that reports
    for different readers can be compared by what they say.
    """

    text: str
    depth: int = 0
    tone: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A short label and what it introduces; facts under one another stand in two columns."""

    label: str
    text: str
    tone: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; every row as long as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines whose columns matter, printed as they are."""

    lines: tuple[str, ...]


Part = Line | Fact | Table | Drawing


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    parts: tuple[Part, ...]


def plain(text: str) -> str:
    """Text in one line in which nothing is hidden: control and direction characters are spelled out.

    >>> plain("necessary" + chr(0x202E) + "  to" + chr(10) + "day" + chr(27))
    'necessary<U+202E> to day<U+001B>'
    """
    kept = "".join(
        " " if mark in _SPACES else f"<U+{ord(mark):04X}>" if unicodedata.category(mark) in _HIDDEN else mark
        for mark in text
    )
    return " ".join(kept.split())


def keys_of(sections: Iterable[Section]) -> frozenset[str]:
    """The keys that the lines of a report carry."""
    return frozenset(
        key for section in sections for part in section.parts if isinstance(part, Line | Fact) for key in part.keys
    )


def as_text(title: str, sections: tuple[Section, ...]) -> list[Line]:
    """Print sections as aligned plain text; each line keeps its tone, so that a terminal may colour it.

    >>> [line.text for line in as_text("A", (Section("B", (Line("c", 1, "good"),)),))]
    ['A', '=', '', 'B', '-', '  + c']
    """
    name = plain(title)
    out = [*(Line(text, tone="title") for text in _fold(name, WIDTH)), Line("=" * min(len(name), WIDTH), tone="title")]
    for section in sections:
        heading = plain(section.title)
        out += [Line(""), Line(heading, tone="heading"), Line("-" * len(heading), tone="heading")]
        label = ""
        for part in section.parts:
            if isinstance(part, Table):
                out += [Line(row) for row in _table(part)]
            elif isinstance(part, Drawing):
                out += [Line(row) for line in part.lines for row in _hanging(line)]
            elif isinstance(part, Fact):
                out += _fact(part, shown=part.label != label)
            else:
                out += _wrapped(part)
            label = part.label if isinstance(part, Fact) else ""
    return out


def as_markdown(title: str, sections: tuple[Section, ...]) -> str:
    """Print sections as Markdown, in which no text of a case can be a link, a heading or a mark."""
    out = [f"# {safe(title)}", ""]
    for section in sections:
        out += [f"## {safe(section.title)}", ""]
        for part in section.parts:
            if isinstance(part, Table):
                out += ["", f"| {' | '.join(map(safe, part.head))} |", f"|{'---|' * len(part.head)}"]
                out += [f"| {' | '.join(map(safe, row))} |" for row in part.rows]
                out.append("")
            elif isinstance(part, Drawing):
                out += ["", "```text", *(spelled(line).replace("```", "'''") for line in part.lines), "```", ""]
            elif isinstance(part, Fact):
                out.append(f"- **{safe(part.label)}** {_mark(part.tone)}{safe(part.text)}")
            elif part.text:
                out.append(f"{'  ' * part.depth}- {_mark(part.tone)}{safe(part.text)}")
        out.append("")
    return "\n".join(out)


def safe(text: str) -> str:
    r"""Text in which Markdown finds no mark, link or address.

    >>> print(safe("[x] http://y"))
    \[x\] http\://y
    """
    marked = _START.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", plain(text)))
    return _LINK.sub(lambda found: "\\" + found.group(0), marked)


def _mark(tone: str) -> str:
    mark = _MARKS.get(tone, " ").strip()
    return f"{safe(mark)} " if mark in ("!", "?") else f"\\{mark} " if mark else ""


def spelled(text: str) -> str:
    """As `plain`, but the columns of a drawing are kept."""
    return "".join(
        mark if mark == " " or unicodedata.category(mark) not in _HIDDEN else f"<U+{ord(mark):04X}>" for mark in text
    )


def _fold(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=True, break_on_hyphens=False) or [""]


def _wrapped(line: Line) -> list[Line]:
    if not line.text:
        return [Line("")]
    mark = _MARKS.get(line.tone, " ")
    lead = "  " * line.depth + (f"{mark} " if line.depth or mark.strip() else "")
    words = _fold(plain(line.text), WIDTH - len(lead))
    return [Line((lead if n == 0 else " " * len(lead)) + text, tone=line.tone) for n, text in enumerate(words)]


def _fact(fact: Fact, *, shown: bool) -> list[Line]:
    mark = _MARKS.get(fact.tone, " ")
    lead = f"{mark} {plain(fact.label) if shown else '':<{_LABEL}} "
    words = _fold(plain(fact.text), WIDTH - len(lead))
    return [Line((lead if n == 0 else " " * len(lead)) + text, tone=fact.tone) for n, text in enumerate(words)]


def _hanging(line: str) -> list[str]:
    """A line of a drawing; what does not fit goes on under its last column."""
    text = spelled(line)
    if len(text) <= WIDTH:
        return [text.rstrip()]
    column = text.rfind("  ", 0, WIDTH // 2) + 2
    words = _fold(text[column:], WIDTH - column)
    return [text[:column] + words[0], *(" " * column + word for word in words[1:])]


def _table(table: Table) -> list[str]:
    """Rows in aligned columns; where they would be too wide, the widest columns are folded."""
    rows = [tuple(plain(cell) for cell in row) for row in (table.head, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + 2 * len(widths) > WIDTH:
        widths[widths.index(max(widths))] -= 1
    out: list[str] = []
    for number, row in enumerate(rows):
        cells = [_fold(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in range(max(map(len, cells))):
            told = [cell[line] if line < len(cell) else "" for cell in cells]
            out.append("".join(f"  {word:<{width}}" for word, width in zip(told, widths, strict=True)).rstrip())
        if number == 0:
            out.append("".join(f"  {'-' * width}" for width in widths))
    return out
