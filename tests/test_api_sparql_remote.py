"""The whole server with its index on another one: the same protocol, the same gate, and what happens when that one is away."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

from api.tasks.sparql import GRAPHS, RESULTS_JSON, RESULTS_XML, TSV
from reasoner.dataset import kept_graphs
from reasoner.questions import text_of
from tests.doors import Server, serving
from tests.test_api_sparql import (
    ALL,
    ANATOMY,
    AWKWARD,
    CHANGES,
    CSV,
    DATASETS,
    ENDLESS,
    FORM,
    NAMED,
    TURTLE,
    UPDATE,
    WAYS,
    Ways,
    by_body,
    by_form,
    by_get,
    graphs_of,
    keep,
    kind,
    number,
    refused,
    rows,
    statements,
)
from tests.test_api_store_remote import free_port, running

PATIENCE: Final = 60.0


@dataclass(slots=True)
class Oxigraph:
    """A SPARQL server of our own, which can be stopped and started again with what it holds."""

    folder: Path
    address: str
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Answer; a query that is given up by its caller is ended, too."""
        beside = Path(sys.executable).with_name("oxigraph")
        program = str(beside) if beside.exists() else shutil.which("oxigraph")
        assert program, "the test requirements bring the oxigraph server"
        place = ["--location", str(self.folder / "data"), "--bind", self.address]
        url = f"http://{self.address}/query?query=ASK%7B%7D"
        self._running.enter_context(running([program, "serve", *place, "--timeout-s", "3"], self.folder, url))

    def stop(self) -> None:
        """Be away."""
        self._running.close()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oxigraph]:
    """Where the index is."""
    found = Oxigraph(tmp_path_factory.mktemp("oxigraph"), f"127.0.0.1:{free_port()}")
    found.start()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def far(oxigraph: Oxigraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Our server before it."""
    base = f"http://{oxigraph.address}"
    flags = ("--store", f"{base}/query", "--store-update", f"{base}/update", "--store-graphs", f"{base}/store")
    limits = ("--query-seconds", "2", "--query-patience", "1")
    with serving(tmp_path_factory.mktemp("far") / "data", *flags, *limits) as running_server:
        yield running_server


@pytest.fixture(scope="module")
def sizes(far: Server) -> dict[str, int]:
    """How many statements each graph has."""
    found = by_get(far, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", RESULTS_JSON)
    return {row["g"]: int(row["n"]) for row in rows(found)}


@contextmanager
def away(oxigraph: Oxigraph) -> Iterator[None]:
    """The other server is stopped meanwhile."""
    oxigraph.stop()
    try:
        yield
    finally:
        oxigraph.start()


@WAYS
@pytest.mark.parametrize(("default", "named", "query", "counted"), DATASETS)
def test_the_graphs_of_the_request_reach_the_other_server(
    far: Server,
    sizes: dict[str, int],
    ask: Ways,
    default: list[str],
    named: list[str],
    query: str,
    counted: list[str],
) -> None:
    answer = ask(far, query, RESULTS_JSON, default=default, named=named)
    assert number(answer) == sum(sizes[name] for name in counted)


def test_without_any_graph_named_all_are_asked_as_one(far: Server, sizes: dict[str, int]) -> None:
    assert number(by_get(far, ALL, RESULTS_JSON)) == sum(sizes.values())
    assert number(by_get(far, NAMED, RESULTS_JSON)) == sum(sizes.values())


def test_a_query_is_read_here_before_it_goes_there(far: Server) -> None:
    found = refused(by_get(far, "ASK {\n ?item mine:hasOutcome ?outcome }"), 400, "query.syntax")
    assert found["line"] == 2
    refused(by_body(far, "SELECT ?s { ?s ?p ?o } GROUP BY ?o"), 400, "query.syntax")
    refused(by_form(far, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), 400, "query.service")
    refused(by_get(far, "ASK {} #" + "x" * 16_384), 413, "query.too-large")
    refused(by_form(far, "ASK {}", default=["not an iri"]), 400, "query.graph")
    refused(by_form(far, "ASK {}", named=["relative"]), 400, "query.graph")
    refused(by_get(far, "SELECT * {}", TURTLE), 406, "media.not-acceptable")


@pytest.mark.parametrize("change", CHANGES)
def test_no_update_reaches_the_other_server(far: Server, change: str) -> None:
    before = number(by_get(far, ALL, RESULTS_JSON))
    for ask in (by_get, by_form, by_body):
        refused(ask(far, change), 400, "query.")
    refused(far.post("/sparql", change.encode(), UPDATE), 400, "query.update")
    refused(far.post("/sparql", b"update=CLEAR+ALL", FORM), 400, "query.update")
    assert number(by_get(far, ALL, RESULTS_JSON)) == before


@pytest.mark.parametrize("query", [AWKWARD, text_of("thresholds"), text_of("criteria-on-unverified-claims")])
def test_a_table_is_the_same_wherever_the_index_is(far: Server, server: Server, query: str) -> None:
    for form in (RESULTS_JSON, CSV, TSV, RESULTS_XML):
        there, here = (by_form(one, query, form) for one in (far, server))
        assert (there.status_code, kind(there)) == (200, form)
        if form in (CSV, TSV):
            assert sorted(there.text.splitlines()) == sorted(here.text.splitlines())
        elif form == RESULTS_JSON:
            assert sorted(map(str, rows(there))) == sorted(map(str, rows(here))) != []


def test_a_graph_is_the_same_wherever_the_index_is(far: Server, server: Server) -> None:
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{ANATOMY}> {{ ?s ?p ?o }} }}"
    expected = statements(by_form(server, query, TURTLE))
    for form in (TURTLE, "application/n-triples", "application/ld+json", "application/rdf+xml", "application/trig"):
        there = by_form(far, query, form)
        assert kind(there) == form
        assert form in GRAPHS
        assert statements(there) == expected


def test_the_service_describes_itself_from_there(far: Server, server: Server) -> None:
    there, here = (one.get("/sparql", "application/n-triples").text for one in (far, server))
    sized = [line for line in here.splitlines() if "void#triples" in line]
    assert len(sized) > 40
    assert set(sized) <= set(there.splitlines())


def test_what_is_kept_is_seen_by_the_next_query(far: Server) -> None:
    name = keep(far, "2026-01-07")
    graphs = kept_graphs(name)
    assert graphs_of(far, name) == {graphs.case, graphs.closed, graphs.determination, graphs.provenance}
    assert number(by_get(far, ALL, RESULTS_JSON, default=[graphs.determination])) > 0


def test_a_query_that_never_ends_is_given_up(far: Server) -> None:
    refused(by_get(far, ENDLESS), 422, "work.too-long")
    refused(by_get(far, "SELECT * { ?a ?b ?c . ?d nec:hasOutcome ?f } LIMIT 500000", RESULTS_JSON), 422)
    assert by_get(far, "ASK {}").json()["boolean"] is True


def test_slow_queries_there_take_their_places_and_no_more(far: Server) -> None:
    with ThreadPoolExecutor(6) as together:
        asked = [together.submit(by_get, far, ENDLESS) for _ in range(6)]
        assert far.get("/health/live").status_code == 200
        assert far.get("/v1/determinations/" + "0" * 64).status_code == 404
        answers = [one.result() for one in asked]
    assert {one.status_code for one in answers} == {422, 503}
    busy = [one for one in answers if one.status_code == 503]
    assert {one.json()["code"] for one in busy} == {"server.busy"}
    assert all(int(one.headers["retry-after"]) >= 1 for one in busy)


def test_while_the_other_server_is_away_nothing_kept_is_lost(far: Server, oxigraph: Oxigraph) -> None:
    with away(oxigraph):
        answer = by_get(far, "ASK {}")
        refused(answer, 503, "store.unreachable")
        assert int(answer.headers["retry-after"]) >= 1
        assert refused(far.get("/sparql", TURTLE), 503)["mend"]
        assert oxigraph.address not in answer.text
        assert far.get("/sparql", "text/html").status_code == 200
        name = keep(far, "2026-01-08")
        refused(by_get(far, "ASK {}"), 503, "store.behind")
        assert far.get(f"/v1/determinations/{name}").status_code == 200
        refused(by_get(far, "ASK { SERVICE <http://127.0.0.1:9/> {} }"), 400, "query.service")
    until = time.monotonic() + PATIENCE
    while (answer := by_get(far, ALL, RESULTS_JSON)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)
    assert len(graphs_of(far, name)) == 4
