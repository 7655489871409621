"""What only the text of a Turtle file shows: its header, its blocks, their order, and nothing left lying about.

The source is written by hand and never rewritten by a formatter, because sorting would destroy
the order in which it is to be read; so habits are looked at here and mended by the author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

GENERATED: Final = frozenset({"inferred.ttl"})
_PREFIX: Final = re.compile(r"@prefix ([A-Za-z0-9-]*): +<([^<>\s]+)> \.")
_BANNER: Final = "### "
_NAMELESS: Final = "[]"
_ALPHABETICAL: Final = frozenset({"Classes", "Properties", "References"})
_WORDS: Final = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>', re.DOTALL)
_NAME: Final = re.compile(r"(?<![\w:^@-])([A-Za-z][\w-]*|):(?=[\w-])|\^\^([A-Za-z][\w-]*):")
_TYPED: Final = re.compile(r"\^\^xsd:(string|integer|decimal|boolean)\b")
_ORDER: Final = (
    "a",
    "rdfs:subClassOf",
    "skos:notation",
    "skos:prefLabel",
    "skos:altLabel",
    "skos:definition",
    "skos:example",
    "skos:scopeNote",
    "skos:editorialNote",
    "sh:path",
    "sh:qualifiedMinCount",
    "sh:qualifiedValueShape",
    "sh:message",
)


class Block(NamedTuple):
    """One subject with its statements: the line it begins on, the section it stands in, and its lines."""

    line: int
    section: str
    lines: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The subject as it is written."""
        return self.lines[0]


def lint(folder: Path) -> list[str]:
    """Everything in the text of the Turtle files below a folder that departs from the style, file by file.

    >>> from reasoner.library import bundled
    >>> lint(bundled() / "shapes" / "setting-of-care")
    []
    """
    paths = sorted(path for path in folder.rglob("*.ttl") if path.name not in GENERATED)
    return [
        f"{path.relative_to(folder).as_posix()}:{line}: {what}"
        for path in paths
        for line, what in sorted(set(faults_in(path.read_text(encoding="utf-8"))))
    ]


def faults_in(text: str) -> Iterator[tuple[int, str]]:
    """Line and fault of everything in one file's text that departs from the style."""
    yield from _lines(text)
    yield from _header(text)
    blocks = blocks_of(text)
    for block in blocks:
        yield from _block(block)
    yield from _subjects(blocks)


def blocks_of(text: str) -> list[Block]:
    """The blocks of a file, in its order; banners name the section that follows them."""
    found: list[Block] = []
    section = ""
    start = 0
    held: list[str] = []
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.startswith(_BANNER):
            section = line.removeprefix(_BANNER)
        elif line.strip() and not line.startswith("@prefix"):
            start = start or number
            held.append(line)
        elif held:
            found.append(Block(start, section, tuple(held)))
            start, held = 0, []
    return found


def clauses_of(blocks: list[Block]) -> list[str]:
    """The names in the list of clauses of a guideline, as they are written."""
    names: list[str] = []
    inside = False
    for line in blocks[0].lines if blocks else ():
        if "nec:clauses" in line:
            inside = True
            line = line.split("(", 1)[-1]  # noqa: PLW2901  what follows the bracket on its line
        if inside:
            names += [word for word in line.split() if ":" in word]
            if ")" in line:
                break
    return names


def _lines(text: str) -> Iterator[tuple[int, str]]:
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield text.count("\n") + 1, "the file ends with one line break"
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if line != line.rstrip() or "\t" in line:
            yield number, "a space at the end of the line, or a tab"
        if not line and number < len(lines) and not lines[number] and number + 1 < len(lines):
            yield number, "two empty lines in a row"
        bare = _WORDS.sub('""', line)
        if bare.lstrip().startswith("#") and not line.startswith(_BANNER):
            yield number, "a comment that is no section banner; what matters is a triple"
        if _TYPED.search(bare):
            yield number, "a number, truth value or text is written bare, without its datatype"


def _header(text: str) -> Iterator[tuple[int, str]]:
    lines = text.splitlines()
    count = next((n for n, line in enumerate(lines) if not line.startswith("@prefix")), len(lines))
    found = [_PREFIX.fullmatch(line) for line in lines[:count]]
    if not count or not all(found) or (count < len(lines) and lines[count]):
        yield 1, "the file begins with its prefixes, one to a line, and an empty line after them"
        return
    names = [match[1] for match in found if match]
    if names != sorted(names):
        yield 1, "prefixes are sorted"
    used = {match[1] or match[2] or "" for match in _NAME.finditer(_WORDS.sub('""', "\n".join(lines[count:])))}
    for number, name in enumerate(names, start=1):
        if name not in used:
            yield number, f"the prefix {name}: is not used"
    for number, line in enumerate(lines[count:], start=count + 1):
        if line.startswith("@"):
            yield number, "a prefix stands apart from the header"


def _block(block: Block) -> Iterator[tuple[int, str]]:
    if any(mark in block.subject for mark in " \t;"):
        yield block.line, "a subject stands alone on its line"
    if block.lines[-1] != "    ." or any(line.strip() == "." for line in block.lines[:-1]):
        yield block.line, "a block ends with a full stop alone on its line, and an empty line after it"
    if any(not line.startswith("    ") for line in block.lines[1:]):
        yield block.line, "statements are set in by four spaces"
    heads = _predicates(block)
    ranked = [_ORDER.index(head) for head in heads if head in _ORDER]
    if ranked != sorted(ranked):
        out = next(b for a, b in pairwise(ranked) if a > b)
        yield block.line, f"{_ORDER[out]} stands out of the order of predicates"


def _predicates(block: Block) -> list[str]:
    """The predicate of each statement of a block: the first word after a semicolon outside brackets."""
    heads: list[str] = []
    depth = 0
    fresh = True
    for line in block.lines[1:]:
        words = _WORDS.sub('""', line).split()
        for word in words:
            if fresh and not depth and word != ".":
                heads.append(word)
            fresh = word == ";" and not depth
            depth += word.count("[") + word.count("(") - word.count("]") - word.count(")")
            if word == ";" and not depth:
                fresh = True
    return heads


def _subjects(blocks: list[Block]) -> Iterator[tuple[int, str]]:
    if not blocks or not blocks[0].subject.startswith("<"):
        yield 1, "the first block is about the file itself"
        return
    blocks = [block for block in blocks if block.subject != _NAMELESS]
    names = [block.subject for block in blocks]
    for block, other in pairwise(blocks):
        same = block.section == other.section and block.section in _ALPHABETICAL
        if same and block.subject.lower() > other.subject.lower():
            yield other.line, f"{other.subject} stands out of the order of the alphabet"
    listed = clauses_of(blocks)
    places = [names.index(name) for name in listed if name in names]
    for name in listed:
        if name not in names:
            yield blocks[0].line, f"the clause {name} is not written in this file"
    for before, after in pairwise(places):
        if before > after:
            yield blocks[after].line, f"{names[after]} stands out of the order of the list of clauses"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield blocks[names.index(name)].line, f"{name} is written in more than one block"
