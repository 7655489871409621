"""What the SPARQL endpoint says of itself: a SPARQL 1.1 service description with VoID for every graph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from api import media
from api.tasks.sparql import GRAPHS
from reasoner.dataset import DATASET, VOID, GraphDescription, graph_descriptions
from reasoner.terms import RDF_TYPE, XSD
from reasoner.vocabulary import DCTERMS

if TYPE_CHECKING:
    from reasoner import Library

FORMS: Final = (media.TURTLE, media.JSON_LD, media.RDF_XML, media.N_TRIPLES)
_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULTS: Final = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_RDF: Final = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads")
_LANGUAGE: Final = "SPARQL11Query"
_FEATURES: Final = ("UnionDefaultGraph",)


def service_description(library: Library, endpoint: str, form: str) -> bytes:
    """The description of the service at an address, in one of `FORMS`."""
    triples = [*_service(endpoint), *_dataset(library)]
    prefixes = {"sd": _SD, "void": VOID, "dct": DCTERMS, "fmt": _FORMATS, "xsd": XSD}
    return ox.serialize(triples, format=GRAPHS[form], prefixes=prefixes) or b""


def _service(endpoint: str) -> Iterator[ox.Triple]:
    service = ox.BlankNode("service")
    yield ox.Triple(service, ox.NamedNode(RDF_TYPE), _sd("Service"))
    yield ox.Triple(service, _sd("endpoint"), ox.NamedNode(endpoint))
    yield ox.Triple(service, _sd("supportedLanguage"), _sd(_LANGUAGE))
    for feature in _FEATURES:
        yield ox.Triple(service, _sd("feature"), _sd(feature))
    for name in (*_RESULTS, *_RDF):
        yield ox.Triple(service, _sd("resultFormat"), ox.NamedNode(_FORMATS + name))
    yield ox.Triple(service, _sd("defaultDataset"), ox.NamedNode(DATASET))


@lru_cache(maxsize=2)
def _dataset(library: Library) -> tuple[ox.Triple, ...]:
    dataset, described = ox.NamedNode(DATASET), graph_descriptions(library)
    found = [
        ox.Triple(dataset, ox.NamedNode(RDF_TYPE), _sd("Dataset")),
        ox.Triple(dataset, ox.NamedNode(RDF_TYPE), ox.NamedNode(VOID + "Dataset")),
        ox.Triple(dataset, ox.NamedNode(DCTERMS + "title"), ox.Literal("Spine reasoner", language="en")),
    ]
    for number, one in enumerate(described, 1):
        found += _graph(dataset, ox.BlankNode(f"graph{number}"), one)
    return tuple(found)


def _graph(dataset: ox.NamedNode, named: ox.BlankNode, one: GraphDescription) -> Iterator[ox.Triple]:
    name = ox.NamedNode(one.name)
    yield ox.Triple(dataset, _sd("namedGraph"), named)
    yield ox.Triple(named, ox.NamedNode(RDF_TYPE), _sd("NamedGraph"))
    yield ox.Triple(named, _sd("name"), name)
    yield ox.Triple(named, _sd("graph"), name)
    yield ox.Triple(name, ox.NamedNode(RDF_TYPE), _sd("Graph"))
    yield ox.Triple(name, ox.NamedNode(DCTERMS + "title"), ox.Literal(one.title, language="en"))
    size = ox.Literal(str(one.triples), datatype=ox.NamedNode(XSD + "integer"))
    yield ox.Triple(name, ox.NamedNode(VOID + "triples"), size)
    if one.version:
        yield ox.Triple(name, ox.NamedNode(DCTERMS + "hasVersion"), ox.Literal(one.version))


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)
