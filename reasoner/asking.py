"""Asks a store one SPARQL query that the gate lets through; nothing is written, and nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox

from reasoner.errors import CaseUnreadable
from reasoner.mappings import SSSOM
from reasoner.query_gate import admit
from reasoner.terms import XSD
from reasoner.vocabulary import (
    BIBO,
    CASE,
    CITO,
    CODE,
    DCTERMS,
    NECESSITY,
    OWL,
    POLICY,
    PROV,
    RDFS,
    REFERENCE,
    SH,
    SKOS,
    SPINE,
)

PREFIXES: Final = {
    "bibo": BIBO, "case": CASE, "cito": CITO, "code": CODE, "dct": DCTERMS, "nec": NECESSITY, "owl": OWL,
    "policy": POLICY, "prov": PROV, "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdfs": RDFS,
    "ref": REFERENCE, "sh": SH, "skos": SKOS, "spine": SPINE, "sssom": SSSOM, "xsd": XSD,
}  # fmt: skip
"""What a query need not declare."""

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_PLACE: Final = re.compile(r"error at ([0-9]+):([0-9]+)")
_FAULTS: Final = (
    ("Prefix not found", "A prefix is not declared here."),
    ("unbound", "SELECT names a variable that GROUP BY does not keep."),
    ("Duplicated variable", "SELECT names a variable twice."),
    ("IRI parsing failed", "What should be an IRI is none, or is a relative one without BASE."),
)
_UNREAD: Final = "It cannot be read as SPARQL from here on."


def asked(
    store: ox.Store,
    query: str,
    *,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
) -> Answer:
    """What a store answers; without any graph named, a query sees all graphs as one.

    Graphs that are handed over take the place of those that the query names with FROM and FROM NAMED.
    A graph that is not there is an empty one. Raises CaseUnreadable for a query that may not be run or
    cannot be read, with line and column and nothing of its text.

    >>> bool(asked(ox.Store(), "ASK { GRAPH <urn:nowhere> { ?s ?p ?o } }"))
    False
    """
    admitted = admit(query, PREFIXES)
    try:
        if default_graphs or named_graphs:
            return store.query(
                query,
                prefixes=PREFIXES,
                default_graph=[_graph(name) for name in default_graphs],
                named_graphs=[_graph(name) for name in named_graphs],
            )
        return store.query(query, prefixes=PREFIXES, use_default_graph_as_union=not admitted.names_dataset)
    except SyntaxError as error:
        raise _unread(str(error)) from None


def _graph(name: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(name)
    except ValueError:
        raise CaseUnreadable("query.graph", "The name of a graph is no absolute IRI.", where="query") from None


def _unread(message: str) -> CaseUnreadable:
    place = _PLACE.match(message)
    where = f"query, line {place[1]}, column {place[2]}" if place else "query"
    what = next((said for mark, said in _FAULTS if mark in message), _UNREAD)
    return CaseUnreadable("query.syntax", what, where=where)
