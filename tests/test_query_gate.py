"""What the gate lets through reaches no other host, changes nothing and does not kill the process that asks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reasoner import CaseUnreadable, Library
from reasoner.asking import PREFIXES, asked
from reasoner.dataset import dataset_quads
from reasoner.query_gate import LIMITS, SIZE, Form, admit, limits
from reasoner.query_tokens import Kind, tokens
from reasoner.questions import text_of, worked
from tests.hostile_queries import FIXED, GROWING

ELSEWHERE = "http://127.0.0.1:9/"


def refusal(query: str) -> str:
    """The code with which a query is refused, or nothing."""
    try:
        admit(query, PREFIXES)
    except CaseUnreadable as error:
        return error.code
    return ""


SERVICES = [
    "SELECT * { SERVICE <E> { ?s ?p ?o } }",
    "SELECT * { service silent <E> { ?s ?p ?o } }",
    "SELECT * { SERVICE#c\n<E> { ?s ?p ?o } }",
    "SELECT * { SERVICE#<\n<E>{ ?s ?p ?o } }",
    "SELECT * { SERVICE\t?where { ?s ?p ?o } }",
    "SELECT * { SERVICE<E>{?s ?p ?o}}",
    "PREFIX e: <E> SELECT * { SERVICEe:foo { ?s ?p ?o } }",
    "PREFIX : <E> SELECT * { SERVICE:foo { ?s ?p ?o } }",
    "PREFIX SERVICEe: <urn:x> PREFIX e: <E> SELECT * { SERVICEe:foo { ?s ?p ?o } }",
    "SELECT * { ?s ?p trueSERVICE<E>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p 1.SERVICE<E>{ ?s ?p ?o } }",
    'SELECT * { ?s ?p "a"@en.SERVICE<E>{ ?s ?p ?o } }',
    "SELECT * { ?s ?p ?o FILTER(?s<2)SERVICE<E>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p '\\''.SERVICE<E>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p '''a''b'''.SERVICE<E>{ ?s ?p ?o } }",
    "SELECT * { { SELECT * { SERVICE <E> { ?s ?p ?o } } } }",
    "ASK { FILTER EXISTS { SERVICE <E> { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <E> { ?s ?p ?o } }",
    "DESCRIBE ?s { SERVICE <E> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("query", SERVICES)
def test_no_query_asks_another_server(query: str) -> None:
    """However SERVICE is written, and whatever the engine would make of it."""
    assert refusal(query.replace("E>", f"{ELSEWHERE}>")) == "query.service"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SER\\u0056ICE <urn:e> { ?s ?p ?o } }",
        'SELECT * { ?s ?p "\\u0022 . SERVICE <urn:e> { ?s ?p ?o } #" }',
        "SELECT * { ?s ?p ?o #\\u000A SERVICE <urn:e> { ?s ?p ?o }\n}",
        "SELECT * { <urn:\\u003E> ?p ?o }",
        "SELECT * { ?s ?p '\\U00000027' }",
        "SELECT * { ?s ?p '\\uD800' }",
        "SELECT * { ?s ?p '\\U00110000' }",
        "SELECT * { ?s ?p '\\\\u0022' }",
    ],
)
def test_escapes_do_not_hide_what_is_asked(query: str) -> None:
    """An escape that could end a text, an IRI or a comment, or be a word, is refused whoever resolves it."""
    assert refusal(query) in ("query.escape", "query.syntax")


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "delete where { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "LOAD <https://example.org/data.ttl>",
        "LOAD SILENT <file:///etc/passwd> INTO GRAPH <urn:g>",
        "CLEAR ALL",
        "DROP#\nALL",
        "CREATE GRAPH <urn:g>",
        "COPY DEFAULT TO <urn:g>",
        "MOVE <urn:a> TO <urn:b>",
        "ADD <urn:a> TO <urn:b>",
        "PREFIX e: <urn:e> DROP ALL",
        "ASK {} ; DROP ALL",
        "SELECT * {} ; INSERT DATA {}",
    ],
)
def test_no_query_changes_anything(query: str) -> None:
    """Updates are refused as what they are, also behind a query."""
    assert refusal(query) == "query.update"


@pytest.mark.parametrize(
    "query",
    [
        "# SERVICE and DELETE in a comment\nASK {}",
        "ASK { ?s ?p 'DELETE DATA, LOAD; SERVICE' }",
        'ASK { ?s ?p """SERVICE <urn:a> { " """ }',
        "ASK { ?s ?p '''INSERT '' DATA''' }",
        "ASK { <https://example.org/service#insert> ?p ?o }",
        "PREFIX ex: <urn:ex#> ASK { ex:service ex:DELETE ex:load.drop }",
        "SELECT ?service ?insert { ?service ?insert $delete }",
        "ASK { ?s ?p 'a'@service }",
        "ASK { _:service ?p ?o }",
        "PREFIX ex: <urn:ex#> ASK { ex:a\\.SERVICE ?p ex:%53ERVICE }",
        "ASK { ?s ?p '\\u00E9\\U0001F600' . <urn:\\u00e9> ?p ?o }",
        "select*{?s a?o}",
        "ASK{FILTER(1<2&&3>2)}",
        "PREFIX : <urn:#> ASK { :a.b :c 1.5e3, .5, -1 ; :d ( 1 2 ) , [ :e () ] }",
        "SELECT (GROUP_CONCAT(?s ; separator=', ') AS ?x) { ?s (^rdf:type|!(skos:prefLabel|^skos:altLabel))?/rdf:rest* ?o }",
        'ASK { ?s ?p "a\\"b"^^xsd:string , \'\\n\' }',
    ],
)
def test_what_only_looks_like_a_command_passes(query: str) -> None:
    """A word in a comment, a text, an IRI, a name or a variable commands nothing; the engine agrees."""
    admit(query, PREFIXES)
    asked(ox.Store(), query)


