"""The record as it is being closed: the graph that grows, and for each added triple why it follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from reasoner.anatomy import Place, local
from reasoner.library import Library
from reasoner.policies import Policy
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Triple
from reasoner.vocabulary import Case, Nec, Spine

_BY_LEVEL: Final = frozenset({Nec.BySegment, Nec.ByVertebra, Nec.ByRange})


class Derivation(NamedTuple):
    """One added triple, the rule or axiom that adds it, and the nodes it rests on."""

    triple: Triple
    rule: str
    premises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """Evidence that no longer counts, and why: after the cut-off, outranked or superseded."""

    node: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two statements of the record that cannot both hold, and which of them the policy keeps, if it says."""

    nodes: tuple[str, str]
    about: str
    kept: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class Item:
    """A requested service at the grain that it counts."""

    iri: str
    id: str
    service: str
    procedure: str
    types: frozenset[str]
    grain: str
    place: Place
    side: str | None
    is_principal: bool
    construct: str | None
    status: str
    codes: tuple[str, ...]

    @property
    def is_placeless(self) -> bool:
        """Whether it is counted by level and its service names none: which level is meant stays open."""
        return self.grain in _BY_LEVEL and not self.place.has_levels


@dataclass(slots=True)
class Record:
    """A case on its way through the closure; filled in step by step, then only read."""

    library: Library
    policy: Policy
    graph: Graph
    case: str
    evidence_until: date | None
    derivations: list[Derivation] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    exceptions: dict[str, list[Place]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    steps: list[Item] = field(default_factory=list)
    """What is planned and not asked for, cut as the items are; judged only for what follows from it."""
    services: list[str] = field(default_factory=list)
    asserted: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def derive(self, triple: Triple, rule: str, premises: Iterable[str] = ()) -> None:
        """Add a triple that follows, once, with its reason."""
        if self.graph.add(*triple):
            self.derivations.append(Derivation(triple, rule, tuple(premises)))

    def withdraw(self, rule: str) -> None:
        """Take back everything that one rule has added."""
        for one in self.derivations:
            if one.rule == rule:
                self.graph.remove(*one.triple)
        self.derivations = [one for one in self.derivations if one.rule != rule]

    def has_type(self, node: str, cls: str) -> bool:
        """Whether a node is of a class, ancestors and definitions included."""
        return cls in self.graph.objects(node, RDF_TYPE)

    def is_absence(self, node: str) -> bool:
        """Whether a node documents that something is absent."""
        return self.has_type(node, Case.Absence)

    def place(self, node: str) -> Place:
        """Where a node is; nowhere if its place is not stated."""
        return self.places.get(node, Place())

    def side(self, node: str) -> str | None:
        """The one side of a node; None for both, the midline, and where none is stated."""
        sides = {side for side in self.graph.nodes(node, Case.onSide) if side in (Spine.Left, Spine.Right)}
        return next(iter(sides)) if len(sides) == 1 else None

    def stated_as(self, node: str) -> str:
        """The statement that a measurement was read from; any other node itself."""
        return self.graph.node(node, Nec.isMeasuredOn) or node

    def asserted_class(self, node: str) -> str:
        """The most specific class that a node was stated to be; of a derived node, that it is."""
        stated = self.asserted.get(node) or self.graph.types(node)
        types = [t for t in stated if t in self.library.ancestors]
        return max(types, key=lambda one: (len(self.library.ancestors[one]), one), default=Spine.Evidence)

    def name(self, node: str) -> str:
        """How a person would call a node: its label, or its class and place."""
        stated = self.graph.text(node, Case.label)
        if stated:
            return stated
        where = self.library.anatomy.where(self.place(node))
        kind = self.library.label(self.asserted_class(node)) if self.graph.types(node) else local(node)
        if self.is_absence(node):
            kinds = list(self.graph.nodes(node, Case.ofKind))
            kind = f"no {self.library.label(kinds[0]).lower()}" if kinds else "absence"
        return f"{kind} at {where}" if where else kind


def integer(value: int) -> Literal:
    """An xsd:integer literal.

    >>> integer(7).lexical
    '7'
    """
    return Literal(str(value), XSD + "integer")
