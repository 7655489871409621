"""The authored shapes, asked only for what the supported list of SHACL allows; anything else is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from reasoner.errors import GuidelineMalformed
from reasoner.vocabulary import SH as _SH

SH: Final = Namespace(_SH)
DEEPEST: Final = 32
LOGIC: Final = (SH["and"], SH["or"], SH["not"])
ON_LEAF: Final = frozenset((SH.path, SH.qualifiedMinCount, SH.qualifiedValueShape))
ON_VALUE: Final = frozenset((*LOGIC, SH["class"], SH.property))

_LOWER: Final = (SH.minInclusive, SH.minExclusive)
_UPPER: Final = (SH.maxInclusive, SH.maxExclusive)
_ON_PROPERTY: Final = frozenset((*ON_LEAF, *_LOWER, *_UPPER, SH.minCount, SH["in"], SH.hasValue, SH["class"]))
_PROSE: Final = frozenset((SH.message, SH.name, SH.description))
_ORDERED: Final = frozenset((XSD.integer, XSD.decimal, XSD.date))

Constraint = tuple[URIRef, Node]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a value shape asks of one property."""

    path: URIRef
    required: bool
    lower: tuple[Constraint, ...]
    upper: tuple[Constraint, ...]
    classes: tuple[Node, ...]
    members: tuple[Node, ...] | None
    values: tuple[Node, ...]
    nested: tuple[int, Node] | None


class Authored:
    """The authored graph, asked only for what the supported list allows."""

    def __init__(self, graph: Graph) -> None:
        """Ask this graph."""
        self.graph = graph

    def all(self, node: Node, predicate: URIRef) -> list[Node]:
        """The values of a property in an order that follows from the content alone."""
        return sorted(self.graph.objects(node, predicate), key=self._key)

    def one(self, node: Node, predicate: URIRef) -> Node | None:
        """The only value of a property, or None."""
        found = list(self.graph.objects(node, predicate))
        if len(found) > 1:
            raise self.refusal(node, f"a repeated sh:{local(predicate)}", "Give it once.")
        return found[0] if found else None

    def members(self, head: Node) -> tuple[Node, ...]:
        """The members of an RDF list that ends."""
        found: list[Node] = []
        seen: set[Node] = set()
        while head != RDF.nil:
            if head in seen or self.graph.value(head, RDF.first) is None:
                raise self.refusal(head, "a list that does not end", "Write the list in round brackets.")
            seen.add(head)
            found.append(self._only(head, RDF.first))
            head = self._only(head, RDF.rest)
        return tuple(found)

    def count(self, node: Node, predicate: URIRef) -> int:
        """A positive whole number."""
        value = self.one(node, predicate)
        if isinstance(value, Literal) and value.datatype == XSD.integer and int(value) > 0:
            return int(value)
        raise self.refusal(node, f"an sh:{local(predicate)} that is no positive whole number", "Write 1 or more.")

    def check(self, node: Node, allowed: frozenset[URIRef]) -> None:
        """Refuse a node that carries SHACL outside the list for its place."""
        for predicate in self.graph.predicates(node):
            if str(predicate).startswith(_SH) and predicate not in allowed and predicate not in _PROSE:
                known = ", ".join(sorted(f"sh:{local(each)}" for each in allowed))
                raise self.refusal(node, f"an unsupported sh:{local(predicate)}", f"Supported here: {known}.")

    def demand(self, node: Node) -> Demand:
        """Read one sh:property of a value shape."""
        self.check(node, _ON_PROPERTY)
        path = self.one(node, SH.path)
        if not isinstance(path, URIRef):
            raise self.refusal(node, "a demand without one property as its path", "Name one property.")
        least = self.one(node, SH.minCount)
        if least is not None and str(least) not in ("0", "1"):
            raise self.refusal(node, "an sh:minCount other than 0 or 1", "Use a qualified demand to count.")
        listed, nested = self.one(node, SH["in"]), self.one(node, SH.qualifiedValueShape)
        if nested is None and self.one(node, SH.qualifiedMinCount) is not None:
            raise self.refusal(node, "a qualified count without a value shape", "Add sh:qualifiedValueShape.")
        return Demand(
            path,
            required=least is not None and str(least) == "1",
            lower=self._bounds(node, _LOWER),
            upper=self._bounds(node, _UPPER),
            classes=tuple(self.all(node, SH["class"])),
            members=None if listed is None else self.members(listed),
            values=tuple(self.all(node, SH.hasValue)),
            nested=None if nested is None else (self.count(node, SH.qualifiedMinCount), nested),
        )

    def refusal(self, node: Node, what: str, mend: str) -> GuidelineMalformed:
        """The error for something that cannot be read, at the named criterion it belongs to."""
        owner = node
        for _ in range(DEEPEST * 4):
            if isinstance(owner, URIRef):
                break
            above = sorted(self.graph.subjects(None, owner), key=str)
            if not above:
                break
            owner = above[0]
        return GuidelineMalformed("shape.unsupported", f"{what[:1].upper()}{what[1:]}.", where=str(owner), mend=mend)

    def _only(self, node: Node, predicate: URIRef) -> Node:
        found = self.one(node, predicate)
        if found is None:
            raise self.refusal(node, "a list that does not end", "Write the list in round brackets.")
        return found

    def _bounds(self, node: Node, predicates: Sequence[URIRef]) -> tuple[Constraint, ...]:
        found = [(each, bound) for each in predicates if (bound := self.one(node, each)) is not None]
        for _, bound in found:
            if not isinstance(bound, Literal) or bound.datatype not in _ORDERED:
                raise self.refusal(node, "a bound that is no number or date", "Write it bare, as in 42.")
        return tuple(found)

    def _key(self, node: Node, depth: int = 0) -> str:
        if not isinstance(node, BNode):
            return node.n3() if isinstance(node, URIRef | Literal) else str(node)
        if depth > DEEPEST * 2:
            raise self.refusal(node, "a value shape nested too deep", "Name its parts as criteria.")
        edges = sorted(f"{edge} {self._key(value, depth + 1)}" for edge, value in self.graph.predicate_objects(node))
        return f"[{';'.join(edges)}]"


def local(node: Node) -> str:
    """The last part of an IRI."""
    return str(node).rsplit("#", 1)[-1].rsplit("/", 1)[-1]
