"""Everything that is wrong with a case, collected, so that an author mends it in one go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reasoner.errors import CaseMalformed
from reasoner.likeness import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.schema import CaseSchema

LIMIT: Final = 20
SUGGESTIONS: Final = 60
"""Suggestions sought for one case: each looks through the whole vocabulary."""


class Problem(NamedTuple):
    """One thing wrong: its stable code, what it is, which node and line, and how to mend it."""

    code: str
    what: str
    where: str
    mend: str
    line: int | None

    def __str__(self) -> str:
        """The problem in one line, as an error prints it."""
        place = f" ({self.where})" if self.where else ""
        return " ".join(part for part in (f"{self.what}{place}", self.mend, f"[{self.code}]") if part)


class CaseProblems(CaseMalformed):
    """A case that may not stand as it is; `problems` lists all that was found, up to twenty.

    >>> error = CaseProblems((Problem("case.level", "There is no level L6.", "line 3", "Use L5.", 3),))
    >>> error.code, error.problems[0].line
    ('case.level', 3)
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        first, rest = problems[0], problems[1:]
        super().__init__(first.code, first.what, where=first.where, mend=first.mend)
        if rest:
            self.args = ("\n".join(str(one) for one in problems),)


class Collector:
    """Gathers problems as they are met, each once, and says where in the text they stand."""

    __slots__ = ("_seen", "_sought", "found", "name", "text")

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.found: list[Problem] = []
        self._seen: set[tuple[str, str, str]] = set()
        self._sought = 0

    @property
    def is_full(self) -> bool:
        """Whether enough has been found, so that looking on would help nobody."""
        return len(self.found) >= LIMIT

    def suggest(self, word: str, names: Iterable[str], schema: CaseSchema | None = None) -> str:
        """The known name nearest to a misspelt or another word, or an empty string; after many, none is sought."""
        self._sought += 1
        if self.is_full or self._sought > SUGGESTIONS:
            return ""
        return nearest(word, names, schema.synonyms, schema.sayings) if schema else nearest(word, names)

    def add(self, code: str, what: str, mend: str = "", *, node: str = "", near: tuple[str, ...] = ()) -> None:
        """Keep one problem of a node (by its readable label), found near the given words of the text."""
        if self.is_full or (code, what, node) in self._seen:
            return
        self._seen.add((code, what, node))
        line = line_of(self.text, near)
        where = ", ".join(part for part in (self.name, f"line {line}" if line else "", node) if part)
        self.found.append(Problem(code, what, where, mend, line))

    def settle(self) -> None:
        """Raise if anything was found."""
        if self.found:
            raise CaseProblems(tuple(self.found))


def line_of(text: str, words: tuple[str, ...]) -> int | None:
    """The line of the first word, each following word being sought after the one before; None if not there.

    >>> line_of(":a a :B ;" + chr(10) + "  :p 7 .", ("a", "p"))
    2
    """
    place, found = 0, -1
    for word in words:
        whole = rf"{re.escape(word)}(?![\w-])"
        # A node stands in lists before its own block: a name that opens a line is the block.
        match = re.compile(rf"^(?::|<#){whole}", re.MULTILINE).search(text, place)
        match = match or re.compile(rf"(?<![\w-]){whole}").search(text, place)
        if match is None:
            continue
        found, place = match.start(), match.end()
    return text.count("\n", 0, found) + 1 if found >= 0 else None
