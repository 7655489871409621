"""No severe stenosis is no denial of a mild one: a denied grade denies itself and what is above it."""

from __future__ import annotations

from typing import Final

import pytest

from reasoner.answers import Answer
from reasoner.criteria import Leaf, judge_leaf
from reasoner.demands import Compiler
from reasoner.determine import decide
from reasoner.evidence import describe
from reasoner.library import parse_into
from reasoner.record import Record
from reasoner.statement import answers_of
from reasoner.terms import Graph, Term, Triple
from reasoner.vocabulary import CASE, SPINE, Case, Nec
from tests.generated import at, closed, library, node, read_statements, record, request
from tests.law import differences

ASKED: Final = request((SPINE + "Laminectomy", [at("L4-L5")]))
SHAPES: Final = b"""
@prefix : <https://example.org/> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
:any sh:class spine:SpinalStenosis .
:moderate sh:class spine:SpinalStenosis ; sh:property [ sh:path case:hasSeverity ; sh:minCount 1 ;
    sh:in ( spine:Moderate spine:ModerateToSevere spine:Severe spine:Critical ) ] .
:severe sh:class spine:SpinalStenosis ; sh:property [ sh:path case:hasSeverity ; sh:minCount 1 ;
    sh:in ( spine:Severe spine:Critical ) ] .
"""
NO_SEVERE: Final = (Case.ofKind, SPINE + "SpinalStenosis"), (CASE + "hasSeverity", SPINE + "Severe")


def denied(*edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """That there is no severe stenosis."""
    return record("denied", Case.Absence, *NO_SEVERE, *edges)


def stenosis(*edges: tuple[str, Term], level: str = "L4-L5") -> tuple[Triple, ...]:
    """A narrow canal."""
    return record("stenosis", SPINE + "CanalStenosis", at(level), *edges)


def graded(grade: str, end: str = "") -> tuple[str, Term]:
    """How severe a stenosis is."""
    return (f"{CASE}hasSeverity{end}", SPINE + grade)


def answer(found: Record, shape: str) -> Answer:
    """What the record answers to one of the questions above."""
    shapes = Graph()
    parse_into(shapes, SHAPES, "shapes.ttl")
    compiled = Compiler(shapes, library().spans).value_shape(f"https://example.org/{shape}", "leaf")
    leaf = Leaf("leaf", Nec.evidenceAtLevel, compiled, 1, silent_means_no=False)
    return judge_leaf(found.graph, found.items[0].iri, leaf).answer


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([denied()], ("not-documented", "not-documented", "not-met")),
        ([denied(at("LumbarSpine"))], ("not-documented", "not-documented", "not-met")),
        ([denied(at("CervicalSpine"))], ("not-documented", "not-documented", "not-documented")),
        ([denied(), stenosis()], ("met", "not-documented", "not-met")),
        ([denied(), stenosis(graded("Moderate"))], ("met", "met", "not-met")),
        ([denied(), stenosis(graded("Mild"))], ("met", "not-met", "not-met")),
        ([denied(), stenosis(graded("ModerateToSevere"))], ("met", "met", "not-met")),
        ([denied(), stenosis(graded("Moderate", "AtLeast"))], ("met", "met", "not-met")),
        ([denied(), stenosis(graded("Severe"))], ("disputed", "disputed", "disputed")),
    ],
)
def test_a_denied_grade_denies_itself_and_what_is_above_it(
    statements: list[tuple[Triple, ...]], expected: tuple[str, str, str]
) -> None:
    found = closed(ASKED, *statements)
    assert tuple(answer(found, shape).value for shape in ("any", "moderate", "severe")) == expected


def test_a_denied_lowest_grade_denies_all() -> None:
    nothing = record("denied", Case.Absence, NO_SEVERE[0], (CASE + "hasSeverityAtLeast", SPINE + "NoSeverity"))
    assert answer(closed(ASKED, nothing), "any") is Answer.NOT_MET


@pytest.mark.parametrize("end", ["", "AtMost"])
def test_a_stenosis_of_grade_none_is_an_absence(end: str) -> None:
    found = closed(ASKED, stenosis(graded("NoSeverity", end)))
    assert {answer(found, shape) for shape in ("moderate", "severe")} == {Answer.NOT_DOCUMENTED}
    assert [n for n in found.evidence if found.has_type(n, SPINE + "SpinalStenosis")] == []
    whole = record("none", SPINE + "SpinalStenosis", at("L4-L5"), graded("NoSeverity", end))
    assert {answer(closed(ASKED, whole), shape) for shape in ("any", "moderate", "severe")} == {Answer.NOT_MET}


def test_a_paralysis_is_no_absence() -> None:
    weak = record("weak", SPINE + "MuscleStrength", (CASE + "hasStrength", SPINE + "Strength0"))
    assert node("weak") in closed(ASKED, weak).evidence


def test_what_is_graded_none_here_and_severe_there_is_disputed() -> None:
    none = record("none", SPINE + "CanalStenosis", at("L4-L5"), graded("NoSeverity"))
    assert answer(closed(ASKED, none, stenosis(graded("Severe"))), "severe") is Answer.DISPUTED


NONE_AT_ALL: Final = record("none", SPINE + "SpinalStenosis", at("L4-L5"), graded("NoSeverity"))


@pytest.mark.parametrize(
    "statements", [[NONE_AT_ALL], [denied()], [denied(), stenosis()], [denied(), stenosis(graded("Severe"))]]
)
def test_the_law_of_two_judges_holds_for_a_denied_grade(statements: list[tuple[Triple, ...]]) -> None:
    decision = decide(library(), read_statements([*ASKED, *(t for one in statements for t in one)]))
    pairs = [(item, name) for item, name, _, evidence in answers_of(decision) if evidence]
    assert pairs
    assert differences(decision, pairs) == []


def test_a_denied_grade_is_told_with_its_grade() -> None:
    decision = decide(library(), read_statements([*ASKED, *denied(at("L4-L5"))]))
    assert describe(decision, node("denied")) == "no severe spinal stenosis at L4-L5"
