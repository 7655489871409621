"""What can be asked about: every file, worked case and example in graphs of their own, and each determination in four."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from reasoner import GuidelineMalformed, Library
from reasoner.case import read_case
from reasoner.dataset import (
    DATASET,
    DecisionGraphs,
    dataset_quads,
    decision_quads,
    descriptions_of,
    example_graphs,
    graph_name,
    kept_graphs,
    knowledge_quads,
    worked_quads,
)
from reasoner.determine import Decision, decide
from reasoner.mappings import SSSOM, mapping_files, mapping_quads
from reasoner.statement import identity_of, statement
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import DCTERMS, GUIDELINE, OWL, PROV, ROOT, SKOS, Case, Nec
from reasoner.worked import case_files, room_names


@pytest.fixture(scope="module")
def library() -> Library:
    """The bundled knowledge."""
    return Library.read()


@pytest.fixture(scope="module")
def quads(library: Library) -> list[ox.Quad]:
    """Everything that can be asked about."""
    return dataset_quads(library)


@pytest.fixture(scope="module")
def decision(library: Library) -> Decision:
    """The smallest example, determined."""
    path = library.root / "examples" / "l1-sarcoma-second-stage.ttl"
    return decide(library, read_case(path.read_bytes(), schema=library.schema))


def names(quads: list[ox.Quad]) -> set[str]:
    """The graphs that quads are in."""
    return {str(quad.graph_name)[1:-1] for quad in quads}


def triples(quads: list[ox.Quad], graph: str) -> set[ox.Triple]:
    """The statements of one graph."""
    return {quad.triple for quad in quads if quad.graph_name == ox.NamedNode(graph)}


def test_the_same_knowledge_gives_the_same_quads(library: Library, quads: list[ox.Quad]) -> None:
    """Blank nodes included: they are called by file and order."""
    assert dataset_quads(library) == quads


def test_every_file_is_a_graph_that_describes_itself(library: Library) -> None:
    """Its name is what the file calls itself, and all that the file says is in it."""
    found = list(knowledge_quads(library))
    for file in (*library.files, "shapes/case.ttl"):
        name = graph_name(file)
        there = triples(found, name)
        assert ox.Triple(ox.NamedNode(name), ox.NamedNode(RDF_TYPE), ox.NamedNode(OWL + "Ontology")) in there, file
        text = (library.root / file).read_bytes()
        assert len(there) == len(set(ox.parse(text, format=ox.RdfFormat.TURTLE))), file


def test_every_guideline_states_its_version(library: Library, quads: list[ox.Quad]) -> None:
    """And its title; the sizes add up."""
    found = {one.name: one for one in descriptions_of(quads)}
    for room in room_names(library):
        one = found[GUIDELINE + room]
        assert one.version
        assert one.title != f"guideline/{room}"
    assert found[ROOT + "mappings/uberon"].title == "Vertebrae to Uberon"
    assert found[ROOT + "example/degenerative-t12-s2"].title == "Degenerative lumbar spine, T12-S2 fusion"
    assert found[ROOT + "case-shapes"].triples == len(triples(list(knowledge_quads(library)), ROOT + "case-shapes"))


def test_the_catalogue_names_every_graph(quads: list[ox.Quad]) -> None:
    """But itself."""
    subset = ox.NamedNode("http://rdfs.org/ns/void#subset")
    told = {quad.object.value for quad in quads if quad.predicate == subset and isinstance(quad.object, ox.NamedNode)}
    assert told == names(quads) - {DATASET}
    assert {one.name for one in descriptions_of(quads)} == names(quads)


def test_worked_cases_are_there_as_written(library: Library) -> None:
    """With their story and what is expected; each under the name of its room and file, its parts under its own."""
    found = list(worked_quads(library))
    assert len(names(found)) == sum(len(case_files(library, room)) for room in room_names(library))
    name = GUIDELINE + "lumbar-fusion/cases/necessary.slip-that-moves"
    there = triples(found, name)
    expected = [one.object for one in there if one.predicate == ox.NamedNode(Nec.expects)]
    path = library.root / "shapes" / "lumbar-fusion" / "cases" / "necessary.slip-that-moves.ttl"
    assert len(expected) == path.read_text().count("[ nec:")
    assert {one.subject for one in there if one.predicate == ox.NamedNode(Nec.expects)} == {ox.NamedNode(name)}
    assert all(str(one.subject).startswith((f"<{name}", "_:")) for one in there)


def test_a_mapping_table_is_plain_matches_and_rows(library: Library) -> None:
    """What the file says in tabs, row for row."""
    for path in mapping_files(library):
        rows = [line.split("\t") for line in path.read_text().splitlines() if not line.startswith("#")][1:]
        found = list(mapping_quads(path))
        matches = [quad for quad in found if quad.predicate.value.startswith(SKOS)]
        assert len(matches) == len(rows)
        made = [quad for quad in found if quad.object == ox.NamedNode(SSSOM + "Mapping")]
        assert len(made) == len(rows)
    vertebra = ox.NamedNode("http://purl.obolibrary.org/obo/UBERON_0004620")
    assert any(
        quad.object == vertebra and quad.subject == ox.NamedNode(ROOT + "spine#L4")
        for quad in knowledge_quads(library)
        if quad.predicate.value == SKOS + "closeMatch"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("subject_id\tpredicate_id\tobject_id\tmapping_justification\n", "mapping.table"),
        ("#mapping_set_id: urn:m\nsubject_id\tpredicate_id\tobject_id\n", "mapping.table"),
        (
            "#mapping_set_id: urn:m\nsubject_id\tpredicate_id\tobject_id\tmapping_justification\na:b\tc:d\te:f\tg:h\n",
            "mapping.prefix",
        ),
    ],
)
def test_a_mapping_table_that_cannot_be_read_says_why(tmp_path: Path, text: str, code: str) -> None:
    """No name, a missing column, a prefix that nothing explains."""
    path = tmp_path / "a.sssom.tsv"
    path.write_text(text)
    with pytest.raises(GuidelineMalformed) as refusal:
        list(mapping_quads(path))
    assert refusal.value.code == code


@pytest.mark.parametrize("graphs", [example_graphs("a"), kept_graphs("0f")])
def test_a_determination_is_four_graphs(decision: Decision, graphs: DecisionGraphs) -> None:
    """Stated, closed, determination and provenance; together they say what the statement says, under names of its own."""
    found = decision_quads(graphs, decision)
    assert names(found) == {graphs.case, graphs.closed, graphs.determination, graphs.provenance}
    assert len(triples(found, graphs.case)) == len(decision.case.graph)
    assert not triples(found, graphs.case) & triples(found, graphs.closed)
    told = triples(found, graphs.determination) | triples(found, graphs.provenance)
    added = {
        ox.Triple(ox.NamedNode(graphs.determination), ox.NamedNode(predicate), value)
        for predicate, value in (
            (DCTERMS + "subject", ox.NamedNode(graphs.case)),
            (DCTERMS + "title", ox.Literal("Sarcoma of L1 in a child, second operation")),
            (DCTERMS + "identifier", ox.Literal(identity_of(decision))),
            (PROV + "wasDerivedFrom", ox.NamedNode(graphs.closed)),
        )
    }
    assert added <= told
    assert len(told) == len(statement(decision)) + len(added) + 2
    shared = (f"<{ROOT}record>", f"<{ROOT}record#", f"<{ROOT}item#", f"<{ROOT}derived#")
    assert not any(str(one).startswith(shared) for quad in found for one in (quad.subject, quad.object))


def test_provenance_stands_apart(decision: Decision) -> None:
    """How it was made is in one graph: activity, engine, and the hashes of case and knowledge; what was found, in the other."""
    graphs = kept_graphs("0f")
    found = decision_quads(graphs, decision)
    provenance = triples(found, graphs.provenance)
    said = {(one.predicate.value, one.object) for one in provenance}
    for used in (
        f"urn:sha256:{decision.case.hash}",
        f"urn:sha256:{decision.library.hash}",
        graphs.case,
        decision.policy.iri,
    ):
        assert (PROV + "used", ox.NamedNode(used)) in said
    answers = triples(found, graphs.determination)
    assert not any(one.predicate.value in (PROV + "used", PROV + "wasAssociatedWith") for one in answers)
    assert any(one.predicate.value == Nec.hasAnswer for one in answers)


def test_the_same_case_kept_and_shown_as_an_example_does_not_mix(decision: Decision) -> None:
    """Every node that is a determination's own is called otherwise in each."""
    shared = ("urn:sha256:", f"{ROOT}engine/")
    one, other = (
        {
            quad.subject.value
            for quad in decision_quads(graphs, decision)
            if isinstance(quad.subject, ox.NamedNode) and quad.graph_name != ox.NamedNode(graphs.closed)
        }
        for graphs in (example_graphs("a"), kept_graphs("0f"))
    )
    assert all(name.startswith(shared) for name in one & other)
    assert len(one) == len(other) > 100


def test_a_case_without_a_label_is_called_by_its_hash(library: Library, decision: Decision) -> None:
    """Nothing of the case is guessed."""
    data = (library.root / "examples" / "l1-sarcoma-second-stage.ttl").read_text()
    label = next(line for line in data.splitlines() if "case:label" in line and "Sarcoma of L1" in line)
    bare = decide(library, read_case(data.replace(label, "").encode(), schema=library.schema))
    assert not bare.case.graph.text(bare.case.iri, Case.label)
    title = ox.NamedNode(DCTERMS + "title")
    found = [quad.object for quad in decision_quads(kept_graphs("0f"), bare) if quad.predicate == title]
    assert found == [ox.Literal(f"determination {identity_of(bare)[:12]}")]
    assert identity_of(bare) != identity_of(decision)
