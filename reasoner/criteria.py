"""Criteria: each asks the record a question about one item; a leaf answers from values, a branch folds answers.

Compiled once from the authored shapes. For every value on record a leaf keeps how it stands
(passes, open, fails), which demands decided that, and the triples it rests on, whether the
criterion is met or not: an explanation only prints what is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reasoner.anatomy import local
from reasoner.answers import Answer, all_of, any_of, negation
from reasoner.demands import Bound, Compiler, Spans, Standing, ValueShape
from reasoner.errors import GuidelineMalformed
from reasoner.terms import RDF_TYPE, Graph, Term, Triple
from reasoner.vocabulary import SH, SKOS, Case, Nec

LATE_PATHS: Final = frozenset({Nec.hasRole, Nec.hasConstruct, Nec.justifiedWork})
_LEVEL_PATHS: Final = frozenset({Nec.evidenceAtLevel, Nec.evidenceAdjacent, Nec.evidenceInConstruct})
_COMPLETE_PATHS: Final = LATE_PATHS | {Nec.hasLevel, Nec.servicesAtLevel, Nec.servicesInRequest}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A question to the record: one path from the item, one value shape, how many values it wants."""

    iri: str
    path: str
    shape: ValueShape
    wanted: int
    silent_means_no: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A fold over named criteria: all of them, any one of them, or not the one."""

    iri: str
    fold: str
    members: tuple[str, ...]


Criterion = Leaf | Branch


@dataclass(frozen=True, slots=True)
class ValueFinding:
    """One value that bears on a leaf, how it stands, and what it rests on."""

    node: str
    standing: Standing
    evidence: tuple[Triple, ...]
    in_conflict: bool
    lacking: tuple[str, ...]
    speaks: bool = True
    denies: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one criterion about one item, with everything it was decided on.

    `heard` is the answer if that of which nothing at all is on record is taken as not so: a policy
    may read silence about a reason, or about a condition, in this way.
    """

    criterion: str
    item: str
    answer: Answer
    values: tuple[ValueFinding, ...] = ()
    children: tuple[Finding, ...] = ()
    heard: Answer = Answer.NOT_DOCUMENTED


class Criteria:
    """All criteria of a library, compiled; `judge` answers one about one item.

    >>> Criteria({}).leaves
    {}
    """

    def __init__(self, compiled: Mapping[str, Criterion]) -> None:
        self.compiled = dict(compiled)
        self.leaves = {iri: one for iri, one in self.compiled.items() if isinstance(one, Leaf)}
        self._late: dict[str, bool] = {}
        self._within: dict[str, tuple[str, ...]] = {}
        for iri in self.compiled:
            self._check(iri, ())

    @classmethod
    def read(cls, graph: Graph, spans: Spans) -> Criteria:
        """Compile every criterion of a graph of shapes; raise GuidelineMalformed on what is not supported."""
        compiler = Compiler(graph, spans)
        named = list(graph.subjects(RDF_TYPE, Nec.Criterion))
        named += [s for s in graph.subjects(RDF_TYPE, Nec.Exception) if s not in set(named)]
        return cls({iri: _compile(graph, compiler, iri) for iri in named})

    def _check(self, iri: str, above: tuple[str, ...]) -> None:
        if iri in above:
            raise GuidelineMalformed(
                "guideline.recursive", f"The criterion {local(iri)} is part of itself.", where=iri.rsplit("#", 1)[0]
            )
        one = self.compiled.get(iri)
        if one is None:
            raise GuidelineMalformed(
                "guideline.criterion-missing",
                f"The criterion {local(iri)} is named but not written.",
                where=local(above[-1]) if above else "",
                mend="Write it, or mend its name.",
            )
        if isinstance(one, Branch):
            for member in one.members:
                self._check(member, (*above, iri))

    def is_late(self, iri: str) -> bool:
        """Whether a criterion asks about the construct, which is known only once its levels have been judged."""
        if iri not in self._late:
            one = self.compiled[iri]
            self._late[iri] = (
                one.path in LATE_PATHS if isinstance(one, Leaf) else any(self.is_late(m) for m in one.members)
            )
        return self._late[iri]

    def leaves_of(self, iri: str) -> tuple[str, ...]:
        """The leaves under a criterion, in printed order."""
        one = self.compiled[iri]
        if isinstance(one, Leaf):
            return (iri,)
        return tuple(dict.fromkeys(leaf for member in one.members for leaf in self.leaves_of(member)))

    def within(self, iri: str) -> tuple[str, ...]:
        """A criterion and all that it is made of."""
        found = self._within.get(iri)
        if found is None:
            one = self.compiled[iri]
            members = () if isinstance(one, Leaf) else one.members
            found = (iri, *dict.fromkeys(inner for member in members for inner in self.within(member)))
            self._within[iri] = found
        return found

    def judge(
        self,
        graph: Graph,
        item: str,
        criterion: str,
        memo: dict[tuple[str, str], Finding],
        bearing: Bearing | None = None,
        weighed: Weighed | None = None,
    ) -> Finding:
        """Answer one criterion about one item.

        `memo` keeps what has been answered on this graph, `bearing` what bears on which question,
        `weighed` how each node stands to each leaf, whichever item asks.
        """
        key = (item, criterion)
        found = memo.get(key)
        if found is None:
            one = self.compiled[criterion]
            if isinstance(one, Leaf):
                found = judge_leaf(graph, item, one, bearing, weighed)
            else:
                children = tuple(self.judge(graph, item, member, memo, bearing, weighed) for member in one.members)
                found = folded(one, item, children)
            memo[key] = found
        return found


