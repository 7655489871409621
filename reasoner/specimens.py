"""Nodes of evidence that just pass a value shape, made from the shape itself.

What a demand leaves free is chosen as plainly as the ontology allows: the first value of a list,
a grade that spans one rank, the number nearest to its bound, an individual of the range. A
demand that something not be so is passed by what its property says instead.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from reasoner.anatomy import local
from reasoner.demands import Bound
from reasoner.library import Library
from reasoner.quantities import decimal
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Term
from reasoner.vocabulary import OWL, RDFS, SH

CONTRARY: Final = {
    "minInclusive": "maxExclusive",
    "minExclusive": "maxInclusive",
    "maxInclusive": "minExclusive",
    "maxExclusive": "minInclusive",
}
_DAY: Final = Literal("2026-01-01", XSD + "date")
_KINDS: Final = tuple(CONTRARY)


def furnish(library: Library, graph: Graph, shape: str, node: str, *, besides: Collection[str] = ()) -> None:
    """Give a node what a shape demands, the first of alternatives; `besides` are properties that the caller gives."""
    knowledge = library.graph
    for cls in knowledge.nodes(shape, SH + "class"):
        graph.add(node, RDF_TYPE, cls)
    for one in knowledge.nodes(shape, SH + "property"):
        path = knowledge.node(one, SH + "path") or ""
        if path not in besides:
            _give(library, graph, one, path, node)
    for one in knowledge.nodes(shape, SH + "not"):
        _refuse(library, graph, one, node, besides)
    for head in knowledge.nodes(shape, SH + "or"):
        furnish(library, graph, str(knowledge.list(head)[0]), node, besides=besides)
    for head in knowledge.nodes(shape, SH + "and"):
        for side in knowledge.list(head):
            furnish(library, graph, str(side), node, besides=besides)


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


def bounds_on(library: Library, shape: str, path: str) -> list[Bound]:
    """The numeric bounds that one property shape sets."""
    return [
        Bound(path, kind, value.number)
        for kind in _KINDS
        for value in library.graph.objects(shape, SH + kind)
        if isinstance(value, Literal) and value.number is not None
    ]


def others(library: Library, path: str, values: list[Term]) -> list[Term]:
    """The values that a property might have besides these, as far as its scale or range names them."""
    scale = library.spans.scales.get(path)
    if scale is not None:
        inside = {rank for value in values for rank in scale.ranks[str(value)]}
        return [grade for grade, ranks in scale.ranks.items() if not inside & set(ranks)]
    graph = library.graph
    kinds = _ranges(library, path) or graph.types(str(values[0]))
    named = [one for kind in kinds for one in (kind, *library.descendants.get(kind, ()))]
    found = dict.fromkeys(one for kind in named for one in graph.subjects(RDF_TYPE, kind))
    return [one for one in found if one not in values]


def _give(library: Library, graph: Graph, shape: str, path: str, node: str) -> None:
    knowledge = library.graph
    head = knowledge.node(shape, SH + "in")
    nested = knowledge.node(shape, SH + "qualifiedValueShape") or shape
    if head is not None:
        graph.add(node, path, _exact(library, path, knowledge.list(head)))
    elif values := knowledge.objects(shape, SH + "hasValue"):
        for value in values:
            graph.add(node, path, value)
    elif bounds := bounds_on(library, shape, path):
        graph.add(node, path, decimal(just_passing(bounds[0])))
    elif knowledge.nodes(nested, SH + "class"):
        inner = f"{node}-{local(path)}"
        graph.add(node, path, inner)
        furnish(library, graph, nested, inner)
    elif knowledge.objects(shape, SH + "minCount"):
        graph.add(node, path, _anything(library, graph, path, node))


def _refuse(library: Library, graph: Graph, shape: str, node: str, besides: Collection[str]) -> None:
    """Give a node what makes a shape fail for certain, where one of its properties need not be stated."""
    knowledge = library.graph
    if knowledge.nodes(shape, SH + "class"):
        return  # Another kind of thing fails it already.
    for one in knowledge.nodes(shape, SH + "property"):
        path = knowledge.node(one, SH + "path") or ""
        if path in besides or graph.objects(node, path):
            continue
        head = knowledge.node(one, SH + "in")
        values = knowledge.list(head) if head else knowledge.objects(one, SH + "hasValue")
        if values and isinstance(values[0], Literal):
            true = any(isinstance(value, Literal) and value.lexical == "true" for value in values)
            graph.add(node, path, Literal("false" if true else "true", XSD + "boolean"))
        elif values and (rest := others(library, path, values)):
            graph.add(node, path, _exact(library, path, rest))
        elif bounds := bounds_on(library, one, path):
            contrary = Bound(path, CONTRARY[bounds[0].kind], bounds[0].threshold)
            graph.add(node, path, decimal(just_passing(contrary)))


def _ranges(library: Library, path: str) -> list[str]:
    """The classes or datatypes that a property's values are of."""
    graph = library.graph
    return [
        str(member)
        for one in graph.nodes(path, RDFS + "range")
        for member in (graph.list(graph.node(one, OWL + "unionOf") or "") or [one])
    ]


def _exact(library: Library, path: str, values: list[Term]) -> Term:
    scale = library.spans.scales.get(path)
    if scale is None:
        return values[0]
    return next((v for v in values if isinstance(v, str) and len(set(scale.ranks[v])) == 1), values[0])


def _anything(library: Library, graph: Graph, path: str, node: str) -> Term:
    """Some value of a property that only has to be stated."""
    knowledge = library.graph
    scale = library.spans.scales.get(path)
    if scale is not None:
        return max(scale.ranks, key=lambda grade: (len(set(scale.ranks[grade])) == 1, scale.ranks[grade]))
    ranges = _ranges(library, path)
    if XSD + "date" in ranges:
        return _DAY
    if XSD + "boolean" in ranges:
        return Literal("true", XSD + "boolean")
    if not ranges or ranges[0].startswith(XSD):
        return Literal("1", XSD + "integer")
    if named := sorted(one for kind in ranges for one in knowledge.subjects(RDF_TYPE, kind)):
        return named[0]
    inner = f"{node}-{local(path)}"
    graph.add(inner, RDF_TYPE, ranges[0])
    return inner
