"""The SPARQL 1.1 Protocol over HTTP, clause by clause; every form of answer; limits; and what the service says of itself."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast
from urllib.parse import quote, quote_plus, urlencode

import httpx
import pandas as pd  # type: ignore[import-untyped]  # it ships no types
import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from api.asking import inquiry, put
from api.house import House
from api.problems import MEDIA_TYPE, Refusal
from api.store import Snapshot
from api.tasks.sparql import GRAPHS, MOST_BYTES, RESULTS_JSON, RESULTS_XML, TABLES, TSV
from api.workers.frames import Job, Reply
from reasoner.dataset import DATASET, VOID, kept_graphs
from reasoner.query_gate import SIZE, limits
from reasoner.vocabulary import ROOT, Nec
from tests.doors import Server, example, serving

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
CSV: Final = "text/csv"
TURTLE: Final = "text/turtle"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
ANATOMY, CARE, SCORES = (ROOT + name for name in ("anatomy", "care", "scores"))

ALL: Final = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMED: Final = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
AWKWARD: Final = r"""SELECT ?n ?word ?thing { VALUES (?n ?word ?thing) {
    (1 "plain, with \"quotes\"\n and a line" <urn:x:%C3%A9?a=b&c=d>)
    (2.50 "Wirbelsäule ≥ 3"@de-CH UNDEF)
    ("007"^^<urn:of-its-own> "" "true"^^xsd:boolean)
    (UNDEF "\ttab <&> ]]>" "2026-01-31"^^xsd:date)
} } ORDER BY ?word"""

Ways = Callable[..., httpx.Response]


def by_get(server: Server, query: str, accept: str = "*/*", **graphs: list[str]) -> httpx.Response:
    """The query in the address."""
    return server.get(f"/sparql?{_written(graphs, query=query)}", accept)


def by_form(server: Server, query: str, accept: str = "*/*", **graphs: list[str]) -> httpx.Response:
    """The query as a field of a form."""
    return server.post("/sparql", _written(graphs, query=query).encode(), FORM, accept)


def by_body(server: Server, query: str, accept: str = "*/*", **graphs: list[str]) -> httpx.Response:
    """The query as the body, the graphs in the address."""
    written = _written(graphs)
    return server.post(f"/sparql?{written}" if written else "/sparql", query.encode(), QUERY, accept)


def _written(graphs: dict[str, list[str]], **rest: str) -> str:
    named = [(f"{kind}-graph-uri", name) for kind, names in graphs.items() for name in names]
    return urlencode([*rest.items(), *named])


WAYS: Final = pytest.mark.parametrize("ask", [by_get, by_form, by_body])


def kind(answer: httpx.Response) -> str:
    """The media type without its parameters."""
    return answer.headers["content-type"].partition(";")[0]


def refused(answer: httpx.Response, status: int, code: str = "") -> dict[str, Any]:
    """The problem that was answered; anything else fails."""
    assert (answer.status_code, kind(answer)) == (status, MEDIA_TYPE), answer.text[:300]
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["code"].startswith(code), found
    return found


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of results in JSON, as plain values."""
    assert answer.status_code == 200, answer.text[:300]
    return [{name: told["value"] for name, told in row.items()} for row in answer.json()["results"]["bindings"]]


def number(answer: httpx.Response) -> int:
    """The one number of an answer."""
    return int(rows(answer)[0]["n"])


def statements(answer: httpx.Response) -> set[str]:
    """The statements of a graph, canonical, so that names of blank nodes make no difference."""
    assert answer.status_code == 200, answer.text[:300]
    found = ox.Dataset(ox.parse(answer.content, format=GRAPHS[kind(answer)]))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(one) for one in found}


