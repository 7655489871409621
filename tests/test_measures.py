"""A number or a grade is read where the note has it: a second statement of the class that measures, never a second fact."""

from __future__ import annotations

import re
from typing import Final

import pytest

from reasoner.determine import decide
from reasoner.evidence import statement_of
from reasoner.explanation import explain
from reasoner.record import Record
from reasoner.terms import Literal, Term, Triple
from reasoner.vocabulary import CASE, DERIVED, SPINE, Case, Nec
from tests.generated import at, closed, day, document, library, node, number, read_statements, record, request

ASKED: Final = request((SPINE + "PosteriorFusion", [at("L4-L5")]))
LEFT: Final = (Case.onSide, SPINE + "Left")
TIBIALIS: Final = (Case.ofMuscle, SPINE + "TibialisAnterior")
WEAK: Final = (CASE + "hasStrength", SPINE + "Strength2")


def said(cls: str, path: str, value: Term, *edges: tuple[str, Term]) -> Record:
    """The closed record of one statement with one value."""
    return closed(ASKED, record("it", SPINE + cls, (CASE + path, value), *edges))


def measured(found: Record, cls: str, name: str = "it") -> str:
    """The measurement that follows from a statement; empty if none does."""
    return next((n for n in found.evidence if found.has_type(n, SPINE + cls) and n == f"{DERIVED}{cls}-of-{name}"), "")


@pytest.mark.parametrize(
    ("carrier", "path", "value", "cls"),
    [
        ("BackPain", "painScore", "8", "PainScore"),
        ("BackPain", "odiInPercent", "54", "OswestryIndex"),
        ("NeckPain", "ndiInPercent", "40", "NeckDisabilityIndex"),
        ("Myelopathy", "mjoaScore", "12", "MjoaScore"),
        ("SegmentalInstability", "translationInMillimetres", "5", "DynamicTranslation"),
        ("Spondylolisthesis", "translationInMillimetres", "5", "DynamicTranslation"),
        ("FlexionExtensionStudy", "angulationInDegrees", "12", "DynamicAngulation"),
        ("SagittalImbalance", "sagittalVerticalAxisInMillimetres", "110", "SagittalBalance"),
        ("SacroiliacPain", "positiveTestCount", "3", "SacroiliacProvocationTest"),
        ("BurstFracture", "kyphosisInDegrees", "30", "KyphosisMeasurement"),
        ("CanalStenosis", "canalDiameterInMillimetres", "7.6", "CanalDiameter"),
        ("Obesity", "bodyMassIndex", "41", "BodyMassIndex"),
        ("DiabetesMellitus", "hba1cInPercent", "8.4", "HaemoglobinA1c"),
        ("NicotineUse", "cotinineInNanogramsPerMillilitre", "4", "CotinineLevel"),
        ("Osteoporosis", "boneDensityTScore", "-2.7", "BoneDensity"),
        ("UrinaryRetention", "postVoidResidualInMillilitres", "400", "PostVoidResidual"),
    ],
)
def test_a_number_is_read_where_the_note_has_it(carrier: str, path: str, value: str, cls: str) -> None:
    found = said(carrier, path, number(value))
    it = measured(found, cls)
    assert it
    ends = [found.graph.text(it, end[CASE + path]) for end in (library().spans.low, library().spans.high)]
    assert ends == [value, value]


@pytest.mark.parametrize(
    ("carrier", "path", "value", "cls"),
    [
        ("OdontoidFracture", "translationInMillimetres", "6", "DynamicTranslation"),
        ("EpiduralSteroidInjection", "painScore", "3", "PainScore"),
        ("PainScore", "painScore", "8", "PainScore"),
        ("Kyphosis", "kyphosisInDegrees", "50", "KyphosisMeasurement"),
        ("SpurlingSign", "positiveTestCount", "3", "SacroiliacProvocationTest"),
    ],
)
def test_a_number_that_measures_something_else_or_its_own_class_adds_nothing(
    carrier: str, path: str, value: str, cls: str
) -> None:
    assert not measured(said(carrier, path, number(value)), cls)


