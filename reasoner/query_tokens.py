"""The text of a SPARQL query as tokens: in one pass, without recursion, and without knowing what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple, NoReturn

from reasoner.errors import CaseUnreadable


class Kind(Enum):
    """What a token is."""

    IRI = auto()
    STRING = auto()
    NAME = auto()
    """A name with a prefix, or a prefix alone: `ex:a`, `ex:`, `:a`."""
    BLANK = auto()
    VARIABLE = auto()
    WORD = auto()
    NUMBER = auto()
    LANGUAGE = auto()
    MARK = auto()


class Token(NamedTuple):
    """One token, and where in the text it begins."""

    kind: Kind
    text: str
    at: int


_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_MARKED: Final = "\u00b7\u0300-\u036f\u203f-\u2040"
_INNER: Final = f"{_BASE}_0-9{_MARKED}-"
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_CODEPOINT: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"

# Every repetition is possessive: what it took it never gives back, so no text is walked over twice. Long texts are
# unrolled instead, to the same end: some releases of Python 3.11 mistake a possessive one that looks ahead.
_NEXT: Final = re.compile(
    rf"""
      (?P<skip>[ \t\r\n]++|\#[^\n\r]*+)
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|{_CODEPOINT})*+>)
    | (?P<long>\"{{3}}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"{{3}}|'{{3}}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{{3}})
    | (?P<open>\"{{3}}|'{{3}})
    | (?P<string>"(?:[^"\\\n\r]|\\[^\n\r])*+"|'(?:[^'\\\n\r]|\\[^\n\r])*+')
    | (?P<variable>[?$][{_BASE}_0-9][{_BASE}_0-9{_MARKED}]*+)
    | (?P<blank>_:[{_BASE}_0-9](?:\.*+[{_INNER}])*+)
    | (?P<run>[{_BASE}][{_INNER}.]*+)
    | (?P<colon>:)
    | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    | (?P<language>@[A-Za-z]++(?:-++[A-Za-z0-9]++)*+)
    | (?P<mark><<|>>|\^\^|\|\||&&|!=|<=|>=|[{{}}()\[\].,;|/^*+?!=<>~-])
    """,
    re.VERBOSE | re.DOTALL,
)
_LOCAL: Final = re.compile(rf"(?:[{_BASE}_0-9:]|{_ESCAPED})(?:[{_INNER}.:]|{_ESCAPED})*+")
_PLAIN_KINDS: Final = {
    "iri": Kind.IRI,
    "long": Kind.STRING,
    "string": Kind.STRING,
    "variable": Kind.VARIABLE,
    "blank": Kind.BLANK,
    "number": Kind.NUMBER,
    "language": Kind.LANGUAGE,
    "mark": Kind.MARK,
}
_ESCAPE: Final = re.compile(_CODEPOINT)
_MEANINGFUL: Final = frozenset("\"'\\<>{}|^`#")
_LAST_CODEPOINT: Final = 0x10FFFF
_SPACE: Final = 0x20


def tokens(query: str) -> Iterator[Token]:
    r"""The tokens of a query, without comments and white space.

    A codepoint escape may stand in a string, an IRI or a comment, for a letter that means nothing to
    SPARQL: then it is the same whether it is resolved before or after the text is cut into tokens.
    Raises CaseUnreadable where no token begins.

    >>> [token.text for token in tokens("ASK{ex:a.?b<c>'}'}#}")]
    ['ASK', '{', 'ex:a', '.', '?b', '<c>', "'}'", '}']
    """
    _check_escapes(query)
    at = 0
    while at < len(query):
        found = _NEXT.match(query, at)
        if found is None or found.lastgroup is None:
            refuse(query, at, "syntax", "No word, name or sign of SPARQL begins here.")
        kind, text = found.lastgroup, found[0]
        if kind == "open":
            refuse(query, at, "syntax", "A text that begins here does not end.")
        if kind == "skip":
            at = found.end()
        elif kind == "run":
            yield from _run(query, at, text)
            at = _end_of_run(query, at, text)
        elif kind == "colon":
            end = _end_of_local(query, found.end())
            yield Token(Kind.NAME, query[at:end], at)
            at = end
        else:
            yield Token(_PLAIN_KINDS[kind], text, at)
            at = found.end()


def position(query: str, at: int) -> str:
    r"""A place in a text as people say it.

    >>> position("ab\ncd", 4)
    'query, line 2, column 2'
    """
    before = query[:at].replace("\r\n", "\n").replace("\r", "\n")
    return f"query, line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def refuse(query: str, at: int, code: str, what: str, mend: str = "") -> NoReturn:
    """Refuse a query at a place; nothing of its text is repeated."""
    raise CaseUnreadable(f"query.{code}", what, where=position(query, at), mend=mend)


def _check_escapes(query: str) -> None:
    for found in _ESCAPE.finditer(query):
        number = int(found[0].lstrip("\\uU"), 16)
        unusual = number > _LAST_CODEPOINT or 0xD800 <= number <= 0xDFFF  # noqa: PLR2004  the surrogates
        if unusual or number <= _SPACE or chr(number) in _MEANINGFUL:
            what = "A codepoint escape stands for no letter, or for one that means something to SPARQL."
            refuse(query, found.start(), "escape", what, 'Write the letter itself, or \\" and \\n in a text.')


def _is_prefix(query: str, at: int, run: str) -> bool:
    return not run.endswith(".") and query.startswith(":", at + len(run))


def _run(query: str, at: int, run: str) -> Iterator[Token]:
    """A run of letters and dots: a name with its prefix, or words with full stops between them."""
    if _is_prefix(query, at, run):
        yield Token(Kind.NAME, query[at : _end_of_run(query, at, run)], at)
        return
    start = at
    for index, piece in enumerate(run.split(".")):
        if index:
            yield Token(Kind.MARK, ".", start - 1)
        if piece:
            yield Token(Kind.NUMBER if piece.isdecimal() else Kind.WORD, piece, start)
        start += len(piece) + 1


def _end_of_run(query: str, at: int, run: str) -> int:
    end = at + len(run)
    return _end_of_local(query, end + 1) if _is_prefix(query, at, run) else end


def _end_of_local(query: str, at: int) -> int:
    """Where the part after the colon ends: not with a full stop, unless that is escaped."""
    found = _LOCAL.match(query, at)
    if found is None:
        return at
    end = found.end()
    while query[end - 1] == "." and query[end - 2] != "\\":
        end -= 1
    return end
