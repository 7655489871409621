"""What a case may state: a closed list, held triple by triple; whatever is not on it is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reasoner.choices import listed, mended
from reasoner.coherence import Coherence, check_axioms
from reasoner.lexical import canonical, fault, out_of_range
from reasoner.schema import CaseSchema, Property, local_name
from reasoner.terms import RDF_TYPE, Literal, Term
from reasoner.vocabulary import CASE, CODE, NECESSITY, OWL, RDFS, RECORD, ROOT, SH, SPINE, Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reasoner.problems import Collector

MAX_VALUES: Final = 1_000
"""Values of one property on one node; more are no record, and would make sets slow."""

_RESERVED: Final = (ROOT, "http://www.w3.org/", "http://purl.org/")
_NAMEABLE: Final = re.compile(r"(?:urn:|https?://).+")
_OWN: Final = RECORD + "#"
_SKOLEM: Final = RECORD + "#_"
_ABOUT_THE_WORLD: Final = (RDFS, OWL, SH, NECESSITY, "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
_NO_EDGES: Final[dict[str, list[Term]]] = {}


def is_own_name(iri: str) -> bool:
    """Whether a case may use an IRI, or a blank node, for a node of its own.

    >>> is_own_name("https://w3id.org/spine-reasoner/record#mri"), is_own_name(OWL + "Nothing")
    (True, False)
    """
    if iri.startswith("_:") or iri == RECORD:
        return True
    if iri.startswith(_OWN):
        return not iri.startswith(_SKOLEM) and iri.isprintable()
    return not iri.startswith(_RESERVED) and bool(_NAMEABLE.fullmatch(iri)) and iri.isprintable()


class Admission:
    """The case on its way in: the triples by subject, and every check over them."""

    def __init__(self, triples: Iterable[tuple[str, str, Term]], schema: CaseSchema, collector: Collector) -> None:
        self.schema = schema
        self.collector = collector
        self.index: dict[str, dict[str, list[Term]]] = {}
        self.written: dict[tuple[str, str, Literal], str] = {}
        self.root = ""
        seen: set[tuple[str, str, Term]] = set()
        for triple in triples:
            if triple not in seen:
                seen.add(triple)
                subject, predicate, value = triple
                self.index.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def admit(self) -> None:
        """Run every check; raises CaseMalformed with all problems, or OntologyInconsistent."""
        self._check_names()
        if any(len(values) > MAX_VALUES for edges in self.index.values() for values in edges.values()):
            self.collector.settle()
        self._complete_types()
        for node, edges in self.index.items():
            if self.collector.is_full:
                break
            if self._check_types(node):
                self._check_edges(node, edges)
        if not self.collector.found:
            coherence = Coherence(self)
            coherence.check()
            self.root = coherence.root
        self.collector.settle()
        check_axioms(self)

    # Words for people

    def word(self, iri: str) -> str:
        """The label of a term in the middle of a sentence: 'MRI report' keeps its capitals."""
        label = self.schema.name(iri)
        return label[:1].lower() + label[1:] if label[1:2].islower() else label

    def title(self, node: str) -> str:
        """A node by class and level and, if it has one, its own name; never by its text."""
        schema, edges = self.schema, self.index.get(node, _NO_EDGES)
        kinds = [one for one in edges.get(RDF_TYPE, ()) if isinstance(one, str) and one in schema.superclasses]
        kind = max(kinds, key=lambda one: (len(schema.superclasses[one]), one), default="")
        levels = [
            local_name(one)
            for predicate in (Case.atLevel, Case.fromLevel, Case.toLevel)
            for one in edges.get(predicate, ())
            if isinstance(one, str) and one in schema.individuals
        ]
        words = self.word(kind) if kind else "a node"
        if levels:
            words += " at " + (", " if Case.atLevel in edges else "-").join(levels)
        return words + (f" (:{node.removeprefix(_OWN)})" if node.startswith(_OWN) else "")

    def add(self, node: str, code: str, what: str, mend: str = "", near: tuple[str, ...] = ()) -> None:
        """Keep a problem of a node, with its title and, where it can be found, its line."""
        around: tuple[str, ...] = ()
        if node.startswith(_OWN):
            around = (node.removeprefix(_OWN),)
        else:
            kinds = self.index.get(node, _NO_EDGES).get(RDF_TYPE, ())
            around = tuple(local_name(one) for one in kinds[:1] if isinstance(one, str))
        self.collector.add(code, what, mend, node=self.title(node) if node else "", near=(*around, *near))

    # One triple

    def _check_names(self) -> None:
        for node, edges in self.index.items():
            if not is_own_name(node):
                if node.startswith(_SKOLEM):
                    mend = "Names that begin with an underscore are given by the reader: use another."
                elif node.startswith(_RESERVED):
                    mend = "Write own nodes as :name under '@prefix : <#> .', and leave the vocabulary as it is."
                else:
                    mend = "Name own nodes by :name, or by a urn: or http(s) IRI."
                known = node.startswith((CASE, SPINE, CODE)) and node in {*self.schema.labels, *self.schema.individuals}
                what = (
                    f"The case speaks about '{local_name(node)}', which is not its own."
                    if known
                    else ("The case speaks about a name that is not its own.")
                )
                self.collector.add("case.foreign-subject", what, mend, near=(local_name(node),))
            if self.collector.is_full:
                return
            for predicate, values in edges.items():
                if len(values) > MAX_VALUES:
                    self.add(node, "case.too-large", f"One property has more than {MAX_VALUES:,} values.")
                if predicate != RDF_TYPE and predicate not in self.schema.properties:
                    self._unknown_property(node, predicate)

    def _unknown_property(self, node: str, predicate: str) -> None:
        short = local_name(predicate)
        if predicate in self.schema.derived_properties:
            what, mend = f"'{short}' is worked out, not stated.", "Leave it out, and state what it follows from."
            self.add(node, "case.derived", what, mend, (short,))
        elif predicate.startswith(_ABOUT_THE_WORLD):
            what = "A case states facts, not rules about words."
            self.add(node, "case.predicate", what, f"Remove '{short}'.", (short,))
        else:
            near = self.collector.suggest(short, (local_name(one) for one in self.schema.properties), self.schema)
            what = (
                f"There is no property '{short}'." if near or predicate.startswith(ROOT) else "A property is unknown."
            )
            mend = f"Did you mean 'case:{near}'?" if near else "Use a property of the case vocabulary."
            self.add(node, "case.term-unknown", what, mend, (short,))

    def _complete_types(self) -> None:
        """Write out the class of a node that stands where only one class can stand."""
        properties = self.schema.properties
        implied: list[tuple[str, str]] = []
        for edges in self.index.values():
            for predicate, values in edges.items():
                known = properties.get(predicate)
                if known is not None and known.implied_type:
                    implied.extend((one, known.implied_type) for one in values if isinstance(one, str))
        for node, kind in implied:
            if is_own_name(node) and RDF_TYPE not in self.index.get(node, _NO_EDGES):
                self.index.setdefault(node, {})[RDF_TYPE] = [kind]

    def _check_types(self, node: str) -> bool:
        """Whether the node's classes are all known, so that it makes sense to look further."""
        schema = self.schema
        kinds = self.index[node].get(RDF_TYPE, ())
        sound = bool(kinds)
        if not kinds:
            self.add(node, "case.untyped", "A node has no class.", "Say what it is, for example 'a spine:BackPain'.")
        for kind in kinds:
            if isinstance(kind, str) and kind in schema.assertable:
                continue
            sound = False
            short = local_name(kind) if isinstance(kind, str) else ""
            if isinstance(kind, Literal):
                self.add(node, "case.term-unknown", "A class is given as text.", "Name it, without quotes.")
            elif kind in schema.derived_classes:
                what = f"'{short}' is worked out, not stated."
                mend = schema.instead.get(kind) or "State the findings that it follows from."
                self.add(node, "case.derived", what, mend, (short,))
            elif kind in schema.superclasses:
                what = f"No node of a case is a '{short}'."
                self.add(node, "case.class-misplaced", what, "Name the vocabulary's own individual.", (short,))
            else:
                near = self.collector.suggest(short, (local_name(one) for one in schema.assertable), schema)
                what = f"There is no class '{short}'." if near or kind.startswith(ROOT) else "A class is unknown."
                mend = f"Did you mean '{near}'?" if near else "Use a class of the vocabulary."
                self.add(node, "case.term-unknown", what, mend, (short,))
        return sound

    def _check_edges(self, node: str, edges: dict[str, list[Term]]) -> None:
        properties = self.schema.properties
        kinds = edges[RDF_TYPE]
        for predicate, values in edges.items():
            known = properties.get(predicate)
            if known is None:
                continue
            if known.domain and known.domain.isdisjoint(kinds):
                self.add(
                    node,
                    "case.property-misplaced",
                    f"'{local_name(predicate)}' is not said of this.",
                    f"It belongs to {listed(self._tops(known.domain))}.",
                    (local_name(predicate),),
                )
            if known.datatypes:
                edges[predicate] = self._literals(node, known, values)
            else:
                for value in values:
                    if value not in known.values:
                        self._check_node_value(node, known, value)
            if known.functional and len(edges[predicate]) > 1:
                self.add(
                    node,
                    "case.functional",
                    f"There are {len(edges[predicate])} values of '{known.label}', which has one.",
                    "Keep one; if two documents differ, record two findings, each with its document."
                    if not known.scale
                    else "Keep one, or say AtLeast and AtMost.",
                    (local_name(predicate),),
                )

    def _literals(self, node: str, known: Property, values: list[Term]) -> list[Term]:
        kept: list[Term] = []
        for value in values:
            if not isinstance(value, Literal):
                self.add(
                    node,
                    "case.value-misplaced",
                    f"'{known.label}' is a name, where a plain value is wanted.",
                    near=(local_name(known.iri),),
                )
                continue
            form = canonical(value, known.datatypes)
            if form is None:
                code, what, mend = fault(value, known)
                self.add(node, code, what, mend, (local_name(known.iri),))
                continue
            if out_of_range(form, known.minimum, known.maximum):
                bounds = (
                    f"It lies between {known.minimum} and {known.maximum}."
                    if known.minimum is not None and known.maximum is not None
                    else f"It is {known.minimum} or more."
                    if known.minimum is not None
                    else f"It is {known.maximum} or less."
                )
                what = f"'{known.label}' is out of range."
                self.add(node, "case.number-range", what, bounds, (local_name(known.iri),))
                continue
            if form not in kept:
                kept.append(form)
                if form.lexical != value.lexical:
                    self.written[(node, known.iri, form)] = value.lexical
        return kept

    def _check_node_value(self, node: str, known: Property, value: Term) -> None:
        if not isinstance(value, Literal) and (
            value in self.index or (is_own_name(value) and (known.node_classes or value.startswith(("_:", RECORD))))
        ):
            self._check_own_value(node, known, value)
            return
        short = local_name(known.iri)
        if isinstance(value, Literal):
            self.add(
                node,
                "case.level" if known.takes_level else "case.value-misplaced",
                f"'{known.label}' is text, where a name is wanted.",
                "Write a name such as spine:L4-L5." if known.takes_level else "Write a name, without quotes.",
                (short,),
            )
        elif not (known.namespace and value.startswith(known.namespace)):
            self._unknown_value(node, known, value)

    def _unknown_value(self, node: str, known: Property, value: str) -> None:
        schema, word = self.schema, local_name(value)
        near = self.collector.suggest(word, (local_name(one) for one in known.values), schema)
        shown = f" '{word}'" if near or value.startswith((CASE, SPINE, CODE)) else ""
        if value in schema.individuals or value in schema.superclasses:
            code = "case.level" if known.takes_level else "case.value-misplaced"
            what = f"'{word}' is no value of '{known.label}'."
        elif known.takes_level:
            code, what = "case.level", f"There is no level{shown}." if shown else "A level is unknown."
        elif value.startswith(CODE):
            code, what = "case.code-unknown", f"The code{shown} is unknown."
        else:
            code, what = "case.term-unknown", f"The value{shown} of '{known.label}' is unknown."
        mend = mended(schema, known, near) or "Use a name of the vocabulary."
        self.add(node, code, what, mend, (local_name(known.iri), word))

    def _check_own_value(self, node: str, known: Property, value: str) -> None:
        kinds = self.index.get(value, _NO_EDGES).get(RDF_TYPE)
        if kinds and not known.node_classes.isdisjoint(kinds):
            return
        short = local_name(known.iri)
        if value not in self.index:
            name = f":{value.removeprefix(_OWN)}" if value.startswith(_OWN) else "a node"
            what = f"'{short}' points at {name}, about which nothing is said."
            self.add(node, "case.undescribed", what, "Describe it, or mend its name.", (short, local_name(value)))
        elif kinds is None or not self.schema.assertable.issuperset(kinds):
            return  # Already refused for its class.
        else:
            wanted = listed(self._tops(known.node_classes)) if known.node_classes else "a term of the vocabulary"
            what = f"'{short}' points at {self.title(value)}, where {wanted} is wanted."
            self.add(node, "case.level" if known.takes_level else "case.value-misplaced", what, near=(short,))

    def _tops(self, classes: Iterable[str]) -> list[str]:
        """The most general classes of a set, by label."""
        among = set(classes)
        tops = [one for one in among if not (self.schema.superclasses.get(one, frozenset()) - {one}) & among]
        return sorted(self.word(one) for one in tops)

    def triples(self) -> Iterator[tuple[str, str, Term]]:
        """The admitted triples."""
        for node, edges in self.index.items():
            for predicate, values in edges.items():
                for value in values:
                    yield node, predicate, value

    def renamed(self, names: dict[str, str]) -> dict[str, dict[str, list[Term]]]:
        """The index with every blank node under its final name."""
        if not names:
            return self.index
        return {
            names.get(node, node): {
                predicate: [names.get(one, one) if isinstance(one, str) else one for one in values]
                for predicate, values in edges.items()
            }
            for node, edges in self.index.items()
        }
