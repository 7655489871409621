"""Every worked question is answered and says what it asks; other questions are answered in every form or refused."""

from __future__ import annotations

import csv
import io
import json
import re

import pyoxigraph as ox
import pytest

from reasoner import CaseUnreadable, GuidelineUnknown, Library
from reasoner.questions import EXAMPLE, answer, store_of, text_of, worked
from reasoner.vocabulary import ROOT

NAMES = [name for name, _ in worked()]


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Everything that can be asked about."""
    return store_of(Library.read())


def text(name: str) -> str:
    """The text of a worked question."""
    return text_of(name) or ""


@pytest.mark.parametrize("name", NAMES)
def test_a_worked_question_is_answered(store: ox.Store, name: str) -> None:
    """Each has rows, and its columns are those that its head names."""
    rows = list(csv.reader(io.StringIO(answer(store, text(name), "csv").decode())))
    stated = re.search(r"^# Columns: (.+)$", text(name), re.MULTILINE)
    assert stated is not None
    assert rows[0] == stated[1].split(", ")
    assert len(rows) > 1
    assert any(all(row) for row in rows[1:]), "no row is full"


@pytest.mark.parametrize("name", NAMES)
def test_a_worked_question_says_what_it_asks(name: str) -> None:
    """Its head has a title, a problem, what it answers, perhaps how to read it, and its columns, in this order."""
    head = [line for line in text(name).splitlines() if line.startswith("#")]
    parts = [line.split(":")[0].removeprefix("# ") for line in head[1:]]
    assert parts in (
        ["Problem", "What it answers", "Columns"],
        ["Problem", "What it answers", "How to read", "Columns"],
    )
    assert re.fullmatch(r"# [A-Z][^.]+", head[0])


def test_there_are_enough_and_each_has_its_own_title() -> None:
    """At least fifteen, told apart by name and title."""
    titles = [title for _, title in worked()]
    assert len(titles) >= 15
    assert len(set(titles)) == len(titles)
    assert text_of("no-such-question") is None


def test_answers_are_the_same_twice(store: ox.Store) -> None:
    """A store made anew gives the same bytes."""
    again = store_of(Library.read())
    for name in NAMES:
        assert answer(store, text(name), "json") == answer(again, text(name), "json"), name


def test_each_example_has_names_of_its_own(store: ox.Store) -> None:
    """The patients of two examples are two, and every example is determined."""
    graphs = {str(graph)[1:-1] for graph in store.named_graphs()}
    examples = {graph for graph in graphs if graph.startswith(EXAMPLE) and graph.count("/") == EXAMPLE.count("/")}
    assert len(examples) >= 5
    assert {f"{one}/{part}" for one in examples for part in ("closed", "determination", "provenance")} <= graphs
    asked = "SELECT (COUNT(DISTINCT ?patient) AS ?n) WHERE { ?case case:hasPatient ?patient%s }"
    determined = asked % " . ?determination dct:subject ?case"
    assert answer(store, determined, "csv").split()[1] == str(len(examples)).encode()
    cases = sum(1 for graph in graphs if "/cases/" in graph)
    assert answer(store, asked % "", "csv").split()[1] == str(len(examples) + cases).encode()
    assert {f"{ROOT}pathology", f"{ROOT}guideline/lumbar-fusion", f"{ROOT}reference", f"{ROOT}policy"} <= graphs


@pytest.mark.parametrize("form", ["text", "csv", "tsv", "json", "xml"])
def test_tables_come_in_every_form(store: ox.Store, form: str) -> None:
    """One question, five forms."""
    found = answer(store, "SELECT ?label WHERE { spine:L4-L5 skos:prefLabel ?label }", form).decode()
    assert "L4-L5" in found or "L4" in found
    assert form != "json" or json.loads(found)["head"]["vars"] == ["label"]
    assert form != "text" or found.endswith("1 row\n")


def test_graphs_come_as_turtle(store: ox.Store) -> None:
    """CONSTRUCT and DESCRIBE give Turtle, which no table form can hold."""
    for question in ("DESCRIBE spine:L4-L5", "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o . ?s nec:isDefault true }"):
        assert list(ox.parse(answer(store, question, "turtle"), format=ox.RdfFormat.TURTLE))
        with pytest.raises(GuidelineUnknown) as refusal:
            answer(store, question, "csv")
        assert refusal.value.code == "query.form"
    assert answer(store, "ASK { spine:L4-L5 a ?anything }") == b"true\n"


def test_from_names_a_graph_that_is_here(store: ox.Store) -> None:
    """FROM narrows a question to one graph."""
    asked = "SELECT (COUNT(*) AS ?n) FROM <here> WHERE { ?policy a nec:Policy }".replace("here", f"{ROOT}policy")
    assert int(answer(store, asked, "csv").split()[1]) >= 2


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", "query.update"),
        ("LOAD <https://example.org/data.ttl>", "query.update"),
        ("DROP ALL", "query.update"),
        ("SELECT * { SERVICE <https://example.org/sparql> { ?s ?p ?o } }", "query.service"),
        ("SELECT * { service SILENT <https://example.org/sparql> { ?s ?p ?o } }", "query.service"),
        ("SELECT * FROM <https://example.org/data.ttl> { ?s ?p ?o }", "query.from"),
        ("SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }", "query.from"),
        ("SELECT * FROM spine:nowhere { ?s ?p ?o }", "query.from"),
        ("BASE <http://example.org/x> SELECT * FROM <policy> { ?s ?p ?o }", "query.from"),
        ("SELECT * { ?s ?p }", "query.syntax"),
        ("", "query.syntax"),
        ("SELECT * " + "{" * 41 + "}" * 41, "query.nesting"),
        ("ASK { FILTER(" + "!" * 60 + "true) }", "query.nesting"),
        ("SELECT * { ?s nec:a" + "/nec:a" * 600 + " ?o }", "query.size"),
        ("SELECT * { ?s ?p ?o } #" + "x" * 30_000, "query.too-large"),
    ],
)
def test_what_changes_fetches_or_floods_is_refused(store: ox.Store, question: str, code: str) -> None:
    """Nothing is written, nothing is fetched, and nothing is nested without end."""
    size = len(store)
    with pytest.raises(CaseUnreadable) as refusal:
        answer(store, question)
    assert refusal.value.code == code
    assert len(store) == size


def test_words_inside_texts_and_names_are_no_commands(store: ox.Store) -> None:
    """What only looks like a command is let through."""
    asked = """
        # SERVICE and DELETE in a comment
        SELECT ?service ?x WHERE {
            VALUES (?service ?x) { ("DELETE DATA, LOAD; SERVICE" <https://example.org/service#insert>) }
        }
    """
    assert answer(store, asked).endswith(b"1 row\n")
