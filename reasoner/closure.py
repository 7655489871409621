"""What follows from the ontology: types, levels, spans, absences, contradictions, bearings and scores, each with its reason."""

from __future__ import annotations

import itertools
from datetime import date
from functools import lru_cache
from typing import Final

from reasoner.anatomy import Place, local
from reasoner.bearing import close_bearings, focus_of
from reasoner.conflicts import close_conflicts
from reasoner.correlation import close_correlation
from reasoner.courses import close_totals
from reasoner.denials import narrow_by_denials, restate_nothing
from reasoner.errors import OntologyInconsistent
from reasoner.items import construct_places, make_items, read_services
from reasoner.library import Library
from reasoner.measures import close_measures, close_shown
from reasoner.policies import Policy
from reasoner.quantities import close_ages, close_quantities
from reasoner.record import Record, integer
from reasoner.reports import carry_absences_down, close_reports, drop_late_evidence
from reasoner.scoring import close_scores
from reasoner.terms import RDF_TYPE, Graph, Literal, Triple
from reasoner.vocabulary import DERIVED, Case, Nec, Spine

_RULE_CLASS: Final = "subclass"
_RULE_RANGE: Final = "range-expanded"
_RULE_INHERENT: Final = "inherent-level"
_RULE_CAUSE: Final = "cause-at-its-effect"
_RULE_AGE: Final = "age-group"
_RULE_LENGTH: Final = "levels-counted"


def close(library: Library, graph: Graph, case: str, policy: Policy, evidence_until: date | None) -> Record:
    """Close a read case under the ontology; raises OntologyInconsistent naming the axiom a case contradicts."""
    closed = Graph()
    closed.index = {s: {p: list(values) for p, values in edges.items()} for s, edges in graph.index.items()}
    record = Record(library, policy, closed, case, evidence_until)
    record.asserted = {node: tuple(graph.types(node)) for node in graph.index}
    _types(record)
    _possibilities(record)
    _places(record)
    close_measures(record)
    _definitions(record)
    _population(record)
    close_quantities(record)
    close_shown(record)
    read_services(record)
    _lengths(record)
    # An operation done before is evidence too; what is asked for or planned is not.
    evidence = [n for n in closed.index if record.has_type(n, Spine.Evidence) and n not in record.services]
    evidence = drop_late_evidence(record, evidence)
    close_ages(record, evidence)
    evidence = restate_nothing(record, evidence)
    implied = close_reports(record, evidence)
    evidence = evidence + implied
    carry_absences_down(record, evidence)
    narrow_by_denials(record, evidence)
    evidence = close_conflicts(record, evidence)
    close_correlation(record, evidence)
    evidence += close_totals(record, evidence)
    make_items(record)
    evidence += close_scores(record, evidence)
    record.evidence = evidence
    places = construct_places(record)
    for item in (*record.items, *record.steps):
        close_bearings(record, focus_of(item, places.get(item.construct or "", item.place)), evidence)
    return record


def _types(record: Record) -> None:
    library, graph = record.library, record.graph
    for node in list(graph.index):
        asserted = graph.types(node)
        for cls in library.classes_of(asserted):
            record.derive(Triple(node, RDF_TYPE, cls), _RULE_CLASS, (node,))
        _refuse_clash(record, node)
        for values in list(graph.index[node].values()):
            for value in values:
                if isinstance(value, str) and value in library.individual_types and value not in graph.index:
                    graph.index[value] = {RDF_TYPE: list(library.individual_types[value])}


def _refuse_clash(record: Record, node: str) -> None:
    types = set(record.graph.types(node))
    for cls in types:
        clash = record.library.disjoint.get(cls, frozenset()) & types
        if clash:
            one, other = sorted((cls, min(clash)))
            label = record.library.label
            raise OntologyInconsistent(
                "case.disjoint",
                f"Nothing is both {label(one).lower()} and {label(other).lower()} (axiom: these classes are disjoint).",
                where=record.name(node),
                mend="State two findings, or keep the class that the document supports.",
            )


def _possibilities(record: Record) -> None:
    """What a finding may turn out to be is on record as possible, at its place and in its documents."""
    graph, library = record.graph, record.library
    for node in list(graph.index):
        for cls in [cls for cls in library.may_be if record.has_type(node, cls)]:
            for other in library.may_be[cls]:
                if record.has_type(node, other):
                    continue
                name = f"{DERIVED}possible-{local(other)}-{local(node)}"
                for kind in library.classes_of([other]):
                    record.derive(Triple(name, RDF_TYPE, kind), Nec.mayBe, (node, cls))
                record.derive(Triple(name, Case.hasCertainty, Case.Possible), Nec.mayBe, (node, cls))
                for path in (Case.atLevel, Case.fromLevel, Case.toLevel, Case.onSide, Case.statedIn, Case.onDate):
                    for value in graph.objects(node, path):
                        record.derive(Triple(name, path, value), Nec.mayBe, (node, cls))


