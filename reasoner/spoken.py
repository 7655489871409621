"""Spoken word: what a record only says that somebody said, and the case as it stands without it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reasoner.terms import Graph, Triple
from reasoner.vocabulary import Case as Terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.case import Case
    from reasoner.library import Library


def is_spoken(library: Library, graph: Graph, document: str) -> bool:
    """Whether a document only writes down what was said."""
    kinds = library.document_kinds
    return any(kinds[cls].is_spoken for cls in graph.types(document) if cls in kinds)


def spoken_only(library: Library, graph: Graph, case: str) -> frozenset[str]:
    """The statements of a case that stand in no document but those that write down what was said."""
    return frozenset(
        node
        for node in graph.nodes(case, Terms.records)
        if (documents := graph.nodes(node, Terms.statedIn))
        and all(is_spoken(library, graph, document) for document in documents)
    )


def without(case: Case, nodes: Iterable[str]) -> Case:
    """A case as it would be if some of its nodes had not been stated; its name and hash stay those of the whole."""
    gone = frozenset(nodes)
    kept = (triple for triple in case.graph if triple.subject not in gone and triple.object not in gone)
    return replace(case, graph=Graph(Triple(*triple) for triple in kept))
