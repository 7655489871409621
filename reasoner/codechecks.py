"""The checks: each holds the codes of one operation against its work in one respect.

A check says for the services concerned whether the codes agree, do not, or whether the record
leaves it open; what it compares them with is data of the code book.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from reasoner.codebook import PER_OPERATION, PER_VERTEBRA, Code, Codebook, Family
from reasoner.tally import (
    Cluster,
    CodedService,
    CodeLine,
    Level,
    Levels,
    applies,
    cluster_lines,
    clusters,
    counted,
    does,
    goes,
    in_range,
    lines_for,
    runs_of,
)
from reasoner.vocabulary import NECESSITY


@dataclass(frozen=True, slots=True)
class Option:
    """Codes with their units that would report the work, under which condition, and at which levels if not at all."""

    lines: tuple[CodeLine, ...]
    condition: str = ""
    at: tuple[Level, ...] = ()


class Said(NamedTuple):
    """One answer of a check before it is worded."""

    kind: str
    services: tuple[CodedService, ...]
    agrees: bool | None
    codes: tuple[str, ...] = ()
    expected: tuple[Option, ...] = ()
    partners: tuple[str, ...] = ()
    about: tuple[CodedService, ...] = ()


class Line(NamedTuple):
    """A code line with the service that carries it and what the code book says of it."""

    service: CodedService
    code: Code
    units: int | None


@dataclass(frozen=True, slots=True)
class Session:
    """The services of one operation, their lines, and the book they are read by."""

    book: Codebook
    services: tuple[CodedService, ...]
    lines: tuple[Line, ...]
    on: date | None

    def groups(self) -> Iterator[tuple[list[Family], list[tuple[Cluster, tuple[CodeLine, ...]]]]]:
        """Each group of families whose codes are billed, with its clusters and the codes expected for each."""
        billed = frozenset(family for line in self.lines for family in line.code.families)
        for group in dict.fromkeys(family.group for family in self.book.families.values()):
            families = [family for family in self.book.families.values() if family.group == group]
            if any(family.iri in billed for family in families):
                found = clusters(self.book, families, self.services)
                yield families, list(zip(found, cluster_lines(self.book, families, found, billed), strict=True))

    def lines_at(self, cluster: Cluster, families: list[Family], *, ranged: bool = False) -> list[Line]:
        """The lines of a group of families that belong to a cluster."""
        codes = {c for f in families for c in (f.ranged if ranged else (*f.primaries, *f.further))}
        return [
            line
            for line in self.lines
            if line.code.iri in codes
            and (line.service in cluster.services or any(line.service.levels.touches(s.levels) for s in cluster.services))
        ]

    def is_done(self, code: Code, levels: Levels) -> bool:
        """Whether some service at these levels is work that a code reports, or may be a wider name of it."""
        return any(
            code.reports & self.book.classes(service.procedure_classes) or _is_wider(self.book, service, code.reports)
            for service in self.services
            if service.levels.touches(levels)
        )


def expected_codes(book: Codebook, service: CodedService, services: Iterable[CodedService] = ()) -> tuple[Option, ...]:
    """The codes, with units, that would report one service, seen among its neighbours; several where the record leaves a choice.

    A plan without any code at all is answered too. Options that depend on something the record
    does not state carry that condition in words.
    """
    among = tuple(services) or (service,)
    session = Session(book, among, (), None)
    classes = book.classes(service.procedure_classes)
    standing = [family for family in book.families.values() if _may_stand(book, family, service, among)]
    fitting = [family for family in standing if family.reports & classes]
    named = [family for family in fitting if family.used_for & classes]
    narrower = [] if fitting else [family for family in standing if _is_wider(book, service, family.reports)]
    options: list[Option] = []
    for family in sorted(named or fitting or narrower, key=lambda one: (bool(one.used_when), one.precedence, one.iri)):
        condition = "" if named else family.used_when or (family.label if narrower else "")
        if family.group != family.iri and not family.used_when:
            options.extend(Option(lines, condition) for lines in _run_lines(session, family, service))
        else:
            options.extend(_family_options(book, family, service, among, condition))
    return tuple(dict.fromkeys(option for option in options if option.lines))


def _run_lines(session: Session, family: Family, service: CodedService) -> list[tuple[CodeLine, ...]]:
    """The codes of every run that a service of a run group takes part in."""
    families = [one for one in session.book.families.values() if one.group == family.group]
    found = clusters(session.book, families, session.services)
    lines = cluster_lines(session.book, families, found, frozenset())
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
        conditions = dict.fromkeys(one for one in (condition, "" if stated else own) if one)
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


def _is_wider(book: Codebook, service: CodedService, classes: frozenset[str]) -> bool:
    """Whether a service is named by a class wider than one of these, so that it may mean it."""
    named = service.procedure_classes
    implied = {wide for one in named for wide in book.wider.get(one, frozenset())}
    exact = named - implied
    return any(exact & book.wider.get(one, frozenset()) for one in classes)


def _pairing(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if not line.code.needs:
            continue
        partners = [one for one in session.lines if one.code.iri in line.code.needs]
        if line.code.at_same_level:
            partners = [one for one in partners if one.service.levels.touches(line.service.levels)]
        elif line.code.further_in:
            partners = [one for one in partners if _is_near(one.service, line.service)]
        expected = () if partners else expected_codes(session.book, line.service, session.services)
        paired = tuple(sorted(line.code.needs)) if not partners else ()
        yield Said(_kind("AddOnPairing"), (line.service,), bool(partners), (line.code.iri,), expected, paired)


def _is_near(one: CodedService, other: CodedService) -> bool:
    return not one.levels or not other.levels or bool(one.levels.regions() & other.levels.regions())


def _runs(session: Session) -> Iterator[Said]:
    """First-space codes and units, for every run of levels under one group of families."""
    for families, found in session.groups():
        for cluster, expected in found:
            lines = session.lines_at(cluster, families)
            if not lines or all(family.unit == PER_OPERATION for family in families):
                continue
            services = tuple(dict.fromkeys((*cluster.services, *(line.service for line in lines))))
            codes = tuple(dict.fromkeys(line.code.iri for line in lines))
            first = [line for line in lines if line.code.primary_in and not line.code.further_in]
            option = (Option(expected),)
            if sum(line.units or 1 for line in first) > len(cluster.runs):
                names = {line.code.iri for line in first}
                if not any(code.replaces and code.replaces <= names for code in session.book.codes.values()):
                    yield Said(_kind("PrimaryCount"), services, False, codes, option)
                continue
            yield Said(_kind("PrimaryCount"), services, True, codes)
            wanted = sum(line.units or 1 for line in expected)
            least = sum(line.units or 1 for line in lines)
            stated = all(line.units is not None for line in lines)
            agrees: bool | None = least == wanted
            if least < wanted and not stated:
                agrees = None
            if wanted < least <= 2 * wanted and any(family.counts_sides for family in families):
                agrees = None
            yield Said(_kind("UnitMatch"), services, agrees, codes, () if agrees else option)


def _length(session: Session) -> Iterator[Said]:
    for families, found in session.groups():
        for cluster, expected in found:
            for line in session.lines_at(cluster, families, ranged=True):
                fits = any(in_range(line.code, len(run)) for run in cluster.runs)
                yield Said(_kind("LengthMatch"), cluster.services, fits, (line.code.iri,), () if fits else (Option(expected),))


def _region(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if not line.code.places:
            continue
        doing = [
            service
            for service in session.services
            if service.levels.touches(line.service.levels)
            and line.code.reports & session.book.classes(service.procedure_classes)
        ] or [line.service]
        levels = {
            level
            for service in doing
            for family in line.code.families
            for level in _grain(session.book.families[family], service.levels)
        }
        agrees = any(applies(line.code, level) for level in levels) if levels else None
        expected = () if agrees is not False else expected_codes(session.book, doing[0], session.services)
        yield Said(_kind("RegionMatch"), (line.service,), agrees, (line.code.iri,), expected)


def _grain(family: Family, levels: Levels) -> tuple[Level, ...]:
    return levels.vertebrae if family.unit == PER_VERTEBRA else levels.segments or levels.vertebrae


def _fit(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if line.code.reports:
            agrees = session.is_done(line.code, line.service.levels)
            expected = () if agrees else expected_codes(session.book, line.service, session.services)
            yield Said(line.code.fit_checked_as, (line.service,), agrees, (line.code.iri,), expected)


def _naming(session: Session) -> Iterator[Said]:
    """Work that no code reports: requested services, and steps that the plan only describes."""
    for service in session.services:
        expected = expected_codes(session.book, service, session.services)
        if not expected:
            continue
        classes = session.book.classes(service.procedure_classes)
        reporting = tuple(
            line.code.iri
            for line in session.lines
            if line.service.levels.touches(service.levels)
            and ((line.code.reports | line.code.includes_work) & classes or _is_wider(session.book, service, line.code.reports))
        )
        if not reporting and any(line.service is service for line in session.lines):
            continue  # Its own codes name other work: that is said by the match of code and work.
        agrees = bool(reporting) or (None if not session.lines else False)
        kind = _kind("CodeNaming" if service.is_requested else "StepCoding")
        bearers = (service,) if service.is_requested else (service, *_bearers(session, service))
        yield Said(kind, bearers, agrees, reporting, () if reporting else expected, about=(service,))


def _bearers(session: Session, step: CodedService) -> list[CodedService]:
    """The requested services that a described step belongs to: those at its levels, else all."""
    asked = [one for one in session.services if one.is_requested]
    return [one for one in asked if one.levels.touches(step.levels)] or asked


def _combined(session: Session) -> Iterator[Said]:
    for code in session.book.codes.values():
        if not code.replaces:
            continue
        parts = [[line for line in session.lines if line.code.iri == part] for part in sorted(code.replaces)]
        for line in parts[0]:
            others = [next((o for o in part if o.service.levels.touches(line.service.levels)), None) for part in parts[1:]]
            whole = [line, *(other for other in others if other is not None)]
            if len(whole) < len(parts):
                continue
            services = tuple(dict.fromkeys(one.service for one in whole))
            run = next(
                (
                    lines
                    for families, found in session.groups()
                    for cluster, lines in found
                    if code.families & {family.iri for family in families} and line.service in cluster.services
                ),
                (CodeLine(code.iri, 1),),
            )
            yield Said(_kind("CombinedCodeUse"), services, False, tuple(one.code.iri for one in whole), (Option(run),))


def _compatible(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if not line.code.not_with:
            continue
        clashing = [
            one
            for one in session.lines
            if one.code.iri in line.code.not_with and one.service.levels.touches(line.service.levels)
        ]
        for other in clashing:
            instead = tuple(CodeLine(code, line.units or 1) for code in line.code.instead)
            kept = Option((CodeLine(other.code.iri, other.units), *instead))
            services = tuple(dict.fromkeys((line.service, other.service)))
            yield Said(_kind("CompatibleCodes"), services, False, (line.code.iri, other.code.iri), (kept,))
        if not clashing:
            yield Said(_kind("CompatibleCodes"), (line.service,), True, (line.code.iri,))


def _once(session: Session) -> Iterator[Said]:
    for code in dict.fromkeys(line.code for line in session.lines if line.code.once_per_session):
        lines = [line for line in session.lines if line.code == code]
        agrees = sum(line.units or 1 for line in lines) == 1
        services = tuple(dict.fromkeys(line.service for line in lines))
        yield Said(_kind("GraftOnce"), services, agrees, (code.iri,), () if agrees else (Option((CodeLine(code.iri, 1),)),))


def _currency(session: Session) -> Iterator[Said]:
    for line in session.lines:
        code = line.code
        agrees: bool | None = True
        if code.retired is not None or code.introduced is not None:
            year = session.on.year if session.on else None
            agrees = None if year is None else (code.introduced or year) <= year < (code.retired or year + 1)
        heirs = tuple(Option((CodeLine(heir, line.units),), _condition(session.book, heir)) for heir in code.replaced_by)
        yield Said(_kind("CodeCurrency"), (line.service,), agrees, (code.iri,), heirs if agrees is False else ())


def _condition(book: Codebook, code: str) -> str:
    if code not in book.codes:
        return ""
    one = book.codes[code]
    return one.used_when or next((book.families[family].label for family in sorted(one.families)), "")


def _bundled(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if line.code.is_bundled:
            yield Said(_kind("BundledUse"), (line.service,), agrees=False, codes=(line.code.iri,))


def _anchor(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if not line.code.anchors:
            continue
        doing = [
            one for one in session.services if line.code.reports & session.book.classes(one.procedure_classes)
        ]
        reached = {level.iri for one in (line.service, *doing) for level in (*one.levels.vertebrae, *one.levels.segments)}
        agrees = True if reached & line.code.anchors else None if doing else False
        yield Said(_kind("PelvicAnchor"), (line.service,), agrees, (line.code.iri,))


CHECKS: Final[tuple[Callable[[Session], Iterator[Said]], ...]] = (
    _pairing, _runs, _length, _region, _fit, _naming, _combined, _compatible, _once, _currency, _bundled, _anchor,
)  # fmt: skip


def _kind(name: str) -> str:
    return NECESSITY + name
