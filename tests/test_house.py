"""The house is in order, and each of its habits is really looked at: whatever departs from one is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reasoner import vocabulary
from reasoner.house import style, unsaid_numbers, whole
from reasoner.library import Library
from reasoner.lint import blocks_of, clauses_of, faults_in, lint
from reasoner.terms import Graph, Literal, Term
from reasoner.vocabulary import GUIDELINE, OWL, SH, SKOS, Nec, Spine
from reasoner.weave import weave
from reasoner.worked import room_names

ROOT = Path(__file__).parent.parent
ROOM = "setting-of-care"
CLAUSE = f"{GUIDELINE}{ROOM}#stay-for-large-or-urgent-surgery"
LEAF = f"{GUIDELINE}{ROOM}#one-fusion-over-two-segments"
BRANCH = f"{GUIDELINE}{ROOM}#fusion-over-two-segments"
CLAIM = f"{GUIDELINE}{ROOM}#consensus-on-stay"

GOOD = """\
@prefix : <https://example.org/guideline#> .
@prefix nec: <https://example.org/necessity#> .
@prefix sh: <https://example.org/shacl#> .
@prefix skos: <https://example.org/skos#> .

<https://example.org/guideline>
    a nec:Guideline ;
    nec:clauses (
        :first
        :second
    ) ;
    .

### 1  The first part

:first
    a nec:Criterion ;
    skos:notation "1" ;
    skos:definition "It says: # is no comment; nor is <this> an IRI."@en ;
    sh:qualifiedValueShape [
        sh:class nec:Evidence ;
        sh:property [ sh:path nec:total ; sh:minInclusive 3 ] ;
    ] ;
    sh:message "No."@en ;
    .

:second
    a nec:Criterion ;
    .
