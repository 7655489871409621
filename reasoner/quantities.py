"""Numbers, grades and dates as spans: every quantity gets a low and a high end, equal where it is exact."""

from __future__ import annotations

import calendar
import math
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from reasoner.anatomy import local
from reasoner.demands import Scale
from reasoner.record import Record, integer
from reasoner.tables import Banding
from reasoner.terms import XSD, Graph, Literal, Term, Triple
from reasoner.vocabulary import DERIVED, Case, Nec

_RULE_UNIT: Final = "unit-converted"
_RULE_ENDS: Final = "span-ends"
_RULE_RANK: Final = "grade-ranked"
_RULE_COURSE: Final = "course-length"
_RULE_AGE: Final = "days-before-cut-off"


class Days(NamedTuple):
    """The earliest and latest day that a full or partial date can mean."""

    earliest: date
    latest: date


class _Age(NamedTuple):
    """How many days ago something was, at least and at most."""

    least: int
    most: int


def days_of(value: Term | None) -> Days | None:
    """The days that a date, a month or a year can mean; None if it is none of these.

    >>> days_of(Literal("2024-12", XSD + "gYearMonth"))
    Days(earliest=datetime.date(2024, 12, 1), latest=datetime.date(2024, 12, 31))
    """
    if not isinstance(value, Literal):
        return None
    if value.datatype == XSD + "date":
        return Days(value.day, value.day) if value.day else None
    parts = value.lexical.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if value.datatype == XSD + "gYearMonth" and len(parts) == 2:  # noqa: PLR2004  year and month
        year, month = int(parts[0]), int(parts[1])
        if 1 <= month <= 12 and year:  # noqa: PLR2004  months of a year
            return Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    if value.datatype == XSD + "gYear" and len(parts) == 1 and int(parts[0]):
        return Days(date(int(parts[0]), 1, 1), date(int(parts[0]), 12, 31))
    return None


def close_quantities(record: Record) -> None:
    """Write the ends of every span: units, durations from dates, plausible limits, ranks of grades, bandings."""
    for node in list(record.graph.index):
        _courses(record, node)
        _units(record, node)
        _ends(record, node)
        _bandings(record, node)
        _grades(record, node)


def close_ages(record: Record, evidence: list[str]) -> None:
    """Write how many days before the evidence cut-off each statement is from, by its date or by how long ago it was."""
    low, high = Case.daysBefore + "AtLeast", Case.daysBefore + "AtMost"
    since = _days_since_request(record)
    for node in evidence:
        age = _age(record, node, since)
        if age is not None:
            for end, days in ((low, age.least), (high, age.most)):
                record.derive(Triple(node, end, integer(max(days, 0))), _RULE_AGE, (node,))


def _age(record: Record, node: str, since: int) -> _Age | None:
    until, days = record.evidence_until, when(record.graph, node)
    if days is not None:
        return _Age((until - days.latest).days, (until - days.earliest).days) if until else None
    ages = [_ago(record, one, since) for one in (node, *record.graph.nodes(node, Case.statedIn))]
    own, documents = ages[0], [age for age in ages[1:] if age is not None]
    return own or min(documents, default=None)


def _ago(record: Record, node: str, since: int) -> _Age | None:
    """How long ago a thing was, as the record says without a date."""
    spans = record.library.spans
    ends = [record.graph.value(node, ends[Case.daysBeforeRequest]) for ends in (spans.low, spans.high)]
    least, most = (end.number if isinstance(end, Literal) else None for end in ends)
    return None if least is None or most is None else _Age(math.floor(least) + since, math.ceil(most) + since)


def _days_since_request(record: Record) -> int:
    """How many days the cut-off of the evidence is after the request."""
    asked = [
        days_of(record.graph.value(one, Case.requestedOn)) for one in record.graph.nodes(record.case, Case.hasRequest)
    ]
    days = next((one for one in asked if one), None)
    return (record.evidence_until - days.latest).days if record.evidence_until and days else 0


def when(graph: Graph, node: str) -> Days | None:
    """The day of a statement: its own, else the end or start of its course, else that of its one document."""
    for path in (Case.onDate, Case.endDate, Case.onsetDate, Case.startDate):
        days = days_of(graph.value(node, path))
        if days is not None:
            return days
    documents = graph.nodes(node, Case.statedIn)
    dates = [days for document in documents if (days := days_of(graph.value(document, Case.writtenOn)))]
    return max(dates) if dates else None


def _courses(record: Record, node: str) -> None:
    edges = record.graph.index[node]
    start = days_of(record.graph.value(node, Case.startDate)) if Case.startDate in edges else None
    if start is None:
        return
    end = days_of(record.graph.value(node, Case.endDate))
    if end is None and record.graph.text(node, Case.isOngoing) == "true" and record.evidence_until:
        end = Days(record.evidence_until, record.evidence_until)
    stated = [path for path in edges if path.startswith(Case.durationInDays.removesuffix("InDays")) and edges[path]]
    if end is None or stated:
        return
    shortest = max((end.earliest - start.latest).days, 0)
    longest = max((end.latest - start.earliest).days, 0)
    low, high = record.library.spans.low[Case.durationInDays], record.library.spans.high[Case.durationInDays]
    record.derive(Triple(node, low, integer(shortest)), _RULE_COURSE, (node,))
    record.derive(Triple(node, high, integer(longest)), _RULE_COURSE, (node,))


