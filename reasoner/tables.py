"""Scores and bandings as data: published tables, read from the ontology and compiled."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reasoner.criteria import Leaf
from reasoner.demands import Compiler, Spans
from reasoner.terms import RDF_TYPE, Graph, Literal
from reasoner.vocabulary import Nec


@dataclass(frozen=True, slots=True)
class Option:
    """One row of a score's table: its points and when it applies."""

    iri: str
    points: int
    level_class: str | None
    leaf: Leaf | None
    is_otherwise: bool
    on_each_side: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a score: its options from most points to fewest."""

    iri: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ScoringSystem:
    """A published score as a table."""

    iri: str
    scores: frozenset[str]
    result_class: str
    components: tuple[Component, ...]
    per_level: bool


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a measurement and the grade it means."""

    grade: str
    least: Decimal | None
    least_exclusive: bool
    most: Decimal | None
    most_exclusive: bool

    def holds(self, number: Decimal) -> bool:
        """Whether a number lies in the band."""
        if self.least is not None and (number < self.least or (self.least_exclusive and number == self.least)):
            return False
        return self.most is None or not (number > self.most or (self.most_exclusive and number == self.most))


@dataclass(frozen=True, slots=True)
class Banding:
    """A table that turns a measurement into a grade of an ordered scale."""

    iri: str
    applies_to: frozenset[str]
    quantity: str
    grade: str
    bands: tuple[Band, ...]

    def grades(self, graph: Graph, node: str, spans: Spans) -> tuple[str, str] | None:
        """The lowest and highest grade that a node's measurement can mean; None if it has none."""
        exact = graph.value(node, self.quantity)
        low = graph.value(node, spans.low.get(self.quantity, "")) or exact
        high = graph.value(node, spans.high.get(self.quantity, "")) or exact
        if not (isinstance(low, Literal) and isinstance(high, Literal)):
            return None
        if self.applies_to and not self.applies_to & set(graph.types(node)):
            return None
        least, most = low.number, high.number
        if least is None or most is None:
            return None
        # Bands stand lowest grade first; where two overlap both hold, and a higher number may mean a lower grade.
        held = [index for index, band in enumerate(self.bands) if band.holds(least) or band.holds(most)]
        reached = any(band.holds(least) for band in self.bands) and any(band.holds(most) for band in self.bands)
        return (self.bands[held[0]].grade, self.bands[held[-1]].grade) if reached else None


def read_scoring_systems(graph: Graph, compiler: Compiler) -> tuple[ScoringSystem, ...]:
    """Read every scoring system that is a sum of components."""
    found = []
    for iri in sorted(graph.subjects(RDF_TYPE, Nec.ScoringSystem)):
        head = graph.node(iri, Nec.components)
        result = graph.node(iri, Nec.resultClass)
        if head is None or result is None:
            continue
        components = tuple(_component(graph, compiler, one) for one in graph.list(head) if isinstance(one, str))
        per_level = graph.text(iri, Nec.perLevel) != "false"
        found.append(ScoringSystem(iri, frozenset(graph.nodes(iri, Nec.scores)), result, components, per_level))
    return tuple(found)


def _component(graph: Graph, compiler: Compiler, iri: str) -> Component:
    options = []
    for option in graph.list(graph.node(iri, Nec.options) or ""):
        if not isinstance(option, str):
            continue
        both = graph.node(option, Nec.whenEachSide)
        shape = both or graph.node(option, Nec.whenEvidence)
        leaf = None
        if shape is not None:
            path = graph.node(option, Nec.evidencePath) or Nec.evidenceAtLevel
            count = int(graph.text(option, Nec.count) or 1)
            silent = graph.node(option, Nec.silence) == Nec.Absent
            leaf = Leaf(option, path, compiler.value_shape(shape, iri), count, silent)
        options.append(
            Option(
                option,
                int(graph.text(option, Nec.points) or 0),
                graph.node(option, Nec.whenLevelIs),
                leaf,
                graph.text(option, Nec.isOtherwise) == "true",
                on_each_side=both is not None,
            )
        )
    return Component(iri, tuple(options))


def read_bandings(graph: Graph) -> tuple[Banding, ...]:
    """Read every banding table."""
    found = []
    for iri in sorted(graph.subjects(RDF_TYPE, Nec.Banding)):
        quantity, grade = graph.node(iri, Nec.bandedQuantity), graph.node(iri, Nec.bandedGrade)
        if quantity is None or grade is None:
            continue
        bands = tuple(_band(graph, one) for one in graph.list(graph.node(iri, Nec.bands) or "") if isinstance(one, str))
        found.append(Banding(iri, frozenset(graph.nodes(iri, Nec.scores)), quantity, grade, bands))
    return tuple(found)


def _band(graph: Graph, iri: str) -> Band:
    def limit(*paths: str) -> tuple[Decimal | None, bool]:
        for index, path in enumerate(paths):
            value = graph.value(iri, path)
            if isinstance(value, Literal):
                return value.number, index == 1
        return None, False

    least, least_exclusive = limit(Nec.bandFrom, Nec.bandAbove)
    most, most_exclusive = limit(Nec.bandTo, Nec.bandBelow)
    return Band(graph.node(iri, Nec.bandGrade) or "", least, least_exclusive, most, most_exclusive)
