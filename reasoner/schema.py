"""What a case may say, read from the ontology once: classes, properties, levels and the JSON-LD context."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from reasoner.errors import GuidelineMalformed
from reasoner.likeness import plain_word
from reasoner.restating import restated
from reasoner.terms import RDF_FIRST, XSD, Graph, Literal, Term
from reasoner.vocabulary import CASE, CODE, GUIDELINE, OWL, RDFS, REFERENCE, ROOT, SKOS, SPINE, Nec, Spine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CONTEXT_IRI: Final = ROOT + "context.jsonld"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TEXTS: Final = frozenset({XSD + "string", RDF + "langString", RDF + "PlainLiteral", RDFS + "Literal"})
PREFIXES: Final[Mapping[str, str]] = MappingProxyType({"case": CASE, "spine": SPINE, "code": CODE, "ref": REFERENCE})

_CLASS_OF_CLASSES: Final = frozenset({OWL + "Class", RDFS + "Class"})
_PROPERTY_CLASSES: Final = frozenset(
    {OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty", RDF + "Property"}
)
_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType({Nec.Claim: GUIDELINE, Nec.Reference: REFERENCE})


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the case vocabulary: who may carry it and what it may say."""

    iri: str
    label: str
    domain: frozenset[str]
    """Every class whose members may carry it; empty where anything may."""
    datatypes: tuple[str, ...] = ()
    """The XSD datatypes of its values; empty where its values are nodes."""
    values: frozenset[str] = frozenset()
    """The known individuals (or classes) that it may name."""
    node_classes: frozenset[str] = frozenset()
    """The classes of the case's own nodes that it may point at."""
    namespace: str = ""
    """Where its values live if they are no part of the ontology (claims, references)."""
    implied_type: str = ""
    """The class of an untyped node that it points at, where there is only one choice."""
    functional: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    scale: str = ""
    low_end: str = ""
    high_end: str = ""
    unit_of: str = ""
    unit_factor: Decimal = Decimal(1)
    takes_level: bool = False

    @property
    def is_text(self) -> bool:
        """Whether its values are free text, never to be quoted in an error."""
        return bool(self.datatypes) and TEXTS.issuperset(self.datatypes)


@dataclass(frozen=True, slots=True)
class Span:
    """One quantity or grade, and all the ways to state it: exact or by its ends, each in several units."""

    label: str
    exact: frozenset[str]
    low: frozenset[str]
    high: frozenset[str]


@dataclass(frozen=True, slots=True)
class CaseSchema:
    """The closed list of what a case may say, with every table that reading one needs."""

    properties: Mapping[str, Property]
    derived_properties: frozenset[str]
    superclasses: Mapping[str, frozenset[str]]
    """Every known class with all the classes above it, itself included."""
    derived_classes: frozenset[str]
    assertable: frozenset[str]
    """The classes that a case may give to its own nodes."""
    individuals: Mapping[str, frozenset[str]]
    """Every known individual with all its classes."""
    labels: Mapping[str, str]
    names: Mapping[str, str]
    """Plain name -> IRI, as JSON writes them."""
    synonyms: Mapping[str, tuple[str, ...]]
    """Other words for a class or an individual, in small letters without spaces -> the plain names that they mean."""
    sayings: Mapping[str, tuple[str, ...]]
    """Plain name -> its label and other words, as they are written."""
    instead: Mapping[str, str]
    """Class that is worked out -> what to state for it, in words."""
    shared_names: frozenset[str]
    """Names of two terms, which JSON writes with a prefix."""
    level_spellings: Mapping[str, str]
    """Other ways to write a motion segment (L4-5, L4/5) -> its name."""
    rank: Mapping[str, int]
    """Vertebrae from the head down."""
    grade_ranks: Mapping[str, tuple[int, int]]
    """Grade -> the least and the greatest rank that it stands for."""
    scales: Mapping[str, tuple[str, ...]]
    """Ordered scale -> its grades, lowest first."""
    disjoint: Mapping[str, frozenset[str]]
    """Class -> the classes that the ontology says share no member with it."""
    span_of: Mapping[str, Span]
    """Property -> the quantity or grade that it states, exactly or an end of it."""

    @classmethod
    def read(cls, graph: Graph) -> CaseSchema:
        """Read the schema from the graph of the whole ontology; refuse what it leaves unsaid."""
        return _Reader(graph).schema()

    def name(self, iri: str) -> str:
        """The readable label of a term, or else its plain name."""
        return self.labels.get(iri) or local_name(iri)

    def clash(self, types: Iterable[str]) -> tuple[str, str] | None:
        """Two classes, at or above the given ones, that the ontology declares disjoint."""
        above = sorted({up for one in types for up in self.superclasses.get(one, ())})
        for one in above:
            for other in sorted(self.disjoint.get(one, frozenset()).intersection(above)):
                return (one, other)
        return None


