"""Worked cases and examples as things with an address: a story, what is expected of it, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from reasoner.anatomy import local
from reasoner.dataset import EXAMPLE
from reasoner.items import kebab
from reasoner.library import Library
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import GUIDELINE, SKOS, Case, Nec
from reasoner.worked import case_files, room_names

_FOLDER: Final = "/cases/"


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a case: an outcome, or the answer to a criterion; of which item, if it is said."""

    word: str
    criterion: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A case that was written to be read: its own name, the guideline that it works out, and its text."""

    iri: str
    guideline: str
    label: str
    story: str
    expected: tuple[Expected, ...]
    asked: tuple[str, ...]
    path: Path

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that are expected of its items."""
        return tuple(dict.fromkeys(one.word for one in self.expected if not one.criterion))


@lru_cache(maxsize=2)
def written(library: Library) -> dict[str, Written]:
    """Every worked case of every room, and every published example, by the name that it has here.

    >>> len(written(Library.read())) > 400
    True
    """
    named = {
        f"{GUIDELINE}{room}{_FOLDER}{path.stem}": path
        for room in room_names(library)
        for path in case_files(library, room)
    }
    named |= {EXAMPLE + path.stem: path for path in sorted((library.root / "examples").glob("*.ttl"))}
    return {iri: _read(iri, path) for iri, path in named.items()}


@lru_cache(maxsize=2)
def expecting(library: Library) -> dict[str, tuple[tuple[Written, Expected], ...]]:
    """The worked cases of which the answer to a criterion is expected, by criterion."""
    found: dict[str, list[tuple[Written, Expected]]] = {}
    for case in written(library).values():
        for one in case.expected:
            if one.criterion:
                found.setdefault(one.criterion, []).append((case, one))
    return {criterion: tuple(cases) for criterion, cases in found.items()}


def triples(case: Written) -> list[ox.Triple]:
    """A case as a graph, its own name where the file writes `<>`."""
    parsed = ox.parse(case.path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=case.iri)
    return [ox.Triple(quad.subject, quad.predicate, quad.object) for quad in parsed]


def _read(iri: str, path: Path) -> Written:
    said: dict[tuple[str, str], list[str]] = {}
    for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=iri):
        said.setdefault((_text(quad.subject), quad.predicate.value), []).append(_text(quad.object))

    def first(subject: str, predicate: str) -> str:
        return said.get((subject, predicate), [""])[0]

    expected = []
    for node in said.get((iri, Nec.expects), []):
        word = first(node, Nec.answer) or first(node, Nec.outcome)
        expected.append(Expected(kebab(local(word)), first(node, Nec.criterion), first(node, Nec.atItem)))
    label = first(iri, SKOS + "prefLabel") or first(iri, Case.label) or _title(path.stem)
    asked = [
        kind
        for request in said.get((iri, Case.hasRequest), [])
        for service in said.get((request, Case.asksFor), [])
        for kind in said.get((service, RDF_TYPE), [])
    ]
    room = iri.removeprefix(GUIDELINE).partition(_FOLDER)[0] if iri.startswith(GUIDELINE) else ""
    return Written(
        iri,
        GUIDELINE + room if room else "",
        label,
        first(iri, SKOS + "definition"),
        tuple(expected),
        tuple(dict.fromkeys(asked)),
        path,
    )


def _title(name: str) -> str:
    """The name of a file as words.

    >>> _title("not-necessary.first-herniation")
    'Not necessary: first herniation'
    """
    return name.replace("-", " ").replace(".", ": ", 1).capitalize()


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal) else ""
