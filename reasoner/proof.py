"""The proof format: closed case, both readings and the determination in one TriG, and its re-check.

A proof is re-checked from what it carries alone. Its hashes betray damage, not malice, for who
changes a graph can change its hash too: compare the reported hash of the readings with that of
your own library before you trust them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authored import SH
from reasoner.errors import CaseMalformed, CaseUnreadable, SpineReasonerError
from reasoner.judges import Judgement, answer_of, judge, reachable
from reasoner.readings import JudgeShapes, Reading
from reasoner.vocabulary import CASE, NECESSITY, RDFS, ROOT, SPINE, Nec
from reasoner.vocabulary import SH as SHACL
from reasoner.writing import rdf_text

PROOF: Final = ROOT + "proof#"
PARTS: Final = ("closed-case", "certain", "possible", "determination")

_HASH: Final = "https://schema.org/sha256"
_ANSWERS: Final = {
    Nec.Met: Judgement.MET,
    Nec.NotMet: Judgement.NOT_MET,
    Nec.NotDocumented: Judgement.OPEN,
    Nec.Disputed: Judgement.OPEN,
}
_PREFIXES: Final = {
    "case": CASE,
    "nec": NECESSITY,
    "proof": PROOF,
    "rdf": str(RDF),
    "rdfs": RDFS,
    "sh": SHACL,
    "spine": SPINE,
    "xsd": str(XSD),
}

_MOST_BYTES: Final = 32_000_000
_MOST_QUADS: Final = 300_000
_MOST_NESTED_TERMS: Final = 64
_LONGEST_NUMBER: Final = 40
_DEEPEST_SHAPE: Final = 100
_MOST_STEPS: Final = 100_000_000
_PLAIN: Final = frozenset(
    str(each) for each in (XSD.string, XSD.boolean, XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth, XSD.anyURI)
) | {str(RDF.langString)}
_NUMBERS: Final = frozenset(str(each) for each in (XSD.integer, XSD.decimal, XSD.double))
_BELOW: Final = tuple(SH[each] for each in ("not", "node", "property", "qualifiedValueShape"))
_LISTS: Final = tuple(SH[each] for each in ("and", "or"))
_SHAPE_TERMS: Final = frozenset(
    (
        RDF.type,
        RDF.first,
        RDF.rest,
        *_BELOW,
        *_LISTS,
        *(
            SH[each]
            for each in (
                *("path", "class", "in", "hasValue", "minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount"),
                *("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"),
            )
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer on record that the re-check does not bear out; judged is None where no shape reads the criterion."""

    item: str
    criterion: str
    recorded: Judgement
    judged: Judgement | None


