"""A record as it would be if something were shown: evidence that just passes, written into a copy of the case."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reasoner.specimens import bounds_on, furnish, just_passing
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Triple
from reasoner.vocabulary import RECORD, SH, Case, Nec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.criteria import Leaf
    from reasoner.determine import Decision
    from reasoner.record import Item

_PLACED: Final = frozenset({Nec.evidenceAtLevel, Nec.evidenceInConstruct, Nec.evidenceAdjacent})


def suppose(decision: Decision, wanted: Iterable[tuple[str, str]]) -> Graph:
    """A copy of the case in which each item's leaf is passed by evidence that is current and measured."""
    graph = Graph()
    graph.index = {s: {p: list(v) for p, v in edges.items()} for s, edges in decision.case.graph.index.items()}
    items = {one.item.id: one.item for one in decision.items}
    made: set[tuple[str, str]] = set()
    for number, (name, iri) in enumerate(wanted):
        leaf, item = decision.library.criteria.leaves[iri], items[name]
        # What is shown of the patient or the region is shown once, not once for each level.
        where = name if leaf.path in _PLACED or leaf.path == Nec.evidenceOfRoots else _region(decision, item)
        if (iri, where) in made:
            continue
        made.add((iri, where))
        for count in range(leaf.wanted):
            _supply(decision, graph, item, leaf, f"{RECORD}#_supposed-{number}-{count}")
        for triple in _rivals(decision, leaf, item):
            values = graph.index.get(triple.subject, {}).get(triple.predicate, [])
            if triple.object in values:
                values.remove(triple.object)
    return graph


def _region(decision: Decision, item: Item) -> str:
    return " ".join(sorted(decision.library.anatomy.region_groups(item.place)))


def _supply(decision: Decision, graph: Graph, item: Item, leaf: Leaf, node: str) -> None:
    """Write a node of evidence that passes a leaf's value shape, at the item, current and measured."""
    anatomy, place = decision.library.anatomy, item.place
    graph.add(decision.case.iri, Case.records, node)
    graph.add(node, RDF_TYPE, leaf.shape.genus)
    graph.add(node, Case.hasBasis, Case.Measured)
    ago = _ago(decision, leaf.shape.shape)
    if decision.evidence_until:
        day = decision.evidence_until - timedelta(days=ago)
        graph.add(node, Case.onDate, Literal(day.isoformat(), XSD + "date"))
    elif ago:
        graph.add(node, Case.daysBeforeRequest, Literal(str(ago), XSD + "integer"))
    if leaf.path in _PLACED:
        for level in sorted(place.segments or place.vertebrae):
            graph.add(node, Case.atLevel, level)
    elif leaf.path == Nec.evidenceInRegion:
        for region in sorted(anatomy.region_groups(place)):
            graph.add(node, Case.atLevel, region)
    elif leaf.path == Nec.evidenceOfRoots:
        for root in sorted(anatomy.roots(place))[:1]:
            graph.add(node, Case.ofRoot, root)
    if item.side:
        graph.add(node, Case.onSide, item.side)
    furnish(decision.library, graph, leaf.shape.shape, node, besides=decision.library.spans.windows)


def _rivals(decision: Decision, leaf: Leaf, item: Item) -> list[Triple]:
    # A dispute is ended by evidence that settles it: what spoke against the answer is taken as answered.
    finding = decision.session.find(item.iri, leaf.iri)
    rivals = {
        rival
        for value in finding.values
        if value.in_conflict
        for rival in decision.record.graph.nodes(value.node, Nec.conflictsWith)
    }
    return [Triple(decision.case.iri, Case.records, rival) for rival in sorted(rivals)]


def _ago(decision: Decision, shape: str) -> int:
    """How many days back a leaf lets its evidence lie, or makes it lie: the nearest day that its window holds."""
    library = decision.library
    bounds = [
        bound
        for one in library.graph.nodes(shape, SH + "property")
        for bound in bounds_on(library, one, library.graph.node(one, SH + "path") or "")
        if bound.path in library.spans.windows and bound.kind.startswith("min")
    ]
    return max((math.ceil(just_passing(bound)) for bound in bounds), default=0)