"""


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


def changed(library: Library, change: Callable[[Graph], None]) -> Library:
    """The library with something changed in a copy of its graph."""
    graph = Graph()
    graph.index = {s: {p: list(values) for p, values in edges.items()} for s, edges in library.graph.index.items()}
    change(graph)
    return replace(library, graph=graph)


def said(subject: str, predicate: str, *values: Term) -> Callable[[Graph], None]:
    """A change that gives a subject these values of a property, and no others."""

    def change(graph: Graph) -> None:
        graph.index[subject][predicate] = list(values)

    return change


def english(text: str) -> Literal:
    """A text in English."""
    return Literal(text, "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "en")


@pytest.mark.parametrize("folder", ["ontology", "shapes"])
def test_every_file_is_written_in_style(folder: str) -> None:
    assert lint(ROOT / folder) == []


def test_all_knowledge_is_in_style(library: Library) -> None:
    assert style(library) == []


def test_every_page_is_fresh(library: Library) -> None:
    assert [path.relative_to(library.root).as_posix() for path in weave(library, write=False)] == []


@pytest.mark.parametrize("terms", [vocabulary.Nec, vocabulary.Case, vocabulary.Spine])
def test_every_name_in_the_code_is_declared(library: Library, terms: type) -> None:
    names = [iri for key, iri in vars(terms).items() if not key.startswith("_")]
    assert [iri for iri in names if not library.graph.types(iri)] == []


def test_a_good_file_has_no_fault() -> None:
    assert list(faults_in(GOOD)) == []
    assert clauses_of(blocks_of(GOOD)) == [":first", ":second"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("@prefix sh:", "@prefix sg:", "sg: is not used"),
        ("@prefix nec:", "@prefix zzz: <https://example.org/z#> .\n@prefix nec:", "prefixes are sorted"),
        ("skos#> .\n\n", "skos#> .\n", "begins with its prefixes"),
        (":second\n    a", "@prefix x: <https://example.org/x#> .\n:second\n    a", "apart from the header"),
        (":second\n    a", ":second a", "alone on its line"),
        ("    .\n\n:second", "    .\n:second", "ends with a full stop"),
        ('"No."@en ;\n    .', '"No."@en .', "ends with a full stop"),
        ("\n    a nec:Criterion ;\n    skos", "\n  a nec:Criterion ;\n    skos", "four spaces"),
        ("### 1", "# 1", "no section banner"),
        ("    skos:notation", "    # why\n    skos:notation", "no section banner"),
        ("minInclusive 3", 'minInclusive "3"^^xsd:integer', "written bare"),
        ("nec:Evidence ;", "nec:Evidence ; ", "space at the end"),
        ("### 1", "\n### 1", "two empty lines"),
        ("        :first\n        :second", "        :second\n        :first", "order of the list"),
        ("        :second\n", "        :second\n        :third\n", ":third is not written"),
        ("\n:second\n", "\n:first\n", "more than one block"),
        ('    skos:notation "1" ;\n', "", ""),
        (
            '    a nec:Criterion ;\n    skos:notation "1" ;',
            '    skos:notation "1" ;\n    a nec:Criterion ;',
            "order of predicates",
        ),
        ("<https://example.org/guideline>\n", ":guideline\n", "about the file itself"),
    ],
)
def test_every_departure_is_told(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    told = [what for _, what in faults_in(GOOD.replace(old, new, 1))]
    assert any(fault in what for what in told) if fault else told == []


def test_classes_stand_in_the_order_of_the_alphabet() -> None:
    text = GOOD.replace("### 1  The first part", "### Classes").replace(":first\n    a", ":zebra\n    a")
    assert "stands out of the order of the alphabet" in " ".join(what for _, what in faults_in(text))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (said(LEAF, Nec.restsOn), "rests on at least one claim"),
        (said(LEAF, SH + "message"), "one sentence of a clinician"),
        (
            said(LEAF, SH + "message", english("Less than 2 values on case:segmentCount.")),
            "one sentence of a clinician",
        ),
        (said(LEAF, SKOS + "definition", english("A fusion of 2 segments")), "full stop"),
        (said(LEAF, SKOS + "prefLabel", english("One"), english("Two")), "exactly one prefLabel"),
        (said(LEAF, SKOS + "notation"), "printed number"),
        (said(LEAF, SKOS + "example", english("A fusion.")), "either a leaf"),
        (said(LEAF, Nec.changeKind), "either a leaf"),
        (said(LEAF, SH + "severity", SH + "Warning"), "no severity"),
        (said(LEAF, SH + "name", english("Fusion")), "SKOS alone"),
        (said(BRANCH, SH + "path", Nec.evidenceAtLevel), "either a leaf"),
        (said(CLAUSE, Nec.direction, Nec.Open), "one direction"),
        (said(CLAIM, Nec.hasAppraisal), "appraised once"),
        (said(GUIDELINE + ROOM, OWL + "versionIRI", GUIDELINE + ROOM + "/new"), "dated version"),
    ],
)
def test_every_habit_is_looked_at(library: Library, change: Callable[[Graph], None], fault: str) -> None:
    told = style(changed(library, change), ROOM)
    assert any(fault in one for one in told)


def test_a_number_is_said_in_figures_or_in_words(library: Library) -> None:
    leaf = library.criteria.leaves[LEAF]
    for words, unsaid in (
        ("Spans two segments.", []),
        ("At least 2.", []),
        ("At least 20, or 2.5.", ["2"]),
        ("Several.", ["2"]),
    ):
        spoken = changed(library, said(LEAF, SKOS + "definition", english(words)))
        assert unsaid_numbers(spoken, leaf) == unsaid


def test_an_undeclared_word_is_told(library: Library) -> None:
    told = whole(changed(library, said(CLAUSE, Nec.concerns, Spine.Adult + "s")), ROOM)
    assert any("spine#Adults is not declared" in one for one in told)


def test_a_criterion_that_nobody_asks_is_told(library: Library) -> None:
    without = replace(library, recommendations=(), advisories=())
    assert any("asks it" in one for one in whole(without, ROOM))


def test_every_room_has_a_name_and_a_guideline(library: Library) -> None:
    assert len(room_names(library)) == len(library.graph.subjects(Nec.clauses))