@dataclass(frozen=True, slots=True)
class RecheckReport:
    """What a re-check found: how many answers it judged, which differ, and which graphs do not match their hash."""

    judged: int
    counts: Mapping[Judgement, int]
    differences: tuple[Difference, ...]
    tampered: tuple[str, ...]
    hashes: Mapping[str, str]
    triples: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether something was judged, every answer agreed, and every graph is as it was hashed."""
        return self.judged > 0 and not self.differences and not self.tampered


def proof(closed_case: Graph, shapes: JudgeShapes, determination: Graph) -> bytes:
    """Write the proof: four named graphs, sorted, every node named, each with the hash of its content.

    Of the readings it carries those that the recorded answers rest on.
    """
    answers = _recorded(determination)
    needed = reachable(shapes, {criterion for _, criterion, _ in answers} & set(shapes.criteria))
    graphs = (
        closed_case,
        *(_kept(shapes.of(reading), needed) for reading in (Reading.CERTAIN, Reading.POSSIBLE)),
        determination,
    )
    quads: list[ox.Quad] = []
    hashes: list[ox.Quad] = []
    for part, graph in zip(PARTS, graphs, strict=True):
        name = ox.NamedNode(PROOF + part)
        triples = _named(graph, part)
        hashes.append(ox.Quad(name, ox.NamedNode(_HASH), ox.Literal(_digest(triples))))
        quads.extend(ox.Quad(each.subject, each.predicate, each.object, name) for each in triples)
    return rdf_text([*hashes, *quads], ox.RdfFormat.TRIG, _PREFIXES)


def recheck(trig: bytes, engine: str = "pyshacl") -> RecheckReport:
    """Judge anew, from the proof alone, every answer that the proof records.

    Raises CaseUnreadable for anything that is not a proof, or that would be too much work to check.
    """
    parts, stated = _read(trig)
    hashes = {part: _digest(triples) for part, triples in parts.items()}
    graphs = {part: _to_rdflib(triples) for part, triples in parts.items()}
    answers = _recorded(graphs["determination"])
    readable = {
        criterion
        for _, criterion, _ in answers
        if all((reading.of(criterion), RDF.type, None) in graphs[str(reading)] for reading in Reading)
    }
    shapes = JudgeShapes(graphs["certain"], graphs["possible"], tuple(sorted(readable)))
    items = {item for item, criterion, _ in answers if criterion in readable}
    _weigh(graphs["closed-case"], shapes, len(items))
    try:
        pairs = [(item, criterion) for item, criterion, _ in answers if criterion in readable]
        judged = judge(graphs["closed-case"], shapes, items, engine, pairs=pairs)
    except SpineReasonerError as error:
        raise _unreadable("shapes", error.what) from error
    except Exception as error:  # a foreign engine at work on untrusted shapes may raise anything
        raise _unreadable("shapes", f"The readings cannot be judged ({type(error).__name__}).") from error
    differences: list[Difference] = []
    counts: Counter[Judgement] = Counter()
    for item, criterion, recorded in answers:
        found = None
        if criterion in readable:
            try:
                found = answer_of(*judged[item, criterion])
            except CaseMalformed as error:
                raise _unreadable("span", error.what) from error
            counts[found] += 1
        if found is not recorded:
            differences.append(Difference(item, criterion, recorded, found))
    return RecheckReport(
        judged=counts.total(),
        counts={each: counts[each] for each in Judgement},
        differences=tuple(differences),
        tampered=tuple(part for part in PARTS if stated.get(part) != hashes[part]),
        hashes=hashes,
        triples={part: len(triples) for part, triples in parts.items()},
    )


_ANEW: Final = "Ask for a proof as it was written."


def _unreadable(code: str, what: str) -> CaseUnreadable:
    return CaseUnreadable(f"proof.{code}", what, mend=_ANEW)


def _recorded(determination: Graph) -> list[tuple[str, str, Judgement]]:
    found: list[tuple[str, str, Judgement]] = []
    for node in sorted(set(determination.subjects(URIRef(Nec.hasAnswer))), key=str):
        item, criterion, answer = (
            list(determination.objects(node, URIRef(each))) for each in (Nec.ofItem, Nec.ofCriterion, Nec.hasAnswer)
        )
        if not (len(item) == len(criterion) == len(answer) == 1 and str(answer[0]) in _ANSWERS):
            raise _unreadable("answer", "An answer does not name one item, one criterion and one of the four words.")
        found.append((str(item[0]), str(criterion[0]), _ANSWERS[str(answer[0])]))
    return sorted(found)


def _kept(graph: Graph, needed: Graph) -> Graph:
    kept = Graph()
    for triple in graph:
        if triple in needed:
            kept.add(triple)
    return kept


# Hashing: blank nodes get the names that RDFC-1.0 gives them, then the sorted lines are hashed.


def _named(graph: Graph, part: str) -> list[ox.Triple]:
    dataset = ox.Dataset(
        ox.Quad(_to_ox_node(subject), ox.NamedNode(str(predicate)), _to_ox(value))
        for subject, predicate, value in graph
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)

    def name(term: ox.NamedNode | ox.BlankNode) -> ox.NamedNode:
        return term if isinstance(term, ox.NamedNode) else ox.NamedNode(f"{PROOF}{part}-{term.value}")

    triples: list[ox.Triple] = []
    for quad in dataset:
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            raise _unreadable("term", "A statement about a statement has no place in a proof.")
        triples.append(
            ox.Triple(name(subject), quad.predicate, value if isinstance(value, ox.Literal) else name(value))
        )
    return sorted(triples, key=str)


def _digest(triples: Iterable[ox.Triple]) -> str:
    digest = hashlib.sha256()
    for line in sorted(str(each) for each in triples):
        digest.update(f"{line} .\n".encode())
    return digest.hexdigest()


def _to_ox_node(term: Node) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(str(term)) if isinstance(term, BNode) else ox.NamedNode(str(term))


def _to_ox(term: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if not isinstance(term, Literal):
        return _to_ox_node(term)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)) if term.datatype else None)


def _to_rdflib(triples: Iterable[ox.Triple]) -> Graph:
    graph = Graph()
    for each in triples:
        value: Node
        if isinstance(each.object, ox.Literal):
            value = _literal(each.object)
        else:
            value = URIRef(str(each.object.value)) if isinstance(each.object, ox.NamedNode) else BNode()
        graph.add((URIRef(_iri(each.subject)), URIRef(each.predicate.value), value))
    return graph


def _literal(term: ox.Literal) -> Literal:
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    return Literal(term.value, datatype=None if datatype == str(XSD.string) else URIRef(datatype), normalize=False)


# Reading what a stranger sent.


def _read(trig: bytes) -> tuple[dict[str, list[ox.Triple]], dict[str, str]]:
    if len(trig) > _MOST_BYTES:
        raise _unreadable("size", "The proof is too large.")
    if trig.count(b"<<") > _MOST_NESTED_TERMS:  # the parser's stack does not survive deep ones
        raise _unreadable("term", "A statement about a statement has no place in a proof.")
    parts: dict[str, list[ox.Triple]] = {part: [] for part in PARTS}
    stated: dict[str, str] = {}
    try:
        for number, quad in enumerate(_quads(trig)):
            if number > _MOST_QUADS:
                raise _unreadable("size", "The proof holds too many statements.")
            part = _checked(quad)
            if part:
                parts[part].append(quad.triple)
            elif quad.predicate.value == _HASH and isinstance(quad.object, ox.Literal):
                stated[_iri(quad.subject).removeprefix(PROOF)] = quad.object.value
            else:
                raise _unreadable("graph", "A statement stands outside the four graphs.")
    except (SyntaxError, ValueError) as error:
        if isinstance(error, CaseUnreadable):
            raise
        # By its place alone: the parser's own words may quote the record.
        place = "proof"
        if isinstance(error, SyntaxError) and error.lineno:
            place = f"proof, line {error.lineno}, column {error.offset}"
        raise CaseUnreadable("proof.syntax", "This is no TriG.", where=place, mend=_ANEW) from None
    missing = [part for part in PARTS if not parts[part] and part != "closed-case"]
    if missing:
        raise _unreadable("graph", f"The graph {missing[0]} is missing.")
    return {part: list(dict.fromkeys(triples)) for part, triples in parts.items()}, stated


def _quads(trig: bytes) -> Iterator[ox.Quad]:
    return iter(ox.parse(trig, format=ox.RdfFormat.TRIG))


def _checked(quad: ox.Quad) -> str:
    """The part that a statement belongs to, an empty string for the default graph."""
    value = quad.object
    if not isinstance(quad.subject, ox.NamedNode) or not isinstance(value, ox.NamedNode | ox.Literal):
        raise _unreadable("term", "A proof names every node.")
    if isinstance(value, ox.Literal):
        datatype = value.datatype.value
        if datatype not in _PLAIN and not (datatype in _NUMBERS and len(value.value) <= _LONGEST_NUMBER):
            raise _unreadable("term", f"A value of {datatype[:100]} is not read.")
    if isinstance(quad.graph_name, ox.DefaultGraph):
        return ""
    part = quad.graph_name.value.removeprefix(PROOF) if isinstance(quad.graph_name, ox.NamedNode) else ""
    if part not in PARTS:
        raise _unreadable("graph", "A graph is none of the four that a proof holds.")
    if part in ("certain", "possible"):
        _check_shape(quad)
    return part


def _check_shape(quad: ox.Quad) -> None:
    # No SPARQL, no targets, no rules, no patterns: only what a reading is written in is handed to an engine.
    predicate = URIRef(quad.predicate.value)
    kinds = (str(SH.NodeShape), str(SH.PropertyShape))
    if predicate not in _SHAPE_TERMS or (predicate == RDF.type and _iri(quad.object) not in kinds):
        raise _unreadable("shapes", f"{predicate[:200]} has no place in a reading.")


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _members(graph: Graph, head: Node) -> list[Node]:
    found: list[Node] = []
    seen: set[Node] = set()
    while head != RDF.nil:
        first, rest = list(graph.objects(head, RDF.first)), list(graph.objects(head, RDF.rest))
        if head in seen or len(first) != 1 or len(rest) != 1:
            raise _unreadable("shapes", "A list in a reading does not end.")
        seen.add(head)
        found.append(first[0])
        head = rest[0]
    return found


def _weigh(case: Graph, shapes: JudgeShapes, items: int) -> None:
    """Refuse readings that go round in circles, or that are more work on this case than any real one.

    Engines judge a shared shape anew wherever it is named, so a small graph can mean endless work.
    """
    edges: Counter[tuple[Node, Node]] = Counter((subject, predicate) for subject, predicate, _ in case)
    fans: dict[Node, int] = {}
    for (_, predicate), count in edges.items():
        fans[predicate] = max(fans.get(predicate, 0), count)
    union = reachable(shapes, shapes.criteria)
    weights: dict[Node, int] = {}

    def weight(node: Node, depth: int) -> int:
        if depth > _DEEPEST_SHAPE:
            raise _unreadable("shapes", "A reading rests on itself, or is nested too deep.")
        if node not in weights:
            below = [value for each in _BELOW for value in union.objects(node, each)]
            below += [value for each in _LISTS for head in union.objects(node, each) for value in _members(union, head)]
            for head in union.objects(node, SH["in"]):
                _members(union, head)
            paths = list(union.objects(node, SH.path))
            if len(paths) > 1:
                raise _unreadable("shapes", "A reading has two paths at once.")
            fan = max([1, *(fans.get(path, 0) for path in paths)])
            weights[node] = 1 + fan * (1 + sum(weight(each, depth + 1) for each in below))
        return weights[node]

    steps = sum(weight(reading.of(each), 0) for each in shapes.criteria for reading in Reading)
    if steps * items > _MOST_STEPS:
        raise _unreadable("size", "The readings are too much work on this case.")
