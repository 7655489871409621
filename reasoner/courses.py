"""Totals of conservative care by family and region: days, sessions and kinds.

Courses may run side by side. Where the calendar says when they were, the days that they cover are
counted; of the others only the longest is sure, and all of them one after the other are possible. What
several kinds share in one statement is the length of them all together: of each alone the most it can be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from reasoner.anatomy import REGION_GROUPS, Place, local
from reasoner.library import Library
from reasoner.quantities import Days, days_of, decimal
from reasoner.record import Record, integer
from reasoner.terms import RDF_TYPE, Literal, Triple
from reasoner.vocabulary import DERIVED, Case, Nec, Spine

_RULE: Final = "care-total"
_NONE: Final = Decimal(0)

_Stretch = tuple[date, date]
"""A first and a last day, the last not counted."""


@dataclass(frozen=True, slots=True)
class _Ends:
    """The least and the most that a number can be; None where that end is not known."""

    least: Decimal | None
    most: Decimal | None


@dataclass(frozen=True, slots=True)
class _Course:
    """How long a course lasted, and the days that it certainly and possibly covers where the calendar says so."""

    days: _Ends
    sure: _Stretch | None
    widest: _Stretch | None


def close_totals(record: Record, evidence: list[str]) -> list[str]:
    """Write the totals of care by family and region; return their nodes."""
    library = record.library
    made = []
    for total, family in sorted(library.totals.items()):
        given = [n for n in evidence if record.has_type(n, family) and not record.is_absence(n)]
        for place, nodes in _by_region(record, given):
            where = library.anatomy.slug(place)
            iri = f"{DERIVED}{local(total)}{'-' + where if where else ''}"
            for cls in library.classes_of([total]):
                record.derive(Triple(iri, RDF_TYPE, cls), _RULE, nodes)
            count = integer(len(_kinds(record, nodes, family)))
            record.derive(Triple(iri, Nec.distinctModalityCount, count), _RULE, nodes)
            courses = [_course(record, node, family) for node in nodes]
            _write(record, iri, Case.durationInDays, _days(courses), nodes)
            sessions = [_ends(record, node, Case.sessionCount, family) for node in nodes]
            _write(record, iri, Case.sessionCount, _added(sessions), nodes)
            if place:
                record.places[iri] = place
            made.append(iri)
    return made


def _by_region(record: Record, nodes: list[str]) -> list[tuple[Place, list[str]]]:
    """Care by the regions that are cared for as one; care without a place belongs to each of them."""
    anatomy = record.library.anatomy
    found = []
    for group in REGION_GROUPS:
        there = [n for n in nodes if not record.place(n) or group & anatomy.region_groups(record.place(n))]
        if there:
            found.append((Place(regions=group), there))
    if found and len(found) == len(REGION_GROUPS) and all(there == nodes for _, there in found):
        return [(Place(), nodes)]
    return found


# Kinds.


def _kinds(record: Record, nodes: list[str], family: str) -> set[str]:
    """The distinct kinds among courses of care; a general word for a kind that is named beside it is no second one."""
    library = record.library
    classes = {cls for node in nodes for cls in record.asserted.get(node, ()) if library.is_a(cls, family)}
    classes = {one for one in classes if not _is_general(library, one, classes)}
    kinds = {_kind(library, cls) for cls in classes}
    return {one for one in kinds if not _is_general(library, one, kinds)}


def _is_general(library: Library, cls: str, classes: set[str]) -> bool:
    return any(other != cls and library.is_a(other, cls) for other in classes)


def _kind(library: Library, cls: str) -> str:
    """The kind of care that a class is counted as: the nearest class above it that is one, or else itself."""
    counted = _counted_kinds(library)
    return next((one for one in library.lineage(cls) if one in counted), cls)


@lru_cache(maxsize=4)
def _counted_kinds(library: Library) -> frozenset[str]:
    graph = library.graph
    return frozenset(cls for cls in graph.subjects(Nec.isKindOfCare) if graph.text(cls, Nec.isKindOfCare) == "true")


# Lengths.


def _course(record: Record, node: str, family: str) -> _Course:
    days = _ends(record, node, Case.durationInDays, family)
    if _is_shared(record, node, family):
        return _Course(days, None, None)
    return _Course(days, *_stretches(record, node, days))


def _ends(record: Record, node: str, path: str, family: str) -> _Ends:
    """A number of a course; of one that several families share, for each alone the most it can be."""
    spans = record.library.spans
    least, most = (_number(record, node, ends[path]) for ends in (spans.low, spans.high))
    if _is_shared(record, node, family):
        least = None if least is None and most is None else _NONE
    return _Ends(least, most)


def _is_shared(record: Record, node: str, family: str) -> bool:
    """Whether a statement names care of other families beside this one; a general word for it names none."""
    library = record.library
    named = [cls for cls in record.asserted.get(node, ()) if library.is_a(cls, Spine.ConservativeCare)]
    return any(not library.is_a(cls, family) and not library.is_a(family, cls) for cls in named)


def _number(record: Record, node: str, path: str) -> Decimal | None:
    value = record.graph.value(node, path)
    return value.number if isinstance(value, Literal) else None


def _stretches(record: Record, node: str, days: _Ends) -> tuple[_Stretch | None, _Stretch | None]:
    """The days that a course certainly and possibly covers, from its first day, its last day and its length."""
    start, end = (days_of(record.graph.value(node, path)) for path in (Case.startDate, Case.endDate))
    if end is None and record.graph.text(node, Case.isOngoing) == "true" and record.evidence_until:
        end = Days(record.evidence_until, record.evidence_until)
    if days.least is None or days.most is None:
        return None, None
    least, most = timedelta(days=math.floor(days.least)), timedelta(days=math.ceil(days.most))
    try:
        start = start or (Days(end.earliest - most, end.latest - least) if end else None)
        end = end or (Days(start.earliest + least, start.latest + most) if start else None)
    except OverflowError:
        return None, None  # Beyond the calendar.
    if start is None or end is None or end.earliest - start.latest > most or end.latest - start.earliest < least:
        return None, None  # Where length and days do not agree, the length counts.
    sure = (start.latest, end.earliest) if start.latest < end.earliest else None
    return sure, (start.earliest, end.latest)


def _days(courses: list[_Course]) -> _Ends:
    """How many days of care there were: at least the days covered for sure, at most all courses one after the other."""
    known = [course for course in courses if course.days.least is not None or course.days.most is not None]
    if not known:
        return _Ends(None, None)
    covered = _covered([course.sure for course in known if course.sure])
    least = max([covered, *(course.days.least or _NONE for course in known)])
    if len(known) < len(courses) or any(course.days.most is None for course in known):
        return _Ends(least, None)  # The length of one is not known, so there is no most.
    dated = _covered([course.widest for course in known if course.widest])
    most = sum((course.days.most or _NONE for course in known if not course.widest), dated)
    return _Ends(least, max(least, most))


def _covered(stretches: list[_Stretch]) -> Decimal:
    """How many days some stretches cover together.

    >>> _covered([(date(2026, 1, 1), date(2026, 1, 15)), (date(2026, 1, 8), date(2026, 1, 22))])
    Decimal('21')
    """
    total, until = 0, date.min
    for first, last in sorted(stretches):
        total += max((last - max(first, until)).days, 0)
        until = max(until, last)
    return Decimal(total)


def _added(numbers: list[_Ends]) -> _Ends:
    least = [one.least for one in numbers if one.least is not None]
    most = [one.most for one in numbers if one.most is not None]
    # A low end holds even if some courses are not counted; a high end only if all are.
    whole = bool(most) and len(most) == len(numbers)
    return _Ends(sum(least, _NONE) if least else None, sum(most, _NONE) if whole else None)


def _write(record: Record, total: str, path: str, ends: _Ends, nodes: list[str]) -> None:
    spans = record.library.spans
    for end, value in ((spans.low[path], ends.least), (spans.high[path], ends.most)):
        if value is not None:
            record.derive(Triple(total, end, decimal(value)), _RULE, nodes)