@pytest.fixture(scope="module")
def sizes(server: Server) -> dict[str, int]:
    """How many statements each graph of the knowledge has."""
    found = by_get(server, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", RESULTS_JSON)
    return {row["g"]: int(row["n"]) for row in rows(found)}


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that gives a query a second, one at a time, and has nobody wait."""
    flags = ("--query-seconds", "1", "--query-workers", "1", "--waiting", "0")
    with serving(tmp_path_factory.mktemp("hurried") / "data", *flags) as running:
        yield running


# Three ways to ask


@WAYS
def test_a_query_is_asked_in_three_ways(server: Server, ask: Ways) -> None:
    assert rows(ask(server, 'SELECT ("a+b & c=d ≥ %41" AS ?n) {}'))[0]["n"] == "a+b & c=d ≥ %41"


@WAYS
@pytest.mark.parametrize(
    ("query", "accept", "wanted"),
    [
        (
            "SELECT * { ?s ?p ?o } LIMIT 1",
            "application/sparql-results+json,application/sparql-results+xml",
            RESULTS_JSON,
        ),
        ("ASK {}", "application/sparql-results+xml", RESULTS_XML),
        ("DESCRIBE <urn:nothing>", "application/rdf+xml, text/turtle;q=0.5", "application/rdf+xml"),
        ("CONSTRUCT WHERE { ?s a owl:Ontology }", "text/turtle", TURTLE),
    ],
)
def test_each_kind_of_query_is_answered_in_the_form_that_is_accepted(
    server: Server, ask: Ways, query: str, accept: str, wanted: str
) -> None:
    answer = ask(server, query, accept)
    assert (answer.status_code, kind(answer)) == (200, wanted)
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("encode", [quote, quote_plus])
def test_an_address_is_decoded_as_a_form_is(server: Server, encode: Callable[[str], str]) -> None:
    told = 'SELECT ("1 + 1 = 2; ä" AS ?n) {}'
    assert rows(server.get(f"/sparql?query={encode(told)}"))[0]["n"] == "1 + 1 = 2; ä"


def test_names_of_parameters_are_decoded_and_empty_ones_passed_over(server: Server) -> None:
    answer = server.get(f"/sparql?&qu%65ry={quote('ASK {}')}&&default%2Dgraph-uri={quote(ANATOMY)}&debug&")
    assert answer.json()["boolean"] is True


def test_the_type_of_a_body_may_say_utf_8_and_nothing_else(server: Server) -> None:
    asked = 'ASK { FILTER("ä" = "\\u00e4") }'
    for charset in ("utf-8", '"UTF-8"'):
        answer = server.post("/sparql", asked.encode(), f"{QUERY.upper()}; Charset={charset}")
        assert answer.json()["boolean"] is True
    refused(server.post("/sparql", asked.encode("utf-16"), f"{QUERY}; charset=UTF-16"), 415, "media.unsupported")
    refused(server.post("/sparql", asked.encode("latin-1"), f"{QUERY}; charset=iso-8859-1"), 415)


def test_a_body_with_get_is_not_looked_at(server: Server) -> None:
    asked = server.client.request("GET", f"/sparql?query={quote('ASK {}')}", content=b"query=nonsense")
    assert asked.json()["boolean"] is True


def test_head_is_answered_as_get_without_the_body(server: Server) -> None:
    address = f"/sparql?query={quote('ASK {}')}"
    whole, head = server.get(address), server.client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == str(len(whole.content))


# Which graphs are asked about


DATASETS: Final[list[tuple[list[str], list[str], str, list[str]]]] = [
    ([ANATOMY], [], ALL, [ANATOMY]),
    ([ANATOMY], [], NAMED, []),
    ([ANATOMY, CARE], [], ALL, [ANATOMY, CARE]),
    ([], [ANATOMY], NAMED, [ANATOMY]),
    ([], [ANATOMY], ALL, []),
    ([], [ANATOMY, CARE], NAMED, [ANATOMY, CARE]),
    ([ANATOMY], [CARE], ALL, [ANATOMY]),
    ([ANATOMY], [CARE], NAMED, [CARE]),
    ([ANATOMY], [], ALL.replace("{", f"FROM <{SCORES}> {{", 1), [ANATOMY]),
    ([ANATOMY], [], NAMED.replace("{", f"FROM NAMED <{SCORES}> {{", 1), []),
    ([], [CARE], NAMED.replace("{", f"FROM NAMED <{SCORES}> {{", 1), [CARE]),
    ([], [], ALL.replace("{", f"FROM <{SCORES}> {{", 1), [SCORES]),
    ([], [], NAMED.replace("{", f"FROM NAMED <{SCORES}> FROM <{CARE}> {{", 1), [SCORES]),
    (["urn:not:here"], [], ALL, []),
]
"""The graphs of a request, default and named; a query; and the graphs whose statements it counts."""


@WAYS
@pytest.mark.parametrize(("default", "named", "query", "counted"), DATASETS)
def test_the_graphs_of_the_request_come_before_those_of_the_query(
    server: Server,
    sizes: dict[str, int],
    ask: Ways,
    default: list[str],
    named: list[str],
    query: str,
    counted: list[str],
) -> None:
    answer = ask(server, query, RESULTS_JSON, default=default, named=named)
    assert number(answer) == sum(sizes[name] for name in counted)


@WAYS
@pytest.mark.parametrize("name", ["", "relative/path", "not an iri"])
def test_the_name_of_a_graph_is_an_absolute_iri(server: Server, ask: Ways, name: str) -> None:
    refused(ask(server, "ASK {}", default=[name]), 400, "query.graph")
    refused(ask(server, "ASK {}", named=[name]), 400, "query.graph")


def test_without_any_graph_named_all_are_asked_as_one_and_what_two_of_them_say_is_found_twice(
    server: Server, sizes: dict[str, int]
) -> None:
    assert number(by_get(server, ALL, RESULTS_JSON)) == sum(sizes.values())
    twice = """SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER(ISIRI(?s)) }
        GROUP BY ?s ?p ?o HAVING(COUNT(DISTINCT ?g) > 1) LIMIT 1"""
    one = by_get(server, twice, RESULTS_JSON).json()["results"]["bindings"][0]
    counted = f"SELECT (COUNT(?s) AS ?n) {{ VALUES ?s {{ <{one['s']['value']}> }} ?s <{one['p']['value']}> ?o }}"
    told = counted.replace("COUNT(?s)", "COUNT(DISTINCT ?o)")
    assert number(by_get(server, counted, RESULTS_JSON)) > number(by_get(server, told, RESULTS_JSON))


def test_the_usual_prefixes_need_not_be_declared_and_may_mean_something_else(server: Server) -> None:
    assert by_get(server, "ASK { ?item nec:hasOutcome ?outcome }").json()["boolean"] is True
    assert (
        by_get(server, "PREFIX nec: <urn:of-my-own> ASK { ?item nec:hasOutcome ?outcome }").json()["boolean"] is False
    )
    found = refused(by_get(server, "ASK {\n ?item mine:hasOutcome ?outcome }"), 400, "query.syntax")
    assert found["line"] == 2


# What is no query


@pytest.mark.parametrize(
    ("address", "body", "type_", "status", "code"),
    [
        ("?query=ASK%7B%7D&query=ASK%7B%7D", None, "", 400, "query.parameters"),
        ("", b"query=ASK%7B%7D&query=ASK%7B%7D", FORM, 400, "query.parameters"),
        ("?query=ASK%7B%7D", b"ASK {}", QUERY, 400, "query.parameters"),
        (f"?default-graph-uri={ANATOMY}", None, "", 400, "query.parameters"),
        ("?query", None, "", 400, "query.syntax"),
        ("", b"", FORM, 400, "query.parameters"),
        ("", b"", QUERY, 400, "query.syntax"),
        ("?default-graph-uri=urn:a", b"query=ASK%7B%7D", FORM, 400, "query.parameters"),
        ("?query=ASK%20%7B", None, "", 400, "query.syntax"),
        ("?query=%FF%FE", None, "", 400, "query.parameters"),
        ("", b"query=ASK%20%7B%20%3Fs%20%3Fp%20%22%FF%22%7D", FORM, 400, "query.parameters"),
        ("", b"query=\xff", FORM, 400, "query.encoding"),
        ("", "ASK { ?s ?p 'ä' }".encode("latin-1"), QUERY, 400, "query.encoding"),
        ("", "ASK {}".encode("utf-16"), QUERY, 400, "query.encoding"),
        ("", "ASK {}".encode("utf-16-be"), QUERY, 400, "query.syntax"),
        ("", b"SELECT * { ?s ?p ?o", QUERY, 400, "query.syntax"),
        ("", b"SELECT ?s { ?s ?p ?o } GROUP BY ?o", QUERY, 400, "query.syntax"),
        ("", b"SELECT (1 AS ?s) { ?s ?p ?o }", QUERY, 400, "query.syntax"),
        ("", b"ASK {}", "text/plain", 415, "media.unsupported"),
        ("", b"ASK {}", "", 415, "media.unsupported"),
        ("", b"query=ASK%7B%7D", "", 415, "media.unsupported"),
        ("", b"query=ASK%7B%7D", "multipart/form-data; boundary=x", 415, "media.unsupported"),
        ("?query=ASK%7B%7D&format=docx", None, "", 422, "request.unprocessable"),
        ("?query=ASK%7B%7D&format=turtle", None, "", 406, "media.not-acceptable"),
        ("?worked=no-such-question", None, "", 400, "query.worked"),
        ("?" + "a=b&" * 201, None, "", 400, "query.parameters"),
    ],
)
def test_what_is_no_query_is_refused_and_says_why(
    server: Server, address: str, body: bytes | None, type_: str, status: int, code: str
) -> None:
    path, headers = f"/sparql{address}", {"Content-Type": type_} if type_ else {}
    answer = server.client.post(path, content=body, headers=headers) if body is not None else server.get(path)
    found = refused(answer, status, code)
    assert found["what"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_with_those_that_are_not(server: Server, method: str) -> None:
    answer = server.client.request(method, f"/sparql?query={quote('ASK {}')}")
    refused(answer, 405, "address.method")
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "POST"}


def test_pages_of_other_sites_are_not_let_in(server: Server) -> None:
    origin = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for method, address in (("OPTIONS", "/sparql"), ("GET", f"/sparql?query={quote('ASK {}')}")):
        answer = server.client.request(method, address, headers=origin)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    sent = {"Content-Type": FORM, "Sec-Fetch-Site": "cross-site"}
    refused(server.client.post("/sparql", content=b"query=ASK%7B%7D", headers=sent), 403, "access.elsewhere")


CHANGES: Final = (
    "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
    "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }",
    "DELETE WHERE { ?s ?p ?o }",
    "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    "DELETE DATA { <urn:a> <urn:b> <urn:c> }",
    "WITH <urn:g> DELETE { ?s ?p ?o } USING <urn:h> WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1:9/x>",
    "CLEAR ALL",
    "DROP SILENT ALL",
    "CREATE GRAPH <urn:g>",
    "ADD DEFAULT TO <urn:g>",
    "MOVE <urn:g> TO <urn:h>",
    "COPY <urn:g> TO DEFAULT",
    "ASK {} ; CLEAR ALL",
)


@pytest.mark.parametrize("change", CHANGES)
def test_every_update_is_refused_in_every_way_and_changes_nothing(server: Server, change: str) -> None:
    before = number(by_get(server, ALL, RESULTS_JSON))
    for ask in (by_get, by_form, by_body):
        refused(ask(server, change), 400, "query.")
    refused(server.post("/sparql", change.encode(), UPDATE), 400, "query.update")
    refused(server.post("/sparql", urlencode({"update": change}).encode(), FORM), 400, "query.update")
    refused(server.get(f"/sparql?{urlencode({'update': change})}"), 400, "query.update")
    both = urlencode({"query": "ASK {}", "update": change})
    refused(server.get(f"/sparql?{both}"), 400, "query.update")
    assert number(by_get(server, ALL, RESULTS_JSON)) == before


@pytest.mark.parametrize("name", ["using-graph-uri", "using-named-graph-uri"])
def test_what_belongs_to_an_update_is_refused(server: Server, name: str) -> None:
    for address in (f"?query=ASK%7B%7D&{name}={ANATOMY}", f"?{name}={ANATOMY}"):
        refused(server.get(f"/sparql{address}"), 400, "query.update")
    for type_ in (f"{UPDATE}; charset=utf-8", UPDATE.upper()):
        refused(server.post(f"/sparql?{name}={ANATOMY}", b"CLEAR ALL", type_), 400, "query.update")


@WAYS
def test_no_other_server_is_asked(server: Server, ask: Ways) -> None:
    refused(ask(server, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), 400, "query.service")


def test_nothing_of_a_query_is_repeated_or_logged(server: Server) -> None:
    for asked in ("ASK { ?s ?p 'Mrs Miller' ", "Mrs Miller", "ASK { <Mrs-Miller> ?p ?o }"):
        assert "Miller" not in by_get(server, asked).text
    assert not any("Miller" in line for line in server.log)


# Forms of answers


def test_the_forms_of_a_table_say_the_same(server: Server) -> None:
    told = {form: by_body(server, AWKWARD, form) for form in (RESULTS_JSON, RESULTS_XML, TSV)}
    found = {}
    for form, answer in told.items():
        assert kind(answer) == form
        solutions = ox.parse_query_results(answer.content, format=TABLES[form])
        assert isinstance(solutions, ox.QuerySolutions)
        assert [one.value for one in solutions.variables] == ["n", "word", "thing"]
        found[form] = [tuple(str(row[name]) for name in ("n", "word", "thing")) for row in solutions]
    assert len(found[RESULTS_JSON]) == 4
    assert found[RESULTS_JSON] == found[RESULTS_XML] == found[TSV]
    table = by_body(server, AWKWARD, CSV)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    plain = [{name: row.get(name, "") for name in ("n", "word", "thing")} for row in rows(told[RESULTS_JSON])]
    assert list(csv.DictReader(io.StringIO(table.text, newline=""))) == plain


@pytest.mark.parametrize(("query", "truth"), [("ASK {}", True), ("ASK { FILTER(false) }", False)])
def test_the_forms_of_a_truth_say_the_same(server: Server, query: str, *, truth: bool) -> None:
    assert by_get(server, query).json() == {"head": {}, "boolean": truth}
    assert f"<boolean>{str(truth).lower()}</boolean>" in by_get(server, query, RESULTS_XML).text
    for form in (CSV, TSV):
        assert by_get(server, query, form).text.strip() == str(truth).lower()


@pytest.mark.parametrize(
    "query",
    [
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{ROOT}scores> {{ ?s ?p ?o }} }}",
        f"CONSTRUCT {{ ?s <urn:p> [ <urn:o> ?l ] }} WHERE {{ GRAPH <{ANATOMY}> {{ ?s skos:prefLabel ?l }} }}",
        "DESCRIBE ?one WHERE { ?one a owl:Ontology }",
        "CONSTRUCT { <urn:a> <urn:b> <urn:c> } WHERE { FILTER(false) }",
    ],
)
def test_the_forms_of_a_graph_say_the_same(server: Server, query: str) -> None:
    forms = (TURTLE, "application/n-triples", "application/ld+json", "application/rdf+xml", "application/trig")
    answers = [by_form(server, query, form) for form in forms]
    assert [kind(one) for one in answers] == list(forms)
    first, *others = [statements(one) for one in answers]
    assert bool(first) == ("FILTER(false)" not in query)
    assert all(one == first for one in others)


@pytest.mark.parametrize(
    ("accept", "table", "graph"),
    [
        (None, RESULTS_JSON, TURTLE),
        ("*/*", RESULTS_JSON, TURTLE),
        ("text/*", CSV, TURTLE),
        ("application/*", RESULTS_JSON, "application/n-triples"),
        ("application/json", "application/json", "application/json"),
        ("application/xml", "application/xml", "application/xml"),
        ("text/csv;q=0.4, text/tab-separated-values;q=0.6, */*;q=0.1", TSV, TURTLE),
        ("application/sparql-results+json;q=0, */*;q=0.5", RESULTS_XML, TURTLE),
        ("text/turtle, text/csv;q=0.2", CSV, TURTLE),
        ("TEXT/CSV; header=present, application/rdf+xml; q=0.9", CSV, "application/rdf+xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml", "application/xml"),
        ("text/turtle", None, TURTLE),
        ("application/n-quads", None, "application/n-quads"),
        ("text/csv", CSV, None),
        ("image/png, text/csv;q=0", None, None),
    ],
)
def test_the_form_is_the_one_that_is_liked_best(
    server: Server, accept: str | None, table: str | None, graph: str | None
) -> None:
    headers = {"Accept": accept} if accept else {}
    client = httpx.Client(base_url=server.origin, trust_env=False)
    client.headers.pop("accept")
    with client:
        for query, wanted in (("SELECT * {}", table), ("ASK {}", table), ("DESCRIBE <urn:a>", graph)):
            answer = client.get("/sparql", params={"query": query}, headers=headers)
            if wanted:
                assert (answer.status_code, kind(answer)) == (200, wanted)
            else:
                assert "Ask for" in refused(answer, 406, "media.not-acceptable")["mend"]


@pytest.mark.parametrize(
    ("word", "table", "graph"),
    [
        ("json", RESULTS_JSON, "application/ld+json"),
        ("csv", CSV, TURTLE),
        ("tsv", TSV, "application/n-triples"),
        ("xml", RESULTS_XML, "application/rdf+xml"),
        ("trig", None, "application/trig"),
        ("rdf+xml", None, "application/rdf+xml"),
        ("text/csv", CSV, None),
    ],
)
def test_a_word_in_the_address_outweighs_the_header(
    server: Server, word: str, table: str | None, graph: str | None
) -> None:
    for query, wanted in (("SELECT * {}", table), ("CONSTRUCT WHERE { ?s a owl:Ontology }", graph)):
        answers = (
            server.get(f"/sparql?{urlencode({'query': query, 'format': word})}", "image/png"),
            server.post("/sparql", urlencode({"query": query, "format": word}).encode(), FORM, "text/html"),
        )
        for answer in answers:
            if wanted:
                assert kind(answer) == wanted
            elif kind(answer) != "text/html":
                refused(answer, 406, "media.not-acceptable")
            else:
                assert answer.status_code == 406


# Limits


def test_a_query_may_have_so_many_bytes(server: Server) -> None:
    fits = "ASK {} #" + "x" * (SIZE.most - 8)
    for ask in (by_form, by_body, by_get):
        assert ask(server, fits).json()["boolean"] is True
        refused(ask(server, fits + "x"), 413, "query.too-large")
    refused(by_body(server, "ASK {} #" + "x" * 3_000_000), 413, "request.too-large")
    assert by_get(server, "ASK {} #" + "x" * 40_000).status_code in (400, 413, 414, 431)


def test_an_answer_that_is_too_large_is_refused_whole(server: Server) -> None:
    for form in (CSV, RESULTS_JSON):
        answer = by_get(server, "SELECT * { ?a ?b ?c . ?d nec:hasOutcome ?f } LIMIT 500000", form)
        assert f"{MOST_BYTES:,}" in refused(answer, 422, "query.too-large-result")["what"]


def test_a_query_that_never_ends_is_ended_and_the_next_is_answered(hurried: Server) -> None:
    for ask in (by_get, by_form, by_body):
        assert "1 second" in refused(ask(hurried, ENDLESS), 422, "work.too-long")["what"]
    assert by_get(hurried, "ASK {}").json()["boolean"] is True


def test_who_finds_every_place_taken_is_told_when_to_come_again(hurried: Server) -> None:
    with ThreadPoolExecutor(6) as together:
        answers = list(together.map(lambda _: by_get(hurried, ENDLESS), range(6)))
    found = {one.status_code for one in answers}
    assert found == {422, 503}
    for one in answers:
        if one.status_code == 503:
            refused(one, 503, "server.busy")
            assert int(one.headers["retry-after"]) >= 1
    assert by_get(hurried, "ASK {}").json()["boolean"] is True


# What the service says of itself


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", TURTLE),
        ("text/turtle", TURTLE),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-triples", "application/n-triples"),
    ],
)
def test_without_a_query_the_service_describes_itself(
    server: Server, sizes: dict[str, int], accept: str, form: str
) -> None:
    answer = server.get("/sparql", accept)
    assert (answer.status_code, kind(answer), answer.headers["vary"]) == (200, form, "Accept")
    store = ox.Store()
    store.load(answer.content, format=GRAPHS[form])

    def found(pattern: str) -> list[dict[str, str]]:
        solutions = store.query(f"PREFIX sd: <{SD}> PREFIX void: <{VOID}> SELECT * {{ {pattern} }}")
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        return [{name: cast("ox.NamedNode", row[name]).value for name in names} for row in solutions]

    service = found("?service a sd:Service ; sd:endpoint ?endpoint ; sd:defaultDataset ?data ; sd:supportedLanguage ?l")
    assert [(one["endpoint"], one["data"], one["l"]) for one in service] == [
        (f"{server.origin}/sparql", DATASET, f"{SD}SPARQL11Query")
    ]
    assert {one["f"] for one in found("?service sd:feature ?f")} == {f"{SD}UnionDefaultGraph"}
    forms = {one["f"].rpartition("/")[2] for one in found("?service sd:resultFormat ?f")}
    assert {"SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"} < forms
    assert {"Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG"} < forms
    graphs = found(f"<{DATASET}> sd:namedGraph [ sd:name ?name ; sd:graph ?graph ] . ?graph void:triples ?n")
    assert {one["name"] for one in graphs} >= {ANATOMY, CARE, f"{ROOT}guideline/lumbar-fusion"}
    assert {one["name"]: int(one["n"]) for one in graphs}.items() <= sizes.items()
    dataset = found(f"<{DATASET}> a sd:Dataset, void:Dataset ; void:sparqlEndpoint ?here ; void:dataDump ?dump")[0]
    assert server.get(dataset["dump"].removeprefix(server.origin), "application/trig").status_code == 200
    counted = found(f"<{DATASET}> void:classPartition [ void:class <{Nec.Determination}> ; void:entities ?n ]")
    told = by_get(server, "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d a nec:Determination }", RESULTS_JSON)
    assert int(counted[0]["n"]) == number(told)


def test_a_browser_gets_the_page_with_its_limits(server: Server) -> None:
    page = server.get("/sparql", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert kind(page) == "text/html"
    assert f"{MOST_BYTES:,} bytes" in page.text
    for counts, most, _ in limits():
        assert f"<td>{most:,}</td><td>{counts}</td>" in page.text
    refused(server.get("/sparql", "image/png"), 406)


def test_the_well_known_address_leads_to_the_description(server: Server) -> None:
    found = server.client.get("/.well-known/void", headers={"Accept": TURTLE}, follow_redirects=True)
    assert (found.history[0].status_code, found.url.path, kind(found)) == (302, "/sparql", TURTLE)


# Worked questions by name


def test_a_worked_question_is_shown_to_a_browser_and_answered_to_anyone_else(server: Server) -> None:
    page = server.get("/sparql?worked=outcomes", "text/html,application/xml;q=0.9,*/*;q=0.8")
    assert kind(page) == "text/html"
    assert 'data-worked="outcomes"' in page.text
    assert 'aria-current="true"' in page.text
    answers = [
        server.get("/sparql?worked=outcomes"),
        server.get("/sparql?worked=outcomes&format=json", "text/html"),
        server.client.head("/sparql?worked=outcomes"),
    ]
    assert {kind(one) for one in answers} == {RESULTS_JSON}
    assert rows(answers[0]) == rows(answers[1]) != []
    meant = refused(server.get("/sparql?worked=outcmes"), 400, "query.worked")
    assert "outcomes" in meant["mend"]


# Callers' own tools


def test_pandas_reads_an_answer_from_its_address(server: Server) -> None:
    by_word = pd.read_csv(f"{server.origin}/sparql?worked=outcomes&format=csv")
    by_header = pd.read_csv(f"{server.origin}/sparql?worked=outcomes", storage_options={"Accept": "text/csv"})
    asked = urlencode({"query": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", "format": "csv"})
    assert by_word.equals(by_header)
    assert list(by_word.columns) == ["case", "item", "procedure", "outcome"]
    assert len(by_word) == len(rows(server.get("/sparql?worked=outcomes")))
    assert pd.read_csv(f"{server.origin}/sparql?{asked}").n.dtype == "int64"


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["json", "xml", "csv"])
def test_rdflib_asks_as_of_a_store_of_its_own(server: Server, method: str, form: str) -> None:
    store = SPARQLStore(f"{server.origin}/sparql", method=method, returnFormat=form)
    graph = Graph(store, identifier=URIRef(ANATOMY))
    found = list(graph.query("SELECT ?title { ?s a owl:Ontology ; rdfs:label|dct:title|skos:prefLabel ?title }"))
    assert [str(cast("Any", row)[0]) for row in found] == ["Anatomy of the spine"]


def test_rdflib_has_a_graph_constructed(server: Server) -> None:
    store = SPARQLStore(f"{server.origin}/sparql", returnFormat="turtle")
    pattern = "{ ?s skos:prefLabel ?l }"
    made = store.query(f"CONSTRUCT {pattern} WHERE {{ GRAPH <{ANATOMY}> {pattern} }}").graph
    assert made is not None
    assert any(isinstance(label, Literal) for label in made.objects())


# What is kept


def keep(server: Server, day: str) -> str:
    """Keep the determination of a small case as of a day; its name."""
    case = example("minimal.jsonld")
    answer = server.post(f"/v1/determinations?keep=true&asOf={day}", case, "application/ld+json")
    assert answer.status_code in (200, 201), answer.text[:300]
    return answer.headers["determination-id"]


def graphs_of(server: Server, name: str) -> set[str]:
    """The graphs of a kept determination that a query sees."""
    values = " ".join(f"<{graph}>" for graph in _four(name))
    return {
        row["g"]
        for row in rows(by_get(server, f"SELECT DISTINCT ?g {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"))
    }


def _four(name: str) -> set[str]:
    graphs = kept_graphs(name)
    return {graphs.case, graphs.closed, graphs.determination, graphs.provenance}


def test_what_is_kept_is_seen_by_the_next_query_with_its_four_graphs(server: Server) -> None:
    name = keep(server, "2026-01-04")
    assert graphs_of(server, name) == _four(name)
    of_one = by_get(server, "ASK { ?d a nec:Determination }", default=[kept_graphs(name).determination])
    assert of_one.json()["boolean"] is True
    described = ox.Store()
    described.load(server.get("/sparql", TURTLE).content, format=ox.RdfFormat.TURTLE)
    entities = next(described.quads_for_pattern(None, ox.NamedNode(f"{VOID}entities"), None, None)).object
    told = by_get(server, "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d a nec:Determination }", RESULTS_JSON)
    assert int(cast("ox.Literal", entities).value) == number(told)


def test_a_query_while_something_is_kept_sees_all_of_it_or_nothing(server: Server) -> None:
    whole = """SELECT ?d (COUNT(?g) AS ?n) { ?d a nec:Determination .
        FILTER(STRSTARTS(STR(?d), "https://w3id.org/spine-reasoner/determination/"))
        VALUES ?end { "" "/case" "/closed" "/provenance" } BIND(IRI(CONCAT(STR(?d), ?end)) AS ?g)
        FILTER EXISTS { GRAPH ?g { ?s ?p ?o } } } GROUP BY ?d"""
    with ThreadPoolExecutor(1) as beside:
        keeping = beside.submit(lambda: [keep(server, day) for day in ("2026-01-05", "2026-01-06")])
        seen: list[set[str]] = []
        is_last = False
        while not is_last:
            is_last = keeping.done()
            found = rows(by_get(server, whole, RESULTS_JSON))
            assert {row["n"] for row in found} <= {"4"}
            seen.append({row["d"] for row in found})
        names = {kept_graphs(name).determination for name in keeping.result()}
    assert names <= seen[-1]
    assert all(earlier <= later for earlier, later in pairwise(seen))


def test_a_query_whose_snapshot_made_room_for_newer_ones_is_asked_again(tmp_path: Path) -> None:
    folders = [tmp_path / "0", tmp_path / "1"]
    folders[1].mkdir()
    snapshots = iter(Snapshot(folder, number) for number, folder in enumerate(folders))
    asked: list[str] = []

    async def run(job: Job) -> Reply:
        asked.append(job.arguments["path"])
        return Reply(200, CSV, b"true") if asked[-1] == str(folders[1]) else Reply(503, MEDIA_TYPE, b"{}")

    here = SimpleNamespace(
        store=SimpleNamespace(remote=False, snapshot=lambda: next(snapshots)), queries=SimpleNamespace(run=run)
    )
    reply = asyncio.run(put(cast("House", here), inquiry("ASK {}", CSV)))
    assert (reply.status, asked) == (200, [str(folder) for folder in folders])


def test_what_a_worker_refuses_is_refused_once_and_told_to_a_browser_as_a_page(server: Server, tmp_path: Path) -> None:
    async def run(_: Job) -> Reply:
        return Reply(503, MEDIA_TYPE, Refusal("store.damaged", "It is damaged.").problem.to_bytes())

    store = SimpleNamespace(remote=False, snapshot=lambda: Snapshot(tmp_path, 1))
    here = SimpleNamespace(store=store, queries=SimpleNamespace(run=run))
    with pytest.raises(Refusal) as found:
        asyncio.run(put(cast("House", here), inquiry("ASK {}", CSV)))
    assert found.value.problem.code == "store.damaged"
    page = by_form(server, "SELECT ?s { ?s ?p ?o } GROUP BY ?o", "text/html,*/*;q=0.8")
    assert (page.status_code, kind(page)) == (400, "text/html")
    assert "query.syntax" in page.text


def test_the_contract_names_every_form(server: Server) -> None:
    declared = server.get("/openapi.json").json()["paths"]["/sparql"]
    for method in ("get", "post"):
        assert set(declared[method]["responses"]["200"]["content"]) >= {*TABLES, *GRAPHS}
    assert {one["name"] for one in declared["get"]["parameters"]} >= {"query", "default-graph-uri", "named-graph-uri"}
