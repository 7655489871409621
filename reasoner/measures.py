"""Measurements that stand on something else: a number or a grade is read where the note has it.

"Back pain, 8 of 10" states a pain score, "tibialis anterior 2 of 5" the strength of a muscle. Which
property measures what, and on which statements, the ontology says. The measurement is a node of its
own, since no finding is a measurement, and is told as the statement that it comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reasoner.anatomy import local
from reasoner.library import Library
from reasoner.record import Record, integer
from reasoner.terms import RDF_TYPE, Literal, Triple
from reasoner.vocabulary import CASE, DERIVED, Case, Nec, Spine

_KEPT: Final = (
    Case.atLevel, Case.fromLevel, Case.toLevel, Case.onSide, Case.ofMuscle, Case.ofRoot, Case.inBodyPart,
    Case.statedIn, Case.onDate, Case.onsetDate, Case.hasBasis, Case.hasCertainty, Case.isProgressive,
)  # fmt: skip
_TIMED: Final = re.compile(rf"{re.escape(CASE)}(durationIn\w+|\w+BeforeRequest(AtLeast|AtMost)?)")


@dataclass(frozen=True, slots=True)
class _Measure:
    """A property that measures: the class of what it states, on which statements, and its three names."""

    path: str
    states: str
    carriers: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A class that a grade shows from a bar on, and denies below it."""

    cls: str
    path: str
    least: int


def close_measures(record: Record) -> None:
    """Write the measurement that a number or a grade states beside the class of its own statement."""
    measures = _measures(record.library)
    for node in list(record.graph.index):
        if not record.has_type(node, Spine.Evidence) or _is_void(record, node):
            continue
        for one in measures:
            carried = [path for path in one.paths if record.graph.objects(node, path)]
            if not carried or record.has_type(node, one.states):
                continue
            if any(record.has_type(node, cls) for cls in one.carriers):
                _measure(record, node, one, carried)
    _count_named(record)


def _measure(record: Record, node: str, one: _Measure, carried: list[str]) -> None:
    name = _beside(record, node, one.states, Nec.measures, (node, one.path))
    for path in carried:
        for value in record.graph.objects(node, path):
            record.derive(Triple(name, path, value), Nec.measures, (node, path))


def _beside(record: Record, node: str, cls: str, rule: str, premises: tuple[str, ...]) -> str:
    """A statement of another class that a statement makes, at its place and time and in its documents."""
    name = f"{DERIVED}{local(cls)}-of-{local(node)}"
    for kind in record.library.classes_of([cls]):
        record.derive(Triple(name, RDF_TYPE, kind), rule, premises)
    record.derive(Triple(name, Nec.isMeasuredOn, record.stated_as(node)), rule, premises)
    timed = [path for path in record.graph.index[node] if _TIMED.fullmatch(path)]
    for path in (*_KEPT, *timed):
        for value in record.graph.objects(node, path):
            record.derive(Triple(name, path, value), rule, premises)
    record.asserted[name] = (cls,)
    if node in record.places:
        record.places[name] = record.places[node]
    return name


def _is_void(record: Record, node: str) -> bool:
    # What is denied, not documented or over measures nothing that is there now.
    denied = record.is_absence(node) or record.has_type(node, Case.NotDocumented)
    return denied or record.graph.text(node, Case.isResolved) == "true"


@lru_cache(maxsize=4)
def _measures(library: Library) -> tuple[_Measure, ...]:
    graph, spans = library.graph, library.spans
    return tuple(
        _Measure(path, cls, tuple(graph.nodes(path, Nec.isReadOn)), (path, spans.low[path], spans.high[path]))
        for path in sorted(graph.subjects(Nec.measures))
        for cls in graph.nodes(path, Nec.measures)
    )


def _count_named(record: Record) -> None:
    """Count the different kinds of finding of one side where each is named by itself."""
    for path, kinds in _named_kinds(record.library).items():
        cls = next(one.states for one in _measures(record.library) if one.path == path)
        for side in (Spine.Left, Spine.Right, ""):
            named = [node for node in list(record.graph.index) if _is_named(record, node, kinds, side)]
            found = {kind for node in named for kind in kinds & set(record.graph.types(node))}
            if len(found) > 1:
                _count(record, path, cls, side, named, len(found))


