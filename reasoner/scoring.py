"""Scores: one routine for every table, in intervals that name the components that would decide them."""

from __future__ import annotations

from typing import Final

from reasoner.anatomy import Place, local
from reasoner.answers import Answer, all_of
from reasoner.bearing import Focus, close_bearings
from reasoner.criteria import Bearing, Weighed, judge_leaf
from reasoner.record import Record, integer
from reasoner.tables import Component, ScoringSystem
from reasoner.terms import RDF_TYPE, Triple
from reasoner.vocabulary import DERIVED, Case, Nec, Spine

Focuses = tuple[Focus, ...]
"""A level as a whole, then its left and its right side."""

WHOLE: Final = ""
"""The level of a score that is of the patient."""


def close_scores(record: Record, evidence: list[str]) -> list[str]:
    """Compute every score at every level where what it scores stands; return the result nodes."""
    made = []
    anatomy = record.library.anatomy
    focuses: dict[str, Focuses] = {}
    bearing: Bearing = {}
    weighed: Weighed = {}
    for system in record.library.scoring_systems:
        levels: set[str] = set()
        for node in evidence:
            if system.scores & set(record.graph.types(node)) and not record.is_absence(node):
                place = record.place(node)
                levels |= place.vertebrae or place.segments
        found = sorted(levels, key=anatomy.order)
        for level in found if system.per_level else [WHOLE][: len(found)]:
            if level not in focuses:
                focuses[level] = _focuses(record, level, anatomy.place(found if level == WHOLE else [level]), evidence)
            made.append(_result(record, system, level, focuses[level], bearing, weighed))
    for group in focuses.values():
        for focus in group:
            # Held against the record only to score it: no item, so nothing that a reader should meet.
            record.graph.index.pop(focus.node, None)
    return made


def _focuses(record: Record, level: str, place: Place, evidence: list[str]) -> Focuses:
    name = f"{DERIVED}level-{local(level) or 'whole'}"
    found = tuple(
        Focus(f"{name}{'-' + local(side).lower() if side else ''}", place, side, place)
        for side in (None, Spine.Left, Spine.Right)
    )
    for focus in found:
        close_bearings(record, focus, evidence)
    return found


def _result(
    record: Record, system: ScoringSystem, level: str, focuses: Focuses, bearing: Bearing, weighed: Weighed
) -> str:
    _graph, library = record.graph, record.library
    node = f"{DERIVED}{local(system.iri)}-{local(level)}".rstrip("-")
    premises: list[str] = []
    lowest = highest = 0
    missing = []
    for component in system.components:
        low, high, rests_on = _interval(record, component, level, focuses, bearing, weighed)
        lowest, highest = lowest + low, highest + high
        premises.extend(rests_on)
        if low != high:
            missing.append(component.iri)
    for cls in library.classes_of([system.result_class]):
        record.derive(Triple(node, RDF_TYPE, cls), system.iri, premises)
    if level:
        record.derive(Triple(node, Case.atLevel, level), system.iri, premises)
    spans = library.spans
    record.derive(Triple(node, spans.low[Nec.total], integer(lowest)), system.iri, premises)
    record.derive(Triple(node, spans.high[Nec.total], integer(highest)), system.iri, premises)
    for component_iri in missing:
        record.derive(Triple(node, Nec.missingComponent, component_iri), system.iri, premises)
    if level:
        record.places[node] = Place(
            frozenset({level} & library.anatomy.rank.keys()), frozenset({level} & library.anatomy.ends.keys())
        )
    return node


def _interval(
    record: Record, component: Component, level: str, focuses: Focuses, bearing: Bearing, weighed: Weighed
) -> tuple[int, int, list[str]]:
    """The points a component can still have: from the surest option met to the highest not excluded."""
    possible: list[int] = []
    met: list[int] = []
    rests_on: list[str] = []
    above: list[Answer] = []
    for option in component.options:
        if option.is_otherwise:
            answer = Answer.NOT_MET if Answer.MET in above else _otherwise(above)
        elif option.level_class is not None:
            types = record.library.individual_types.get(level, ())
            answer = Answer.MET if option.level_class in types else Answer.NOT_MET
        elif option.leaf is not None:
            held = focuses[1:] if option.on_each_side else focuses[:1]
            findings = [judge_leaf(record.graph, focus.node, option.leaf, bearing, weighed) for focus in held]
            answer = all_of(finding.answer for finding in findings)
            rests_on.extend(value.node for finding in findings for value in finding.values)
        else:
            answer = Answer.NOT_DOCUMENTED
        above.append(answer)
        if answer is Answer.MET:
            met.append(option.points)
        if answer is not Answer.NOT_MET:
            possible.append(option.points)
    if not possible:
        points = [option.points for option in component.options] or [0]
        return min(points), max(points), rests_on
    return (max(met) if met else min(possible)), max(possible), rests_on


def _otherwise(above: list[Answer]) -> Answer:
    return Answer.MET if all(answer is Answer.NOT_MET for answer in above) else Answer.NOT_DOCUMENTED
