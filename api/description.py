"""What the SPARQL endpoint says of itself: a SPARQL 1.1 service description with VoID for every graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pyoxigraph as ox

from api import media
from api.tasks.sparql import GRAPHS
from reasoner.dataset import DATASET, VOID, GraphDescription
from reasoner.terms import RDF_TYPE, XSD
from reasoner.vocabulary import DCTERMS, NECESSITY, ROOT

FORMS: Final = (media.TURTLE, media.JSON_LD, media.RDF_XML, media.N_TRIPLES)

CATALOGUE: Final = f"""SELECT ?graph ?title ?triples (MAX(?version) AS ?latest) ?determinations WHERE {{
  GRAPH <{DATASET}> {{
    <{DATASET}> <{VOID}subset> ?graph . ?graph rdfs:label ?title ; <{VOID}triples> ?triples
  }}
  FILTER(!CONTAINS(STR(?graph), "/cases/"))
  OPTIONAL {{
    GRAPH ?graph {{ ?graph owl:versionInfo|owl:versionIRI ?told }} BIND(REPLACE(STR(?told), "^.*/", "") AS ?version)
  }}
  {{ SELECT (COUNT(DISTINCT ?one) AS ?determinations) {{ GRAPH ?any {{ ?one a nec:Determination }} }} }}
}} GROUP BY ?graph ?title ?triples ?determinations ORDER BY ?graph"""
"""What the index is asked about itself; worked cases are not told one by one."""

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_SIMPLE: Final = "http://www.w3.org/ns/entailment/Simple"
_RESULTS: Final = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_RDF: Final = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads")
_LANGUAGE: Final = "SPARQL11Query"
_FEATURES: Final = ("UnionDefaultGraph",)
_ABOUT: Final = (
    "Without GRAPH, FROM or a dataset in the request, a query sees all named graphs as one; a statement that stands in "
    "two of them is found twice, so that rows are told apart with DISTINCT. Each determination that is kept is four "
    "named graphs; they are counted here, and not told one by one, as the worked cases are not."
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The graphs of the knowledge and of the examples, and how many determinations can be asked about."""

    graphs: tuple[GraphDescription, ...]
    determinations: int


def catalogue(answer: bytes) -> Catalogue:
    """What the index answered to `CATALOGUE`, as SPARQL results in JSON."""
    rows: list[dict[str, Any]] = orjson.loads(answer)["results"]["bindings"]
    plain = [{name: told["value"] for name, told in row.items()} for row in rows]
    graphs = (GraphDescription(row["graph"], row["title"], row.get("latest", ""), int(row["triples"])) for row in plain)
    return Catalogue(tuple(graphs), int(plain[0]["determinations"]) if plain else 0)


def service_description(found: Catalogue, endpoint: str, form: str) -> bytes:
    """The description of the service at an address, in one of `FORMS`.

    >>> b"sd:UnionDefaultGraph" in service_description(Catalogue((), 0), "http://here/sparql", "text/turtle")
    True
    """
    triples = [*_service(endpoint), *_dataset(found, endpoint)]
    prefixes = {"sd": _SD, "void": VOID, "dct": DCTERMS, "fmt": _FORMATS, "nec": NECESSITY, "xsd": XSD}
    return ox.serialize(triples, format=GRAPHS[form], prefixes=prefixes) or b""


def _service(endpoint: str) -> Iterator[ox.Triple]:
    service = ox.BlankNode("service")
    yield _says(service, RDF_TYPE, _sd("Service"))
    yield _says(service, f"{_SD}endpoint", ox.NamedNode(endpoint))
    yield _says(service, f"{_SD}supportedLanguage", _sd(_LANGUAGE))
    for feature in _FEATURES:
        yield _says(service, f"{_SD}feature", _sd(feature))
    for name in (*_RESULTS, *_RDF):
        yield _says(service, f"{_SD}resultFormat", ox.NamedNode(_FORMATS + name))
    yield _says(service, f"{_SD}defaultEntailmentRegime", ox.NamedNode(_SIMPLE))
    yield _says(service, f"{_SD}defaultDataset", ox.NamedNode(DATASET))


def _dataset(found: Catalogue, endpoint: str) -> Iterator[ox.Triple]:
    dataset, default, part = ox.NamedNode(DATASET), ox.BlankNode("default"), ox.BlankNode("determinations")
    yield _says(dataset, RDF_TYPE, _sd("Dataset"))
    yield _says(dataset, RDF_TYPE, ox.NamedNode(f"{VOID}Dataset"))
    yield _says(dataset, f"{DCTERMS}title", _text("Spine reasoner"))
    yield _says(dataset, f"{DCTERMS}description", _text(_ABOUT))
    yield _says(dataset, f"{VOID}sparqlEndpoint", ox.NamedNode(endpoint))
    yield _says(dataset, f"{VOID}dataDump", ox.NamedNode(endpoint.removesuffix("/sparql") + "/v1/knowledge"))
    yield _says(dataset, f"{VOID}uriSpace", ox.Literal(ROOT))
    yield _says(dataset, f"{_SD}defaultGraph", default)
    yield _says(default, RDF_TYPE, _sd("Graph"))
    yield _says(dataset, f"{VOID}classPartition", part)
    yield _says(part, f"{VOID}class", ox.NamedNode(f"{NECESSITY}Determination"))
    yield _says(part, f"{VOID}entities", _number(found.determinations))
    for number, one in enumerate(found.graphs, 1):
        yield from _graph(dataset, ox.BlankNode(f"graph{number}"), one)


def _graph(dataset: ox.NamedNode, named: ox.BlankNode, one: GraphDescription) -> Iterator[ox.Triple]:
    name = ox.NamedNode(one.name)
    yield _says(dataset, f"{_SD}namedGraph", named)
    yield _says(named, RDF_TYPE, _sd("NamedGraph"))
    yield _says(named, f"{_SD}name", name)
    yield _says(named, f"{_SD}graph", name)
    yield _says(name, RDF_TYPE, _sd("Graph"))
    yield _says(name, f"{DCTERMS}title", _text(one.title))
    yield _says(name, f"{VOID}triples", _number(one.triples))
    if one.version:
        yield _says(name, f"{DCTERMS}hasVersion", ox.Literal(one.version))


def _says(
    subject: ox.NamedNode | ox.BlankNode, predicate: str, value: ox.NamedNode | ox.BlankNode | ox.Literal
) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _text(words: str) -> ox.Literal:
    return ox.Literal(words, language="en")


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(f"{XSD}integer"))


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)
