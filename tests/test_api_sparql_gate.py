"""What a worker does with a SPARQL query: every form, the dataset that is asked, whole answers, and faults without text."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from api.problems import Refusal, problem_of
from api.tasks.bench import Bench
from api.tasks.sparql import GRAPHS, RESULTS_JSON, RESULTS_XML, TABLES, TSV, Asker, Question, asked, offered, run_query
from api.workers.frames import Job
from reasoner import CaseUnreadable, Library
from reasoner.query_gate import Form

A, B, NOWHERE = "urn:graph:a", "urn:graph:b", "http://127.0.0.1:9/graph"
OBJECTS = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
NAMED = "SELECT ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?o"


def filled(store: ox.Store, *names: str) -> ox.Store:
    """A store with one statement in each graph, whose object is the graph's last letter."""
    for name in names:
        graph, last = ox.NamedNode(name), ox.Literal(name[-1])
        store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), last, graph))
    return store


@pytest.fixture
def asker() -> Asker:
    """A store with two graphs."""
    return Asker(filled(ox.Store(), A, B))


def objects(asker: Asker, query: str, default: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> str:
    """The objects that a query finds, one letter each."""
    _, body = run_query(asker, Question(query, "text/csv", default_graphs=default, named_graphs=named))
    return "".join(row[0] for row in list(csv.reader(io.StringIO(body.decode())))[1:])


@pytest.mark.parametrize(
    ("query", "default", "named", "found"),
    [
        (OBJECTS, (), (), "ab"),
        (NAMED, (), (), "ab"),
        (OBJECTS.replace("{", f"FROM <{A}> {{", 1), (), (), "a"),
        (NAMED.replace("{", f"FROM <{A}> {{", 1), (), (), ""),
        (OBJECTS.replace("{", f"FROM NAMED <{A}> {{", 1), (), (), ""),
        (NAMED.replace("{", f"FROM NAMED <{B}> {{", 1), (), (), "b"),
        (OBJECTS, (A,), (), "a"),
        (OBJECTS, (A, B), (), "ab"),
        (NAMED, (A,), (), ""),
        (OBJECTS, (), (B,), ""),
        (NAMED, (), (B,), "b"),
        (NAMED, (A,), (B,), "b"),
        (OBJECTS.replace("{", f"FROM <{A}> {{", 1), (B,), (), "b"),
        (NAMED.replace("{", f"FROM NAMED <{A}> {{", 1), (), (B,), "b"),
        (OBJECTS.replace("{", f"FROM <{A}> {{", 1), (), (B,), ""),
        (OBJECTS, (NOWHERE,), (), ""),
        (OBJECTS.replace("{", f"FROM <{NOWHERE}> {{", 1), (), (), ""),
        (OBJECTS.replace("{", "FROM <file:///etc/passwd> {", 1), (), (), ""),
        (f"SELECT ?o {{ GRAPH <{NOWHERE}> {{ ?s ?p ?o }} }}", (), (), ""),
    ],
)
def test_the_dataset_is_the_one_that_the_protocol_names(
    asker: Asker, query: str, default: tuple[str, ...], named: tuple[str, ...], found: str
) -> None:
    """All graphs as one; or those of FROM; or, before those, the ones of the request. One that is not there is empty."""
    assert objects(asker, query, default, named) == found


def test_a_graph_that_is_no_iri_is_refused(asker: Asker) -> None:
    """It is not looked up."""
    with pytest.raises(CaseUnreadable) as refused:
        objects(asker, OBJECTS, ("not an iri",))
    assert refused.value.code == "query.graph"


@pytest.mark.parametrize("media_type", TABLES)
def test_tables_and_truths_come_in_every_form(asker: Asker, media_type: str) -> None:
    """The engine reads back what it wrote."""
    sent, body = run_query(asker, Question(OBJECTS, media_type))
    assert sent == media_type
    if media_type == "text/csv":
        assert body == b"o\r\na\r\nb\r\n"
    else:
        found = ox.parse_query_results(body, format=TABLES[media_type])
        assert isinstance(found, ox.QuerySolutions)
        assert [one["o"] for one in found] == [ox.Literal("a"), ox.Literal("b")]
    assert b"true" in run_query(asker, Question("ASK { ?s ?p 'a' }", media_type))[1]
    assert b"false" in run_query(asker, Question("ASK { ?s ?p 'c' }", media_type))[1]


@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <urn:s>"])
def test_graphs_come_in_every_form(asker: Asker, media_type: str, query: str) -> None:
    """Two statements, in the default graph where the format has others."""
    sent, body = run_query(asker, Question(query, media_type))
    assert sent == media_type
    found = list(ox.parse(body, format=GRAPHS[media_type]))
    assert {quad.object for quad in found} == {ox.Literal("a"), ox.Literal("b")}
    assert {quad.graph_name for quad in found} == {ox.DefaultGraph()}


def test_each_form_of_query_offers_its_own_media_types(asker: Asker) -> None:
    """A table is no graph, and one that cannot be had is refused, with those that can."""
    assert offered(Form.SELECT)[:4] == offered(Form.ASK)[:4] == (RESULTS_JSON, RESULTS_XML, "text/csv", TSV)
    assert offered(Form.CONSTRUCT)[0] == offered(Form.DESCRIBE)[0] == "text/turtle"
    for query, media_type in ((OBJECTS, "text/turtle"), ("DESCRIBE <urn:s>", "text/csv"), ("ASK {}", "text/html")):
        with pytest.raises(Refusal) as refused:
            run_query(asker, Question(query, media_type))
        assert refused.value.problem.code == "media.not-acceptable"
        assert refused.value.problem.status == 406


@pytest.mark.parametrize("media_type", [RESULTS_JSON, RESULTS_XML, "text/csv", TSV])
def test_an_answer_is_whole_or_refused(media_type: str) -> None:
    """At the limit it is sent, one byte beyond it is not, and nothing is cut."""
    store = ox.Store()
    store.extend(ox.Quad(ox.NamedNode(f"urn:{one}"), ox.NamedNode("urn:p"), ox.Literal(one)) for one in range(2_000))
    _, whole = run_query(Asker(store), Question(OBJECTS, media_type))
    assert run_query(Asker(store), Question(OBJECTS, media_type, most_bytes=len(whole)))[1] == whole
    with pytest.raises(Refusal) as refused:
        run_query(Asker(store), Question(OBJECTS, media_type, most_bytes=len(whole) - 1))
    assert (refused.value.problem.code, refused.value.problem.status) == ("query.too-large-result", 422)


def test_known_prefixes_need_no_declaration(asker: Asker) -> None:
    """As with `spine query`; one that a query declares itself is its own."""
    assert objects(asker, "SELECT ?o { ?s ?p ?o FILTER(?o IN ('a', xsd:string('c'))) }") == "a"
    assert objects(asker, "PREFIX xsd: <urn:> SELECT ?o { xsd:s xsd:p ?o } ORDER BY ?o") == "ab"


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT * {\n  ?s ?p 'Jane Doe' 'Jane Doe' }", 2, None),
        ("SELECT * { janedoe:a ?p ?o }", 1, None),
        ("SELECT ?janedoe (COUNT(*) AS ?n) { ?janedoe ?p ?o }", 1, None),
        ("SELECT * { <janedoe> ?p ?o }", 1, None),
        ("SELECT * { ?s ?p ?o } janedoe", 1, 23),
        ("SELECT * { ?s ?p 'Jane Doe }", 1, 18),
    ],
)
def test_a_fault_is_told_by_its_place_and_not_by_its_text(
    asker: Asker, query: str, line: int, column: int | None
) -> None:
    """The words of a query may be those of a record."""
    with pytest.raises(CaseUnreadable) as refused:
        objects(asker, query)
    problem = problem_of(refused.value)
    assert (problem.code, problem.status, problem.line) == ("query.syntax", 400, line)
    assert problem.column is not None
    assert column in (None, problem.column)
    said = problem.to_bytes().lower()
    assert b"jane" not in said
    assert refused.value.__cause__ is None


