"""Markdown that says what it is given and nothing else: text is escaped, links and tables are made here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_ACTIVE: Final = re.compile(r"([\\`*_{}\[\]<>|~&$#])")
_LIST: Final = re.compile(r"^(\d+)([.)])(?=\s)|^([-+=])(?=\s|$)")


def plain(text: str) -> str:
    r"""Text that Markdown prints as it stands, on one line.

    >>> plain("a < b | *c*")
    'a \\< b \\| \\*c\\*'
    """
    flat = _ACTIVE.sub(r"\\\1", " ".join(text.split()))
    return _LIST.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", flat)


def sentence(text: str) -> str:
    """Text with a capital letter and a full stop.

    >>> sentence("severity: a reader's word")
    "Severity: a reader's word."
    """
    return text[:1].upper() + text[1:].rstrip(".") + "."


def link(text: str, target: str) -> str:
    """A link whose text is escaped.

    >>> link("1.a Slip", "#slip")
    '[1.a Slip](#slip)'
    """
    return f"[{plain(text)}]({target})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; its cells are Markdown already.

    >>> list(table(("a",), [("b",)]))
    ['| a |', '|---|', '| b |']
    """
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
