"""Decides on the text of a SPARQL query, before any engine sees it, whether it may be run.

What passes neither reaches another host nor changes anything, and is too small to overflow an
engine's stack; how long it runs and how much it holds is for the process to bound that runs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, NoReturn
from urllib.parse import urljoin

from reasoner.query_tokens import Kind, Token, refuse, tokens


class Form(StrEnum):
    """The four forms of a query: two give a table or a truth, two give a graph."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def gives_graph(self) -> bool:
        """Whether its answer is a graph."""
        return self in (Form.CONSTRUCT, Form.DESCRIBE)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A query that may be run: its form, and the graphs that it names with FROM and FROM NAMED."""

    form: Form
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @property
    def names_dataset(self) -> bool:
        """Whether it says itself what it asks about."""
        return bool(self.default_graphs or self.named_graphs)


class Limit(NamedTuple):
    """One limit on the text of a query: its code, the most that passes, what is counted, and why."""

    code: str
    most: int
    counts: str
    reason: str


# Measured on pyoxigraph 0.5 with a stack of 8 MB: what kills the process stands beside what passes.
SIZE: Final = Limit("too-large", 16_384, "bytes", "no question needs more; 16 KB of parentheses kill an engine")
DEPTH: Final = Limit("nesting", 40, "brackets within each other", "1,000 nested calls or 3,000 groups end the process")
SIGNS: Final = Limit("nesting", 40, "! + or - in a row", "16,000 end the process")
OPERATORS: Final = Limit("size", 1_000, "operators", "a sum of 8,000 ends the process")
STEPS: Final = Limit("size", 100, "/ | and ^ of paths and divisions", "a path of 500 steps is planned for ever")
PATTERNS: Final = Limit("size", 100, "triple patterns", "the plan of 150 takes seconds, of 500 for ever")
CLAUSES: Final = Limit("size", 100, "groups, filters and other clauses", "200 joined groups are planned for ever")
TERMS: Final = Limit("size", 500, "words and terms in one group or clause", "DESCRIBE of 3,000 ends the process")
NAME: Final = Limit("size", 2_000, "characters of an IRI", "an engine may read < as `less than`, and all after it")
INSIDE: Final = Limit("nesting", 40, "( and ! inside IRIs", "as above")

LIMITS: Final = (SIZE, DEPTH, SIGNS, OPERATORS, STEPS, PATTERNS, CLAUSES, TERMS, NAME, INSIDE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UPDATES: Final = _words("ADD CLEAR COPY CREATE DELETE DROP INSERT INTO LOAD MOVE TO USING WITH")
_CLAUSES: Final = _words("BIND EXISTS FILTER GRAPH HAVING MINUS OPTIONAL SELECT UNION VALUES")
_WORDS: Final = _CLAUSES | _words(
    """
    A AS ASC ASK BASE BY CONSTRUCT DESC DESCRIBE DISTINCT FALSE FROM GROUP IN LIMIT NAMED NOT OFFSET ORDER PREFIX
    REDUCED SEPARATOR TRUE UNDEF VERSION WHERE
    ABS AVG BNODE BOUND CEIL COALESCE CONCAT CONTAINS COUNT DATATYPE DAY ENCODE_FOR_URI FLOOR GROUP_CONCAT HASLANG
    HASLANGDIR HOURS IF IRI ISBLANK ISIRI ISLITERAL ISNUMERIC ISTRIPLE ISURI LANG LANGDIR LANGMATCHES LCASE MAX MD5 MIN
    MINUTES MONTH NOW OBJECT PREDICATE RAND REGEX REPLACE ROUND SAMETERM SAMPLE SECONDS SHA1 SHA256 SHA384 SHA512 STR
    STRAFTER STRBEFORE STRDT STRENDS STRLANG STRLANGDIR STRLEN STRSTARTS STRUUID SUBJECT SUBSTR SUM TIMEZONE TRIPLE TZ
    UCASE URI UUID YEAR
    """
)
_OPERATORS: Final = _words("|| && + - * = != < > <= >= !")
_PAIRS: Final = {"{": "}", "(": ")", "[": "]", "<<": ">>"}
_CLOSING: Final = frozenset(_PAIRS.values())
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CODEPOINT: Final = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_OF_STEPS: Final = frozenset("/|^")
_OF_PATHS: Final = _OF_STEPS | frozenset("!*+?")
_SEPARATORS: Final = frozenset(".;,")
_UPDATE_MEND: Final = "Use SELECT, ASK, CONSTRUCT or DESCRIBE; nothing can be changed here."
_SERVICE_MEND: Final = "Leave SERVICE out, and give no prefix a name that holds that word."


def limits() -> Iterator[tuple[str, int, str]]:
    """What is counted, the most that passes, and why, for each limit: to be shown to those who ask.

    >>> next(limits())
    ('bytes', 16384, 'no question needs more; 16 KB of parentheses kill an engine')
    """
    for limit in LIMITS:
        yield limit.counts, limit.most, limit.reason


def admit(query: str, prefixes: Mapping[str, str] | None = None) -> Admitted:
    """Whether a query may be run; `prefixes` are those that it need not declare.

    Raises CaseUnreadable with a code that begins with `query.` if it may not; nothing of its text is repeated.

    >>> admit("PREFIX e: <urn:e#> SELECT * FROM e:a { ?s ?p 'SERVICE' }").default_graphs
    ('urn:e#a',)
    """
    if len(query) > SIZE.most or len(query.encode("utf-8", "replace")) > SIZE.most:
        _exceeds(query, 0, SIZE)
    return _Reading(query, dict(prefixes or {})).admitted()


def _exceeds(query: str, at: int, limit: Limit) -> NoReturn:
    what = f"The query has more than {limit.most:,} {limit.counts}."
    refuse(query, at, limit.code, what, "Ask in several queries, or in fewer words.")


class _Frame:
    """What stands within one pair of brackets."""

    __slots__ = ("closing", "is_pattern", "is_rows", "terms")

    def __init__(self, closing: str, *, is_pattern: bool, is_rows: bool) -> None:
        self.closing = closing
        self.is_pattern = is_pattern
        """Whether commas and full stops part triple patterns here, and every member of a list makes two."""
        self.is_rows = is_rows
        self.terms = 0


class _Reading:
    """One walk over the tokens of a query."""

    def __init__(self, query: str, prefixes: dict[str, str]) -> None:
        self._query = query
        self._tokens = list(tokens(query))
        self._prefixes = prefixes
        self._base = ""
        self._counts: dict[Limit, int] = dict.fromkeys(LIMITS, 0)
        self._frames = [_Frame("", is_pattern=False, is_rows=False)]
        self._next = 0

    def admitted(self) -> Admitted:
        """The form and the graphs, once every token was looked at."""
        for token in self._tokens:
            self._check_word(token)
        form = self._form()
        graphs: dict[bool, list[str]] = {False: [], True: []}
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            self._next += 1
            if token.kind is Kind.WORD and token.text.upper() == "FROM":
                is_named, graph = self._graph(token)
                graphs[is_named].append(graph)
            else:
                self._count(token)
        if len(self._frames) > 1:
            refuse(self._query, len(self._query), "syntax", f"A {self._frames[-1].closing} is missing.")
        return Admitted(form, tuple(graphs[False]), tuple(graphs[True]))

    def _check_word(self, token: Token) -> None:
        # Engines do not ask for a space after a keyword: `SERVICEex:a` may be read as a name or as a call.
        if token.kind is Kind.NAME:
            label = token.text.partition(":")[0].upper()
            if "SERVICE" in label:
                self._refuse_service(token)
            return
        if token.kind is Kind.IRI:
            self._check_iri(token)
        if token.kind is not Kind.WORD:
            return
        word = token.text.upper()
        if "SERVICE" in word:
            self._refuse_service(token)
        if word in _UPDATES:
            refuse(self._query, token.at, "update", "A query may not change anything.", _UPDATE_MEND)
        if word not in _WORDS:
            refuse(self._query, token.at, "syntax", "This is no word of a SPARQL query.")

    def _refuse_service(self, token: Token) -> NoReturn:
        refuse(self._query, token.at, "service", "A query may not ask another server.", _SERVICE_MEND)

    def _check_iri(self, token: Token) -> None:
        # `1<((2))&&3>2` holds an IRI to the letter of SPARQL, and an expression to an engine.
        if len(token.text) > NAME.most:
            _exceeds(self._query, token.at, NAME)
        self._add(INSIDE, token, token.text.count("(") + token.text.count("!"))

    def _add(self, limit: Limit, token: Token, number: int = 1) -> None:
        self._counts[limit] += number
        if self._counts[limit] > limit.most:
            _exceeds(self._query, token.at, limit)

    def _take(self, kind: Kind, what: str) -> Token:
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        if token is None or token.kind is not kind:
            refuse(self._query, token.at if token else len(self._query), "syntax", f"{what} is missing here.")
        self._next += 1
        return token

    def _form(self) -> Form:
        """The word that says the form, after the prologue."""
        while True:
            word = self._take(Kind.WORD, "SELECT, ASK, CONSTRUCT or DESCRIBE")
            name = word.text.upper()
            if name == "BASE":
                self._base = self._resolved(self._take(Kind.IRI, "An IRI"))
            elif name == "PREFIX":
                label = self._take(Kind.NAME, "A prefix")
                prefix, _, local = label.text.partition(":")
                if local:
                    refuse(self._query, label.at, "syntax", "A prefix ends with its colon.")
                self._prefixes[prefix] = self._resolved(self._take(Kind.IRI, "An IRI"))
            elif name == "VERSION":
                self._take(Kind.STRING, "A version")
            elif name in Form.__members__:
                return Form(name)
            else:
                refuse(self._query, word.at, "syntax", "SELECT, ASK, CONSTRUCT or DESCRIBE is missing here.")

    def _graph(self, token: Token) -> tuple[bool, str]:
        if len(self._frames) > 1:
            refuse(self._query, token.at, "syntax", "FROM stands before the first bracket.")
        following = self._tokens[self._next] if self._next < len(self._tokens) else token
        is_named = following.kind is Kind.WORD and following.text.upper() == "NAMED"
        self._next += is_named
        named = self._tokens[self._next] if self._next < len(self._tokens) else token
        if named.kind is Kind.NAME:
            self._next += 1
            return is_named, self._expanded(named)
        return is_named, self._resolved(self._take(Kind.IRI, "The IRI of a graph"))

    def _expanded(self, name: Token) -> str:
        prefix, _, local = name.text.partition(":")
        if prefix not in self._prefixes:
            refuse(self._query, name.at, "syntax", "This prefix is not declared.")
        return self._prefixes[prefix] + local.replace("\\", "")

    def _resolved(self, token: Token) -> str:
        """An IRI, a relative one as BASE says; without BASE it is left for the engine to refuse."""
        iri = _CODEPOINT.sub(lambda found: chr(int(found[0][2:], 16)), token.text[1:-1])  # noqa: FURB166  no 0x prefix
        if not self._base or _ABSOLUTE.match(iri):
            return iri
        try:
            # The library drops an empty fragment, which makes a prefix of it.
            return urljoin(self._base, iri) + ("#" if iri.endswith("#") else "")
        except ValueError:
            refuse(self._query, token.at, "syntax", "This IRI cannot be resolved.")

    def _count(self, token: Token) -> None:
        """Count a token of the body for every limit that it falls under."""
        top = self._frames[-1]
        if token.kind is Kind.MARK and token.text in _CLOSING:
            if token.text != top.closing:
                refuse(self._query, token.at, "syntax", "This bracket closes none that is open.")
            self._frames.pop()
            self._counts[SIGNS] = 0
            return
        top.terms += 0 if top.is_rows else 1
        if top.terms > TERMS.most and (top.closing in ("", "}", "]") or top.is_pattern):
            _exceeds(self._query, token.at, TERMS)
        if top.is_pattern and top.closing == ")" and not self._is_in_path(token):
            self._add(PATTERNS, token, 2)
        if token.kind is Kind.MARK:
            self._count_mark(token, top)
        else:
            self._counts[SIGNS] = 0
        if token.kind is Kind.WORD and token.text.upper() in _CLAUSES:
            self._add(CLAUSES, token)
        if token.kind is Kind.NAME and len(self._frames) == 1 and token.text.upper().startswith(("FROM", "NAMED")):
            refuse(self._query, token.at, "syntax", "A prefix of such a name cannot be told from FROM here.")

    def _count_mark(self, token: Token, top: _Frame) -> None:
        mark = token.text
        if mark in _PAIRS:
            self._open(token, top)
        elif mark in _OF_STEPS:
            self._add(STEPS, token)
        elif mark in _OPERATORS:
            self._add(OPERATORS, token)
        elif mark in _SEPARATORS and top.is_pattern:
            self._add(PATTERNS, token)
        if mark in ("!", "+", "-", "^"):
            self._add(SIGNS, token)
        elif mark not in _PAIRS:
            self._counts[SIGNS] = 0

    def _open(self, token: Token, top: _Frame) -> None:
        mark = token.text
        if len(self._frames) > DEPTH.most:
            _exceeds(self._query, token.at, DEPTH)
        if mark == "{":
            is_rows = self._follows_values()
            if not is_rows:
                self._add(CLAUSES, token)
            self._frames.append(_Frame("}", is_pattern=not is_rows, is_rows=is_rows))
            return
        is_list = mark == "(" and top.is_pattern and not self._follows_word()
        if mark == "[" and top.is_pattern:
            self._add(PATTERNS, token)
        self._frames.append(_Frame(_PAIRS[mark], is_pattern=mark == "[" or is_list, is_rows=top.is_rows))

    def _is_in_path(self, token: Token) -> bool:
        """Whether a token in brackets is a step of a path rather than a member of a list."""
        return token.text in _OF_PATHS or self._tokens[self._next - 2].text in _OF_PATHS

    def _follows_word(self) -> bool:
        """Whether the bracket just read follows a word: a call or a clause, not a list."""
        return self._next > 1 and self._tokens[self._next - 2].kind is Kind.WORD

    def _follows_values(self) -> bool:
        """Whether the bracket just read opens the rows of VALUES: after the word come one variable, or several in ()."""
        at = self._next - 2
        if at >= 0 and self._tokens[at].text == ")":
            while at > 0 and self._tokens[at].text != "(":
                at -= 1
        return at > 0 and self._tokens[at - 1].text.upper() == "VALUES"
