"""HermiT is the authority: the ontology is consistent, its hierarchy as kept, and the closure's types are HermiT's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from reasoner import classify
from reasoner.case import read_case
from reasoner.closure import close
from reasoner.errors import OntologyInconsistent
from reasoner.library import Definition, Library
from reasoner.record import Record
from reasoner.terms import RDF_TYPE, Graph, Triple
from reasoner.vocabulary import CASE, NECESSITY, OWL, RDFS, RECORD, ROOT, SPINE, Case
from reasoner.worked import read_worked

SHOWN: Final = RECORD + "#shown"


@pytest.fixture(scope="module")
def library() -> Library:
    """The bundled knowledge."""
    return Library.read()


@pytest.fixture(scope="module")
def ontology(library: Library) -> Graph:
    """The ontology as it is written."""
    return classify.asserted(library.root)


@pytest.fixture(scope="module")
def records(library: Library) -> list[Record]:
    """Every worked case and every example, closed; and for each defined class a record that it describes."""
    root, policy = library.root, library.policy(None)
    cases = [read_worked(library, path).case for path in sorted(root.glob("shapes/*/cases/*.ttl"))]
    examples = sorted(root.glob("examples/*.ttl"))
    cases += [read_case(path.read_bytes(), schema=library.schema, name=path.name) for path in examples]
    closed = [close(library, case.graph, case.iri, policy, None) for case in cases]
    return closed + [close(library, described(library, one), RECORD, policy, None) for one in library.definitions]


@pytest.fixture(scope="module")
def hierarchy(ontology: Graph, records: list[Record]) -> classify.Hierarchy:
    """What HermiT infers of the ontology with all these records in it, in one run."""
    logic = classify.logic_of(ontology)
    links = set(ontology.subjects(RDF_TYPE, OWL + "ObjectProperty"))
    for number, record in enumerate(records):
        for node, classes in record.asserted.items():
            for cls in classes:
                logic.add(renamed(node, number), RDF_TYPE, cls)
            for path, values in record.graph.index[node].items():
                for value in values if path in links and path.startswith(CASE) else ():
                    logic.add(renamed(node, number), path, renamed(str(value), number))
    return classify.classified(logic)


def described(library: Library, definition: Definition) -> Graph:
    """A record in which one node is all that a definition asks for, and nothing more."""
    graph = Graph([Triple(SHOWN, RDF_TYPE, cls) for cls in sorted(definition.classes)])
    for number, (path, target, is_value) in enumerate(definition.links):
        named = next((one for one, types in library.individual_types.items() if target in types), f"{SHOWN}-{number}")
        value = target if is_value else named
        graph.add(SHOWN, path, value)
        if not is_value and value not in library.individual_types:
            graph.add(value, RDF_TYPE, target)
    return graph


def renamed(node: str, number: int) -> str:
    """A node of a record under a name that no other record uses."""
    return f"{RECORD}/{number}{node.removeprefix(RECORD)}" if node.startswith(RECORD) else node


def test_the_kept_hierarchy_is_fresh(library: Library) -> None:
    """The kept file is what HermiT says today; that it says anything also means that every class can have instances."""
    assert (library.root / "ontology" / classify.KEPT).read_text(encoding="utf-8") == classify.inferred(library.root)


def test_types_are_those_of_hermit(library: Library, records: list[Record], hierarchy: classify.Hierarchy) -> None:
    """Age groups apart, which are read from a number, closure and HermiT give every node the same classes."""
    by_age = {cls for group in library.age_groups for cls in library.ancestors[group]} - library.ancestors[Case.Patient]
    differing: list[tuple[int, str, str]] = []
    for number, record in enumerate(records):
        for node in record.asserted:
            ours = {cls for cls in record.graph.types(node) if cls in library.ancestors} - by_age
            theirs = {cls for cls in hierarchy.types_of(renamed(node, number)) if cls.startswith(ROOT)}
            differing.extend((number, node, cls) for cls in ours ^ theirs)
    assert differing == []


def test_every_definition_was_put_to_both(
    library: Library, records: list[Record], hierarchy: classify.Hierarchy
) -> None:
    """Whatever a definition describes is of the defined class, by the closure and by HermiT."""
    first = len(records) - len(library.definitions)
    for number, definition in enumerate(library.definitions, first):
        assert records[number].has_type(SHOWN, definition.iri), definition.iri
        assert definition.iri in hierarchy.types_of(renamed(SHOWN, number))


def test_data_values_and_annotations_are_left_out(ontology: Graph) -> None:
    """HermiT is given no literal, no annotation and nothing to fetch."""
    logic = classify.logic_of(ontology)
    kinds = (OWL + "DatatypeProperty", OWL + "AnnotationProperty")
    left_out = {name for kind in kinds for name in ontology.subjects(RDF_TYPE, kind)} | {OWL + "imports"}
    assert all(isinstance(triple.object, str) for triple in logic)
    assert not left_out & {triple.predicate for triple in logic}
    assert Case.atLevel in {triple.subject for triple in logic}


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("spine:Adult-Child a owl:Class ; rdfs:subClassOf spine:Adult , spine:Child .", "ontology.unsatisfiable"),
        ("spine:Somebody a spine:Adult , spine:Child .", "ontology.inconsistent"),
    ],
)
def test_a_contradiction_is_refused(tmp_path: Path, statements: str, code: str) -> None:
    """A class below two disjoint ones, and a thing in both, are refused."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "people.ttl").write_text(
        f"@prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> . @prefix spine: <{SPINE}> .\n"
        f"spine:Adult a owl:Class ; owl:disjointWith spine:Child . spine:Child a owl:Class .\n{statements}\n"
    )
    with pytest.raises(OntologyInconsistent) as refusal:
        classify.inferred(tmp_path)
    assert refusal.value.code == code


def test_only_what_is_new_is_written(tmp_path: Path) -> None:
    """A superclass that follows from a definition is written; one that is stated already is not."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "small.ttl").write_text(
        f"@prefix nec: <{NECESSITY}> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> .\n"
        "nec:A a owl:Class . nec:B a owl:Class ; rdfs:subClassOf nec:A .\n"
        "nec:AndC a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( nec:B nec:C ) ] .\n"
        "nec:C a owl:Class .\n"
    )
    text = classify.inferred(tmp_path)
    assert "nec:AndC\n    rdfs:subClassOf nec:B , nec:C ;\n    .\n" in text
    assert "nec:B\n" not in text