def local_name(iri: str) -> str:
    """The last part of an IRI.

    >>> local_name("https://w3id.org/spine-reasoner/case#Case"), local_name("urn:case:seven")
    ('Case', 'seven')
    """
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def context(schema: CaseSchema) -> dict[str, object]:
    """The JSON-LD context in which a case can be written with plain names.

    Properties are typed, so that values are plain names too: `"hasSeverity": "Severe"`.
    """
    terms: dict[str, object] = {"id": "@id", "type": "@type", **PREFIXES}
    terms |= {name: definition(schema, name) for name in schema.names}
    terms |= {spelling: schema.names[name] for spelling, name in schema.level_spellings.items() if "/" not in spelling}
    return {"@context": {"@version": 1.1, **dict(sorted(terms.items()))}}


def context_text(schema: CaseSchema) -> str:
    """The bundled context file, one term a line."""
    return json.dumps(context(schema), indent=1, ensure_ascii=False) + "\n"


def definition(schema: CaseSchema, name: str) -> object:
    """What the context says about one plain name."""
    iri = schema.names[name]
    known = schema.properties.get(iri)
    if known is None:
        return iri
    if not known.datatypes:
        return {"@id": iri, "@type": "@vocab"}
    if known.is_text or len(known.datatypes) > 1:
        return iri
    return {"@id": iri, "@type": known.datatypes[0]}


