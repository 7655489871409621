"""A record as it would be if something were shown: evidence that just passes, written into a copy of the case."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from reasoner.anatomy import local
from reasoner.demands import Bound
from reasoner.quantities import decimal
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Triple
from reasoner.vocabulary import RECORD, SH, Case, Nec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.criteria import Leaf
    from reasoner.determine import Decision
    from reasoner.record import Item

_PLACED: Final = frozenset({Nec.evidenceAtLevel, Nec.evidenceInConstruct, Nec.evidenceAdjacent})
_KINDS: Final = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")


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
    if decision.evidence_until:
        graph.add(node, Case.onDate, Literal(decision.evidence_until.isoformat(), XSD + "date"))
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
    _satisfy(decision, graph, leaf.shape.shape, node)


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


def _satisfy(decision: Decision, graph: Graph, shape: str, node: str) -> None:
    knowledge = decision.library.graph
    for path_shape in knowledge.nodes(shape, SH + "property"):
        path = knowledge.node(path_shape, SH + "path")
        if path is not None and path not in decision.library.spans.windows:
            _give(decision, graph, path_shape, path, node)
    sides = [side for head in knowledge.nodes(shape, SH + "or") for side in knowledge.list(head)[:1]]
    sides += [side for head in knowledge.nodes(shape, SH + "and") for side in knowledge.list(head)]
    for side in sides:
        if isinstance(side, str):
            for cls in knowledge.nodes(side, SH + "class"):
                graph.add(node, RDF_TYPE, cls)
            _satisfy(decision, graph, side, node)


def _give(decision: Decision, graph: Graph, shape: str, path: str, node: str) -> None:
    knowledge = decision.library.graph
    chosen = knowledge.list(knowledge.node(shape, SH + "in") or "")[:1] or knowledge.objects(shape, SH + "hasValue")
    for value in chosen:
        graph.add(node, path, value)
    bounds = [
        Bound(path, kind, value.number)
        for kind in _KINDS
        for value in knowledge.objects(shape, SH + kind)
        if isinstance(value, Literal) and value.number is not None
    ]
    if bounds:
        graph.add(node, path, decimal(just_passing(bounds[0])))
    nested = knowledge.node(shape, SH + "qualifiedValueShape") or shape
    for cls in knowledge.nodes(nested, SH + "class"):
        inner = f"{node}-{local(path)}"
        graph.add(node, path, inner)
        graph.add(inner, RDF_TYPE, cls)


def just_passing(bound: Bound) -> Decimal:
    """The number nearest to a threshold that passes it.

    >>> just_passing(Bound("p", "minExclusive", Decimal("30")))
    Decimal('30.1')
    """
    exponent = int(bound.threshold.as_tuple().exponent)
    step = Decimal("0.1") if exponent == 0 else Decimal(1).scaleb(exponent)
    if bound.kind == "minExclusive":
        return bound.threshold + step
    return bound.threshold - step if bound.kind == "maxExclusive" else bound.threshold
