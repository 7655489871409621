"""Numbers, grades and dates as spans: every quantity gets a low and a high end, equal where it is exact."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from reasoner.record import Record, integer
from reasoner.terms import XSD, Graph, Literal, Term, Triple
from reasoner.vocabulary import Case, Nec

_RULE_UNIT: Final = "unit-converted"
_RULE_ENDS: Final = "span-ends"
_RULE_RANK: Final = "grade-ranked"
_RULE_COURSE: Final = "course-length"
_RULE_AGE: Final = "days-before-cut-off"


class Days(NamedTuple):
    """The earliest and latest day that a full or partial date can mean."""

    earliest: date
    latest: date


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
    """Write how many days before the evidence cut-off each dated statement is from."""
    if record.evidence_until is None:
        return
    low, high = Case.daysBefore + "AtLeast", Case.daysBefore + "AtMost"
    for node in evidence:
        days = when(record.graph, node)
        if days is None:
            continue
        for end, day in ((low, days.latest), (high, days.earliest)):
            age = max((record.evidence_until - day).days, 0)
            record.derive(Triple(node, end, integer(age)), _RULE_AGE, (node,))


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
    spans = record.library.spans
    edges = record.graph.index[node]
    for path, scale in spans.scales.items():
        low, high = spans.low.get(path, ""), spans.high.get(path, "")
        if not (path in edges or low in edges or high in edges):
            continue
        ranks = [rank for pair in scale.ranks.values() for rank in pair]
        lows = [
            scale.ranks[g][0]
            for g in record.graph.nodes(node, path) + record.graph.nodes(node, low)
            if g in scale.ranks
        ]
        highs = [
            scale.ranks[g][1]
            for g in record.graph.nodes(node, path) + record.graph.nodes(node, high)
            if g in scale.ranks
        ]
        least, most = (max(lows) if lows else min(ranks)), (min(highs) if highs else max(ranks))
        record.derive(Triple(node, path + "RankAtLeast", integer(least)), _RULE_RANK, (node, path))
        record.derive(Triple(node, path + "RankAtMost", integer(most)), _RULE_RANK, (node, path))


def _bandings(record: Record, node: str) -> None:
    for banding in record.library.bandings:
        ends = banding.grades(record.graph, node, record.library.spans)
        if ends is None or record.graph.objects(node, banding.grade):
            continue
        low, high = ends
        spans = record.library.spans
        record.derive(Triple(node, spans.low[banding.grade], low), banding.iri, (node, banding.quantity))
        record.derive(Triple(node, spans.high[banding.grade], high), banding.iri, (node, banding.quantity))
