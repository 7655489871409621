"""The knowledge, read once: ontology, rooms, references and policies, compiled and hashed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph

from reasoner.anatomy import Anatomy, local
from reasoner.codebook import Codebook
from reasoner.criteria import Criteria, label
from reasoner.demands import Compiler, Spans
from reasoner.errors import GuidelineMalformed
from reasoner.policies import Policy, choose, read_policies
from reasoner.schema import CaseSchema
from reasoner.tables import Banding, ScoringSystem, read_bandings, read_scoring_systems
from reasoner.terms import RDF_TYPE, Graph, Literal, Term
from reasoner.vocabulary import GUIDELINE, OWL, RDFS, SKOS, Case, Nec, Spine

_ONTOLOGY: Final = "ontology"
_SHAPES: Final = "shapes"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a guideline says for or against procedures, and on which criteria."""

    iri: str
    guideline: str
    speaks_for: bool
    concerns: frozenset[str]
    regions: frozenset[str]
    population: str | None
    indications: tuple[str, ...]
    prerequisites: tuple[str, ...]
    exclusions: tuple[str, ...]
    considerations: tuple[str, ...]
    alternatives: tuple[str, ...]
    needs_support: bool


@dataclass(frozen=True, slots=True)
class Advisory:
    """A sentence for the reader, raised when a criterion about an item has the answer it waits for."""

    iri: str
    guideline: str
    criterion: str
    raised_on: str
    concerns: frozenset[str]
    importance: int


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What a kind of document would show, over which levels, and how it ranks against others."""

    iri: str
    would_show: frozenset[str]
    covers_from: str | None
    covers_to: str | None
    rank: int
    is_spoken: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """A defined class: a node of all these classes with all these links is an instance."""

    iri: str
    classes: frozenset[str]
    links: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class ProcedureClass:
    """How a class of procedure is counted and what it amounts to."""

    iri: str
    grain: str
    is_principal: bool
    is_construct: bool
    is_part_of: frozenset[str]
    provides: frozenset[str]


@dataclass(frozen=True, eq=False)
class Library:
    """Everything known, compiled; read once, then shared by every determination."""

    root: Path
    graph: Graph
    anatomy: Anatomy
    spans: Spans
    criteria: Criteria
    ancestors: dict[str, frozenset[str]]
    recommendations: tuple[Recommendation, ...]
    advisories: tuple[Advisory, ...]
    waivers: dict[str, tuple[str, ...]]
    policies: dict[str, Policy]
    document_kinds: dict[str, DocumentKind]
    definitions: tuple[Definition, ...]
    scoring_systems: tuple[ScoringSystem, ...]
    bandings: tuple[Banding, ...]
    disjoint: dict[str, frozenset[str]]
    files: tuple[str, ...]
    hash: str

    @classmethod
    def read(cls, root: Path | None = None) -> Library:
        """Read the knowledge below a folder that holds `ontology/` and `shapes/`; by default the bundled one.

        Raises GuidelineMalformed if a file does not parse or a criterion is not supported.

        >>> library = Library.read()
        >>> library.policy(None).is_default
        True
        """
        folder = root or bundled()
        files = knowledge_files(folder)
        graph = Graph()
        digest = hashlib.sha256()
        for path in files:
            data = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\n{len(data)}\n".encode())
            digest.update(data)
            parse_into(graph, data, name)
        spans = Spans.read(graph)
        ancestors = _ancestors(graph)
        criteria = Criteria.read(graph, spans)
        return cls(
            root=folder,
            graph=graph,
            anatomy=Anatomy.read(graph),
            spans=spans,
            criteria=criteria,
            ancestors=ancestors,
            recommendations=_recommendations(graph, criteria),
            advisories=_advisories(graph, criteria),
            waivers=_waivers(graph),
            policies=read_policies(graph),
            document_kinds=_document_kinds(graph, ancestors),
            definitions=_definitions(graph, ancestors),
            scoring_systems=read_scoring_systems(graph, Compiler(graph, spans)),
            bandings=read_bandings(graph),
            disjoint=_disjoint(graph, ancestors),
            files=tuple(path.relative_to(folder).as_posix() for path in files),
            hash=digest.hexdigest(),
        )

    def policy(self, name: str | None, day: date | None = None) -> Policy:
        """The edition of a policy by name or IRI, in force on a day or else the latest; the default one for None.

        Raises GuidelineUnknown with those there are, PolicyUnfit if none is in force or it cannot be checked.
        """
        return choose(self.graph, self.policies, name, day)

    def is_a(self, cls: str, ancestor: str) -> bool:
        """Whether one class is another or a subclass of it."""
        return ancestor in self.ancestors.get(cls, frozenset({cls}))

    def classes_of(self, types: list[str]) -> tuple[str, ...]:
        """Asserted classes with all their ancestors, without repeats, in a stable order."""
        return tuple(dict.fromkeys(a for t in types for a in (t, *sorted(self.ancestors.get(t, ())))))

    @cached_property
    def recommending(self) -> frozenset[str]:
        """The guidelines that recommend something."""
        return frozenset(one.guideline for one in self.recommendations)

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """The classes of procedures that some recommendation names."""
        return frozenset(cls for one in self.recommendations for cls in one.concerns)

    @cached_property
    def descendants(self) -> dict[str, tuple[str, ...]]:
        """Each class with all its subclasses, itself included."""
        found: dict[str, list[str]] = {}
        for cls, above in self.ancestors.items():
            for ancestor in above:
                found.setdefault(ancestor, []).append(cls)
        return {cls: tuple(sorted(below)) for cls, below in found.items()}

    @cached_property
    def individual_types(self) -> dict[str, tuple[str, ...]]:
        """All classes of each individual of the ontology (levels, roots, grades)."""
        skip = (OWL, RDFS)
        return {
            node: self.classes_of([t for t in self.graph.types(node) if not t.startswith(skip)])
            for node in self.graph.index
            if node not in self.ancestors and self.graph.types(node)
        }

    @cached_property
    def codebook(self) -> Codebook:
        """The codes, what they report, and how they go together."""
        return Codebook.read(self.graph)

    @cached_property
    def schema(self) -> CaseSchema:
        """What a case may say."""
        return CaseSchema.read(self.graph)

    @cached_property
    def functional_values(self) -> frozenset[str]:
        """The case properties that hold one node at most: two values on two statements contradict each other."""
        functional = self.graph.subjects(RDF_TYPE, OWL + "FunctionalProperty")
        return (
            frozenset(p for p in functional if OWL + "ObjectProperty" in self.graph.types(p))
            - self.may_vary
            - self.spans.scales.keys()
        )

    @cached_property
    def speaks_against(self) -> dict[str, tuple[str, ...]]:
        """Pairs of classes that the ontology declares to speak against each other."""
        return {cls: tuple(self.graph.nodes(cls, Nec.speaksAgainst)) for cls in self.graph.subjects(Nec.speaksAgainst)}

    @cached_property
    def may_vary(self) -> frozenset[str]:
        """The properties of which two true statements may give different values."""
        return frozenset(self.graph.subjects(Nec.mayVary))

    @cached_property
    def own_to_each(self) -> frozenset[str]:
        """The properties of which each statement has a value of its own."""
        return frozenset(self.graph.subjects(Nec.isOwnToEach))

    @cached_property
    def may_be(self) -> dict[str, tuple[str, ...]]:
        """The classes of finding that may turn out to be another, and which."""
        return {cls: tuple(self.graph.nodes(cls, Nec.mayBe)) for cls in self.graph.subjects(Nec.mayBe)}

    @cached_property
    def totals(self) -> dict[str, str]:
        """Each total of care and the class of care that it adds up."""
        return {cls: self.graph.nodes(cls, Nec.totals)[0] for cls in self.graph.subjects(Nec.totals)}

    @cached_property
    def evidence_strengths(self) -> dict[str, int]:
        """What each way of grading evidence amounts to, from the weakest up."""
        return {
            word.lexical: int(self.graph.text(kind, Nec.gradeRank))
            for kind in self.graph.subjects(RDF_TYPE, Nec.EvidenceStrength)
            for word in self.graph.objects(kind, SKOS + "altLabel")
            if isinstance(word, Literal)
        }

    @cached_property
    def age_groups(self) -> dict[str, tuple[int, int | None]]:
        """Each age group and the years it runs from and until."""
        groups = {}
        for cls in {*self.graph.subjects(Nec.ageGroupFrom), *self.graph.subjects(Nec.ageGroupUntil)}:
            until = self.graph.text(cls, Nec.ageGroupUntil)
            groups[cls] = (int(self.graph.text(cls, Nec.ageGroupFrom) or 0), int(until) if until else None)
        return groups

    @cached_property
    def probed(self) -> tuple[str, ...]:
        """The classes of procedure that are tried on levels that nobody asked for."""
        return tuple(sorted(c for c in self.procedures if self.graph.text(c, Nec.isProbedFor) == "true"))

    @cached_property
    def procedures(self) -> dict[str, ProcedureClass]:
        """Every class of procedure, with what it inherits from the nearest class that says it."""
        return {cls: self._procedure(cls) for cls in self.descendants.get(Spine.Procedure, ())}

    def _procedure(self, cls: str) -> ProcedureClass:
        lineage = self.lineage(cls)
        everything = [value for one in lineage for value in self.graph.nodes(one, Nec.provides)]
        parts = [value for one in lineage for value in self.graph.nodes(one, Nec.isPartOf)]
        return ProcedureClass(
            cls,
            grain=str(self._nearest(lineage, Nec.countedBy) or Nec.ByRange),
            is_principal=_truth(self._nearest(lineage, Nec.isPrincipal), default=True),
            is_construct=_truth(self._nearest(lineage, Nec.isConstruct), default=False),
            is_part_of=frozenset(parts),
            provides=frozenset(everything),
        )

    def lineage(self, cls: str) -> list[str]:
        """A class and its ancestors, the most specific first."""
        return sorted(
            self.ancestors.get(cls, frozenset({cls})), key=lambda one: (-len(self.ancestors.get(one, ())), one)
        )

    def _nearest(self, lineage: list[str], predicate: str) -> Term | None:
        return next((value for one in lineage if (value := self.graph.value(one, predicate)) is not None), None)

    def label(self, iri: str) -> str:
        """The preferred label of a term, or its local name."""
        return label(self.graph, iri)

    def definition(self, iri: str) -> str:
        """The definition of a term, or an empty string."""
        return self.graph.text(iri, SKOS + "definition")


def bundled() -> Path:
    """The folder that holds the knowledge: inside an installed package, or the checkout it is run from."""
    package = Path(__file__).resolve().parent
    inside = package / "knowledge"
    return inside if inside.is_dir() else package.parent


def knowledge_files(folder: Path) -> list[Path]:
    """The Turtle files of a knowledge folder: the ontology and every room, without worked cases."""
    files = sorted((folder / _ONTOLOGY).glob("*.ttl")) + sorted((folder / _SHAPES).glob("*.ttl"))
    files = [path for path in files if path.name not in {"case.ttl", "house.ttl"} or path.parent.name == _ONTOLOGY]
    return files + sorted((folder / _SHAPES).glob("*/guideline.ttl"))


def parse_into(graph: Graph, data: bytes, name: str) -> None:
    """Add one Turtle file to a graph; blank nodes are named by file and order, so that runs agree."""
    blanks: dict[str, str] = {}

    def term(node: object) -> Term:
        if isinstance(node, pyoxigraph.NamedNode):
            return node.value
        if isinstance(node, pyoxigraph.BlankNode):
            return blanks.setdefault(node.value, f"_:{name}-{len(blanks) + 1}")
        if isinstance(node, pyoxigraph.Literal):
            return Literal(node.value, node.datatype.value, node.language or "")
        raise GuidelineMalformed("guideline.term", "A triple term is used.", where=name)

    try:
        for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE):
            graph.add(str(term(quad.subject)), quad.predicate.value, term(quad.object))
    except SyntaxError as error:
        raise GuidelineMalformed("guideline.syntax", f"The file does not parse: {error}.", where=name) from error


def _truth(value: Term | None, *, default: bool) -> bool:
    return default if value is None else isinstance(value, Literal) and value.lexical == "true"


def _ancestors(graph: Graph) -> dict[str, frozenset[str]]:
    above: dict[str, set[str]] = {}
    for cls in graph.subjects(RDF_TYPE, OWL + "Class"):
        if not cls.startswith("_:"):
            above[cls] = {cls}
    for cls in list(above):
        parents = {p for p in graph.nodes(cls, RDFS + "subClassOf") if not p.startswith("_:")}
        above[cls] |= parents
    changed = True
    while changed:
        changed = False
        for known in above.values():
            size = len(known)
            known.update(*(above.get(parent, {parent}) for parent in tuple(known)))
            changed = changed or len(known) > size
    return {cls: frozenset(known) for cls, known in above.items()}


def _names(graph: Graph, subject: str, predicate: str) -> tuple[str, ...]:
    head = graph.node(subject, predicate)
    return tuple(member for member in graph.list(head) if isinstance(member, str)) if head else ()


def _recommendations(graph: Graph, criteria: Criteria) -> tuple[Recommendation, ...]:
    found = []
    for iri in graph.subjects(RDF_TYPE, Nec.Recommendation):
        one = Recommendation(
            iri,
            iri.rsplit("#", 1)[0],
            speaks_for=graph.node(iri, Nec.direction) != Nec.Against,
            concerns=frozenset(graph.nodes(iri, Nec.concerns)),
            regions=frozenset(graph.nodes(iri, Nec.appliesIn)),
            population=graph.node(iri, Nec.population),
            indications=_names(graph, iri, Nec.indications),
            prerequisites=_names(graph, iri, Nec.prerequisites),
            exclusions=_names(graph, iri, Nec.exclusions),
            considerations=_names(graph, iri, Nec.considerations),
            alternatives=_names(graph, iri, Nec.alternatives),
            needs_support=graph.text(iri, Nec.needsSupport) == "true",
        )
        for criterion in (*one.indications, *one.prerequisites, *one.exclusions, *one.considerations):
            if criterion not in criteria.compiled:
                raise GuidelineMalformed(
                    "guideline.criterion-missing",
                    f"The recommendation {local(iri)} names {local(criterion)}, which is not written.",
                    where=one.guideline,
                )
        if not one.indications:
            raise GuidelineMalformed(
                "guideline.no-indication", f"The recommendation {local(iri)} has no indication.", where=one.guideline
            )
        found.append(one)
    return tuple(found)


def _advisories(graph: Graph, criteria: Criteria) -> tuple[Advisory, ...]:
    found = []
    for iri in graph.subjects(RDF_TYPE, Nec.Advisory):
        criterion = graph.node(iri, Nec.raisedWhen)
        if criterion is None or criterion not in criteria.compiled:
            raise GuidelineMalformed(
                "guideline.advisory",
                f"The advisory {local(iri)} is raised by no criterion.",
                where=iri.rsplit("#", 1)[0],
            )
        found.append(
            Advisory(
                iri,
                iri.rsplit("#", 1)[0],
                criterion,
                graph.node(iri, Nec.raisedOn) or Nec.Met,
                frozenset(graph.nodes(iri, Nec.concerns)),
                int(graph.text(iri, Nec.importance) or 5),
            )
        )
    return tuple(found)


def _waivers(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The exceptions that waive each criterion; what waives a criterion waives all that narrow it."""
    narrower: dict[str, list[str]] = {}
    for criterion in graph.subjects(Nec.narrows):
        for wider in graph.nodes(criterion, Nec.narrows):
            narrower.setdefault(wider, []).append(criterion)
    found: dict[str, list[str]] = {}
    for exception in graph.subjects(Nec.waives):
        waiting = list(graph.nodes(exception, Nec.waives))
        while waiting:
            prerequisite = waiting.pop(0)
            waived = found.setdefault(prerequisite, [])
            if exception not in waived:
                waived.append(exception)
                waiting += narrower.get(prerequisite, [])
    return {prerequisite: tuple(exceptions) for prerequisite, exceptions in found.items()}


