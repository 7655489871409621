"""A readable case comes out the same however it is written, with stable names and one hash."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.canonical import canonicalise, n_triples_term
from reasoner.case import Case, case_report, n_triples, read_case
from reasoner.errors import SpineReasonerError
from reasoner.intake import triples
from reasoner.lexical import DECIMAL, canonical, days
from reasoner.schema import CONTEXT_IRI, CaseSchema
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Term
from reasoner.vocabulary import CASE, RECORD, SH, SPINE
from tests.small_world import GOOD, graph_of, schema, turtle
from tests.test_hostile import START, STATEMENTS

SMALL = schema()
ROOT = Path(__file__).parent.parent
SHAPES = ROOT / "shapes" / "case.ttl"

GOOD_JSON = {
    "@context": CONTEXT_IRI,
    "type": "Case",
    "hasPatient": {"ageInYears": 57, "hasSex": "Female"},
    "hasRequest": {
        "requestedOn": "2026-03-02",
        "hasReviewKind": "Prospective",
        "asksFor": {
            "id": "#fusion",
            "type": "PosteriorFusion",
            "atLevel": "L4/5",
            "hasCodeLine": {"hasCode": "22612", "unitCount": 1},
        },
    },
    "hasDocument": {"id": "#mri", "type": "MriReport", "writtenOn": "2026-02-13"},
    "records": [
        {
            "id": "#stenosis",
            "type": "ForaminalStenosis",
            "atLevel": "L4-5",
            "onSide": "Left",
            "hasSeverity": "Severe",
            "statedIn": "#mri",
        },
        {
            "id": "#slip",
            "type": "Spondylolisthesis",
            "atLevel": "L4-L5",
            "slipInMillimetresAtLeast": 4.50,
            "slipInMillimetresAtMost": 6,
        },
        {"type": "BackPain", "isProgressive": True},
        {"type": "Absence", "ofKind": "SpinalNeoplasm", "statedIn": "#mri"},
        {"type": "PhysicalTherapy", "startDate": "2025-11", "endDate": "2026-01-15"},
    ],
}


def read(text: str | bytes, name: str = "case.ttl") -> Case:
    """Read a case of the small world."""
    return read_case(text if isinstance(text, bytes) else text.encode(), schema=SMALL, name=name)


def test_good_case() -> None:
    case = read(GOOD)
    assert case.iri == RECORD
    assert case.graph.node(RECORD + "#stenosis", CASE + "hasSeverity") == SPINE + "Severe"
    assert case.labels[RECORD + "#stenosis"] == "Foraminal stenosis at L4-L5, left"


def test_nameless_nodes_are_named_and_typed() -> None:
    case = read(GOOD)
    patient = case.graph.node(RECORD, CASE + "hasPatient")
    assert patient is not None
    assert patient.startswith(RECORD + "#_c14n")
    assert case.graph.types(patient) == [CASE + "Patient"]


def test_numbers_become_canonical_and_keep_how_they_were_written() -> None:
    case = read(GOOD)
    slip, path = RECORD + "#slip", CASE + "slipInMillimetresAtLeast"
    form = Literal("4.5", DECIMAL)
    assert case.graph.value(slip, path) == form
    assert case.graph.value(slip, CASE + "slipInMillimetresAtMost") == Literal("6", DECIMAL)
    assert case.written[(slip, path, form)] == "4.50"


def test_json_says_the_same() -> None:
    assert read(json.dumps(GOOD_JSON), "case.json").hash == read(GOOD).hash


@pytest.mark.parametrize(
    ("rdf_format", "name"),
    [
        (pyoxigraph.RdfFormat.N_TRIPLES, "case.nt"),
        (pyoxigraph.RdfFormat.TURTLE, "case.ttl"),
        (pyoxigraph.RdfFormat.TRIG, "case.trig"),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_every_serialisation_in_any_order_is_one_case(rdf_format: pyoxigraph.RdfFormat, name: str, seed: int) -> None:
    quads = list(pyoxigraph.parse(GOOD, format=pyoxigraph.RdfFormat.TURTLE, base_iri=RECORD))
    random.Random(seed).shuffle(quads)
    data = pyoxigraph.serialize([quad.triple for quad in quads], format=rdf_format)
    assert data is not None
    again = read_case(data, schema=SMALL, name=name)
    assert (again.hash, set(again.graph)) == (read(GOOD).hash, set(read(GOOD).graph))


def test_hash_changes_with_any_value() -> None:
    assert read(GOOD.replace("57", "58")).hash != read(GOOD).hash


def test_a_byte_order_mark_and_line_ends_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert read(windows).hash == read(GOOD).hash


def test_media_type_goes_before_the_suffix() -> None:
    data = json.dumps(GOOD_JSON).encode()
    assert read_case(data, schema=SMALL, media_type="application/ld+json; charset=UTF-8", name="a.ttl").iri == RECORD


def test_own_nodes_may_have_outside_names() -> None:
    case = read(GOOD.replace(":mri", "<urn:uuid:0190>").replace(":fusion", "<https://hospital.example/fusion>"))
    assert "urn:uuid:0190" in case.graph.index


def test_hash_is_the_one_that_another_implementation_computes() -> None:
    case = read(GOOD)
    names = {one for one in case.graph.index if "#_c14n" in one}
    triples = [(_blank(s, names), p, _blank(o, names) if isinstance(o, str) else o) for s, p, o in case.graph]
    assert _other_hash(triples) == case.hash


def test_written_back_it_is_the_same_graph() -> None:
    case = read(GOOD)
    assert set(graph_of(n_triples(case))) == set(case.graph)


NODES = [f"_:n{number}" for number in range(6)]
TRIPLES = st.lists(
    st.tuples(
        st.sampled_from(["urn:s", *NODES]),
        st.sampled_from(["urn:p", "urn:q"]),
        st.one_of(st.sampled_from(["urn:o", *NODES]), st.text(max_size=4).map(Literal)),
    ),
    max_size=9,
    unique=True,
)


@given(TRIPLES)
@settings(max_examples=300, deadline=None)
def test_canonical_form_agrees_with_pyoxigraph(triples: list[tuple[str, str, Term]]) -> None:
    assert canonicalise(triples)[1] == _other_hash(triples)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_canonical_numbers_keep_their_value(number: Decimal) -> None:
    form = canonical(Literal(f"{number:f}", DECIMAL), (DECIMAL,))
    assert form is not None
    assert form.number == number
    assert canonical(form, (DECIMAL,)) == form


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date(day: object) -> None:
    found = days(Literal(str(day), XSD + "date"))
    assert found is not None
    assert str(found[0]) == str(day) == str(found[1])


def test_last_day_of_a_month() -> None:
    assert [str(days(Literal(text, XSD + "gYearMonth"))[1]) for text in ("2024-02", "2025-12", "2025-04")] == [  # type: ignore[index]
        "2024-02-29",
        "2025-12-31",
        "2025-04-30",
    ]


def test_classes_are_kept_as_stated() -> None:
    case = read(GOOD)
    assert case.graph.objects(RECORD + "#stenosis", RDF_TYPE) == [SPINE + "ForaminalStenosis"]


def test_json_needs_neither_context_nor_class_of_the_case() -> None:
    short = {key: value for key, value in GOOD_JSON.items() if key not in {"@context", "type"}}
    assert read(json.dumps(short), "case.json").hash == read(GOOD).hash


def test_many_unconnected_lookalikes_are_no_burden() -> None:
    more = "".join('<> case:records [ a spine:BackPain ; case:note "" ] .' for _ in range(300))
    assert len(read(GOOD + more).graph.nodes(RECORD, CASE + "records")) > 300


def _blank(node: str, names: set[str]) -> str:
    return "_:" + node.rpartition("#_")[2] if node in names else node


def _other_hash(triples: list[tuple[str, str, Term]]) -> str:
    """The canonical hash as pyoxigraph makes it."""
    text = "".join(f"{n_triples_term(s)} <{p}> {n_triples_term(o)} .\n" for s, p, o in triples)
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_TRIPLES))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    lines = pyoxigraph.serialize([quad.triple for quad in dataset], format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert lines is not None
    return sha256("".join(sorted(line + "\n" for line in lines.decode().split("\n") if line)).encode()).hexdigest()


# The case shapes


@pytest.fixture(scope="module")
def published() -> CaseSchema:
    """The schema of the published ontology."""
    return CaseSchema.read(graph_of(*(path.read_text() for path in sorted((ROOT / "ontology").glob("*.ttl")))))


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """The case shapes as a graph."""
    return graph_of(SHAPES.read_text())


def test_a_good_case_has_no_violation_and_some_warnings(published: CaseSchema) -> None:
    case = read_case(GOOD.encode(), schema=published, name="case.ttl")
    lines = case_report(case, SHAPES.read_bytes(), schema=published)
    assert {line.severity for line in lines} == {"Warning"}
    assert any("which document" in line.message and line.node == "Spondylolisthesis at L4-L5" for line in lines)


def test_every_property_has_a_field_that_agrees_with_the_ontology(published: CaseSchema, shapes: Graph) -> None:
    ends = {end for one in published.properties.values() for end in (one.low_end, one.high_end)}
    for iri, known in published.properties.items():
        if iri in ends:
            continue
        field = "https://w3id.org/spine-reasoner/case-shapes#" + iri.removeprefix(CASE)
        assert shapes.node(field, SH + "path") == iri
        assert shapes.text(field, SH + "name"), iri
        assert shapes.text(field, SH + "message"), iri
        assert (shapes.text(field, SH + "maxCount") == "1") == known.functional, iri
        assert _decimal(shapes.value(field, SH + "minInclusive")) == known.minimum, iri
        assert _decimal(shapes.value(field, SH + "maxInclusive")) == known.maximum, iri
        for head in shapes.nodes(field, SH + "in"):
            assert shapes.list(head) == list(published.scales[known.scale]), iri


@pytest.mark.parametrize("statement", [pytest.param(text, id=key) for key, (text, _) in STATEMENTS.items()])
@pytest.mark.slow
def test_whatever_the_shapes_refuse_the_reader_refuses(statement: str, published: CaseSchema) -> None:
    data = turtle(START + statement)
    try:
        read_case(data, schema=published)
    except SpineReasonerError:
        return  # The reader is the stricter of the two.
    assert _violations(data, published) == []


@pytest.mark.parametrize("data", [GOOD.encode(), turtle(START)])
@pytest.mark.slow
def test_the_shapes_accept_as_written_what_the_reader_accepts(data: bytes, published: CaseSchema) -> None:
    read_case(data, schema=published)
    assert _violations(data, published) == []


SHAPE_REFUSALS = {
    key: STATEMENTS[key][0]
    for key in ("two-severities", "two-slips", "half-a-range", "range-and-level", "two-patients", "absence-of-nothing")
}


@pytest.mark.parametrize("statement", SHAPE_REFUSALS.values(), ids=SHAPE_REFUSALS.keys())
@pytest.mark.slow
def test_the_shapes_refuse_by_themselves(statement: str, published: CaseSchema) -> None:
    assert _violations(turtle(START + statement), published)


def _violations(data: bytes, known: CaseSchema) -> list[str]:
    """What the shapes call a violation in a case as it was written."""
    graph = Graph()
    for subject, predicate, value in triples(data.decode(), "text/turtle", "case"):
        graph.add(_named(subject), predicate, _named(value) if isinstance(value, str) else value)
    raw = Case(graph=graph, iri=RECORD, hash="", labels={}, written={})
    lines = case_report(raw, SHAPES.read_bytes(), schema=known)
    return [line.message for line in lines if line.severity == "Violation"]


def _named(node: str) -> str:
    return RECORD + "#" + node.removeprefix("_:") if node.startswith("_:") else node


def _decimal(value: Term | None) -> Decimal | None:
    return value.number if isinstance(value, Literal) else None


EXAMPLES = sorted((ROOT / "examples").glob("*.ttl"))


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
@pytest.mark.slow
def test_examples_can_be_read_and_the_shapes_accept_them(path: Path, published: CaseSchema) -> None:
    data = path.read_bytes()
    case = read_case(data, schema=published, name=path.name)
    assert [
        line for line in case_report(case, SHAPES.read_bytes(), schema=published) if line.severity == "Violation"
    ] == []
    assert _violations(data, published) == []
