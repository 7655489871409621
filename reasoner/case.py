"""Reads a case: bytes in, a checked graph with stable names and one hash out, or every reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from reasoner import intake, jsonld
from reasoner.admission import Admission
from reasoner.canonical import canonicalise, n_triples_term
from reasoner.problems import CaseProblems, Collector, Problem
from reasoner.terms import RDF_TYPE, Graph, Literal, Term
from reasoner.vocabulary import RECORD, SH
from reasoner.vocabulary import Case as Terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reasoner.schema import CaseSchema

    _Triples = list[tuple[str, str, Term]]

__all__ = [
    "Added",
    "Case",
    "CaseProblems",
    "Problem",
    "ReportLine",
    "case_report",
    "n_triples",
    "read_added",
    "read_case",
]


@dataclass(frozen=True, slots=True)
class Case:
    """One case that can be judged: only what a case may state, in canonical form."""

    graph: Graph
    iri: str
    hash: str
    labels: Mapping[str, str]
    """Each node's name for people: its own label, or class, place and side."""
    written: Mapping[tuple[str, str, Literal], str]
    """How a value was written, where that differs from its canonical form."""


class ReportLine(NamedTuple):
    """One result of the case shapes: how grave, where, and in whose words."""

    severity: str
    node: str
    path: str
    message: str


def read_case(data: bytes, *, schema: CaseSchema, media_type: str | None = None, name: str = "case") -> Case:
    """Read one case from Turtle, TriG, N-Triples or JSON-LD.

    Raises CaseUnreadable if the bytes are no graph, CaseMalformed (with `problems`) if the graph
    states what a case may not state, OntologyInconsistent if it contradicts an axiom.
    """
    return _admitted(*_statements(data, schema, media_type, name), schema)[0]


def read_added(original: bytes, added: bytes, *, schema: CaseSchema, names: tuple[str, str]) -> tuple[Case, Added]:
    """Read a case together with what is added to its record, and which documents and statements are the added ones.

    The added file is written like a case, without request and patient. Raises as `read_case` does,
    and CaseMalformed if it speaks of anything that the original has stated.
    """
    first, _ = _statements(original, schema, None, names[0])
    second, collector = _statements(added, schema, None, names[1])
    apart = [(str(_apart(s)), p, _apart(o)) for s, p, o in second]
    known = {subject for subject, _, _ in first}
    stated = set(first)
    for triple in apart:
        subject, predicate, _ = triple
        may_grow = predicate in (Terms.records, Terms.hasDocument, RDF_TYPE, Terms.label)
        if subject in known and triple not in stated and not (may_grow and _is_root(first, subject)):
            word = str(subject).rpartition("#")[2]
            collector.add(
                "case.added-restates",
                f"What is added says something of {word}, which the original states.",
                "Give what is new a name of its own; a changed request is a new request.",
                near=(word,),
            )
    collector.settle()
    kept = [t for t in apart if not (_is_root(first, str(t[0])) and t[1] == Terms.label)]
    case, final = _admitted([*first, *kept], collector, schema)
    fresh = {final.get(str(value), str(value)) for _, predicate, value in kept if predicate == Terms.records}
    documents = {final.get(str(value), str(value)) for _, predicate, value in kept if predicate == Terms.hasDocument}
    before = {(p, v) for s, p, v in first if p in (Terms.records, Terms.hasDocument)}
    old = {final.get(str(value), str(value)) for _, value in before}
    return case, Added(frozenset(documents - old), frozenset(fresh - old))


class Added(NamedTuple):
    """The documents and the statements that were added to a record."""

    documents: frozenset[str]
    statements: frozenset[str]


def _statements(data: bytes, schema: CaseSchema, media_type: str | None, name: str) -> tuple[_Triples, Collector]:
    text = intake.decode(data, name)
    kind = intake.media_type_of(media_type, name, text)
    is_json = intake.is_json(kind)
    intake.check_depth(text, json=is_json, name=name)
    collector = Collector(text, name)
    expected = None
    if is_json:
        text, expected = jsonld.prepare(text, schema, collector)
        collector.settle()
    triples = intake.triples(text, kind, name)
    if expected is not None and len(set(triples)) != expected:
        collector.add(
            "case.json-lost",
            "Some of what the JSON states would be lost in reading.",
            "Look for a name with a space or a strange character in it.",
        )
        collector.settle()
    return triples, collector


def _admitted(triples: _Triples, collector: Collector, schema: CaseSchema) -> tuple[Case, dict[str, str]]:
    admission = Admission(triples, schema, collector)
    admission.admit()
    names, digest = canonicalise(admission.triples(), collector.name)
    final = {node: f"{RECORD}#_{label}" for node, label in names.items()}
    graph = Graph()
    graph.index = _in_order(admission.renamed(final))
    case = Case(
        graph=graph,
        iri=final.get(admission.root, admission.root),
        hash=digest,
        labels=_Labels(graph, schema),
        written={(final.get(node, node), path, form): text for (node, path, form), text in admission.written.items()},
    )
    return case, final


