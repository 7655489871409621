"""The codes that would report a service: which families fit it, and what each amounts to over its levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reasoner.codebook import PER_OPERATION, Code, Codebook, Family
from reasoner.tally import (
    CodedService,
    CodeLine,
    Level,
    cluster_lines,
    clusters,
    counted,
    does,
    goes,
    lines_for,
    runs_of,
)


@dataclass(frozen=True, slots=True)
class Option:
    """Codes with their units that would report the work, under which condition, and at which levels if not at all."""

    lines: tuple[CodeLine, ...]
    condition: str = ""
    at: tuple[Level, ...] = ()


def expected_codes(book: Codebook, service: CodedService, services: Iterable[CodedService] = ()) -> tuple[Option, ...]:
    """The codes, with units, that would report one service, seen among its neighbours; several where the record leaves a choice.

    A plan without any code at all is answered too. Options that depend on something the record
    does not state carry that condition in words.
    """
    among = tuple(services) or (service,)
    classes = book.classes(service.procedure_classes)
    standing = [family for family in book.families.values() if _may_stand(book, family, service, among)]
    fitting = [family for family in standing if family.reports & classes]
    named = [family for family in fitting if family.used_for & classes]
    narrower = [] if fitting else [family for family in standing if is_wider(book, service, family.reports)]
    options: list[Option] = []
    for family in sorted(named or fitting or narrower, key=lambda one: (bool(one.used_when), one.precedence, one.iri)):
        condition = "" if named else when(family.used_when) or (f"for {family.label}" if narrower else "")
        if family.group != family.iri and not family.used_when:
            options.extend(Option(lines, condition) for lines in _run_lines(book, family, service, among))
        else:
            options.extend(_family_options(book, family, service, among, condition))
    return tuple(dict.fromkeys(option for option in options if option.lines))


def _run_lines(
    book: Codebook, family: Family, service: CodedService, among: tuple[CodedService, ...]
) -> list[tuple[CodeLine, ...]]:
    """The codes of every run that a service of a run group takes part in."""
    families = [one for one in book.families.values() if one.group == family.group]
    found = clusters(book, families, among)
    lines = cluster_lines(book, families, found, frozenset())
    return [line for cluster, line in zip(found, lines, strict=True) if service in cluster.services]


def _family_options(
    book: Codebook, family: Family, service: CodedService, among: tuple[CodedService, ...], condition: str
) -> Iterator[Option]:
    """The codes of one family for one service, apart where its codes have conditions of their own."""
    classes = book.classes(service.procedure_classes)
    first = [book.codes[code] for code in family.primaries]
    first = [code for code in first if code.used_for & classes] or first
    stated = len(first) < len(family.primaries)
    levels = _levels_for(book, family, service, among)
    part = levels if len(levels) < len(counted(book, family, service.levels)) else ()
    runs = runs_of(levels, together=family.counts_together or family.unit == PER_OPERATION)
    for own in dict.fromkeys(code.used_when for code in first) or {"": None}:
        only = frozenset(code.iri for code in first if code.used_when == own and _goes_there(book, code, service))
        if first and not only:
            continue
        units: Counter[str] = Counter()
        for run in runs or ((),):
            units.update({line.code: line.units or 1 for line in lines_for(book, family, run, only or None)})
        conditions = dict.fromkeys(one for one in (condition, "" if stated else when(own)) if one)
        lines = tuple(CodeLine(code, count) for code, count in units.items())
        yield Option(lines, ", and ".join(conditions), part)


def _levels_for(
    book: Codebook, family: Family, service: CodedService, among: tuple[CodedService, ...]
) -> tuple[Level, ...]:
    """The levels of a service that a family can report, given what is done beside it at each."""

    def has(level: Level, families: frozenset[str]) -> bool:
        here = [one for one in among if level in one.levels.segments or level in one.levels.vertebrae]
        classes = book.classes(cls for one in here for cls in one.procedure_classes)
        return any(does(book, book.families[one], classes) for one in families)

    return tuple(
        level
        for level in counted(book, family, service.levels)
        if not has(level, family.not_beside) and (not family.beside or has(level, family.beside))
    )


def _goes_there(book: Codebook, code: Code, service: CodedService) -> bool:
    return not service.route or not code.routes or goes(book, code.routes, frozenset({service.route}))


def _may_stand(book: Codebook, family: Family, service: CodedService, among: tuple[CodedService, ...]) -> bool:
    """Whether a family can report a service here: within its reach, by its route, beside the right neighbours."""
    if service.route and family.routes and not goes(book, family.routes, frozenset({service.route})):
        return False
    if family.unit == PER_OPERATION or not service.levels:
        return not family.beside
    return bool(_levels_for(book, family, service, among))


def is_wider(book: Codebook, service: CodedService, classes: frozenset[str]) -> bool:
    """Whether a service is named by a class wider than one of these, so that it may mean it."""
    named = service.procedure_classes
    implied = {wide for one in named for wide in book.wider.get(one, frozenset())}
    exact = named - implied
    return any(exact & book.wider.get(one, frozenset()) for one in classes)


def when(condition: str) -> str:
    """A condition as the clause that follows a code."""
    return f"when {condition}" if condition else ""