def test_every_worked_question_passes_with_room_to_spare() -> None:
    """The limits are far from what people ask."""
    for name, _ in worked():
        text = text_of(name) or ""
        assert admit(text, PREFIXES).form is Form.SELECT
        assert len(text) < SIZE.most / 4, name


@pytest.mark.parametrize(
    ("query", "form", "default", "named"),
    [
        ("ASK FROM <urn:a> {}", Form.ASK, ("urn:a",), ()),
        (
            "SELECT * FROM skos:a FROM NAMED <urn:b> {}",
            Form.SELECT,
            ("http://www.w3.org/2004/02/skos/core#a",),
            ("urn:b",),
        ),
        ("PREFIX : <urn:x#> CONSTRUCT WHERE { ?s ?p ?o }", Form.CONSTRUCT, (), ()),
        ("PREFIX : <urn:x#> DESCRIBE :a from :g", Form.DESCRIBE, ("urn:x#g",), ()),
        (
            "BASE <http://a/b/> PREFIX c: <d#> ASK FROM <e> FROM c:f {}",
            Form.ASK,
            ("http://a/b/e", "http://a/b/d#f"),
            (),
        ),
        ("ASK { ?s ?p 'FROM <urn:a>' }", Form.ASK, (), ()),
        ("ASK { ?s ?p ?from }", Form.ASK, (), ()),
    ],
)
def test_form_and_graphs_are_read(query: str, form: Form, default: tuple[str, ...], named: tuple[str, ...]) -> None:
    """With prefixes and BASE resolved; a FROM that is only text is none."""
    found = admit(query, PREFIXES)
    assert (found.form, found.default_graphs, found.named_graphs) == (form, default, named)
    assert found.names_dataset == bool(default or named)


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("SELECT * {\n  ?s ?p 'open\n}", "query, line 2, column 9"),
        ("ASK { ?s ?p ?o ]", "query, line 1, column 16"),
        ("ASK { ?s ?p ?o", "query, line 1, column 15"),
        ("ASK {}\r\n\x0b", "query, line 2, column 1"),
        ("SELECT * { FROMx:a ?p ?o } ; SECRET", "query, line 1, column 30"),
        ("", "query, line 1, column 1"),
        ("PREFIX FROMx: <urn:a> ASK FROMx:a {}", "query, line 1, column 27"),
    ],
)
def test_a_fault_is_told_by_its_place(query: str, where: str) -> None:
    """Line and column, and nothing of what was written."""
    with pytest.raises(CaseUnreadable) as refused:
        admit(query, PREFIXES)
    assert (refused.value.code, refused.value.where) == ("query.syntax", where)
    assert "SECRET" not in str(refused.value)


def test_the_limits_can_be_told() -> None:
    """Each says what it counts, how much passes, and why."""
    told = list(limits())
    assert len(told) == len(LIMITS) == len({counted for counted, _, _ in told})
    assert all(most > 0 and reason for _, most, reason in told)
    assert {counted: most for counted, most, _ in told}["bytes"] == 16 * 1024
    assert refusal("#" + "é" * 8_192) == "query.too-large"


