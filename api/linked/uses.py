"""Who names what: for every term the statements elsewhere that reach it, worked out once for a library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from api.linked.addresses import iris_at
from api.linked.kinds import kind_of
from api.linked.worked import written
from reasoner.dataset import EXAMPLE, graph_name
from reasoner.library import Library, parse_into
from reasoner.terms import RDF_FIRST, RDF_REST, Graph, Literal, Term
from reasoner.vocabulary import OWL, ROOT, SKOS


class Use(NamedTuple):
    """One statement that reaches a term: whose it is, by which property, and by which one it names the term at last."""

    owner: str
    predicate: str
    last: str


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Everything with an address: its kind, the graph that states it, what each document holds, and who names it."""

    kinds: dict[str, str]
    homes: dict[str, str]
    documents: dict[str, tuple[str, ...]]
    editions: dict[str, str]
    uses: dict[str, tuple[Use, ...]]


@lru_cache(maxsize=2)
def known(library: Library) -> Known:
    """All that is known of a library beside its graph.

    >>> known(Library.read()).homes["https://w3id.org/spine-reasoner/spine#L4-L5"]
    'https://w3id.org/spine-reasoner/anatomy'
    """
    graph = library.graph
    kinds = {iri: kind_of(library, iri) for iri in graph.index if iri.startswith(ROOT)}
    kinds |= {iri: "example" if iri.startswith(EXAMPLE) else "worked-case" for iri in written(library)}
    homes: dict[str, str] = {}
    documents: dict[str, dict[str, None]] = {}
    for name in library.files:
        home = graph_name(name)
        for iri, edges in graph_of(library, name).index.items():
            if iri in kinds and iri != home and (SKOS + "prefLabel" in edges or iri not in homes):
                homes[iri] = home
    for iri, home in homes.items():
        documents.setdefault(home, {})[iri] = None
        documents.setdefault(iri.partition("#")[0], {})[iri] = None  # A name space that several graphs fill is one too.
    kinds |= {space: "document" for space in documents if space not in kinds}
    editions = {version: iri for iri in kinds for version in graph.nodes(iri, OWL + "versionIRI")}
    return Known(kinds, homes, {iri: tuple(members) for iri, members in documents.items()}, editions, _uses(graph))


def find(library: Library, path: str) -> str | None:
    """The term that a path below `/id/` shows, an edition by its document; None if there is none.

    >>> find(Library.read(), "spine/L4-L5"), find(Library.read(), "spine/L6")
    ('https://w3id.org/spine-reasoner/spine#L4-L5', None)
    """
    there = known(library)
    for iri in iris_at(path):
        if iri in there.kinds:
            return iri
        if iri in there.editions:
            return there.editions[iri]
    return None


@lru_cache(maxsize=4)
def graph_of(library: Library, file: str) -> Graph:
    """One file of the knowledge as a graph, its blank nodes named as in the whole."""
    graph = Graph()
    parse_into(graph, (library.root / file).read_bytes(), file)
    return graph


def reached(graph: Graph, value: Term, predicate: str) -> Iterator[tuple[str, str]]:
    """The terms of ours that a value is or, through blank nodes, names; each with the property that names it at last."""
    waiting: list[tuple[Term, str]] = [(value, predicate)]
    seen: set[str] = set()
    while waiting:
        one, last = waiting.pop()
        if isinstance(one, Literal) or one in seen:
            continue
        if not one.startswith("_:"):
            if one.startswith(ROOT):
                yield one, last
            continue
        seen.add(one)
        for inner, values in reversed(graph.index.get(one, {}).items()):
            through = last if inner in (RDF_FIRST, RDF_REST) else inner
            waiting.extend((each, through) for each in reversed(values))


def _uses(graph: Graph) -> dict[str, tuple[Use, ...]]:
    found: dict[str, dict[Use, None]] = {}
    for owner, edges in graph.index.items():
        if owner.startswith("_:"):
            continue
        for predicate, values in edges.items():
            for value in values:
                for iri, last in reached(graph, value, predicate):
                    found.setdefault(iri, {})[Use(owner, predicate, last)] = None
    return {iri: tuple(uses) for iri, uses in found.items()}
