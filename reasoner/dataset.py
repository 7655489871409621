"""The knowledge, the worked cases, the examples and their determinations as named graphs, to be asked in SPARQL.

Each knowledge file, mapping table and worked case is one graph. A determination is four: the case as
it was stated, what the closure added to it, the determination, and its provenance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from reasoner.case import read_case
from reasoner.determine import Decision, decide
from reasoner.errors import GuidelineMalformed
from reasoner.mappings import mapping_files, mapping_quads
from reasoner.terms import RDF_TYPE, XSD, Literal, Term, Triple
from reasoner.vocabulary import DCTERMS, DERIVED, GUIDELINE, ITEM, OWL, PROV, RDFS, RECORD, ROOT, SKOS
from reasoner.vocabulary import Case as CaseTerm
from reasoner.worked import case_files, room_names

if TYPE_CHECKING:
    from reasoner.library import Library

EXAMPLE: Final = ROOT + "example/"
DETERMINATION: Final = ROOT + "determination/"
DATASET: Final = ROOT + "dataset"
"""The graph that says which graphs there are."""
VOID: Final = "http://rdfs.org/ns/void#"

_CASE_SHAPES: Final = "shapes/case.ttl"
_RENAMED: Final = {"shapes/policies": "policy", "shapes/references": "reference", "shapes/case": "case-shapes"}
_SHOWN: Final = 12
_XSD_STRING: Final = XSD + "string"


@dataclass(frozen=True, slots=True)
class DecisionGraphs:
    """The names of the four graphs of a determination; that of the determination is also its own name."""

    case: str
    closed: str
    determination: str
    provenance: str


@dataclass(frozen=True, slots=True)
class GraphDescription:
    """A named graph: what it is called, which version it holds, and how many statements."""

    name: str
    title: str
    version: str
    triples: int


def example_graphs(name: str) -> DecisionGraphs:
    """The graphs of an example.

    >>> example_graphs("a").closed
    'https://w3id.org/spine-reasoner/example/a/closed'
    """
    base = EXAMPLE + name
    return DecisionGraphs(base, f"{base}/closed", f"{base}/determination", f"{base}/provenance")


def kept_graphs(identity: str) -> DecisionGraphs:
    """The graphs of a determination that is kept under its own name.

    >>> kept_graphs("0a1b").determination
    'https://w3id.org/spine-reasoner/determination/0a1b'
    """
    base = DETERMINATION + identity
    return DecisionGraphs(f"{base}/case", f"{base}/closed", base, f"{base}/provenance")


def dataset_quads(library: Library) -> list[ox.Quad]:
    """Everything that can be asked about; each example is determined once. The same knowledge gives the same quads."""
    quads = [*knowledge_quads(library), *worked_quads(library), *example_quads(library)]
    return quads + list(_catalogue(library, descriptions_of(quads)))


def knowledge_quads(library: Library) -> Iterator[ox.Quad]:
    """The ontology, guidelines, references, policies, case shapes and mappings, each file in its own graph."""
    for name in (*library.files, _CASE_SHAPES):
        yield from _file_quads(library.root / name, graph_name(name))
    for path in mapping_files(library):
        yield from mapping_quads(path)


def worked_quads(library: Library) -> Iterator[ox.Quad]:
    """The worked cases of every room as they are written: the case, its story, and what is expected of it."""
    for room in room_names(library):
        for path in case_files(library, room):
            yield from _file_quads(path, f"{GUIDELINE}{room}/cases/{path.name.removesuffix('.ttl')}")


def example_quads(library: Library) -> Iterator[ox.Quad]:
    """The examples, each with its determination under the policy that holds by default."""
    for path in sorted((library.root / "examples").glob("*.ttl")):
        case = read_case(path.read_bytes(), schema=library.schema, name=path.name)
        yield from decision_quads(example_graphs(path.stem), decide(library, case))


def graph_name(file: str) -> str:
    """The name of a knowledge file's graph, which is what the file calls itself.

    >>> graph_name("shapes/lumbar-fusion/guideline.ttl")
    'https://w3id.org/spine-reasoner/guideline/lumbar-fusion'
    """
    stem = file.removesuffix(".ttl")
    folder, *rest = stem.split("/")
    if folder == "shapes" and len(rest) > 1:
        return GUIDELINE + rest[0]
    return ROOT + _RENAMED.get(stem, rest[-1])


def descriptions_of(quads: Iterable[ox.Quad]) -> tuple[GraphDescription, ...]:
    """Each graph with its title, its version and its size, by name."""
    sizes: Counter[str] = Counter()
    titles: dict[str, str] = {}
    versions: dict[str, str] = {}
    for quad in quads:
        graph = _value(quad.graph_name)
        sizes[graph] += 1
        if quad.predicate.value in _TITLES and _value(quad.subject) == graph:
            titles[graph] = _value(quad.object)
        elif quad.predicate.value in _VERSIONS and _value(quad.subject) == graph:
            versions[graph] = _value(quad.object).rsplit("/", 1)[-1]
    return tuple(
        GraphDescription(name, titles.get(name) or name.removeprefix(ROOT), versions.get(name, ""), size)
        for name, size in sorted(sizes.items())
    )


_TITLES: Final = frozenset({SKOS + "prefLabel", DCTERMS + "title", CaseTerm.label})
_VERSIONS: Final = frozenset({OWL + "versionIRI", OWL + "versionInfo"})


def decision_quads(graphs: DecisionGraphs, decision: Decision) -> list[ox.Quad]:
    """A determination as its four graphs; what every case calls the same gets names of this case's own."""
    from reasoner.statement import identity_of, statements  # noqa: PLC0415  rdflib is costly, and only this needs it

    named = _Names({RECORD: graphs.case, ITEM: f"{graphs.case}/item#", DERIVED: f"{graphs.case}/derived#"})
    root, activity = graphs.determination, f"{graphs.determination}#reasoning"
    stated = dict.fromkeys(decision.case.graph)
    added = (triple for triple in decision.record.graph if triple not in stated)
    title = decision.case.graph.text(decision.case.iri, CaseTerm.label)
    told = [
        *statements(decision, root),
        Triple(root, DCTERMS + "subject", graphs.case),
        Triple(root, DCTERMS + "title", Literal(title or f"determination {identity_of(decision)[:_SHOWN]}")),
    ]
    traced = [
        Triple(root, DCTERMS + "identifier", Literal(identity_of(decision))),
        Triple(root, PROV + "wasDerivedFrom", graphs.closed),
        Triple(graphs.closed, PROV + "wasDerivedFrom", graphs.case),
        Triple(activity, PROV + "used", graphs.case),
        *(triple for triple in told if _is_provenance(triple, root)),
    ]
    quads = [*named.quads(stated, graphs.case), *named.quads(added, graphs.closed)]
    quads += named.quads((one for one in told if not _is_provenance(one, root)), root)
    return quads + named.quads(traced, graphs.provenance)