FRAGMENTS = st.sampled_from(
    [*"{}()[]<>.,;|/^*+?!=-&@:_#'\"\\~$%", "<<", ">>", "||", "&&", "^^", "'''", '"""', "\n", "\r", " ", "\t", "\\u0053",
     "\\U00000041", "\\.", "%53", "a", "ex:", "ex:a", ":", "_:b", "?x", "$y", "<urn:a>", "<http://127.0.0.1:9/>", "1", "1.",
     ".5e", "'a'", "@en", "true",
     "SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "FROM", "NAMED", "SERVICE", "SILENT", "service",
     "PREFIX", "BASE", "GRAPH", "FILTER", "EXISTS", "NOT", "OPTIONAL", "UNION", "MINUS", "VALUES", "BIND", "AS", "INSERT", "DROP",
     "é", "\ud7ff", "😀", "\x00", "\u2028", "SELECT * {", "{ ?s ?p ?o }", "SERVICE <http://127.0.0.1:9/> {"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
@example("SELECT * { ?s ?p '" + "\\" * 99)
@example("<" * 500)
def test_the_gate_only_ever_refuses(query: str) -> None:
    """Whatever it is given, it lets it pass or refuses it with a code of its own."""
    assert re.fullmatch(r"(query\.[a-z-]+)?", refusal(query))


SEEDS = st.sampled_from([query.replace("E>", f"{ELSEWHERE}>") for query in SERVICES] + ["SELECT * { ?s ?p ?o . }"])


@settings(max_examples=300, deadline=None)
@given(SEEDS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3), FRAGMENTS), min_size=1, max_size=4))
def test_what_passes_never_calls_out(query: str, changes: list[tuple[int, int, str]]) -> None:
    """Mutations of queries that call out: what the gate lets through, the engine answers without a network."""
    for at, dropped, put in changes:
        query = query[:at] + put + query[at + dropped :]
    if refusal(query):
        return
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.NamedNode("urn:c")))
    try:
        found = asked(store, query)
        if not isinstance(found, ox.QueryBoolean):
            for _ in found:
                pass
    except CaseUnreadable:
        return  # An OSError would be the engine's: it tried to reach a host.


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_tokens_lie_in_order_and_cover_the_text(query: str) -> None:
    """Each token is what stands at its place, and between two stand only white space and comments: one pass, no gaps."""
    at = 0
    try:
        for token in tokens(query):
            assert query.startswith(token.text, token.at)
            assert re.fullmatch(r"(?:[ \t\r\n]|#[^\r\n]*)*", query[at : token.at])
            at = token.at + len(token.text)
    except CaseUnreadable:
        return
    assert re.fullmatch(r"(?:[ \t\r\n]|#[^\r\n]*)*", query[at:])


def test_long_runs_are_walked_once() -> None:
    """Runs that could be taken for the beginning of many things are one token, or one each, not one for every beginning."""
    assert [token.kind for token in tokens("a" * 16_000)] == [Kind.WORD]
    assert len(list(tokens("a." * 8_000))) == 16_000
    assert len(list(tokens("ex:a" + "." * 16_000))) == 16_001
    assert len(list(tokens("<" * 16_000))) == 8_000


# Opening a store takes address space for the threads of its engine, from 0.3 to 1.1 GB: the gigabyte is counted from there.
_ASKER = """
import json, os, resource, signal, sys
import pyoxigraph as ox
from reasoner.asking import asked
path, queries = sys.argv[1], json.load(sys.stdin)
for name, query in queries:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writer, 2)
        store = ox.Store.read_only(path)
        with open("/proc/self/statm") as file:
            memory = int(file.read().split()[0]) * resource.getpagesize() + (1 << 30)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.setitimer(signal.ITIMER_PROF, 0.4)
        try:
            found = asked(store, query)
            if not isinstance(found, ox.QueryBoolean):
                for _ in found: pass
            os._exit(0)
        except MemoryError:
            os._exit(0)
        except ValueError:
            os._exit(1)
    os.close(writer)
    said = b""
    while part := os.read(reader, 65536):
        said += part
    os.close(reader)
    _, status = os.waitpid(child, 0)
    ended = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "EXIT"
    if ended == "SIGPROF":
        ended = "time"
    if ended == "SIGABRT" and b"memory allocation of" in said:  # A stack that overflows is told otherwise.
        ended = "memory"
    print(json.dumps([name, ended, os.waitstatus_to_exitcode(status)]), flush=True)
"""


def largest(grow: object) -> str:
    """The largest query of a growing shape that passes."""
    assert callable(grow)
    least, most = 1, 16_384
    while least < most:
        middle = (least + most + 1) // 2
        if refusal(grow(middle)) in ("query.nesting", "query.size", "query.too-large"):
            most = middle - 1
        else:
            least = middle
    return str(grow(least))


@pytest.mark.slow
def test_what_passes_does_not_kill_the_process(tmp_path: Path) -> None:
    """Of each hostile shape the largest that passes, and more: it ends, or the limits on time and memory end it."""
    store = ox.Store(str(tmp_path / "store"))
    store.bulk_extend(dataset_quads(Library.read()))
    store.flush()
    del store
    queries = [(name, largest(grow)) for name, grow in GROWING.items()] + list(FIXED.items())
    passing = [(name, query) for name, query in queries if not refusal(query)]
    assert len(passing) >= 80
    run = subprocess.run(
        [sys.executable, "-c", _ASKER, str(tmp_path / "store")],
        input=json.dumps(passing),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "1"},
    )
    ended = {name: how for name, how, _ in map(json.loads, run.stdout.splitlines())}
    assert list(ended) == [name for name, _ in passing]
    assert {name: how for name, how in ended.items() if how not in ("EXIT", "time", "memory")} == {}
    assert "EXIT" in ended.values()