def folded(branch: Branch, item: str, children: tuple[Finding, ...]) -> Finding:
    """The finding of a branch from those of its members."""
    fold = _FOLDS[branch.fold]
    answer, heard = fold(child.answer for child in children), fold(child.heard for child in children)
    return Finding(branch.iri, item, answer, (), children, heard)


Bearing = dict[tuple[str, str], dict[str, list[str]]]
"""For an item and a path: the nodes that speak of each class, by what they are, deny or contradict."""


Weighed = dict[tuple[str, str], ValueFinding | None]
"""For a leaf and a node: how the node stands to what the leaf asks; None if it does not speak to it."""


def speaking_of(graph: Graph, item: str, path: str) -> dict[str, list[str]]:
    """The nodes on a path from an item, by every class that a leaf could ask them about."""
    found: dict[str, list[str]] = {}
    for node in graph.nodes(item, path):
        types = graph.objects(node, RDF_TYPE)
        about = dict.fromkeys(graph.objects(node, Case.ofKind) if Case.Absence in types else types)
        for rival in graph.nodes(node, Nec.conflictsWith):
            about.update(dict.fromkeys(graph.objects(rival, RDF_TYPE)))
        for cls in about:
            if isinstance(cls, str):
                found.setdefault(cls, []).append(node)
    return found


def judge_leaf(
    graph: Graph, item: str, leaf: Leaf, bearing: Bearing | None = None, weighed: Weighed | None = None
) -> Finding:
    """Answer a leaf from the values on its path (design: answers, silence, contradictions)."""
    bearing = {} if bearing is None else bearing
    weighed = {} if weighed is None else weighed
    by_class = bearing.get((item, leaf.path))
    if by_class is None:
        by_class = bearing.setdefault((item, leaf.path), speaking_of(graph, item, leaf.path))
    values: list[ValueFinding] = []
    for node in by_class.get(leaf.shape.genus, ()):
        key = (leaf.iri, node)
        if key not in weighed:
            weighed[key] = weigh(graph, leaf, node)
        value = weighed[key]
        if value is not None:
            values.append(value)
    passing = open_values = settled = relevant = 0
    absent = False
    for value in values:
        passing += value.standing is Standing.PASSES
        open_values += value.standing is Standing.OPEN
        settled += value.standing is not Standing.FAILS and not value.in_conflict
        relevant += value.speaks
        absent = absent or (value.speaks and value.denies)
    answer = _leaf_answer(leaf, passing, open_values, settled, relevant, absent=absent)
    if answer.is_open and not values and leaf.path in _LEVEL_PATHS:
        values = _of_no_level(graph, item, leaf, bearing)
    heard = answer if values or not answer.is_open else Answer.NOT_MET
    return Finding(leaf.iri, item, answer, tuple(values), (), heard)


def _of_no_level(graph: Graph, item: str, leaf: Leaf, bearing: Bearing) -> list[ValueFinding]:
    """What could answer a question about the level if its level were known: shown, and it keeps the question open."""
    key = (item, Nec.evidenceOfNoLevel)
    if key not in bearing:
        bearing[key] = speaking_of(graph, item, Nec.evidenceOfNoLevel)
    found = [weigh(graph, leaf, node) for node in bearing[key].get(leaf.shape.genus, ())]
    return [
        replace(value, standing=Standing.OPEN, lacking=(*value.lacking, Case.atLevel))
        for value in found
        if value is not None and value.standing is not Standing.FAILS
    ]


def weigh(graph: Graph, leaf: Leaf, node: str) -> ValueFinding | None:
    """How one node stands to a leaf; None if it does not speak to its question."""
    shape = leaf.shape
    types = graph.objects(node, RDF_TYPE)
    rivals = graph.nodes(node, Nec.conflictsWith)
    denies = Case.Absence in types
    kinds = graph.objects(node, Case.ofKind) if denies else types
    speaks = shape.genus in kinds and shape.is_timely(graph, node)
    if denies and graph.objects(node, Nec.deniesGradesOf):
        speaks = speaks and not shape.is_of_grade(graph, node)
    if not speaks and not any(shape.genus in graph.objects(rival, RDF_TYPE) for rival in rivals):
        return None
    own = shape.judge(graph, node)
    standing = _standing(own.certain, own.possible)
    in_conflict = False
    if rivals:
        sides = [own, *(shape.judge(graph, rival) for rival in rivals)]
        standing = _standing(all(s.certain for s in sides), any(s.possible for s in sides))
        in_conflict = standing is Standing.OPEN and (own.certain or not own.possible)
    lacking: tuple[str, ...] = ()
    if standing is not Standing.PASSES and not denies:
        lacking = tuple(d.path or d.shape for d in shape.demands if not d.judge(graph, node).certain)
    evidence = _denial(node, shape.genus, kinds) if denies else shape.evidence(graph, node)
    return ValueFinding(node, standing, evidence, in_conflict, lacking, speaks, denies)


