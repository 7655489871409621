"""Things of the knowledge as RDF: what is said of one, what names it, a whole document, or everything.

A blank node is called after its file and place, so the same knowledge is always written in the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, cast

import pyoxigraph as ox

from api.linked.uses import graph_of, known, reached
from api.linked.worked import triples as triples_of_case
from api.linked.worked import written
from api.media import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE
from reasoner.asking import PREFIXES
from reasoner.dataset import graph_name
from reasoner.library import Library
from reasoner.mappings import mapping_files, mapping_quads
from reasoner.terms import Graph, Term
from reasoner.terms import Literal as TextLiteral
from reasoner.vocabulary import GUIDELINE, ROOT
from reasoner.writing import rdf_text

_FORMATS: Final = {
    JSON_LD: ox.RdfFormat.JSON_LD,
    N_QUADS: ox.RdfFormat.N_QUADS,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    TRIG: ox.RdfFormat.TRIG,
    TURTLE: ox.RdfFormat.TURTLE,
}
_QUADS: Final = frozenset([N_QUADS, TRIG])
_UNFIT: Final = re.compile(r"[^A-Za-z0-9]")
_ROOM: Final = re.compile(re.escape(GUIDELINE) + r"([a-z0-9-]+)#")
_FABIO: Final = "http://purl.org/spar/fabio/"
_CASE_SHAPES: Final = "shapes/case.ttl"


def about(library: Library, iri: str, media: str) -> bytes:
    """A thing as RDF: all that is said of it, with its blank nodes, and every statement elsewhere that names it.

    >>> b"a nec:Claim" in about(
    ...     Library.read(), "https://w3id.org/spine-reasoner/guideline/lumbar-fusion#meyerding-bands", "text/turtle"
    ... )
    True
    """
    if iri in written(library):
        return serialised(triples_of_case(written(library)[iri]), media)
    graph = library.graph
    members = (iri, *known(library).documents.get(iri, ()))
    told: dict[ox.Triple, None] = {}
    for member in members:
        for predicate, values in graph.index.get(member, {}).items():
            for value in values:
                told |= dict.fromkeys(_statement(graph, member, predicate, value))
    for use in known(library).uses.get(iri, ()):
        for value in graph.objects(use.owner, use.predicate):
            if any(named == iri for named, _ in reached(graph, value, use.predicate)):
                told |= dict.fromkeys(_statement(graph, use.owner, use.predicate, value))
    return serialised(told, media)


@lru_cache(maxsize=5)
def everything(library: Library, media: str) -> bytes:
    """The whole knowledge: each file as a named graph where the format has those, else all merged."""
    return _told((quad for file in files(library) for quad in _quads(library, file)), media)


@lru_cache(maxsize=8)
def one_graph(library: Library, file: str, media: str) -> bytes:
    """One file of the knowledge, named as a graph where the format has those."""
    return _told(_quads(library, file), media)


@lru_cache(maxsize=2)
def files(library: Library) -> dict[str, str]:
    """The files that make up the knowledge, and the name of the graph that each is."""
    named = {file: graph_name(file) for file in (*library.files, _CASE_SHAPES)}
    for path in mapping_files(library):
        table = next(iter(mapping_quads(path))).graph_name
        named[path.relative_to(library.root).as_posix()] = table.value if isinstance(table, ox.NamedNode) else ""
    return named


def files_by_name(library: Library) -> dict[str, str]:
    """The files of the knowledge by every name they go by: the path of the file, of its graph, or the name of a room.

    >>> files_by_name(Library.read())["lumbar-fusion"]
    'shapes/lumbar-fusion/guideline.ttl'
    """
    named: dict[str, str] = {}
    for file, graph in files(library).items():
        path = graph.removeprefix(ROOT)
        named |= dict.fromkeys((file, path, path.removeprefix("guideline/")), file)
    return named


def serialised(statements: Iterable[ox.Triple] | Iterable[ox.Quad], media: str) -> bytes:
    """Statements in a format, with the prefixes that they use."""
    kept = cast("list[ox.Triple]", list(statements))  # Or quads: both are written alike.
    prefixes = _prefixes(kept) if media in (TURTLE, TRIG) else None
    return rdf_text(kept, _FORMATS[media], prefixes)


def _prefixes(statements: list[ox.Triple]) -> dict[str, str]:
    """The prefixes that are used, those of rooms by the names of the rooms."""
    spaces = {
        term.value[: max(term.value.rfind("#"), term.value.rfind("/")) + 1]
        for one in statements
        for term in (one.subject, one.predicate, one.object)
        if isinstance(term, ox.NamedNode)
    }
    spaces |= {
        term.datatype.value.partition("#")[0] + "#" for one in statements if isinstance(term := one.object, ox.Literal)
    }
    every = {**PREFIXES, "fabio": _FABIO}
    every |= {found[1]: space for space in sorted(spaces) if (found := _ROOM.fullmatch(space))}
    return {name: space for name, space in every.items() if space in spaces}


def _told(quads: Iterator[ox.Quad], media: str) -> bytes:
    return serialised(quads if media in _QUADS else (quad.triple for quad in quads), media)


def _quads(library: Library, file: str) -> Iterator[ox.Quad]:
    if not file.endswith(".ttl"):
        yield from mapping_quads(library.root / file)
        return
    name = ox.NamedNode(graph_name(file))
    for subject, predicate, value in graph_of(library, file):
        yield ox.Quad(_node(subject), ox.NamedNode(predicate), _term(value), name)


def _statement(graph: Graph, subject: str, predicate: str, value: Term) -> Iterator[ox.Triple]:
    """One statement with the closure of its blank nodes."""
    waiting: list[tuple[str, str, Term]] = [(subject, predicate, value)]
    seen: set[str] = set()
    while waiting:
        one, path, reaching = waiting.pop()
        yield ox.Triple(_node(one), ox.NamedNode(path), _term(reaching))
        if isinstance(reaching, str) and reaching.startswith("_:") and reaching not in seen:
            seen.add(reaching)
            inner = [(reaching, p, v) for p, values in graph.index.get(reaching, {}).items() for v in values]
            waiting.extend(reversed(inner))


def _node(name: str) -> ox.NamedNode | ox.BlankNode:
    if not name.startswith("_:"):
        return ox.NamedNode(name)
    file, _, number = name.removeprefix("_:").rpartition("-")
    return ox.BlankNode(f"{_word(file)}-{number}")


@lru_cache(maxsize=128)
def _word(file: str) -> str:
    """A file as part of the name of a blank node, as in the graphs that SPARQL is asked of."""
    return _UNFIT.sub("-", graph_name(file).removeprefix(ROOT))


def _term(value: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if not isinstance(value, TextLiteral):
        return _node(value)
    if value.language:
        return ox.Literal(value.lexical, language=value.language)
    return ox.Literal(value.lexical, datatype=ox.NamedNode(value.datatype))
