"""What to state for a class that is worked out: read off its own definition in the ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reasoner.anatomy import local
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import CASE, OWL, SPINE, Case, Nec

if TYPE_CHECKING:
    from reasoner.terms import Graph

_FEW: Final = 3
_VOWELS: Final = ("A", "E", "I", "O", "U")


def restated(graph: Graph, cls: str) -> str:
    """What a case states instead of a class that follows from it; empty where the ontology does not define it.

    >>> from reasoner import Library
    >>> restated(Library.read().graph, SPINE + "OsteoporoticFracture")
    'State a VertebralFracture (or a kind of it) with case:dueTo an Osteoporosis.'
    """
    written = defined_as(graph, cls)
    if written:
        return f"State {written}."
    for care in graph.nodes(cls, Nec.totals):
        return f"State each course of care as {_a(care)} (or a kind of it)."
    if graph.objects(cls, Nec.ageGroupFrom) or graph.objects(cls, Nec.ageGroupUntil):
        return f"State case:{local(Case.ageInYears)} of the patient."
    return ""


def defined_as(graph: Graph, cls: str) -> str:
    """The definition of a class as the nodes and links that a case would write: 'a BackPain with ...'."""
    for same in graph.nodes(cls, OWL + "equivalentClass"):
        parts = [str(part) for head in graph.nodes(same, OWL + "intersectionOf") for part in graph.list(head)]
        kinds = [part for part in parts if not part.startswith("_:")]
        links = [_link(graph, part) for part in parts if part.startswith("_:")]
        if kinds and all(links):
            also = f", that is also {' and '.join(map(_a, kinds[1:]))}" if kinds[1:] else ""
            having = f" with {' and '.join(links)}" if links else ""
            return f"{_a(kinds[0])} (or a kind of it){also}{having}"
    return ""


def _link(graph: Graph, restriction: str) -> str:
    path = graph.node(restriction, OWL + "onProperty")
    value, filler = graph.node(restriction, OWL + "hasValue"), graph.node(restriction, OWL + "someValuesFrom")
    if not path or not (value or filler):
        return ""
    return f"{_name(path)} {_name(value) if value else _some(graph, filler or '')}"


def _some(graph: Graph, filler: str) -> str:
    """Any node of a class; where the class has individuals of its own, some of these."""
    named = sorted(local(one) for one in graph.subjects(RDF_TYPE, filler) if one.startswith(SPINE))
    if not named:
        return _a(filler)
    return f"{_a(filler)} ({', '.join(named[:_FEW])}{', ...' if len(named) > _FEW else ''})"


def _a(cls: str) -> str:
    name = local(cls)
    return f"{'an' if name.startswith(_VOWELS) else 'a'} {name}"


def _name(iri: str) -> str:
    return f"{'case' if iri.startswith(CASE) else 'spine'}:{local(iri)}"
