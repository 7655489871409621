"""Two independent engines judge a closed case: met if certain, not met if not even possible, else open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from rdflib import RDF, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authored import SH
from reasoner.conformance import report_on
from reasoner.errors import CaseMalformed, GuidelineMalformed, GuidelineUnknown
from reasoner.readings import (
    CompiledRecommendation,
    JudgeShapes,
    Reading,
    judge_graphs,
)
from reasoner.vocabulary import ROOT

__all__ = [
    "CompiledRecommendation",
    "JudgeShapes",
    "Judgement",
    "Reading",
    "answer_of",
    "judge",
    "judge_graphs",
    "reachable",
]

_CANARY: Final = URIRef(ROOT + "judges#canary")
_NOT_CANARY: Final = URIRef(ROOT + "judges#not-the-canary")
_ONLY_CANARY: Final = URIRef(ROOT + "judges#only-the-canary")
_UNSAID: Final = Literal("It does not conform.")
_DEPTH: Final = 128

Failures = dict[URIRef, set[Node]]


class Judgement(StrEnum):
    """What the two readings amount to."""

    MET = "met"
    NOT_MET = "not-met"
    OPEN = "open"


def answer_of(certain: bool, possible: bool) -> Judgement:  # noqa: FBT001  the two readings, in the order of the law
    """Met if it conforms to certain, not met if it does not conform to possible, else open.

    >>> answer_of(False, True)
    <Judgement.OPEN: 'open'>
    """
    if certain and not possible:
        raise CaseMalformed(
            "case.span",
            "A criterion is certain and yet impossible.",
            mend="Look for a span whose low end lies above its high end.",
        )
    return Judgement.MET if certain else Judgement.OPEN if possible else Judgement.NOT_MET


def judge(
    closed_case: Graph,
    shapes: JudgeShapes,
    items: Iterable[str],
    engine: str = "pyshacl",
    criteria: Iterable[str] | None = None,
    pairs: Iterable[tuple[str, str]] | None = None,
) -> dict[tuple[str, str], tuple[bool, bool]]:
    """Ask an engine, in one validation, whether each item conforms to both readings of each criterion.

    Each shape is also put to a canary that no shape lets pass: a shape that says nothing about
    the canary was never asked, and its silence about an item would be no answer. With `pairs` of
    item and criterion, only these are judged.
    """
    asked = sorted(set(shapes.criteria if criteria is None else criteria))
    everyone = sorted(set(items))
    wanted: dict[str, list[str]] = {each: [] for each in asked} if pairs is not None else dict.fromkeys(asked, everyone)
    for item, criterion in sorted(set(pairs or ())):
        wanted[criterion].append(item)
    unknown = sorted(set(asked) - set(shapes.criteria))
    if unknown:
        raise GuidelineUnknown("criterion.unknown", f"No shape reads {unknown[0]}.", mend="Derive it first.")
    if not asked or not everyone:
        return {}
    names = [reading.of(each) for each in asked for reading in Reading]
    failures = _ENGINES[engine](closed_case, _targeted(shapes, wanted), names)
    for name in names:
        if _CANARY not in failures.get(name, set()):
            raise GuidelineMalformed("judges.unasked", "A shape was never asked.", where=str(name))
    return {
        (item, each): (
            URIRef(item) not in failures[Reading.CERTAIN.of(each)],
            URIRef(item) not in failures[Reading.POSSIBLE.of(each)],
        )
        for each, targets in wanted.items()
        for item in targets
    }


def reachable(shapes: JudgeShapes, criteria: Iterable[str]) -> Graph:
    """The shapes of both readings that some criteria rest on, in one graph.

    A negation in one reading leads to a shape of the other, so both graphs are walked together.
    """
    found = Graph()
    waiting: list[Node] = [reading.of(each) for each in criteria for reading in Reading]
    seen: set[Node] = set(waiting)
    while waiting:
        node = waiting.pop()
        for graph in (shapes.certain, shapes.possible):
            for predicate, value in graph.predicate_objects(node):
                found.add((node, predicate, value))
                if predicate in _LEADING and value not in seen:
                    seen.add(value)
                    waiting.append(value)
    return found


_LEADING: Final = frozenset(
    (
        *(SH[each] for each in ("and", "or", "not", "in", "node", "property", "qualifiedValueShape")),
        RDF.first,
        RDF.rest,
    )
)


def _targeted(shapes: JudgeShapes, wanted: dict[str, list[str]]) -> Graph:
    graph = reachable(shapes, wanted)
    for kind in (SH.NodeShape, SH.PropertyShape):
        for shape in list(graph.subjects(RDF.type, kind)):
            graph.add((shape, SH.message, _UNSAID))  # without one, pySHACL words a message for every failure
    graph.add((_NOT_CANARY, RDF.type, SH.NodeShape))
    graph.add((_NOT_CANARY, SH["in"], _ONLY_CANARY))
    graph.add((_ONLY_CANARY, RDF.first, _CANARY))
    graph.add((_ONLY_CANARY, RDF.rest, RDF.nil))
    for name, targets in ((reading.of(each), targets) for each, targets in wanted.items() for reading in Reading):
        for target in (*map(URIRef, targets), _CANARY):
            graph.add((name, SH.targetNode, target))
        # A leaf wants at least one value, which the canary lacks; the others are told to fail it.
        if (name, RDF.type, SH.NodeShape) in graph:
            graph.add((name, SH["not"], _NOT_CANARY))
    return graph


def _by_pyshacl(case: Graph, shapes: Graph, _names: list[URIRef]) -> Failures:
    return _failures(report_on(case, shapes, depth=_DEPTH))


def _by_pyshifty(case: Graph, shapes: Graph, names: list[URIRef]) -> Failures:
    # The second engine belongs to the tests; who only makes proofs need not have it.
    import shifty  # noqa: PLC0415

    # Bytes only: a string would be taken for a path or an address to fetch. Asking for the failures of one shape
    # at a time spares the engine its report, which costs it twenty times the judging.
    session = shifty.EvidenceSession(_ntriples(shapes), _ntriples(case), infer=False, graph_mode="data")
    return {
        name: {URIRef(pair.focus[1:-1]) for pair in session.find_failures(shape_names=[str(name)])[1]} for name in names
    }


_ENGINES: Final[dict[str, Callable[[Graph, Graph, list[URIRef]], Failures]]] = {
    "pyshacl": _by_pyshacl,
    "pyshifty": _by_pyshifty,
}


def _ntriples(graph: Graph) -> bytes:
    return graph.serialize(format="nt", encoding="utf-8")


def _failures(report: Graph) -> Failures:
    found: Failures = defaultdict(set)
    for result in report.objects(None, SH.result):
        focus = report.value(result, SH.focusNode)
        shape = report.value(result, SH.sourceShape)
        if isinstance(shape, URIRef) and focus is not None and not isinstance(focus, Literal):
            found[shape].add(focus)
    return found
