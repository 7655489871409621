"""What is unusual is told in few lines, and a fact that nothing asks about is named."""

from __future__ import annotations

import pytest

from reasoner.case import read_case
from reasoner.door import validate
from reasoner.library import Library
from reasoner.remarks import folded

CASE = """
@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> a case:Case ; case:hasPatient [ a case:Patient ; case:ageInYears 50 ] ; case:records {} ;
   case:hasRequest [ a case:Request ; case:requestedOn "2026-01-01"^^<http://www.w3.org/2001/XMLSchema#date> ;
       case:asksFor [ a spine:AnteriorCervicalDiscectomyAndFusion ; case:atLevel spine:C5-C6 ] ] .
"""
STENOSIS = "[ a spine:ForaminalStenosis ; case:atLevel spine:C5-C6 ]"
ROOT = "[ a spine:Radiculopathy ; case:ofRoot spine:RootC6 ]"


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


def remarks(library: Library, *facts: str) -> list[str]:
    """The remarks on a case with these facts, as they are printed."""
    case = read_case(CASE.format(" , ".join(facts)).encode(), schema=library.schema)
    return folded(case, validate(library, case))


def test_remarks_of_one_kind_are_one_line(library: Library) -> None:
    assert remarks(library, STENOSIS, ROOT) == [
        "warning: It is not said which document this stands in: 2 of 2 facts: Foraminal stenosis at C5-C6; Radiculopathy"
    ]


def test_a_fact_that_nothing_asks_about_is_named_first(library: Library) -> None:
    first, *_ = remarks(library, STENOSIS, ROOT, "[ a spine:Hypertension ]")
    assert first == "warning: Hypertension: No criterion that is asked here reads it."


def test_a_number_where_no_criterion_looks_for_it_is_told(library: Library) -> None:
    told = remarks(library, "[ a spine:DiscExtrusion ; case:atLevel spine:C5-C6 ; case:sizeInMillimetres 8 ]", ROOT)
    assert "warning: Disc extrusion at C5-C6: No criterion that is asked here reads its size in millimetres." in told


def test_a_denied_or_undocumented_fact_that_is_asked_about_is_no_remark(library: Library) -> None:
    told = remarks(library, STENOSIS, "[ a case:NotDocumented ; case:ofKind spine:Hypertension ]")
    assert not any("reads it" in one for one in told)