class _Reader:
    """Walks the ontology graph once and fills the tables."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.superclasses = self._superclasses()
        self.subclasses: dict[str, set[str]] = {}
        for below, above in self.superclasses.items():
            for one in above:
                self.subclasses.setdefault(one, set()).add(below)
        self.individuals = self._individuals()
        self.instances: dict[str, set[str]] = {}
        for one, kinds in self.individuals.items():
            for kind in (*kinds, *graph.nodes(one, Nec.inScale)):
                self.instances.setdefault(kind, set()).add(one)

    def schema(self) -> CaseSchema:
        graph = self.graph
        declared = {
            subject: self._raw(subject)
            for subject in graph.index
            if subject.startswith(CASE) and _PROPERTY_CLASSES.intersection(graph.types(subject))
        }
        derived_properties = {iri for iri in declared if self._is_derived(iri)}
        derived_classes = frozenset(one for one in self.superclasses if self._is_derived(one))
        roots = {one for iri, raw in declared.items() if iri not in derived_properties for one in raw.domain}
        assertable = frozenset(
            one
            for one in self._down(roots)
            if one.startswith((CASE, SPINE)) and one not in derived_classes and "_:" not in one
        )
        self._inherit_ends(declared)
        properties = {
            iri: self._property(iri, raw, declared, assertable)
            for iri, raw in sorted(declared.items())
            if iri not in derived_properties
        }
        names, shared = self._names(properties, derived_properties)
        sayings = self._sayings(names)
        grades, scales = self._grades()
        return CaseSchema(
            properties=properties,
            derived_properties=frozenset(derived_properties),
            superclasses=self.superclasses,
            derived_classes=derived_classes,
            assertable=assertable,
            individuals=self.individuals,
            labels=self._labels(),
            names=names,
            synonyms=_synonyms(sayings),
            sayings=sayings,
            instead=_instead(graph, derived_classes),
            shared_names=shared,
            level_spellings=self._level_spellings(),
            rank={one: int(number) for one, number in self._numbers(Spine.rank)},
            grade_ranks=grades,
            scales=scales,
            disjoint=self._disjoint(),
            span_of=_spans(properties),
        )

    # Classes

    def _superclasses(self) -> dict[str, frozenset[str]]:
        graph = self.graph
        parents: dict[str, set[str]] = {}
        for subject in graph.index:
            if _CLASS_OF_CLASSES.intersection(graph.types(subject)) or graph.objects(subject, RDFS + "subClassOf"):
                parents.setdefault(subject, set())
            for above in graph.nodes(subject, RDFS + "subClassOf"):
                parents.setdefault(subject, set()).update(self._conjuncts(above))
            for same in graph.nodes(subject, OWL + "equivalentClass"):
                parents.setdefault(subject, set()).update(self._conjuncts(same))
                if same in graph.index and not same.startswith("_:"):
                    parents.setdefault(same, set()).add(subject)
        named = {one: above for one, above in parents.items() if not one.startswith("_:")}
        return {one: frozenset(_reach(one, named)) for one in named}

    def _conjuncts(self, node: str) -> Iterator[str]:
        """The named classes that a class expression surely lies under."""
        if not node.startswith("_:"):
            yield node
            return
        for head in self.graph.nodes(node, OWL + "intersectionOf"):
            for member in self.graph.list(head):
                if isinstance(member, str):
                    yield from self._conjuncts(member)

    def _disjuncts(self, node: str, of: str) -> Iterator[str]:
        """The named members of a union, or the one class that is named outright."""
        heads = self.graph.nodes(node, OWL + "unionOf")
        if not heads:
            if node.startswith("_:"):
                raise _refused(of, "is declared with a class expression that is no union of names")
            yield node
        for head in heads:
            for member in self.graph.list(head):
                if isinstance(member, str):
                    yield from self._disjuncts(member, of)

    def _down(self, classes: Iterable[str]) -> frozenset[str]:
        return frozenset(below for one in classes for below in self.subclasses.get(one, {one}))

    def _is_derived(self, iri: str) -> bool:
        graph = self.graph
        return graph.text(iri, Nec.isDerived) == "true" or Nec.WindowProperty in graph.types(iri)

    def _disjoint(self) -> dict[str, frozenset[str]]:
        graph = self.graph
        apart: dict[str, set[str]] = {}
        groups: list[list[str]] = []
        for subject in graph.index:
            groups.extend([subject, other] for other in graph.nodes(subject, OWL + "disjointWith"))
            heads = graph.nodes(subject, OWL + "disjointUnionOf")
            if OWL + "AllDisjointClasses" in graph.types(subject):
                heads += graph.nodes(subject, OWL + "members")
            groups.extend([one for one in graph.list(head) if isinstance(one, str)] for head in heads)
        for group in groups:
            for one in group:
                apart.setdefault(one, set()).update(other for other in group if other != one)
        return {one: frozenset(others) for one, others in apart.items()}

    # Individuals

    def _individuals(self) -> dict[str, frozenset[str]]:
        graph = self.graph
        found: dict[str, frozenset[str]] = {}
        for subject in graph.index:
            if not subject.startswith((SPINE, CASE, CODE, REFERENCE, GUIDELINE)) or subject in self.superclasses:
                continue
            kinds = {up for one in graph.types(subject) for up in self.superclasses.get(one, {one})}
            if kinds and not kinds & _PROPERTY_CLASSES and OWL + "Ontology" not in kinds:
                found[subject] = frozenset(kinds)
        return found

    def _numbers(self, predicate: str) -> Iterator[tuple[str, Decimal]]:
        for subject in self.graph.subjects(predicate):
            value = self.graph.value(subject, predicate)
            if isinstance(value, Literal) and value.number is not None:
                yield subject, value.number

    def _grades(self) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[str, ...]]]:
        least = {one: int(rank) for one, rank in self._numbers(Nec.gradeRank)}
        most = {one: int(rank) for one, rank in self._numbers(Nec.gradeRankAtMost)}
        grades = {one: (rank, most.get(one, rank)) for one, rank in least.items()}
        scales: dict[str, list[str]] = {}
        for one in grades:
            for scale in self.graph.nodes(one, Nec.inScale):
                scales.setdefault(scale, []).append(one)
        return grades, {scale: tuple(sorted(of, key=lambda one: grades[one])) for scale, of in scales.items()}

    def _level_spellings(self) -> dict[str, str]:
        spellings: dict[str, str] = {}
        for segment in self.graph.subjects(Spine.hasUpperVertebra):
            upper = self.graph.node(segment, Spine.hasUpperVertebra)
            lower = self.graph.node(segment, Spine.hasLowerVertebra)
            if not upper or not lower:
                continue
            above, below = local_name(upper), local_name(lower)
            forms = {f"{above}/{below}", f"{above}-{below}", f"{above}\N{EN DASH}{below}"}
            if above[:1] == below[:1] and below[1:].isdigit():
                forms |= {f"{above}-{below[1:]}", f"{above}/{below[1:]}", f"{above}\N{EN DASH}{below[1:]}"}
            spellings |= dict.fromkeys(sorted(forms - {local_name(segment)}), local_name(segment))
        return spellings

    # Properties

    def _raw(self, iri: str) -> _Raw:
        graph = self.graph
        domains, ranges = graph.nodes(iri, RDFS + "domain"), graph.nodes(iri, RDFS + "range")
        if len(domains) > 1 or len(ranges) > 1:
            raise _refused(iri, "has two domains or ranges; write one owl:unionOf")
        raw = _Raw(
            domain=frozenset(one for node in domains for one in self._disjuncts(node, iri)),
            low_end=graph.node(iri, Nec.lowEnd) or "",
            high_end=graph.node(iri, Nec.highEnd) or "",
            scale=graph.node(iri, Nec.onScale) or "",
            functional=OWL + "FunctionalProperty" in graph.types(iri),
            minimum=_number(graph.value(iri, Nec.minimum)),
            maximum=_number(graph.value(iri, Nec.maximum)),
        )
        if ranges and self._is_data(ranges[0]):
            raw.datatypes = tuple(sorted(self._datatypes(ranges[0], iri)))
        elif ranges:
            raw.range = frozenset(self._disjuncts(ranges[0], iri))
        elif OWL + "AnnotationProperty" in graph.types(iri):
            raw.datatypes = (XSD + "string",)
        return raw

    def _is_data(self, node: str) -> bool:
        graph = self.graph
        if node.startswith(XSD) or node in TEXTS or RDFS + "Datatype" in graph.types(node):
            return True
        heads = graph.nodes(node, OWL + "unionOf")
        firsts = [one for head in heads for one in graph.nodes(head, RDF_FIRST)]
        return any(self._is_data(one) for one in firsts)

    def _datatypes(self, node: str, of: str) -> Iterator[str]:
        graph = self.graph
        inner = [member for head in graph.nodes(node, OWL + "unionOf") for member in graph.list(head)]
        inner += graph.nodes(node, OWL + "onDatatype") + graph.nodes(node, OWL + "equivalentClass")
        if node.startswith(XSD) or node in TEXTS:
            yield node
        elif not inner:
            raise _refused(of, "has a datatype that is neither XSD nor a union of XSD datatypes")
        for one in inner:
            if isinstance(one, str):
                yield from self._datatypes(one, of)

    @staticmethod
    def _inherit_ends(declared: dict[str, _Raw]) -> None:
        """The ends of a span say what their exact property says, unless they say it themselves."""
        for raw in declared.values():
            for end in (raw.low_end, raw.high_end):
                sibling = declared.get(end)
                if sibling is None:
                    continue
                sibling.domain = sibling.domain or raw.domain
                sibling.scale = sibling.scale or raw.scale
                sibling.functional = True
                if not sibling.range and not sibling.datatypes:
                    sibling.range, sibling.datatypes = raw.range, raw.datatypes
                sibling.minimum = raw.minimum if sibling.minimum is None else sibling.minimum
                sibling.maximum = raw.maximum if sibling.maximum is None else sibling.maximum

    def _property(self, iri: str, raw: _Raw, declared: dict[str, _Raw], assertable: frozenset[str]) -> Property:
        graph = self.graph
        if not raw.range and not raw.datatypes:
            raise _refused(iri, "has no range")
        takes_class = bool(raw.range & _CLASS_OF_CLASSES)
        own = self._down(raw.range) & assertable
        if takes_class:
            values = frozenset(one for one in self.superclasses if one.startswith((SPINE, CASE)))
        else:
            kinds = {raw.scale} if raw.scale else raw.range
            values = frozenset().union(*(self.instances.get(kind, ()) for kind in kinds))
        elsewhere = [where for kind, where in _ELSEWHERE.items() if kind in raw.range]
        low, high = raw.low_end, raw.high_end
        return Property(
            iri=iri,
            label=_label(graph, iri) or local_name(iri),
            domain=self._down(raw.domain),
            datatypes=raw.datatypes,
            values=values,
            node_classes=own,
            namespace=elsewhere[0] if elsewhere and not values else "",
            implied_type=next(iter(own)) if len(own) == 1 and own == raw.range else "",
            functional=raw.functional or bool(raw.scale) or bool(low and high),
            minimum=raw.minimum,
            maximum=raw.maximum,
            scale=raw.scale,
            low_end=low if low in declared else "",
            high_end=high if high in declared else "",
            unit_of=self.graph.node(iri, Nec.inUnitOf) or iri,
            unit_factor=_number(graph.value(iri, Nec.unitFactor)) or Decimal(1),
            takes_level=bool(raw.range & {Spine.Vertebra, Spine.MotionSegment}),
        )

    # Words

    def _names(self, properties: Iterable[str], derived: set[str]) -> tuple[dict[str, str], frozenset[str]]:
        """Plain names, and those that two terms share, which are therefore written with a prefix."""
        names: dict[str, str] = {}
        shared = {*PREFIXES, "id", "type"}
        for iri in sorted({*properties, *self.superclasses, *self.individuals}):
            if iri.startswith((CASE, SPINE, CODE)) and iri not in derived:
                short = local_name(iri)
                if short in names:
                    shared.add(short)
                names[short] = iri
        return {short: iri for short, iri in names.items() if short not in shared}, frozenset(shared & names.keys())

    def _sayings(self, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, iri in sorted(names.items()):
            values = [v for path in (SKOS + "prefLabel", SKOS + "altLabel") for v in self.graph.objects(iri, path)]
            told = tuple(value.lexical for value in values if isinstance(value, Literal))
            if told:
                found[name] = told
        return found

    def _labels(self) -> dict[str, str]:
        graph = self.graph
        return {one: label for one in graph.index if not one.startswith("_:") and (label := _label(graph, one))}


@dataclass(slots=True)
class _Raw:
    """A property as the ontology declares it, before its ranges are unfolded."""

    domain: frozenset[str]
    low_end: str
    high_end: str
    scale: str
    functional: bool
    minimum: Decimal | None
    maximum: Decimal | None
    datatypes: tuple[str, ...] = ()
    range: frozenset[str] = frozenset()


def _synonyms(sayings: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, told in sayings.items():
        for one in told:
            found.setdefault(plain_word(one), []).append(name)
    return {word: tuple(dict.fromkeys(means)) for word, means in found.items()}


def _instead(graph: Graph, classes: Iterable[str]) -> dict[str, str]:
    return {one: told for one in classes if (told := restated(graph, one))}


def _spans(properties: Mapping[str, Property]) -> dict[str, Span]:
    families: dict[str, set[str]] = {}
    for iri, one in properties.items():
        families.setdefault(one.unit_of, set()).add(iri)
    ends = {end for one in properties.values() for end in (one.low_end, one.high_end) if end}
    found: dict[str, Span] = {}
    for base in sorted(families.keys() & properties.keys() - ends):
        one = properties[base]
        exact, low, high = (frozenset(families.get(iri, ())) for iri in (base, one.low_end, one.high_end))
        if len(exact | low | high) > 1:
            found |= dict.fromkeys(exact | low | high, Span(one.label, exact, low, high))
    return found


def _reach(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        fresh = edges.get(todo.pop(), set()) - seen
        seen |= fresh
        todo.extend(fresh)
    return seen


def _number(value: Term | None) -> Decimal | None:
    return value.number if isinstance(value, Literal) else None


def _label(graph: Graph, iri: str) -> str:
    for predicate in (SKOS + "prefLabel", RDFS + "label"):
        found = [one for one in graph.objects(iri, predicate) if isinstance(one, Literal)]
        found.sort(key=lambda one: (one.language != "en", one.lexical))
        if found:
            return found[0].lexical
    return ""


def _refused(iri: str, why: str) -> GuidelineMalformed:
    return GuidelineMalformed(
        "ontology.case-vocabulary", f"{local_name(iri)} {why}.", where="ontology", mend="Mend its declaration."
    )