def _is_named(record: Record, node: str, kinds: frozenset[str], side: str) -> bool:
    if _is_void(record, node) or not kinds & set(record.graph.types(node)):
        return False
    sides = record.graph.nodes(node, Case.onSide)
    return side in sides or Spine.Bilateral in sides if side else not sides


def _count(record: Record, path: str, cls: str, side: str, named: list[str], count: int) -> None:
    name = f"{DERIVED}{local(path)}{'-' + local(side).lower() if side else ''}"
    for kind in record.library.classes_of([cls]):
        record.derive(Triple(name, RDF_TYPE, kind), Nec.isCountedIn, named)
    record.derive(Triple(name, record.library.spans.low[path], integer(count)), Nec.isCountedIn, named)
    if side:
        record.derive(Triple(name, Case.onSide, side), Nec.isCountedIn, named)
    for document in dict.fromkeys(d for node in named for d in record.graph.nodes(node, Case.statedIn)):
        record.derive(Triple(name, Case.statedIn, document), Nec.isCountedIn, named)
    record.asserted[name] = (cls,)
    place = next((record.places[node] for node in named if node in record.places), None)
    if place is not None:
        record.places[name] = place


@lru_cache(maxsize=4)
def _named_kinds(library: Library) -> dict[str, frozenset[str]]:
    graph, found = library.graph, dict[str, set[str]]()
    for cls in graph.subjects(Nec.isCountedIn):
        for path in graph.nodes(cls, Nec.isCountedIn):
            found.setdefault(path, set()).add(cls)
    return {path: frozenset(kinds) for path, kinds in sorted(found.items())}


def close_shown(record: Record) -> None:
    """Write what a grade shows from a bar on, and the absence of it where the grade lies below the bar."""
    for one in _shown(record.library):
        for node in list(record.graph.index):
            least, most = (_rank(record, node, f"{one.path}Rank{end}") for end in ("AtLeast", "AtMost"))
            if least is None or most is None or _is_void(record, node):
                continue
            # The measurement beside a statement speaks for it; a class that is stated is not shown again.
            if record.stated_as(node) == node and not record.has_type(node, Spine.Measurement):
                continue
            if record.has_type(record.stated_as(node), one.cls):
                continue
            if least >= one.least:
                _beside(record, node, one.cls, Nec.isShownFrom, (node, one.path))
            elif most < one.least:
                _deny(record, node, one)


def _deny(record: Record, node: str, one: _Shown) -> None:
    name = f"{DERIVED}no-{local(one.cls)}-of-{local(node)}"
    for kind in record.library.classes_of([Case.Absence]):
        record.derive(Triple(name, RDF_TYPE, kind), Nec.isShownFrom, (node, one.path))
    record.derive(Triple(name, Case.ofKind, one.cls), Nec.isShownFrom, (node, one.path))
    record.derive(Triple(name, Nec.isMeasuredOn, record.stated_as(node)), Nec.isShownFrom, (node, one.path))
    for path in (Case.statedIn, Case.onDate, Case.hasBasis):
        for value in record.graph.objects(node, path):
            record.derive(Triple(name, path, value), Nec.isShownFrom, (node, one.path))
    record.asserted[name] = (Case.Absence,)


@lru_cache(maxsize=4)
def _shown(library: Library) -> tuple[_Shown, ...]:
    graph = library.graph
    return tuple(
        _Shown(cls, path, scale.ranks[grade][0])
        for cls in sorted(graph.subjects(Nec.isShownFrom))
        for grade in graph.nodes(cls, Nec.isShownFrom)
        for path, scale in sorted(library.spans.scales.items())
        if grade in scale.ranks
    )


def _rank(record: Record, node: str, path: str) -> int | None:
    value = record.graph.value(node, path)
    return int(value.number) if isinstance(value, Literal) and value.number is not None else None
