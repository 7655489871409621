"""Tallying codes: how many units of which code a piece of work over certain levels amounts to.

The code book says what each family counts and which code leads; here is only the counting of
runs and levels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reasoner.anatomy import Anatomy, Place
from reasoner.codebook import (
    PER_INTERSPACE,
    PER_OPERATION,
    PER_RUN,
    PER_VERTEBRA,
    Code,
    Codebook,
    Family,
)


class Level(NamedTuple):
    """A vertebra or a space between two, with its place in the order and the regions it lies in."""

    rank: int
    iri: str
    regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Levels:
    """The vertebrae and the spaces that a service reaches, from the head down; empty where it names none."""

    vertebrae: tuple[Level, ...] = ()
    segments: tuple[Level, ...] = ()

    def __bool__(self) -> bool:
        """Whether any level is named."""
        return bool(self.vertebrae or self.segments)

    def touches(self, other: Levels) -> bool:
        """Whether two services work at one level: a space of both, or a vertebra where one names no space.

        A service without any level is of the whole operation and touches everything.
        """
        if not self or not other:
            return True
        if self.segments and other.segments:
            return not set(self.segments).isdisjoint(other.segments)
        return not set(self.vertebrae).isdisjoint(other.vertebrae)

    def meets(self, other: Levels) -> bool:
        """Whether two services touch, or end at one vertebra, so that one run may go through both."""
        return self.touches(other) or not set(self.vertebrae).isdisjoint(other.vertebrae)

    def regions(self) -> frozenset[str]:
        """The regions that any of the levels lies in."""
        return frozenset().union(*(level.regions for level in (*self.vertebrae, *self.segments)))


def levels_of(anatomy: Anatomy, place: Place) -> Levels:
    """The levels of a place that the anatomy has expanded; the vertebrae at both ends of a space belong to it."""

    def level(iri: str) -> Level:
        return Level(anatomy.order(iri)[0], iri, anatomy.regions_of.get(iri, frozenset()))

    ends = {end for segment in place.segments for end in anatomy.ends[segment]}
    return Levels(
        tuple(sorted(map(level, place.vertebrae | ends), key=_by_rank)),
        tuple(sorted(map(level, place.segments), key=_by_rank)),
    )


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code as a request carries it; the units are None where it states none."""

    code: str
    units: int | None = None


