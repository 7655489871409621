"""The schema reads from the ontology exactly what a case may say."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from reasoner.errors import GuidelineMalformed
from reasoner.likeness import nearest
from reasoner.schema import CaseSchema, context, context_text
from reasoner.terms import XSD
from reasoner.vocabulary import CASE, SPINE
from tests.small_world import ONTOLOGY, graph_of, schema

SMALL = schema()
FOLDER = Path(__file__).parent.parent / "ontology"


@pytest.fixture(scope="module")
def published() -> CaseSchema:
    """The schema of the published ontology."""
    return CaseSchema.read(graph_of(*(path.read_text() for path in sorted(FOLDER.glob("*.ttl")))))


def test_domain_is_closed_downwards() -> None:
    assert SPINE + "PosteriorFusion" in SMALL.properties[CASE + "atLevel"].domain
    assert CASE + "Patient" not in SMALL.properties[CASE + "atLevel"].domain


def test_derived_terms_cannot_be_asserted() -> None:
    assert SPINE + "PathologicalFracture" in SMALL.derived_classes
    assert SPINE + "PathologicalFracture" not in SMALL.assertable
    assert CASE + "daysBefore" not in SMALL.properties


def test_terms_of_the_world_cannot_be_asserted() -> None:
    assert not {SPINE + "Vertebra", SPINE + "Severity"} & SMALL.assertable


def test_superclasses_follow_definitions() -> None:
    assert SPINE + "VertebralFracture" in SMALL.superclasses[SPINE + "PathologicalFracture"]


def test_span_ends_inherit_from_their_exact_property() -> None:
    low = SMALL.properties[CASE + "slipInMillimetresAtLeast"]
    assert (low.minimum, low.maximum, low.functional) == (Decimal(0), Decimal(60), True)
    assert SPINE + "Severe" in SMALL.properties[CASE + "hasSeverityAtMost"].values


def test_partial_dates_are_a_union() -> None:
    assert SMALL.properties[CASE + "startDate"].datatypes == (XSD + "date", XSD + "gYear", XSD + "gYearMonth")


def test_levels_have_other_spellings() -> None:
    spellings = {spelling for spelling, name in SMALL.level_spellings.items() if name == "L4-L5"}
    assert {"L4-5", "L4/5", "L4/L5"} <= spellings
    assert SMALL.level_spellings["L5/S1"] == "L5-S1"
    assert "L5-1" not in SMALL.level_spellings


def test_a_type_is_implied_where_there_is_one_choice() -> None:
    assert SMALL.properties[CASE + "hasCodeLine"].implied_type == CASE + "CodeLine"
    assert SMALL.properties[CASE + "hasDocument"].implied_type == ""


def test_clash_is_found_above_the_classes() -> None:
    assert SMALL.clash([SPINE + "BackPain", SPINE + "Laminectomy"]) == (SPINE + "Evidence", SPINE + "Procedure")
    assert SMALL.clash([SPINE + "BackPain", SPINE + "ForaminalStenosis"]) is None


@pytest.mark.parametrize(
    "declaration",
    [
        "case:odd a owl:ObjectProperty .",
        "case:odd a owl:DatatypeProperty ; rdfs:range xsd:string ; rdfs:domain case:Case , case:Patient .",
    ],
)
def test_an_ontology_that_leaves_something_unsaid_is_refused(declaration: str) -> None:
    with pytest.raises(GuidelineMalformed):
        CaseSchema.read(graph_of(ONTOLOGY + declaration))


def test_nearest_forgives_a_slip_and_no_more() -> None:
    assert nearest("forminalstenosis", ["ForaminalStenosis", "BackPain"]) == "ForaminalStenosis"
    assert nearest("Jane Doe", ["ForaminalStenosis", "BackPain"]) == ""


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("PhysicalTherapyFormal", "PhysicalTherapy"),
        ("FormalPhysicalTherapy", "PhysicalTherapy"),
        ("formal PT", "PhysicalTherapy"),
        ("SynovialCyst", "FacetCyst"),
        ("HNP", "DiscHerniation"),
        ("OPLL", "LigamentOssification"),
        ("nonunion", "Pseudarthrosis"),
        ("LumbarSpinalStenosis", "SpinalStenosis"),
        ("HemoglobinA1c", "HaemoglobinA1c"),
        ("tumor board", "MultidisciplinaryReview"),
        ("Jane Doe", ""),
        ("HardwareInfection", "DeepSurgicalSiteInfection"),
        ("HardwareProminence", "SymptomaticHardware"),
        ("ThoracicDiscectomy", "Discectomy"),
        ("FacetAblation", "RadiofrequencyAblation"),
        ("SuboccipitalDecompression", "PosteriorFossaDecompression"),
        ("Coccygectomy", "Coccygectomy"),
        ("InterspinousSpacer", "InterspinousDevice"),
        ("LateralLumbarInterbodyFusion", "LateralInterbodyFusion"),
    ],
)
def test_another_word_for_a_class_is_understood(published: CaseSchema, word: str, meant: str) -> None:
    names = [iri.rsplit("#", 1)[-1] for iri in published.assertable]
    assert nearest(word, names, published.synonyms, published.sayings) == meant


def test_context_types_its_terms() -> None:
    terms = context(SMALL)["@context"]
    assert isinstance(terms, dict)
    assert terms["hasSeverity"] == {"@id": CASE + "hasSeverity", "@type": "@vocab"}
    assert terms["slipInMillimetres"] == {"@id": CASE + "slipInMillimetres", "@type": XSD + "decimal"}
    assert terms["L4-5"] == SPINE + "L4-L5"


def test_a_shared_name_is_no_plain_name() -> None:
    both = CaseSchema.read(graph_of(ONTOLOGY + "spine:MriReport a owl:Class ."))
    assert both.shared_names == {"MriReport"}
    assert "MriReport" not in both.names


def test_published_names_are_unique(published: CaseSchema) -> None:
    assert published.shared_names == frozenset()


def test_bundled_context_is_fresh(published: CaseSchema) -> None:
    assert (FOLDER / "context.jsonld").read_text() == context_text(published)


def test_published_vocabulary_is_complete(published: CaseSchema) -> None:
    unusable = [
        iri
        for iri, one in published.properties.items()
        if not (one.datatypes or one.values or one.node_classes or one.namespace)
    ]
    assert unusable == []
    unlabelled = [iri for iri in published.properties if iri not in published.labels]
    assert unlabelled == []
    assert all(one.scale == "" or published.scales[one.scale] for one in published.properties.values())


def test_bundled_context_is_json(published: CaseSchema) -> None:
    assert json.loads(context_text(published)) == context(published)