def _is_provenance(triple: Triple, root: str) -> bool:
    """Whether a statement says how a determination was made, rather than what it says."""
    if triple.predicate == PROV + "wasGeneratedBy":
        return True
    return triple.subject == f"{root}#reasoning" or triple.subject.startswith(("urn:sha256:", f"{ROOT}engine/"))


class _Names:
    """Terms of one case as the store's own, each made once; shared names are made this case's own."""

    def __init__(self, own: dict[str, str]) -> None:
        self._own = own
        self._known: dict[Term, ox.NamedNode | ox.Literal] = {}

    def quads(self, triples: Iterable[Triple], graph: str) -> list[ox.Quad]:
        """Triples as quads of a graph; nodes without a name are left out, as nothing outside can speak of them."""
        into = ox.NamedNode(graph)
        return [
            ox.Quad(self._node(subject), self._node(predicate), self._term(value), into)
            for subject, predicate, value in triples
            if not subject.startswith("_:") and not (isinstance(value, str) and value.startswith("_:"))
        ]

    def _node(self, iri: str) -> ox.NamedNode:
        found = self._term(iri)
        assert isinstance(found, ox.NamedNode)  # noqa: S101  a string is a name
        return found

    def _term(self, term: Term) -> ox.NamedNode | ox.Literal:
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = self._made(term)
        return found

    def _made(self, term: Term) -> ox.NamedNode | ox.Literal:
        if isinstance(term, Literal):
            if term.language:
                return ox.Literal(term.lexical, language=term.language)
            return ox.Literal(term.lexical, datatype=ox.NamedNode(term.datatype))
        for shared, mine in self._own.items():
            if term.startswith(shared):
                return ox.NamedNode(mine + term.removeprefix(shared))
        return ox.NamedNode(term)


def _file_quads(path: Path, graph: str) -> Iterator[ox.Quad]:
    """A Turtle file as one graph, which is also its base; nodes without a name are counted, so that runs agree."""
    into, blanks = ox.NamedNode(graph), dict[str, ox.BlankNode]()
    word = "".join(letter if letter.isalnum() else "-" for letter in graph.removeprefix(ROOT))

    def named(node: ox.BlankNode) -> ox.BlankNode:
        return blanks.setdefault(node.value, ox.BlankNode(f"{word}-{len(blanks) + 1}"))

    try:
        for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=graph):
            subject, value = quad.subject, quad.object
            yield ox.Quad(
                named(subject) if isinstance(subject, ox.BlankNode) else subject,
                quad.predicate,
                named(value) if isinstance(value, ox.BlankNode) else value,
                into,
            )
    except SyntaxError as error:
        raise GuidelineMalformed("guideline.syntax", f"The file does not parse: {error}.", where=path.name) from error


def _catalogue(library: Library, descriptions: Iterable[GraphDescription]) -> Iterator[ox.Quad]:
    """What there is, as a graph: each graph with title and size, and the knowledge as what determinations used."""
    into, knowledge = ox.NamedNode(DATASET), ox.NamedNode(f"urn:sha256:{library.hash}")
    member, subset = ox.NamedNode(PROV + "hadMember"), ox.NamedNode(VOID + "subset")
    yield ox.Quad(into, ox.NamedNode(RDF_TYPE), ox.NamedNode(VOID + "Dataset"), into)
    yield ox.Quad(into, ox.NamedNode(DCTERMS + "title"), ox.Literal("Spine reasoner"), into)
    for one in descriptions:
        name, size = ox.NamedNode(one.name), ox.Literal(str(one.triples), datatype=ox.NamedNode(XSD + "integer"))
        yield ox.Quad(into, subset, name, into)
        yield ox.Quad(name, ox.NamedNode(RDFS + "label"), ox.Literal(one.title), into)
        yield ox.Quad(name, ox.NamedNode(VOID + "triples"), size, into)
    for file in library.files:
        yield ox.Quad(knowledge, member, ox.NamedNode(graph_name(file)), into)


def _value(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal | ox.BlankNode) else ""
