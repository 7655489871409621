"""The two readings of the authored shapes, as plain SHACL Core: what certainly holds and what possibly does.

A second reading of the same Turtle, written apart from the evaluator on purpose: where the two
differ, one of them is wrong. Every shape and list cell gets an IRI below its criterion's, so that
both readings live in one graph, negation can name the other one, and equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rdflib import RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authored import DEEPEST, LOGIC, ON_LEAF, ON_VALUE, SH, Authored, Constraint, Demand, local
from reasoner.vocabulary import Case, Nec


class Reading(StrEnum):
    """How what is missing, inexact or contradicted is taken: against the demand, or for it."""

    CERTAIN = "certain"
    POSSIBLE = "possible"

    @property
    def opposite(self) -> Reading:
        """The reading under a negation.

        >>> Reading.CERTAIN.opposite.value
        'possible'
        """
        return Reading.POSSIBLE if self is Reading.CERTAIN else Reading.CERTAIN

    def of(self, iri: str) -> URIRef:
        """The name of a criterion's shape in this reading.

        >>> str(Reading.CERTAIN.of("https://example.org/g#a"))
        'https://example.org/g#a/certain'
        """
        return URIRef(f"{iri}/{self}")


@dataclass(frozen=True, slots=True)
class CompiledRecommendation:
    """A recommendation as one policy reads it: each prerequisite stands with the exceptions that waive it."""

    iri: str
    indications: tuple[str, ...]
    prerequisites: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class JudgeShapes:
    """Both readings of a set of criteria, and the criteria and recommendations that they read."""

    certain: Graph
    possible: Graph
    criteria: tuple[str, ...]

    def of(self, reading: Reading) -> Graph:
        """The graph of one reading."""
        return self.certain if reading is Reading.CERTAIN else self.possible


def judge_graphs(
    criteria_graph: Graph,
    criteria: Iterable[str],
    recommendations: Iterable[CompiledRecommendation] = (),
) -> JudgeShapes:
    """Derive both readings of the named criteria, of every criterion they name, and of the recommendations.

    Raises GuidelineMalformed for whatever lies outside the supported list of SHACL.
    """
    writer = _Writer(criteria_graph)
    for criterion in sorted(set(criteria)):
        writer.criterion(URIRef(criterion))
    for recommendation in sorted(recommendations, key=lambda each: each.iri):
        writer.recommendation(recommendation)
    return JudgeShapes(writer.out[Reading.CERTAIN], writer.out[Reading.POSSIBLE], tuple(sorted(writer.done)))


class _Writer:
    """Writes the shapes of both readings, criterion by criterion."""

    def __init__(self, graph: Graph) -> None:
        self.source = Authored(graph)
        self.out: Final = {Reading.CERTAIN: Graph(), Reading.POSSIBLE: Graph()}
        self.done: set[str] = set()
        self._into = self.out[Reading.CERTAIN]

    def criterion(self, node: URIRef, above: tuple[URIRef, ...] = ()) -> None:
        """Write a criterion and, before it, those that it names."""
        if node in above or len(above) > DEEPEST:
            raise self.source.refusal(node, "a criterion that rests on itself", "Break the circle.")
        if str(node) in self.done:
            return
        if self.source.one(node, SH.path) is not None:
            self._leaf(node)
        else:
            self._branch(node, above)
        self.done.add(str(node))

    def recommendation(self, recommendation: CompiledRecommendation) -> None:
        """Write and( or(indications), each or(prerequisite, its waivers), each not(exclusion) )."""
        groups = [
            recommendation.indications,
            *((prerequisite, *waivers) for prerequisite, waivers in recommendation.prerequisites),
        ]
        for each in sorted({name for group in groups for name in group} | set(recommendation.exclusions)):
            self.criterion(URIRef(each))
        for reading in Reading:
            self._into = self.out[reading]
            name = reading.of(recommendation.iri)
            parts: list[Node] = []
            for group in groups:
                part = self._node(f"{name}/{len(parts) + 1}")
                parts.append(part)
                if group:
                    self._logic(part, SH["or"], [reading.of(each) for each in group])
                else:  # no indication: nothing conforms, as an empty disjunction is false
                    self._add(part, SH["not"], self._node(f"{part}/anything"))
            for exclusion in recommendation.exclusions:
                part = self._node(f"{name}/{len(parts) + 1}")
                parts.append(part)
                self._add(part, SH["not"], reading.opposite.of(exclusion))
            self._logic(self._node(name), SH["and"], parts)
        self.done.add(recommendation.iri)

    # A branch folds the readings of the criteria that it names.

    def _branch(self, node: URIRef, above: tuple[URIRef, ...]) -> None:
        self.source.check(node, frozenset(LOGIC))
        kinds = [each for each in LOGIC if (node, each, None) in self.source.graph]
        if len(kinds) != 1:
            raise self.source.refusal(node, "a criterion that is neither leaf nor branch", "Give it one of them.")
        head = self.source.one(node, kinds[0])
        names = () if head is None else (head,) if kinds[0] == SH["not"] else self.source.members(head)
        if not names or not all(isinstance(each, URIRef) for each in names):
            raise self.source.refusal(node, "a branch over something without a name", "Name each criterion.")
        for each in names:
            self.criterion(URIRef(str(each)), (*above, node))
        for reading in Reading:
            self._into = self.out[reading]
            name = self._node(reading.of(node))
            if kinds[0] == SH["not"]:
                self._add(name, SH["not"], reading.opposite.of(str(names[0])))
            else:
                self._logic(name, kinds[0], [reading.of(str(each)) for each in names])

    # A leaf counts, along its path, the values that meet its demand.

    def _leaf(self, node: URIRef) -> None:
        source = self.source
        source.check(node, ON_LEAF)
        path, count = source.one(node, SH.path), source.count(node, SH.qualifiedMinCount)
        if not isinstance(path, URIRef):  # a sequence would need blank nodes, and no closure needs a sequence
            raise source.refusal(node, "a path that is not one property", "Name one bearing property.")
        shape = source.one(node, SH.qualifiedValueShape)
        if shape is None:
            raise source.refusal(node, "a leaf without a value shape", "Add sh:qualifiedValueShape.")
        genus = source.one(shape, SH["class"])
        if not isinstance(genus, URIRef):
            raise source.refusal(node, "a leaf that asks about no class", "Give its value shape one sh:class.")

        self._into = self.out[Reading.CERTAIN]
        name = Reading.CERTAIN.of(node)
        says = self._value(shape, f"{name}/says", Reading.CERTAIN)
        value = self._node(f"{name}/value")
        self._add(value, SH.node, says)
        self._property(value, f"{name}/sides", URIRef(Nec.conflictsWith), [(SH.node, says)])
        self._qualified(name, path, value, SH.qualifiedMinCount, count)

        self._into = self.out[Reading.POSSIBLE]
        name = Reading.POSSIBLE.of(node)
        says = self._value(shape, f"{name}/says", Reading.POSSIBLE)
        value = self._node(f"{name}/value")
        side = URIRef(f"{name}/sides")
        self._qualified(side, URIRef(Nec.conflictsWith), says, SH.qualifiedMinCount, 1)
        self._logic(value, SH["or"], [says, side])
        if (node, URIRef(Nec.silence), URIRef(Nec.Absent)) in source.graph:
            self._qualified(name, path, value, SH.qualifiedMinCount, count)
            return
        open_, silent = URIRef(f"{name}/open"), self._node(f"{name}/silent")
        few, none = URIRef(f"{silent}/few"), URIRef(f"{silent}/none")
        relevant, absence = self._node(f"{silent}/relevant"), self._node(f"{silent}/absence")
        self._add(relevant, SH["class"], genus)
        self._add(absence, SH["class"], URIRef(Case.Absence))
        self._property(absence, f"{absence}/kind", URIRef(Case.ofKind), [(SH.hasValue, genus)])
        for number, demand in enumerate(self._windows(shape), 1):
            self._demand(relevant, f"{relevant}/window{number}", demand, Reading.POSSIBLE)
            self._demand(absence, f"{absence}/window{number}", demand, Reading.POSSIBLE)
        self._denied_grades(absence, shape)
        self._qualified(open_, path, value, SH.qualifiedMinCount, count)
        self._qualified(few, path, relevant, SH.qualifiedMaxCount, count - 1)
        self._qualified(none, path, absence, SH.qualifiedMaxCount, 0)
        self._logic(silent, SH["and"], [few, none])
        self._logic(self._node(name), SH["or"], [silent, open_])

    def _denied_grades(self, absence: URIRef, shape: Node) -> None:
        """An absence of some grades denies only what asks for these; one of all grades denies whatever is asked."""
        demands = [self.source.demand(each) for each in self.source.all(shape, SH.property)]
        graded = [each for each in demands if (each.path, URIRef(Nec.onScale), None) in self.source.graph]
        whole = (URIRef(Nec.deniesGradesOf), [(SH.maxCount, Literal(0))])
        if not graded:
            self._property(absence, f"{absence}/whole", *whole)
            return
        asked, denied = self._node(f"{absence}/asked"), self._node(f"{absence}/denied")
        for number, demand in enumerate(graded, 1):
            self._demand(asked, f"{asked}/{number}", demand, Reading.POSSIBLE)
        self._add(denied, SH["not"], asked)
        either = self._node(f"{absence}/either")
        self._logic(either, SH["or"], [self._bare(URIRef(f"{absence}/whole"), *whole), denied])
        self._add(absence, SH.node, either)

    def _windows(self, shape: Node) -> list[Demand]:
        demands = [self.source.demand(each) for each in self.source.all(shape, SH.property)]
        window = URIRef(Nec.WindowProperty)
        return [each for each in demands if (each.path, RDF.type, window) in self.source.graph]

    # A value shape, read one way; below sh:not, the other.

    def _value(self, shape: Node, base: str, reading: Reading, depth: int = 0) -> URIRef:
        name, source = self._node(base), self.source
        if depth > DEEPEST:
            raise source.refusal(shape, "a value shape nested too deep", "Name its parts as criteria.")
        if (shape, SH.path, None) in source.graph:
            self._demand(name, f"{name}/1", source.demand(shape), reading, depth)
            return name
        source.check(shape, ON_VALUE)
        for genus in source.all(shape, SH["class"]):
            self._add(name, SH["class"], genus)
        for number, node in enumerate(source.all(shape, SH.property), 1):
            self._demand(name, f"{name}/{number}", source.demand(node), reading, depth)
        for number, node in enumerate(source.all(shape, SH["not"]), 1):
            inner = self._value(node, f"{name}/not{number}", reading.opposite, depth + 1)
            self._add(name, SH["not"], inner)
        for kind in (SH["and"], SH["or"]):
            for number, head in enumerate(source.all(shape, kind), 1):
                parts = source.members(head)
                if not parts:
                    raise source.refusal(shape, f"an empty sh:{local(kind)}", "Give it members.")
                within = f"{name}/{local(kind)}{number}"
                inners = [self._value(each, f"{within}.{at}", reading, depth + 1) for at, each in enumerate(parts, 1)]
                self._logic(name, kind, inners, within)
        return name

    def _demand(self, owner: URIRef, base: str, demand: Demand, reading: Reading, depth: int = 0) -> None:
        graph, path = self.source.graph, demand.path
        scale = graph.value(path, URIRef(Nec.onScale))
        low, high = graph.value(path, URIRef(Nec.lowEnd)), graph.value(path, URIRef(Nec.highEnd))
        if scale is not None:
            self._graded(owner, base, demand, reading, scale)
        elif isinstance(low, URIRef) and isinstance(high, URIRef):
            if demand.classes or demand.values or demand.members is not None or demand.nested:
                raise self.source.refusal(path, "a demand on a quantity that is no bound", "Bound it.")
            self._ends(owner, base, (low, high), demand, reading)
        else:
            self._plain(owner, base, demand, reading, depth)

    def _plain(self, owner: URIRef, base: str, demand: Demand, reading: Reading, depth: int) -> None:
        path, certain = demand.path, reading is Reading.CERTAIN
        asked: list[Constraint] = [*demand.lower, *demand.upper]
        asked += [(SH["class"], each) for each in demand.classes]
        if demand.members is not None:
            asked.append((SH["in"], self._list(f"{base}/in", demand.members)))
        if certain and demand.required:
            asked.append((SH.minCount, Literal(1)))
        if certain:
            asked += [(SH.hasValue, each) for each in demand.values]
        self._property(owner, base, path, asked)
        if not certain:
            for number, each in enumerate(demand.values, 1):
                options = [(path, (SH.hasValue, each)), (path, (SH.maxCount, Literal(0)))]
                self._either(owner, f"{base}/value{number}", options)
        if demand.nested is None:
            return
        count, shape = demand.nested
        inner = self._value(shape, f"{base}/each", reading, depth + 1)
        enough = URIRef(f"{base}/enough")
        self._qualified(enough, path, inner, SH.qualifiedMinCount, count)
        if certain:
            self._add(owner, SH.property, enough)
        else:
            either, few = self._node(f"{base}/some"), URIRef(f"{base}/few")
            self._bare(few, path, [(SH.maxCount, Literal(count - 1))])
            self._logic(either, SH["or"], [few, enough])
            self._add(owner, SH.node, either)

    # Spans: certain reads the unfavourable end, possible the favourable one.

    def _ends(self, owner: URIRef, base: str, ends: tuple[URIRef, URIRef], demand: Demand, reading: Reading) -> None:
        low, high = ends
        some, no = (SH.minCount, Literal(1)), (SH.maxCount, Literal(0))
        for side, bounds, end, other in (("low", demand.lower, low, high), ("high", demand.upper, high, low)):
            if not bounds:
                continue
            if reading is Reading.POSSIBLE:
                self._property(owner, f"{base}/{side}", other, bounds)
            else:
                self._property(owner, f"{base}/{side}", end, [*bounds, some] if demand.required else bounds)
                if not demand.required:  # one end alone is a value, and not "or absent"
                    self._either(owner, f"{base}/{side}-known", [(end, some), (other, no)])
        if demand.required and reading is Reading.CERTAIN and not demand.lower and not demand.upper:
            self._either(owner, f"{base}/known", [(low, some), (high, some)])

    def _graded(self, owner: URIRef, base: str, demand: Demand, reading: Reading, scale: Node) -> None:
        if demand.lower or demand.upper or demand.classes or demand.values or demand.nested:
            raise self.source.refusal(demand.path, "a demand on a grade that is no sh:in", "List the grades.")
        lower, upper = ((), ()) if demand.members is None else self._interval(demand, scale)
        asked = Demand(demand.path, demand.required, lower, upper, (), None, (), None)
        low, high = URIRef(f"{demand.path}RankAtLeast"), URIRef(f"{demand.path}RankAtMost")
        self._ends(owner, base, (low, high), asked, reading)

    def _interval(self, demand: Demand, scale: Node) -> tuple[tuple[Constraint, ...], tuple[Constraint, ...]]:
        """A set of grades that is closed to one end of its scale, as a bound on ranks; none for the whole scale."""
        graph, listed = self.source.graph, set(demand.members or ())
        ranks = {grade: self._ranks(grade) for grade in graph.subjects(URIRef(Nec.inScale), scale)}
        if not listed or not listed <= set(ranks):
            raise self.source.refusal(demand.path, "a list that holds no grades of the scale", "List its grades.")
        if listed == set(ranks):
            return (), ()
        least, most = min(ranks[each][0] for each in listed), max(ranks[each][1] for each in listed)
        if listed == {grade for grade, (rank, _) in ranks.items() if rank >= least}:
            return ((SH.minInclusive, Literal(least)),), ()
        if listed == {grade for grade, (_, rank) in ranks.items() if rank <= most}:
            return (), ((SH.maxInclusive, Literal(most)),)
        raise self.source.refusal(
            demand.path,
            f"grades that reach neither end of {local(scale)}: {', '.join(sorted(map(local, listed)))}",
            "List every grade from one on, up or down.",
        )

    def _ranks(self, grade: Node) -> tuple[int, int]:
        rank = self.source.one(grade, URIRef(Nec.gradeRank))
        most = self.source.one(grade, URIRef(Nec.gradeRankAtMost))
        if not isinstance(rank, Literal) or rank.datatype != XSD.integer:
            raise self.source.refusal(grade, "a grade without a rank", "Give it nec:gradeRank.")
        return int(rank), int(str(most)) if most is not None else int(rank)

    # The strokes of the pen.

    def _add(self, subject: URIRef, predicate: URIRef, value: Node) -> None:
        self._into.add((subject, predicate, value))

    def _node(self, iri: str) -> URIRef:
        name = URIRef(iri)
        self._add(name, RDF.type, SH.NodeShape)
        return name

    def _bare(self, name: URIRef, path: URIRef, constraints: Iterable[Constraint]) -> URIRef:
        self._add(name, RDF.type, SH.PropertyShape)
        self._add(name, SH.path, path)
        for predicate, value in constraints:
            self._add(name, predicate, value)
        return name

    def _qualified(self, name: URIRef, path: URIRef, shape: URIRef, kind: URIRef, count: int) -> None:
        self._bare(name, path, [(SH.qualifiedValueShape, shape), (kind, Literal(count))])

    def _property(self, owner: URIRef, iri: str, path: URIRef, constraints: Sequence[Constraint]) -> None:
        if constraints:
            self._add(owner, SH.property, self._bare(URIRef(iri), path, constraints))

    def _either(self, owner: URIRef, iri: str, options: Sequence[tuple[URIRef, Constraint]]) -> None:
        either = self._node(iri)
        parts = [self._bare(URIRef(f"{iri}/{at}"), path, [each]) for at, (path, each) in enumerate(options, 1)]
        self._logic(either, SH["or"], parts)
        self._add(owner, SH.node, either)

    def _logic(self, name: URIRef, kind: URIRef, members: Sequence[Node], within: str = "") -> None:
        self._add(name, kind, self._list(within or f"{name}/{local(kind)}", members))

    def _list(self, base: str, members: Sequence[Node]) -> URIRef:
        cells = [URIRef(f"{base}.list{at}") for at in range(1, len(members) + 1)]
        for cell, rest, member in zip(cells, [*cells[1:], RDF.nil], members, strict=True):
            self._add(cell, RDF.first, member)
            self._add(cell, RDF.rest, rest)
        return cells[0] if cells else RDF.nil