def _units(record: Record, node: str) -> None:
    units = record.library.spans.units
    for path in [path for path in record.graph.index[node] if path in units]:
        target, factor = units[path]
        for value in record.graph.objects(node, path):
            number = value.number if isinstance(value, Literal) else None
            if number is not None:
                record.derive(Triple(node, target, decimal(number * factor)), _RULE_UNIT, (node, path))


def decimal(number: Decimal) -> Literal:
    """An xsd:decimal (or, where it is whole, xsd:integer) literal in its canonical form.

    >>> decimal(Decimal("4.50")).lexical
    '4.5'
    """
    if number == number.to_integral_value():
        return Literal(str(int(number)), XSD + "integer")
    return Literal(f"{number.normalize():f}", XSD + "decimal")


def _ends(record: Record, node: str) -> None:
    spans, knowledge = record.library.spans, record.library.graph
    edges = record.graph.index[node]
    for path in [path for path in edges if path in spans.low and path not in spans.scales]:
        for value in list(edges[path]):
            record.derive(Triple(node, spans.low[path], value), _RULE_ENDS, (node, path))
            record.derive(Triple(node, spans.high[path], value), _RULE_ENDS, (node, path))
    # One end alone leaves the other at the plausible limit of the property, so that neither reading is blind to it.
    for end in [path for path in edges if path in spans.whole_of]:
        whole = spans.whole_of[end]
        if whole in spans.scales:
            continue
        low, high = spans.low[whole], spans.high[whole]
        missing, limit = (high, Nec.maximum) if end == low else (low, Nec.minimum)
        plausible = knowledge.value(whole, limit)
        if plausible is not None and not edges.get(missing):
            record.derive(Triple(node, missing, plausible), _RULE_ENDS, (node, end))


def _grades(record: Record, node: str) -> None:
    for path, scale in record.library.spans.scales.items():
        stated = _stated(record, node, path, scale)
        if stated is None:
            continue
        ranks = [rank for pair in scale.ranks.values() for rank in pair]
        least = min(ranks) if stated.least is None else stated.least
        most = max(ranks) if stated.most is None else stated.most
        if record.has_type(node, Case.Absence) and path not in record.library.may_vary:
            if least == min(ranks):
                continue  # It denies every grade, as one that names none.
            least, most = min(ranks), least - 1
            record.derive(Triple(node, Nec.deniesGradesOf, path), _RULE_RANK, (node, path))
        record.derive(Triple(node, path + "RankAtLeast", integer(least)), _RULE_RANK, (node, path))
        record.derive(Triple(node, path + "RankAtMost", integer(most)), _RULE_RANK, (node, path))


class _Ranks(NamedTuple):
    """The least and the greatest rank that a grade can have; None where that end is not stated."""

    least: int | None
    most: int | None


def _stated(record: Record, node: str, path: str, scale: Scale) -> _Ranks | None:
    """The ranks that a node's stated grades leave open; None if it states none."""
    graph, spans = record.graph, record.library.spans
    low, high = spans.low.get(path, ""), spans.high.get(path, "")
    edges = graph.index[node]
    if not (path in edges or low in edges or high in edges):
        return None
    exact = graph.nodes(node, path)
    lows = [scale.ranks[g][0] for g in exact + graph.nodes(node, low) if g in scale.ranks]
    highs = [scale.ranks[g][1] for g in exact + graph.nodes(node, high) if g in scale.ranks]
    return _Ranks(max(lows, default=None), min(highs, default=None))


def _bandings(record: Record, node: str) -> None:
    spans = record.library.spans
    for banding in record.library.bandings:
        ends = banding.grades(record.graph, node, spans)
        if ends is None:
            continue
        scale = spans.scales[banding.grade]
        stated = _stated(record, node, banding.grade, scale)
        measured = (scale.ranks[ends[0]][0], scale.ranks[ends[1]][1])
        if stated is not None and _contradict(stated, measured):
            _measured_apart(record, node, banding, ends)
        elif not record.graph.objects(node, banding.grade):
            _band(record, node, node, banding, ends)


def _contradict(stated: _Ranks, measured: tuple[int, int]) -> bool:
    too_low = stated.least is not None and measured[1] < stated.least
    return too_low or (stated.most is not None and stated.most < measured[0])


def _band(record: Record, node: str, source: str, banding: Banding, ends: tuple[str, str]) -> None:
    spans, premises = record.library.spans, (source, banding.quantity)
    record.derive(Triple(node, spans.low[banding.grade], ends[0]), banding.iri, premises)
    record.derive(Triple(node, spans.high[banding.grade], ends[1]), banding.iri, premises)


def _measured_apart(record: Record, node: str, banding: Banding, ends: tuple[str, str]) -> None:
    """Set a measurement that its own statement's grade contradicts beside it, so that the two are in conflict."""
    spans, premises = record.library.spans, (node, banding.quantity)
    apart = f"{DERIVED}measured-{local(node)}"
    graded = {banding.grade, spans.low[banding.grade], spans.high[banding.grade]}
    for path, values in list(record.graph.index[node].items()):
        for value in values if path not in graded else ():
            kept = Case.Measured if path == Case.hasBasis and value == Case.Assessed else value
            record.derive(Triple(apart, path, kept), banding.iri, premises)
    if node in record.places:
        record.places[apart] = record.places[node]
    _band(record, apart, node, banding, ends)
    _grades(record, apart)