def _document_kinds(graph: Graph, ancestors: dict[str, frozenset[str]]) -> dict[str, DocumentKind]:
    found = {}
    for cls, above in ancestors.items():
        if Case.Document not in above:
            continue
        lineage = sorted(above, key=lambda one: (-len(ancestors.get(one, ())), one))
        shown = frozenset(finding for one in lineage for finding in graph.nodes(one, Nec.wouldShow))

        def nearest(predicate: str, lineage: list[str] = lineage) -> Term | None:
            return next((v for one in lineage if (v := graph.value(one, predicate)) is not None), None)

        start, end, rank = nearest(Nec.coversFrom), nearest(Nec.coversTo), nearest(Nec.evidenceRank)
        found[cls] = DocumentKind(
            cls,
            shown,
            start if isinstance(start, str) else None,
            end if isinstance(end, str) else None,
            int(rank.lexical) if isinstance(rank, Literal) else 0,
            is_spoken=_truth(nearest(Nec.isSpokenWord), default=False),
        )
    return found


def _definitions(graph: Graph, ancestors: dict[str, frozenset[str]]) -> tuple[Definition, ...]:
    found = []
    for cls in ancestors:
        for expression in graph.nodes(cls, OWL + "equivalentClass"):
            parts = _names(graph, expression, OWL + "intersectionOf") or (expression,)
            classes = frozenset(part for part in parts if not part.startswith("_:"))
            links = []
            for part in parts:
                if not part.startswith("_:"):
                    continue
                path = graph.node(part, OWL + "onProperty")
                some = graph.node(part, OWL + "someValuesFrom")
                value = graph.node(part, OWL + "hasValue")
                target = value or some
                if path is None or target is None or target.startswith("_:"):
                    raise GuidelineMalformed(
                        "ontology.definition",
                        f"The definition of {local(cls)} uses more than some-restrictions, values and intersections.",
                        where="ontology",
                    )
                links.append((path, target, value is not None))
            found.append(Definition(cls, classes, tuple(links)))
    return tuple(found)


def _disjoint(graph: Graph, ancestors: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    pairs: dict[str, set[str]] = {}

    def apart(one: str, other: str) -> None:
        pairs.setdefault(one, set()).add(other)
        pairs.setdefault(other, set()).add(one)

    for cls in ancestors:
        for other in graph.nodes(cls, OWL + "disjointWith"):
            apart(cls, other)
    for axiom in graph.subjects(RDF_TYPE, OWL + "AllDisjointClasses"):
        members = _names(graph, axiom, OWL + "members")
        for one in members:
            for other in members:
                if one != other:
                    apart(one, other)
    return {cls: frozenset(others) for cls, others in pairs.items()}


def guideline_name(iri: str) -> str:
    """The name of the room that a term belongs to.

    >>> guideline_name(GUIDELINE + "care-and-optimisation#failed-conservative-care")
    'care-and-optimisation'
    """
    return iri.removeprefix(GUIDELINE).split("#", 1)[0]