def _apart(term: Term) -> Term:
    """A node without a name, renamed so that it is no node of another file."""
    return f"_:added-{term[2:]}" if isinstance(term, str) and term.startswith("_:") else term


def _is_root(triples: _Triples, node: str) -> bool:
    return any(subject == node and predicate == Terms.hasRequest for subject, predicate, _ in triples)


def _in_order(index: dict[str, dict[str, list[Term]]]) -> dict[str, dict[str, list[Term]]]:
    # However the same statements are written down, whatever is listed later comes out in one order.
    return {
        node: {path: sorted(values, key=n_triples_term) for path, values in sorted(edges.items())}
        for node, edges in sorted(index.items())
    }


def n_triples(case: Case) -> str:
    """The case as sorted N-Triples.

    The names of nameless nodes are kept as the IRIs under which the determination cites them.
    """
    lines = (
        f"<{subject}> <{predicate}> {n_triples_term(value)} .\n"
        for subject, edges in case.graph.index.items()
        for predicate, values in edges.items()
        for value in values
    )
    return "".join(sorted(lines))


def case_report(case: Case, shapes: bytes, *, schema: CaseSchema) -> tuple[ReportLine, ...]:
    """What the case shapes say about a case: warnings about the merely unusual, the gravest first.

    pySHACL judges a copy of the case into which every class of every node is written, without
    inference, imports or scripts.
    """
    # Imported here because rdflib and pySHACL take half a second, and only this report needs them.
    import rdflib  # noqa: PLC0415

    from reasoner.conformance import report_on  # noqa: PLC0415

    data = rdflib.Graph().parse(data=n_triples(case) + closed_types(case.graph, schema), format="nt")
    report = report_on(data, rdflib.Graph().parse(data=shapes, format="turtle"), warnings_pass=True)
    term = rdflib.URIRef
    lines = []
    for result in report.subjects(rdflib.RDF.type, term(SH + "ValidationResult")):
        node = str(report.value(result, term(SH + "focusNode")))
        lines.append(
            ReportLine(
                severity=str(report.value(result, term(SH + "resultSeverity"))).removeprefix(SH),
                node=case.labels.get(node, node),
                path=str(report.value(result, term(SH + "resultPath")) or ""),
                message=str(report.value(result, term(SH + "resultMessage"))),
            )
        )
    order = {"Violation": 0, "Warning": 1, "Info": 2}
    return tuple(sorted(set(lines), key=lambda line: (order.get(line.severity, 3), line)))


def closed_types(graph: Graph, schema: CaseSchema) -> str:
    """N-Triples that give every node, and every term it names, all of its classes."""
    lines: set[str] = set()
    for node, edges in graph.index.items():
        kinds = {str(kind) for kind in edges.get(RDF_TYPE, ())}
        lines |= _typed(node, {up for kind in kinds for up in schema.superclasses.get(kind, {kind})})
        for values in edges.values():
            for value in values:
                if isinstance(value, str) and value in schema.individuals:
                    lines |= _typed(value, schema.individuals[value])
    return "".join(sorted(lines))


class _Labels(Mapping[str, str]):
    """Names for people, made when asked for: most determinations show few of them."""

    __slots__ = ("_graph", "_schema")

    def __init__(self, graph: Graph, schema: CaseSchema) -> None:
        self._graph = graph
        self._schema = schema

    def __getitem__(self, node: str) -> str:
        if node not in self._graph.index:
            raise KeyError(node)
        return _label(self._graph, node, self._schema)

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph.index)

    def __len__(self) -> int:
        return len(self._graph.index)


def _typed(node: str, kinds: set[str] | frozenset[str]) -> set[str]:
    first = n_triples_term(node)
    return {f"{first} <{RDF_TYPE}> <{kind}> .\n" for kind in kinds}


def _label(graph: Graph, node: str, schema: CaseSchema) -> str:
    """A node for people: its own label, or its class with place and side."""
    stated = graph.text(node, Terms.label)
    if stated:
        return stated
    kinds = graph.types(node)
    kind = max(kinds, key=lambda one: (len(schema.superclasses.get(one, ())), one), default="")
    words = schema.name(kind) if kind else node
    if kind in {Terms.Absence, Terms.NotDocumented}:
        about = ", ".join(schema.name(one).lower() for one in graph.nodes(node, Terms.ofKind))
        words = f"No {about}" if kind == Terms.Absence else f"Not documented: {about}"
    ends = graph.nodes(node, Terms.fromLevel) + graph.nodes(node, Terms.toLevel)
    levels = ["-".join(schema.name(end) for end in ends)] if ends else []
    levels += sorted(schema.name(level) for level in graph.nodes(node, Terms.atLevel))
    side = ", ".join(sorted(schema.name(one).lower() for one in graph.nodes(node, Terms.onSide)))
    words = words[:1].upper() + words[1:]
    return words + (f" at {', '.join(levels)}" if levels else "") + (f", {side}" if side else "")
