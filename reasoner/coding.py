"""Codes held against the work: where what a request bills and what it describes part, and which codes would agree.

Pure functions from plain data. What each code reports, where, counted how and beside which
others is data of the code book, and the sentence about a finding stands on the criterion that
asks for it; here the answers of the checks are gathered and worded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from reasoner.anatomy import local
from reasoner.candidates import Option, expected_codes
from reasoner.codebook import Check, Codebook
from reasoner.codechecks import CHECKS, Line, Said, Session
from reasoner.tally import CodedService, CodeLine, Level, Levels, levels_of, runs_of
from reasoner.terms import RDF_TYPE, XSD, Literal, Triple
from reasoner.vocabulary import Nec

__all__ = [
    "CodeFact",
    "CodeFinding",
    "CodeLine",
    "CodeReview",
    "Codebook",
    "CodedService",
    "Level",
    "Levels",
    "Option",
    "check",
    "expected_codes",
    "levels_of",
    "review",
    "span_name",
    "worded",
]


@dataclass(frozen=True, slots=True)
class CodeFinding:
    """One place where codes and work part, with the codes that would agree."""

    kind: str
    criterion: str
    services: tuple[str, ...]
    codes: tuple[str, ...]
    expected: tuple[Option, ...]
    pieces: tuple[tuple[str, str], ...]
    message: str


@dataclass(frozen=True, slots=True)
class CodeFact:
    """What one check says of one service: the codes agree, do not, or (None) the record leaves it open."""

    kind: str
    service: str
    agrees: bool | None
    codes: tuple[str, ...]
    expected: tuple[str, ...]

    def triples(self, items: Iterable[str] = ()) -> Iterator[Triple]:
        """The fact as triples, hung on the items of its service (on the service itself if none are given)."""
        node = f"{self.service}.{local(self.kind)}"
        for item in items or (self.service,):
            yield Triple(item, Nec.hasCodeFact, node)
        yield Triple(node, RDF_TYPE, Nec.CodeFact)
        yield Triple(node, RDF_TYPE, self.kind)
        if self.agrees is not None:
            yield Triple(node, Nec.codesAgree, Literal(str(self.agrees).lower(), XSD + "boolean"))
        for code in self.codes:
            yield Triple(node, Nec.concernsCode, code)
        for code in self.expected:
            yield Triple(node, Nec.expectsCode, code)


@dataclass(frozen=True, slots=True)
class CodeReview:
    """Every finding, and every fact that the criteria about codes ask for."""

    findings: tuple[CodeFinding, ...]
    facts: tuple[CodeFact, ...]


def check(book: Codebook, services: Iterable[CodedService], *, on: date | None = None) -> tuple[CodeFinding, ...]:
    """Where the codes of a request and its work part; empty if nowhere.

    >>> check(Codebook({}, {}, {}, {}, {}), [])
    ()
    """
    return review(book, services, on=on).findings


def review(book: Codebook, services: Iterable[CodedService], *, on: date | None = None) -> CodeReview:
    """Hold the codes of a request against its work, session by session.

    A service without a session belongs to the first one; `on` is the day on which codes must be in force.
    """
    among = tuple(services)
    first = min((service.session for service in among if service.session), default="")
    sessions: dict[str, list[CodedService]] = {}
    for service in among:
        sessions.setdefault(service.session or first, []).append(service)
    said: list[Said] = []
    for _, members in sorted(sessions.items()):
        lines = tuple(
            Line(service, book.codes[line.code], line.units)
            for service in members
            for line in service.lines
            if line.code in book.codes
        )
        session = Session(book, tuple(members), lines, on)
        for ask in CHECKS:
            said.extend(ask(session))
    findings = dict.fromkeys(_finding(book, one) for one in said if one.agrees is False)
    return CodeReview(tuple(findings), _facts(said))


def _facts(said: Iterable[Said]) -> tuple[CodeFact, ...]:
    """One fact for each check and service: a fault outweighs an open question, and that an agreement."""
    gathered: dict[tuple[str, str], list[Said]] = {}
    for one in said:
        for service in one.services:
            gathered.setdefault((one.kind, service.iri), []).append(one)
    facts: list[CodeFact] = []
    for (kind, bearer), answers in sorted(gathered.items()):
        values = {one.agrees for one in answers}
        agrees = False if False in values else None if None in values else True
        deciding = [one for one in answers if one.agrees is agrees]
        codes = sorted({code for one in deciding for code in one.codes})
        expected = sorted({line.code for one in deciding for option in one.expected for line in option.lines})
        facts.append(CodeFact(kind, bearer, agrees, tuple(codes), tuple(expected)))
    return tuple(facts)


def _finding(book: Codebook, said: Said) -> CodeFinding:
    asked = book.checks.get(said.kind, Check("", ""))
    subject = (said.about or said.services)[0]
    pieces = {
        "codes": _listed(book, said.codes),
        "expected": "; or ".join(worded(book, option) for option in said.expected) or "none",
        "where": "",
        "levels": span_name(level for service in said.about or said.services for level in service.levels.vertebrae),
        "partners": _listed(book, said.partners),
        "service": subject.label or local(subject.iri),
    }
    pieces["where"] = f" at {pieces['levels']}" if pieces["levels"] else ""
    return CodeFinding(
        kind=said.kind,
        criterion=asked.criterion,
        services=tuple(service.iri for service in said.services),
        codes=said.codes,
        expected=said.expected,
        pieces=tuple(pieces.items()),
        message=asked.template.format_map(pieces),
    )


def _listed(book: Codebook, codes: Iterable[str]) -> str:
    return ", ".join(map(book.name, codes))


def worded(book: Codebook, option: Option) -> str:
    """An option as a coder writes it: 22610 + 22614 × 3."""
    lines = [
        _listed(book, [line.code]) + (f" × {line.units}" if line.units and line.units > 1 else "")
        for line in option.lines
    ]
    when = [f"at {span_name(option.at)}"] if option.at else []
    when += [option.condition] if option.condition else []
    return " + ".join(lines) + (f" ({', '.join(when)})" if when else "")


def span_name(levels: Iterable[Level]) -> str:
    """How a surgeon writes a set of vertebrae or spaces: T10-L2, or L1-L2, L4-S1 where they do not join."""
    names: list[str] = []
    for run in runs_of(levels):
        ends = dict.fromkeys((local(run[0].iri).partition("-")[0], local(run[-1].iri).rpartition("-")[2]))
        names.append("-".join(ends))
    return ", ".join(names)