def _denial(node: str, genus: str, kinds: list[Term]) -> tuple[Triple, ...]:
    said = (Triple(node, Case.ofKind, genus),) if genus in kinds else ()
    return (Triple(node, RDF_TYPE, Case.Absence), *said)


def _standing(certain: bool, possible: bool) -> Standing:  # noqa: FBT001  the two readings, always given by name of role
    if certain:
        return Standing.PASSES
    return Standing.OPEN if possible else Standing.FAILS


def _leaf_answer(leaf: Leaf, passing: int, open_values: int, settled: int, relevant: int, *, absent: bool) -> Answer:
    if passing >= leaf.wanted:
        return Answer.MET
    if passing + open_values >= leaf.wanted:
        return Answer.NOT_DOCUMENTED if settled >= leaf.wanted else Answer.DISPUTED
    if not leaf.silent_means_no and relevant < leaf.wanted and not absent:
        return Answer.NOT_DOCUMENTED
    return Answer.NOT_MET


_FOLDS: Final[dict[str, Callable[[Iterable[Answer]], Answer]]] = {
    "and": all_of,
    "or": any_of,
    "not": lambda answers: negation(next(iter(answers))),
}


def _compile(graph: Graph, compiler: Compiler, iri: str) -> Criterion:
    folds = [name for name in _FOLDS if graph.objects(iri, SH + name)]
    path = graph.node(iri, SH + "path")
    if path is not None and not folds:
        shape = graph.node(iri, SH + "qualifiedValueShape")
        if path.startswith("_:"):
            raise _malformed(iri, "has a path that is not one property")
        if shape is None:
            raise _malformed(iri, "is a leaf without sh:qualifiedValueShape")
        foreign = {
            key
            for key in graph.index[iri]
            if key.startswith(SH) and local(key) not in {"path", "qualifiedValueShape", "qualifiedMinCount", "message"}
        }
        if foreign:
            raise _malformed(iri, f"uses {', '.join('sh:' + local(key) for key in sorted(foreign))} on a leaf")
        wanted = _count(graph, iri)
        silent = graph.node(iri, Nec.silence) == Nec.Absent
        if path in _COMPLETE_PATHS and not silent:
            raise GuidelineMalformed(
                "guideline.silence",
                f"The criterion {local(iri)} asks for {local(path)}, of which everything is known, and takes silence as open.",
                where=iri.rsplit("#", 1)[0],
                mend="Say nec:silence nec:Absent: what is not there is not there.",
            )
        return Leaf(iri, path, compiler.value_shape(shape, iri), wanted, silent)
    if path is not None or len(folds) != 1:
        raise _malformed(iri, "is neither a leaf (one sh:path) nor a branch (exactly one of sh:and, sh:or, sh:not)")
    target = graph.node(iri, SH + folds[0])
    members = [target] if folds[0] == "not" else graph.list(target or "")
    named = tuple(member for member in members if isinstance(member, str))
    if not named or len(graph.objects(iri, SH + folds[0])) != 1:
        raise _malformed(iri, f"has an sh:{folds[0]} that names no criterion")
    return Branch(iri, folds[0], named)


def _count(graph: Graph, iri: str) -> int:
    once = ("path", "qualifiedValueShape", "qualifiedMinCount")
    repeated = [name for name in once if len(graph.objects(iri, SH + name)) > 1]
    if repeated:
        raise _malformed(iri, f"says sh:{repeated[0]} twice")
    text = graph.text(iri, SH + "qualifiedMinCount") or "1"
    if not (text.isascii() and text.isdigit() and int(text)):
        raise _malformed(iri, "wants a number of values that is no number from 1 on")
    return int(text)


def _malformed(iri: str, what: str) -> GuidelineMalformed:
    return GuidelineMalformed("guideline.criterion", f"The criterion {local(iri)} {what}.", where=iri.rsplit("#", 1)[0])


def bounds_of(shape: ValueShape) -> tuple[Bound, ...]:
    """The numeric thresholds that a value shape sets.

    >>> bounds_of(ValueShape("s", "C", ()))
    ()
    """
    return tuple(bound for demand in shape.demands for bound in demand.bounds)


def label(graph: Graph, iri: str) -> str:
    """The preferred label of a term, or its local name."""
    return graph.text(iri, SKOS + "prefLabel") or local(iri)
