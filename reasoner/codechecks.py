"""The checks: each holds the codes of one operation against its work in one respect.

A check says for the services concerned whether the codes agree, do not, or whether the record
leaves it open; what it compares them with is data of the code book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from reasoner.candidates import Option, expected_codes, is_wider, when
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
    in_range,
)
from reasoner.vocabulary import NECESSITY


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
            and (
                line.service in cluster.services or any(line.service.levels.touches(s.levels) for s in cluster.services)
            )
        ]

    def is_done(self, code: Code, levels: Levels) -> bool:
        """Whether some service at these levels is work that a code reports, or may be a wider name of it."""
        return any(
            code.reports & self.book.classes(service.procedure_classes) or is_wider(self.book, service, code.reports)
            for service in self.services
            if service.levels.touches(levels)
        )


def _pairing(session: Session) -> Iterator[Said]:
    """Whether an add-on stands beside a primary; open where such work is requested without any code yet."""
    for line in session.lines:
        if not line.code.needs:
            continue
        partners = [one for one in session.lines if one.code.iri in line.code.needs and _may_pair(one.service, line)]
        agrees = True if partners else None if _has_uncoded_partner(session, line) else False
        lacking = agrees is False and line.code.further_in
        expected = expected_codes(session.book, line.service, session.services) if lacking else ()
        named = () if partners else line.code.needs_named
        yield Said(_kind("AddOnPairing"), (line.service,), agrees, (line.code.iri,), expected, named)


def _may_pair(one: CodedService, line: Line) -> bool:
    """Whether the work of one service is near enough to that of a line to be its primary."""
    if line.code.at_same_level:
        return one.levels.touches(line.service.levels)
    return not line.code.further_in or _is_near(one, line.service)


def _has_uncoded_partner(session: Session, line: Line) -> bool:
    """Whether requested work that names no code is what a fitting primary reports."""
    needed = (session.book.codes[code].reports for code in line.code.needs if code in session.book.codes)
    reports = frozenset[str]().union(*needed)
    return any(
        reports & session.book.classes(service.procedure_classes) or is_wider(session.book, service, reports)
        for service in session.services
        if not service.lines and service.is_requested and _may_pair(service, line)
    )


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
            sides = any(family.counts_sides for family in families)
            if sum(line.units or 1 for line in first) > len(cluster.runs) * (2 if sides else 1):
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
            if wanted < least <= 2 * wanted and sides:
                agrees = None
            yield Said(_kind("UnitMatch"), services, agrees, codes, () if agrees else option)


def _length(session: Session) -> Iterator[Said]:
    for families, found in session.groups():
        for cluster, expected in found:
            for line in session.lines_at(cluster, families, ranged=True):
                fits = any(in_range(line.code, len(run)) for run in cluster.runs)
                yield Said(
                    _kind("LengthMatch"), cluster.services, fits, (line.code.iri,), () if fits else (Option(expected),)
                )


def _region(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if not line.code.places:
            continue
        families = [session.book.families[family] for family in line.code.families]
        # A code of a run stands for the whole run, on whichever of its services it is written.
        together = {
            service.iri
            for cluster in clusters(session.book, families, session.services)
            if line.service in cluster.services
            for service in cluster.services
        }
        doing = [
            service
            for service in session.services
            if (service.iri in together or service.levels.touches(line.service.levels))
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
    """Whether each code names work that is described; an add-on describes its own work unless a sibling code fits better."""
    for line in session.lines:
        code = line.code
        if not code.reports:
            continue
        agrees = session.is_done(code, line.service.levels)
        if not agrees and code.is_add_on and not _has_fitting_sibling(session, line):
            continue
        others = [one.code for one in session.lines if one.service is line.service and one is not line]
        reported = any(session.is_done(other, line.service.levels) for other in others if not other.is_add_on)
        expected = () if agrees or reported else expected_codes(session.book, line.service, session.services)
        yield Said(code.fit_checked_as, (line.service,), agrees, (code.iri,), expected)


def _has_fitting_sibling(session: Session, line: Line) -> bool:
    """Whether another code that is checked in the same special respect names the work described here."""
    kind = line.code.fit_checked_as
    return kind != _kind("CodeMatch") and any(
        session.is_done(code, line.service.levels)
        for code in session.book.codes.values()
        if code.fit_checked_as == kind and code.reports.isdisjoint(line.code.reports)
    )


def _naming(session: Session) -> Iterator[Said]:
    """Work that no code reports: requested services, and steps that the plan only describes."""
    for service in session.services:
        classes = session.book.classes(service.procedure_classes)
        reporting = tuple(
            line.code.iri
            for line in session.lines
            if line.service.levels.meets(service.levels)
            and (
                (line.code.reports | line.code.includes_work) & classes
                or is_wider(session.book, service, line.code.reports)
            )
        )
        if not reporting and any(line.service is service for line in session.lines):
            continue  # Its own codes name other work: that is said by the match of code and work.
        expected = () if reporting else expected_codes(session.book, service, session.services)
        if not reporting and not expected:
            continue  # Nothing in the code book reports such work.
        agrees = bool(reporting) or (None if not session.lines else False)
        kind = _kind("CodeNaming" if service.is_requested else "StepCoding")
        bearers = (service,) if service.is_requested else (service, *_bearers(session, service))
        yield Said(kind, bearers, agrees, reporting, expected, about=(service,))


def _bearers(session: Session, step: CodedService) -> list[CodedService]:
    """The requested services that a described step belongs to: those at its levels, else all."""
    asked = [one for one in session.services if one.is_requested]
    return [one for one in asked if one.levels.touches(step.levels)] or asked


def _combined(session: Session) -> Iterator[Said]:
    for code in session.book.codes.values():
        parts = [[line for line in session.lines if line.code.iri == part] for part in sorted(code.replaces)]
        split: set[Line] = set()
        for line in parts[0] if parts else ():
            others = [next((o for o in part if o.service.levels.touches(line.service.levels)), None) for part in parts]
            whole = [other for other in others if other is not None]
            if len(whole) == len(parts):
                split.update(whole)
                services = tuple(dict.fromkeys(one.service for one in whole))
                codes = tuple(one.code.iri for one in whole)
                option = Option(_lines_with(session, code, line))
                yield Said(_kind("CombinedCodeUse"), services, False, codes, (option,))
        for line in (line for part in parts for line in part if line not in split):
            yield Said(_kind("CombinedCodeUse"), (line.service,), True, (line.code.iri,))


def _lines_with(session: Session, code: Code, line: Line) -> tuple[CodeLine, ...]:
    """The codes expected for the run that a line belongs to, if the code is of its group; else the code itself."""
    for families, found in session.groups():
        for cluster, lines in found:
            if code.families & {family.iri for family in families} and line.service in cluster.services:
                return lines
    return (CodeLine(code.iri, 1),)


def _compatible(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if not line.code.not_with:
            continue
        clashing = [
            one
            for one in session.lines
            if one.code.iri in line.code.not_with and one.service.levels.touches(line.service.levels)
        ]
        codes = tuple(dict.fromkeys((line.code.iri, *(one.code.iri for one in clashing))))
        services = tuple(dict.fromkeys((line.service, *(one.service for one in clashing))))
        instead = tuple(CodeLine(code, line.units) for code in line.code.instead)
        kept = dict.fromkeys(CodeLine(one.code.iri, one.units) for one in clashing)
        option = (Option((*kept, *instead)),) if clashing else ()
        yield Said(_kind("CompatibleCodes"), services, not clashing, codes, option)


def _once(session: Session) -> Iterator[Said]:
    for code in dict.fromkeys(line.code for line in session.lines if line.code.once_per_session):
        lines = [line for line in session.lines if line.code == code]
        agrees = sum(line.units or 1 for line in lines) == 1
        services = tuple(dict.fromkeys(line.service for line in lines))
        yield Said(
            _kind("GraftOnce"), services, agrees, (code.iri,), () if agrees else (Option((CodeLine(code.iri, 1),)),)
        )


def _currency(session: Session) -> Iterator[Said]:
    for line in session.lines:
        code = line.code
        agrees: bool | None = True
        if code.retired is not None or code.introduced is not None:
            year = session.on.year if session.on else None
            agrees = None if year is None else (code.introduced or year) <= year < (code.retired or year + 1)
        heirs = tuple(
            Option((CodeLine(heir, line.units),), _condition(session.book, heir)) for heir in code.replaced_by
        )
        yield Said(_kind("CodeCurrency"), (line.service,), agrees, (code.iri,), heirs if agrees is False else ())


def _condition(book: Codebook, code: str) -> str:
    if code not in book.codes:
        return ""
    one = book.codes[code]
    return when(one.used_when) or next((f"for {book.name(family)}" for family in sorted(one.families)), "")


def _bundled(session: Session) -> Iterator[Said]:
    for line in session.lines:
        yield Said(_kind("BundledUse"), (line.service,), not line.code.is_bundled, (line.code.iri,))


def _anchor(session: Session) -> Iterator[Said]:
    for line in session.lines:
        if not line.code.anchors:
            continue
        doing = [one for one in session.services if line.code.reports & session.book.classes(one.procedure_classes)]
        reached = {
            level.iri for one in (line.service, *doing) for level in (*one.levels.vertebrae, *one.levels.segments)
        }
        agrees = True if reached & line.code.anchors else None if doing else False
        yield Said(_kind("PelvicAnchor"), (line.service,), agrees, (line.code.iri,))


CHECKS: Final[tuple[Callable[[Session], Iterator[Said]], ...]] = (
    _pairing, _runs, _length, _region, _fit, _naming, _combined, _compatible, _once, _currency, _bundled, _anchor,
)  # fmt: skip


def _kind(name: str) -> str:
    return NECESSITY + name