def test_what_is_over_or_denied_measures_nothing() -> None:
    true = Literal("true", "http://www.w3.org/2001/XMLSchema#boolean")
    assert not measured(
        said("MotorWeakness", "hasStrength", SPINE + "Strength2", (Case.isResolved, true)), "MuscleStrength"
    )
    denied = record("it", Case.Absence, (Case.ofKind, SPINE + "BackPain"), (CASE + "painScoreAtLeast", number("7")))
    assert not measured(closed(ASKED, denied), "PainScore")


def test_a_measurement_keeps_place_side_muscle_time_and_document() -> None:
    note = document("note", CASE + "ClinicNote", (Case.writtenOn, day("2026-02-01")))
    edges = (WEAK, TIBIALIS, LEFT, at("L4-L5"), (Case.hasBasis, CASE + "Examined"), (Case.statedIn, node("note")))
    found = closed(ASKED, note, record("it", SPINE + "MotorWeakness", *edges))
    it = measured(found, "MuscleStrength")
    for path, value in (TIBIALIS, LEFT, at("L4-L5"), (Case.hasBasis, CASE + "Examined"), (Case.statedIn, node("note"))):
        assert value in found.graph.objects(it, path), path
    assert found.graph.text(it, CASE + "daysBeforeAtMost") == "28"
    assert found.place(it) == found.place(node("it"))
    assert found.graph.text(it, CASE + "hasStrengthRankAtMost") == found.graph.text(
        node("it"), CASE + "hasStrengthRankAtMost"
    )


def test_one_end_of_a_span_is_measured_too() -> None:
    it = measured(found := said("BackPain", "painScoreAtLeast", number("7")), "PainScore")
    assert found.graph.text(it, CASE + "painScoreAtLeast") == "7"


def test_a_measurement_names_its_rule_and_its_premise() -> None:
    found = said("BackPain", "painScore", number("8"))
    told = {(d.rule, d.premises) for d in found.derivations if d.triple.subject == measured(found, "PainScore")}
    assert (Nec.measures, (node("it"), CASE + "painScore")) in told


def test_a_statement_and_its_measurement_never_contradict_each_other() -> None:
    back = record("it", SPINE + "BackPain", (CASE + "painScore", number("8")))
    leg = record("leg", SPINE + "LegPain", (CASE + "painScore", number("3")))
    assert (
        closed(ASKED, back, leg, record("vas", SPINE + "PainScore", (CASE + "painScore", number("5")))).conflicts == []
    )


def test_a_measurement_contradicts_another_one_of_the_same_thing() -> None:
    weak = record("it", SPINE + "MotorWeakness", WEAK, TIBIALIS, LEFT)
    good = (CASE + "hasStrength", SPINE + "Strength4")
    other = record("other", SPINE + "MuscleStrength", good, TIBIALIS, LEFT)
    found = closed(ASKED, weak, other)
    assert [set(one.nodes) for one in found.conflicts] == [{measured(found, "MuscleStrength"), node("other")}]