@dataclass(frozen=True, slots=True)
class CodedService:
    """A requested service or a described step: what it is, where, in which session, under which codes."""

    iri: str
    procedure_classes: frozenset[str]
    levels: Levels = Levels()
    lines: tuple[CodeLine, ...] = ()
    is_requested: bool = True
    session: str = ""
    route: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Services of one kind of work whose levels join, and the unbroken runs that these levels form."""

    services: tuple[CodedService, ...]
    runs: tuple[tuple[Level, ...], ...]

    @property
    def count(self) -> int:
        """How many levels are counted in all."""
        return sum(len(run) for run in self.runs)


def does(book: Codebook, family: Family, classes: frozenset[str]) -> bool:
    """Whether work of these classes is what a family reports, all parts of it where it combines several."""
    if family.reports & classes:
        return True
    return bool(family.combines) and all(book.families[part].reports & classes for part in family.combines)


def applies(code: Code, level: Level) -> bool:
    """Whether a code may report this level."""
    return not code.places or level.iri in code.places or bool(level.regions & code.places)


def counted(book: Codebook, family: Family, levels: Levels) -> tuple[Level, ...]:
    """The levels that a family counts among those of a service: the right grain, within its reach, none left out."""
    if family.unit == PER_VERTEBRA:
        grain = levels.vertebrae
    else:
        grain = levels.segments if family.unit == PER_INTERSPACE else levels.segments or levels.vertebrae
    codes = [book.codes[code] for code in (*family.primaries, *family.further, *family.ranged)]
    return tuple(
        level for level in grain if level.iri not in family.leaves_out and any(applies(code, level) for code in codes)
    )


def runs_of(levels: Iterable[Level], *, together: bool = False) -> tuple[tuple[Level, ...], ...]:
    """Levels in unbroken runs, from the head down; as a single run if the family counts them together.

    >>> [len(run) for run in runs_of([Level(3, "c", frozenset()), Level(1, "a", frozenset()), Level(4, "d", frozenset())])]
    [1, 2]
    """
    runs: list[list[Level]] = []
    for level in sorted(set(levels), key=_by_rank):
        if runs and (together or level.rank - runs[-1][-1].rank <= 1):
            runs[-1].append(level)
        else:
            runs.append([level])
    return tuple(tuple(run) for run in runs)


def clusters(book: Codebook, families: Sequence[Family], services: Iterable[CodedService]) -> tuple[Cluster, ...]:
    """The services that do the work of one group of families, joined where their levels do."""
    together = any(family.counts_together for family in families)
    reach: list[tuple[CodedService, frozenset[Level]]] = []
    for service in services:
        classes = book.classes(service.procedure_classes)
        found = {
            level
            for family in families
            if book.reported_by(family) & classes
            for level in counted(book, family, service.levels)
        }
        if found:
            reach.append((service, frozenset(found)))
    joined: list[tuple[list[CodedService], set[Level]]] = []
    for run in runs_of((level for _, levels in reach for level in levels), together=together):
        members = [service for service, levels in reach if not levels.isdisjoint(run)]
        levels = set(run)
        for other in [one for one in joined if any(member in one[0] for member in members)]:
            joined.remove(other)
            members = other[0] + [member for member in members if member not in other[0]]
            levels |= other[1]
        joined.append((members, levels))
    return tuple(Cluster(tuple(members), runs_of(levels, together=together)) for members, levels in joined)


def lines_for(
    book: Codebook, family: Family, levels: Sequence[Level], only: frozenset[str] | None = None
) -> tuple[CodeLine, ...]:
    """The codes of one family, with units, that report work over one run of levels; none if no code fits."""
    if family.ranged:
        fitting = [code for code in family.ranged if in_range(book.codes[code], len(levels))]
        chosen = best(book, fitting, levels)
        return (CodeLine(chosen, 1),) if chosen else ()
    if family.unit == PER_OPERATION:
        first = best(book, [code for code in family.primaries if only is None or code in only], levels)
        return (CodeLine(first, 1),) if first else ()
    return group_lines(book, [(level, family) for level in levels], set(), only=only)


def group_lines(
    book: Codebook, work: Sequence[tuple[Level, Family]], led: set[str], *, only: frozenset[str] | None = None
) -> tuple[CodeLine, ...]:
    """The codes, with units, of one run whose levels may belong to several families of one run group.

    The leading family gives the run its first code, unless that code already leads another run
    of the session (it is then added to `led` only once); every other level takes a further code.
    """
    if not work:
        return ()
    lead = min((family for _, family in work), key=lambda one: (one.precedence, one.iri))
    levels = [level for level, family in work if family is lead]
    first = best(book, [code for code in lead.primaries if only is None or code in only], levels)
    if first is None:
        return ()
    if lead.unit == PER_RUN:
        return (CodeLine(first, 1),)
    units: Counter[str] = Counter()
    rest = list(work)
    if first not in led or not lead.further:
        led.add(first)
        units[first] += 1
        rest.remove((next(level for level in levels if applies(book.codes[first], level)), lead))
    for level, family in rest:
        units[best(book, family.further, [level]) or first] += 1
    return tuple(CodeLine(code, count) for code, count in units.items())


def best(book: Codebook, codes: Iterable[str], levels: Sequence[Level]) -> str | None:
    """The code that applies to most of the levels; of equals the narrower, then the one for the higher region."""
    ranked = [
        (-sum(applies(book.codes[code], level) for level in levels), len(book.codes[code].places), code)
        for code in codes
    ]
    fitting = [one for one in ranked if one[0] < 0 or not levels]
    return min(fitting)[2] if fitting else None


def assign(
    book: Codebook, families: Sequence[Family], cluster: Cluster, billed: frozenset[str]
) -> list[list[tuple[Level, Family]]]:
    """For each level of each run the family that reports what is done there, combined families first.

    A family with a condition of its own is taken only if the request bills it, the route asks for it, or nothing else fits.
    """
    assigned: list[list[tuple[Level, Family]]] = []
    for run in cluster.runs:
        work: list[tuple[Level, Family]] = []
        for level in run:
            here = [s for s in cluster.services if level in s.levels.segments or level in s.levels.vertebrae]
            classes = book.classes(one for service in here for one in service.procedure_classes)
            routes = frozenset(service.route for service in here if service.route)
            fitting = [
                family
                for family in families
                if does(book, family, classes) and counted(book, family, Levels((level,), (level,)))
            ]
            plain = [
                family
                for family in fitting
                if not family.used_when
                or family.iri in billed
                or family.used_for & classes
                or goes(book, family.routes, routes)
            ]
            chosen = min(
                plain or fitting,
                key=lambda one: (
                    not one.combines,
                    not one.used_for & classes,
                    one.iri not in billed,
                    one.precedence,
                    one.iri,
                ),
                default=None,
            )
            if chosen is not None:
                work.append((level, chosen))
        assigned.append(work)
    return assigned


def goes(book: Codebook, wanted: frozenset[str], stated: frozenset[str]) -> bool:
    """Whether a family's route is the stated one, a kind of it, or what it is a kind of; never if none is stated."""
    narrower = {route for route in wanted if stated & (book.wider_routes.get(route, frozenset()) | {route})}
    wider = {route for one in stated for route in book.wider_routes.get(one, frozenset())}
    return bool(narrower or wider & wanted)


def cluster_lines(
    book: Codebook, families: Sequence[Family], found: Sequence[Cluster], billed: frozenset[str]
) -> list[tuple[CodeLine, ...]]:
    """The codes with units for each cluster of one group in one session."""
    led: set[str] = set()
    answers: list[tuple[CodeLine, ...]] = []
    for cluster in found:
        units: Counter[str] = Counter()
        for work in assign(book, families, cluster, billed):
            ranged = [family for _, family in work if family.ranged]
            lines = lines_for(book, ranged[0], [level for level, _ in work]) if ranged else group_lines(book, work, led)
            for line in lines:
                units[line.code] += line.units or 1
        answers.append(tuple(CodeLine(code, count) for code, count in units.items()))
    return answers


def in_range(code: Code, count: int) -> bool:
    """Whether a code chosen by length names this many vertebrae."""
    return (code.units_from or 0) <= count and (code.units_to is None or count <= code.units_to)


def _by_rank(level: Level) -> tuple[int, str]:
    return (level.rank, level.iri)