def _places(record: Record) -> None:
    anatomy, graph = record.library.anatomy, record.graph
    for node in list(graph.index):
        edges = graph.index[node]
        levels = graph.nodes(node, Case.atLevel)
        place = anatomy.place(levels)
        if Case.fromLevel in edges and Case.toLevel in edges:
            upper, lower = graph.nodes(node, Case.fromLevel)[0], graph.nodes(node, Case.toLevel)[0]
            place |= _range(record, node, upper, lower)
        named = bool(place)
        if not named:
            place = anatomy.place(_inherent(record, node))
        if not place:
            continue
        if record.has_type(node, Spine.Procedure) and _keeps_its_ends(record, node):
            place = _service_place(record, place)
        record.places[node] = place
        for level in sorted(place.vertebrae | place.segments | place.joints, key=anatomy.order):
            if level not in levels:
                record.derive(Triple(node, Case.atLevel, level), _RULE_RANGE if named else _RULE_INHERENT, (node,))
                graph.index.setdefault(level, {RDF_TYPE: list(record.library.individual_types.get(level, ()))})
    for node in list(graph.index):
        for cause in graph.nodes(node, Case.dueTo):
            if cause not in record.places and node in record.places:
                record.places[cause] = record.places[node]
                for level in graph.nodes(node, Case.atLevel):
                    record.derive(Triple(cause, Case.atLevel, level), _RULE_CAUSE, (node, cause))


def _inherent(record: Record, node: str) -> list[str]:
    """The levels at which everything of a node's classes is."""
    known = _inherent_levels(record.library)
    return [level for cls in record.graph.types(node) for level in known.get(cls, ())]


@lru_cache(maxsize=4)
def _inherent_levels(library: Library) -> dict[str, tuple[str, ...]]:
    graph = library.graph
    return {cls: tuple(graph.nodes(cls, Nec.inherentLevel)) for cls in graph.subjects(Nec.inherentLevel)}


def _range(record: Record, node: str, upper: str, lower: str) -> Place:
    anatomy = record.library.anatomy
    whole = anatomy.range(upper, lower)
    if not whole.segments or _keeps_its_ends(record, node):
        return whole
    # A finding over a range is one at each segment between: its end vertebrae do not reach beyond.
    return Place(segments=whole.segments)


def _keeps_its_ends(record: Record, node: str) -> bool:
    said = [keeps for cls, keeps in _keeping_ends(record.library).items() if record.has_type(node, cls)]
    return bool(said) and all(said)


@lru_cache(maxsize=4)
def _keeping_ends(library: Library) -> dict[str, bool]:
    graph = library.graph
    return {cls: graph.text(cls, Nec.keepsItsEnds) == "true" for cls in graph.subjects(Nec.keepsItsEnds)}


def _service_place(record: Record, place: Place) -> Place:
    """A service named by segments covers their vertebrae; one named by two or more vertebrae in a row, what lies between."""
    anatomy = record.library.anatomy
    ends = {v for s in place.segments for v in anatomy.ends[s]}
    ranks = sorted(anatomy.rank[v] for v in place.vertebrae)
    between = frozenset(
        segment
        for upper, lower in itertools.pairwise(ranks)
        if (segment := anatomy.segment_between.get((anatomy.vertebra_at[upper], anatomy.vertebra_at[lower])))
    )
    return Place(place.vertebrae | ends, place.segments | between, place.regions, place.joints)


def _lengths(record: Record) -> None:
    """Count the segments and vertebrae of every service and planned step."""
    spans = record.library.spans
    for service in record.services:
        place = record.place(service)
        for path, count in ((Nec.segmentCount, len(place.segments)), (Nec.vertebraCount, len(place.vertebrae))):
            for end in (spans.low[path], spans.high[path]) if place else ():
                record.derive(Triple(service, end, integer(count)), _RULE_LENGTH, (service,))


def _definitions(record: Record) -> None:
    graph, library = record.graph, record.library
    instances: dict[str, list[str]] = {}
    for node in graph.index:
        for cls in graph.types(node):
            instances.setdefault(cls, []).append(node)
    changed = True
    while changed:
        changed = False
        for definition in library.definitions:
            fewest = min((instances.get(c, []) for c in definition.classes), key=len, default=list(graph.index))
            for node in list(fewest):
                types = graph.types(node)
                if definition.iri in types or not definition.classes <= set(types):
                    continue
                if all(_linked(graph, node, *link) for link in definition.links):
                    for cls in library.classes_of([definition.iri]):
                        if cls not in types:
                            instances.setdefault(cls, []).append(node)
                        record.derive(Triple(node, RDF_TYPE, cls), definition.iri, (node,))
                    changed = True


def _linked(graph: Graph, node: str, path: str, target: str, is_value: bool) -> bool:  # noqa: FBT001  kind of restriction
    values = graph.nodes(node, path)
    if is_value:
        return target in values
    return any(target in graph.objects(value, RDF_TYPE) for value in values)


def _population(record: Record) -> None:
    graph = record.graph
    for patient in graph.nodes(record.case, Case.hasPatient):
        value = graph.value(patient, Case.ageInYears)
        age = value.number if isinstance(value, Literal) else None
        if age is None:
            continue
        for group, (least, most) in record.library.age_groups.items():
            if least <= age and (most is None or age < most):
                for cls in record.library.classes_of([group]):
                    record.derive(Triple(patient, RDF_TYPE, cls), _RULE_AGE, (patient,))