def test_a_store_on_disk_is_opened_anew_when_it_has_moved_on(tmp_path: Path) -> None:
    """It is read only, stays open while nothing is kept, and is opened again for a newer generation."""
    path = str(tmp_path / "index")
    writer = filled(ox.Store(path), A)
    writer.flush()
    asker = Asker()
    assert objects_at(asker, path, 1) == "a"
    opened = asker.store(path, 1)
    assert asker.store(path, 1) is opened
    with pytest.raises(RuntimeError, match="read-write"):
        filled(opened, B)
    filled(writer, B).flush()
    assert objects_at(asker, path, 2) == "ab"
    del writer


def objects_at(asker: Asker, path: str, generation: int) -> str:
    """The objects that a store on disk holds as of a generation."""
    _, body = run_query(asker, Question(OBJECTS, "text/csv", path, generation))
    return "".join(body.decode().split()[1:])


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """Without its path."""
    with pytest.raises(Refusal) as refused:
        run_query(Asker(), Question("ASK {}", "text/csv", str(tmp_path / "nothing"), 1))
    assert refused.value.problem.code == "store.damaged"
    assert str(tmp_path).encode() not in refused.value.problem.to_bytes()
    with pytest.raises(Refusal) as off:
        run_query(Asker(), Question("ASK {}", "text/csv"))
    assert off.value.problem.code == "store.off"


def test_the_task_reads_its_arguments(asker: Asker) -> None:
    """The query is the body, in UTF-8."""
    arguments = {"form": RESULTS_JSON, "path": "", "generation": 0, "default_graphs": [B], "named_graphs": []}
    bench = Bench(Library.read(), asker)
    reply = asked(bench, Job("query", arguments, OBJECTS.encode()))
    assert (reply.status, reply.media_type) == (200, RESULTS_JSON)
    assert [one["o"]["value"] for one in json.loads(reply.body)["results"]["bindings"]] == ["b"]
    with pytest.raises(Refusal) as refused:
        asked(bench, Job("query", arguments, b"ASK { ?s ?p '\xff' }"))
    assert refused.value.problem.code == "query.encoding"