def test_a_measurement_shares_the_fate_of_its_statement() -> None:
    def pain(name: str, score: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
        return record(name, SPINE + "BackPain", (CASE + "painScore", number(score)), *edges)

    found = closed(ASKED, pain("it", "8"), pain("other", "3"))
    assert len(found.conflicts) == 1
    one, other = (measured(found, "PainScore", name) for name in ("it", "other"))
    assert found.graph.nodes(one, Nec.conflictsWith) == [other]
    older, later = ((Case.onDate, day(text)) for text in ("2025-06-01", "2026-02-01"))
    found = closed(ASKED, pain("it", "8", older), pain("other", "3", later))
    assert not measured(found, "PainScore")
    assert measured(found, "PainScore", "other")


def test_a_measurement_is_printed_as_the_statement_it_comes_from() -> None:
    back = record("it", SPINE + "BackPain", (CASE + "painScore", number("8")))
    decision = decide(library(), read_statements([*ASKED, *back]))
    it = measured(decision.record, "PainScore")
    assert statement_of(decision, it) == statement_of(decision, node("it"))
    assert it not in str(explain(decision))


# Tests that are counted where they are named.


def named(*names: str, side: tuple[tuple[str, Term], ...] = (LEFT,)) -> Record:
    """The closed record of named tests of one side."""
    return closed(ASKED, *(record(f"t{index}", SPINE + name, *side) for index, name in enumerate(names)))


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (["FaberTest", "ThighThrust", "GaenslenTest"], "3"),
        (["FaberTest", "ThighThrust"], "2"),
        (["FaberTest", "FaberTest", "FaberTest"], ""),
        (["FaberTest", "ThighThrust", "FortinSign"], "2"),
        (["FaberTest", "ThighThrust", "SacroiliacProvocationTest"], "2"),
    ],
)
def test_named_tests_are_counted(names: list[str], count: str) -> None:
    found = named(*names)
    counted = [n for n in found.evidence if n.startswith(f"{DERIVED}positiveTestCount")]
    assert [found.graph.text(n, CASE + "positiveTestCountAtLeast") for n in counted] == [count] * bool(count)
    assert all(found.side(n) == SPINE + "Left" for n in counted)


def test_tests_of_two_sides_are_not_added_up() -> None:
    right = (Case.onSide, SPINE + "Right")
    found = closed(
        ASKED,
        record("a", SPINE + "FaberTest", LEFT),
        record("b", SPINE + "ThighThrust", LEFT),
        record("c", SPINE + "GaenslenTest", right),
    )
    assert sorted(
        found.graph.text(n, CASE + "positiveTestCountAtLeast")
        for n in found.evidence
        if n.startswith(f"{DERIVED}positiveTestCount")
    ) == ["2"]


# Classes that a grade shows.


@pytest.mark.parametrize(("grade", "shown"), [("1", False), ("2", False), ("3", True), ("4", True)])
@pytest.mark.parametrize("carrier", ["AnaesthesiaClass", "PreoperativeAssessment"])
def test_an_asa_class_shows_or_denies_a_high_risk_of_anaesthesia(carrier: str, grade: str, *, shown: bool) -> None:
    found = said(carrier, "hasAsaClass", f"{SPINE}AsaClass{grade}")
    risk = [n for n in found.evidence if found.has_type(n, SPINE + "HighAnaestheticRisk")]
    denied = [n for n in found.evidence if SPINE + "HighAnaestheticRisk" in found.graph.nodes(n, Case.ofKind)]
    assert (len(risk), len(denied)) == ((1, 0) if shown else (0, 1))


def test_a_grade_on_the_bar_shows_nothing_if_it_may_lie_below() -> None:
    found = said("AnaesthesiaClass", "hasAsaClassAtLeast", SPINE + "AsaClass2")
    assert not [n for n in found.evidence if re.search("HighAnaestheticRisk", n)]


def test_a_class_that_is_stated_is_not_shown_again() -> None:
    found = said("HighAnaestheticRisk", "hasAsaClass", SPINE + "AsaClass3")
    assert [n for n in found.evidence if found.has_type(n, SPINE + "HighAnaestheticRisk")] == [node("it")]


def test_iatrogenic_instability_answers_where_instability_of_a_segment_is_asked() -> None:
    found = closed(ASKED, record("it", SPINE + "IatrogenicInstability", at("L4-L5")))
    assert found.has_type(node("it"), SPINE + "SegmentalInstability")
    expected = closed(ASKED, record("it", SPINE + "ExpectedIatrogenicInstability", at("L4-L5")))
    assert not expected.has_type(node("it"), SPINE + "SegmentalInstability")
