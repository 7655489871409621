"""A value shape, compiled once: whether a node of the record passes it, could still, or fails.

Each demand is read twice, as the two judges read it (design: certain and possible). *Certain*
takes the unfavourable end of every span and nothing on trust; *possible* takes the favourable
end and lets what is missing still be supplied. Whatever is outside the supported SHACL is
refused when the shapes are loaded, never guessed at when a case is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from reasoner.anatomy import local
from reasoner.errors import GuidelineMalformed
from reasoner.terms import RDF_TYPE, Graph, Literal, Term, Triple
from reasoner.vocabulary import SH, Nec

_BOUNDS: Final = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
_PROPERTY_KEYS: Final = frozenset(
    SH + name
    for name in (
        "path", "minCount", *_BOUNDS, "in", "hasValue", "class", "qualifiedValueShape", "qualifiedMinCount",
    )
)  # fmt: skip
_SHAPE_KEYS: Final = frozenset(SH + name for name in ("class", "property", "not", "or", "and"))
SUPPORTED: Final = (
    "sh:class, sh:property (sh:path to one property, sh:minCount, sh:minInclusive, sh:maxInclusive, "
    "sh:minExclusive, sh:maxExclusive, sh:in, sh:hasValue, sh:class, sh:qualifiedValueShape with "
    "sh:qualifiedMinCount), sh:not, sh:or, sh:and"
)


class Reading(NamedTuple):
    """What the two judges say of one node and one demand."""

    certain: bool
    possible: bool


Judge = Callable[[Graph, str], Reading]


class Standing(StrEnum):
    """How a node of the record stands to a value shape."""

    PASSES = "passes"
    OPEN = "open"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Scale:
    """An ordered scale: the rank of each grade (low, high; equal where the grade is exact)."""

    iri: str
    ranks: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Spans:
    """How properties carry their two ends, read from the ontology."""

    low: dict[str, str]
    high: dict[str, str]
    scales: dict[str, Scale]
    windows: frozenset[str]
    whole_of: dict[str, str]
    units: dict[str, tuple[str, Decimal]]

    @classmethod
    def read(cls, graph: Graph) -> Spans:
        """Read the span ends, scales and window properties that the ontology declares."""
        ranks: dict[str, dict[str, tuple[int, int]]] = {}
        for grade in graph.subjects(Nec.inScale):
            lowest = int(graph.text(grade, Nec.gradeRank))
            highest = int(graph.text(grade, Nec.gradeRankAtMost) or lowest)
            for scale in graph.nodes(grade, Nec.inScale):
                ranks.setdefault(scale, {})[grade] = (lowest, highest)
        low = {p: end for p in graph.subjects(Nec.lowEnd) if (end := graph.node(p, Nec.lowEnd))}
        high = {p: end for p in graph.subjects(Nec.highEnd) if (end := graph.node(p, Nec.highEnd))}
        units: dict[str, tuple[str, Decimal]] = {}
        for whole in graph.subjects(Nec.inUnitOf):
            base, factor = graph.node(whole, Nec.inUnitOf) or "", Decimal(graph.text(whole, Nec.unitFactor))
            units[whole] = (base, factor)
            for ends in (low, high):
                if whole in ends and base in ends:
                    units[ends[whole]] = (ends[base], factor)
        return cls(
            low=low,
            high=high,
            scales={
                p: Scale(named, ranks.get(named, {}))
                for p in graph.subjects(Nec.onScale)
                if (named := graph.node(p, Nec.onScale))
            },
            windows=frozenset(graph.subjects(RDF_TYPE, Nec.WindowProperty)),
            whole_of={end: whole for ends in (low, high) for whole, end in ends.items()},
            units=units,
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """One numeric threshold of a demand, kept so that a report can say how far a value is from it."""

    path: str
    kind: str
    threshold: Decimal


@dataclass(frozen=True, slots=True)
class Demand:
    """One constraint of a value shape: its path, how to judge it, and its bounds."""

    path: str
    judge: Judge
    shape: str
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueShape:
    """A compiled value shape: the genus asked about and every demand beside it."""

    shape: str
    genus: str
    demands: tuple[Demand, ...]
    window: tuple[Demand, ...] = field(default=())
    graded: tuple[Demand, ...] = field(default=())

    def judge(self, graph: Graph, node: str) -> Reading:
        """Judge a node against the whole shape.

        >>> ValueShape("s", "Fracture", ()).judge(Graph([Triple("f", RDF_TYPE, "Fracture")]), "f")
        Reading(certain=True, possible=True)
        """
        if self.genus and self.genus not in graph.objects(node, RDF_TYPE):
            return _FAILS
        return _all(self.demands, graph, node)

    def is_timely(self, graph: Graph, node: str) -> bool:
        """Whether a node is not certainly outside the time asked about."""
        return all(demand.judge(graph, node).possible for demand in self.window)

    def is_of_grade(self, graph: Graph, node: str) -> bool:
        """Whether the grades that a node leaves open could be those asked about."""
        return all(demand.judge(graph, node).possible for demand in self.graded)

    def evidence(self, graph: Graph, node: str) -> tuple[Triple, ...]:
        """The triples of a node that this shape reads."""
        triples = [Triple(node, RDF_TYPE, self.genus)] if self.genus in graph.objects(node, RDF_TYPE) else []
        for path in dict.fromkeys(demand.path for demand in self.demands if demand.path):
            triples.extend(Triple(node, path, value) for value in graph.objects(node, path))
        return tuple(triples)


_PASSES: Final = Reading(certain=True, possible=True)
_FAILS: Final = Reading(certain=False, possible=False)


def _all(demands: tuple[Demand, ...], graph: Graph, node: str) -> Reading:
    certain = True
    for demand in demands:
        reading = demand.judge(graph, node)
        if not reading.possible:
            # Certain without possible cannot be: both readings of each demand are nested.
            return _FAILS
        certain = certain and reading.certain
    return Reading(certain, possible=True)


class Compiler:
    """Compiles value shapes out of a graph of shapes; refuses what it does not support."""

    def __init__(self, graph: Graph, spans: Spans) -> None:
        self.graph = graph
        self.spans = spans

    def value_shape(self, shape: str, criterion: str) -> ValueShape:
        """Compile the value shape of a leaf; it must name the genus asked about with sh:class."""
        classes = self.graph.nodes(shape, SH + "class")
        if not classes:
            raise _refused(criterion, "names no sh:class for what it asks about")
        demands = self._demands(shape, criterion, skip_class=classes[0])
        window = tuple(demand for demand in demands if demand.path in self.spans.windows)
        graded = tuple(demand for demand in demands if demand.path in self.spans.scales)
        return ValueShape(shape, classes[0], demands, window, graded)

    def _demands(self, shape: str, criterion: str, *, skip_class: str = "") -> tuple[Demand, ...]:
        edges = self.graph.index.get(shape, {})
        foreign = [key for key in edges if key.startswith(SH) and key not in _SHAPE_KEYS]
        if foreign:
            raise _refused(criterion, f"uses {', '.join('sh:' + local(key) for key in sorted(foreign))}")
        demands: list[Demand] = []
        for cls in self.graph.nodes(shape, SH + "class"):
            if cls != skip_class:
                demands.append(Demand("", _of_class(cls), shape))
        for one in self.graph.nodes(shape, SH + "property"):
            demands.extend(self._property(one, criterion))
        for one in self.graph.nodes(shape, SH + "not"):
            demands.append(Demand("", _negated(self._demands(one, criterion)), one))
        for head in self.graph.nodes(shape, SH + "or"):
            sides = [self._demands(side, criterion) for side in self.graph.list(head) if isinstance(side, str)]
            demands.append(Demand("", _either(sides), shape))
        for head in self.graph.nodes(shape, SH + "and"):
            for side in self.graph.list(head):
                if isinstance(side, str):
                    demands.extend(self._demands(side, criterion))
        return tuple(demands)

    def _property(self, shape: str, criterion: str) -> list[Demand]:
        edges = self.graph.index.get(shape, {})
        foreign = [key for key in edges if key.startswith(SH) and key not in _PROPERTY_KEYS]
        if foreign:
            raise _refused(criterion, f"uses {', '.join('sh:' + local(key) for key in sorted(foreign))}")
        for name in ("path", "minCount", "in", "qualifiedValueShape", "qualifiedMinCount"):
            if len(edges.get(SH + name, ())) > 1:
                raise _refused(criterion, f"says sh:{name} twice in one property shape")
        path = self.graph.node(shape, SH + "path")
        if path is None or path.startswith("_:"):
            raise _refused(criterion, "has a property shape without one plain sh:path")
        wanted = self._count(shape, "minCount", criterion)
        if wanted > 1:
            raise _refused(criterion, "asks for more than one value with sh:minCount; use sh:qualifiedMinCount")
        if path in self.spans.scales:
            return [self._graded(shape, path, wanted, criterion)]
        demands: list[Demand] = []
        for kind in _BOUNDS:
            for value in self.graph.objects(shape, SH + kind):
                demands.append(self._bound(shape, path, kind, value, wanted, criterion))
        if path in self.spans.low or path in self.spans.high:
            if edges.keys() & {SH + "hasValue", SH + "qualifiedValueShape", SH + "in"}:
                raise _refused(
                    criterion, f"puts sh:hasValue, sh:in or a nested demand on {local(path)}, which has two ends"
                )
            if wanted and not demands:
                ends = (path, self.spans.low.get(path, path), self.spans.high.get(path, path))
                demands.append(Demand(path, _present_any(ends), shape))
            return demands
        if wanted:
            demands.append(Demand(path, _present(path), shape))
        for head in self.graph.nodes(shape, SH + "in"):
            demands.append(Demand(path, _among(path, frozenset(self.graph.list(head))), shape))
        for value in self.graph.objects(shape, SH + "hasValue"):
            demands.append(Demand(path, _has(path, value), shape))
        for cls in self.graph.nodes(shape, SH + "class"):
            demands.append(Demand(path, _values_of_class(path, cls), shape))
        nested = self.graph.node(shape, SH + "qualifiedValueShape")
        if nested is not None:
            least = self._count(shape, "qualifiedMinCount", criterion) or 1
            demands.append(Demand(path, _qualified(path, self._demands(nested, criterion), least), shape))
        return demands

    def _count(self, shape: str, name: str, criterion: str) -> int:
        text = self.graph.text(shape, SH + name) or "0"
        if not (text.isascii() and text.isdigit()):
            raise _refused(criterion, f"counts with sh:{name} what is no number")
        return int(text)

    def _bound(self, shape: str, path: str, kind: str, value: Term, wanted: int, criterion: str) -> Demand:
        threshold = value.number if isinstance(value, Literal) else None
        if threshold is None:
            raise _refused(criterion, f"compares {local(path)} with something that is no number")
        low, high = self.spans.low.get(path, path), self.spans.high.get(path, path)
        bound = Bound(path, kind, threshold)
        return Demand(path, _within(low, high, kind, threshold, wanted=bool(wanted)), shape, (bound,))

    def _graded(self, shape: str, path: str, wanted: int, criterion: str) -> Demand:
        edges = self.graph.index[shape]
        if edges.keys() - {SH + "path", SH + "minCount", SH + "in"}:
            raise _refused(criterion, f"may only use sh:in and sh:minCount on the graded property {local(path)}")
        scale = self.spans.scales[path]
        low, high = path + "RankAtLeast", path + "RankAtMost"
        head = self.graph.node(shape, SH + "in")
        if head is None:
            return Demand(path, _present(low) if wanted else _always, shape)
        named = {grade for grade in self.graph.list(head) if isinstance(grade, str)}
        if strange := named - scale.ranks.keys():
            raise _refused(
                criterion, f"names {', '.join(sorted(local(one) for one in strange))}, no grade of {local(path)}"
            )
        # A grade that spans two ranks is inside only if both are.
        others = [ranks for grade, ranks in scale.ranks.items() if grade not in named]
        least = min((scale.ranks[grade][0] for grade in named), default=0)
        most = max((scale.ranks[grade][1] for grade in named), default=0)
        if not others:
            return Demand(path, _present(low) if wanted else _always, shape)
        if named and least > max(ranks[0] for ranks in others):
            return Demand(path, _within(low, high, "minInclusive", Decimal(least), wanted=bool(wanted)), shape)
        if named and most < min(ranks[1] for ranks in others):
            return Demand(path, _within(low, high, "maxInclusive", Decimal(most), wanted=bool(wanted)), shape)
        raise _refused(criterion, f"lists grades of {local(path)} that leave a gap or both ends out")


def _refused(criterion: str, what: str) -> GuidelineMalformed:
    return GuidelineMalformed(
        "guideline.unsupported-shacl",
        f"The criterion {local(criterion)} {what}.",
        where=criterion.rsplit("#", 1)[0],
        mend=f"A leaf may use: {SUPPORTED}.",
    )


def _always(_graph: Graph, _node: str) -> Reading:
    return _PASSES


def _of_class(cls: str) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        return _PASSES if cls in graph.objects(node, RDF_TYPE) else _FAILS

    return judge


def _present(path: str) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        return Reading(bool(graph.objects(node, path)), possible=True)

    return judge


def _present_any(paths: tuple[str, ...]) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        return Reading(any(graph.objects(node, path) for path in paths), possible=True)

    return judge


def _among(path: str, members: frozenset[Term]) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        fits = all(value in members for value in graph.objects(node, path))
        return _PASSES if fits else _FAILS

    return judge


def _has(path: str, value: Term) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        values = graph.objects(node, path)
        return Reading(value in values, possible=not values or value in values)

    return judge


def _values_of_class(path: str, cls: str) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        values = graph.objects(node, path)
        fits = all(isinstance(value, str) and cls in graph.objects(value, RDF_TYPE) for value in values)
        return _PASSES if fits else _FAILS

    return judge


def _qualified(path: str, nested: tuple[Demand, ...], least: int) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        values = graph.nodes(node, path)
        readings = [_all(nested, graph, value) for value in values]
        certain = sum(reading.certain for reading in readings) >= least
        possible = len(values) < least or sum(reading.possible for reading in readings) >= least
        return Reading(certain, possible)

    return judge


def _negated(nested: tuple[Demand, ...]) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        reading = _all(nested, graph, node)
        return Reading(not reading.possible, not reading.certain)

    return judge


def _either(sides: list[tuple[Demand, ...]]) -> Judge:
    def judge(graph: Graph, node: str) -> Reading:
        readings = [_all(side, graph, node) for side in sides]
        return Reading(any(r.certain for r in readings), any(r.possible for r in readings))

    return judge


def _within(low: str, high: str, kind: str, threshold: Decimal, *, wanted: bool) -> Judge:
    upward = kind.startswith("min")
    strict = kind.endswith("Exclusive")
    unfavourable, favourable = (low, high) if upward else (high, low)

    def holds(value: Term) -> bool:
        number = value.number if isinstance(value, Literal) else None
        if number is None:
            return False
        if number == threshold:
            return not strict
        return number > threshold if upward else number < threshold

    def judge(graph: Graph, node: str) -> Reading:
        worst, best = graph.objects(node, unfavourable), graph.objects(node, favourable)
        # One end alone is a value, and not "or absent": what its other end would say stays open.
        certain = all(holds(value) for value in worst) and (bool(worst) or not (wanted or best))
        possible = all(holds(value) for value in best)
        return Reading(certain, possible)

    return judge
