"""A report reads aloud: places and counts as words, nothing said twice, and silence told from falling short."""

from __future__ import annotations

import pytest

from reasoner.door import Determination, determine
from reasoner.itemised import SHORT, SILENT, outcome_in_words
from reasoner.layout import as_text
from reasoner.library import Library
from reasoner.report import Audience, sections_of

CASE = """
@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> a case:Case ; case:hasPatient [ a case:Patient ; case:ageInYears 50 ] ; case:records {} ;
   case:hasRequest [ a case:Request ; case:asksFor [ {} ] ] .
"""
JOINT = """
    [ a spine:SacroiliacBlock ; case:onSide spine:Right ; case:reliefInPercent 80 ] ,
    [ a spine:SacroiliacPain ; case:onSide spine:Right ] ,
    [ a spine:PhysicalTherapy ; case:atLevel spine:LumbarSpine ; case:durationInMonths 6 ]
"""


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


def found(library: Library, facts: str, asked: str) -> Determination:
    """The determination of a case with these facts and this request."""
    return determine(library, CASE.format(facts, asked).encode())


def text_of(one: Determination) -> str:
    """The report in one run of words."""
    return " ".join(" ".join(line.text for line in as_text("A case", sections_of(one, Audience.REVIEWER))).split())


def test_places_sides_and_counts_are_words(library: Library) -> None:
    told = text_of(found(library, JOINT, "a spine:SacroiliacFusion ; case:onSide spine:Right"))
    assert "sacroiliac fusion (right)" in told
    assert "block at the sacroiliac joint, right" in told
    assert "at the lumbar spine" in told
    assert "1 distinct modality" in told
    assert not any(odd in told for odd in ("SacroiliacJoint", "LumbarSpine", " on on ", "1 distinct modalities"))


def test_what_is_asked_not_to_be_there_is_not_said_to_fall_short(library: Library) -> None:
    told = text_of(found(library, JOINT, "a spine:SacroiliacFusion ; case:onSide spine:Right"))
    assert "sacroiliac fusion at the sacroiliac joint (falls short" not in told


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("[ a spine:Hypertension ]", SILENT),
        ("[ a spine:FacetArthropathy ; case:atLevel spine:L4-L5 ]", SILENT),
        ("[ a spine:Spondylolisthesis ; case:atLevel spine:L4-L5 ; case:hasSlipGrade spine:SlipGrade1 ]", SHORT),
    ],
)
def test_silence_is_told_from_falling_short(library: Library, facts: str, words: str) -> None:
    data = found(library, facts, "a spine:PosteriorFusion ; case:atLevel spine:L4-L5").data
    said = [outcome_in_words(item) for item in data["items"]]
    assert said == [words] or data["outcome"] != "not-necessary"


def test_a_refusal_on_a_recommendation_against_it_rests_on_its_claims(library: Library) -> None:
    facts = "[ a spine:NeckPain ; case:durationInMonths 9 ] , [ a spine:DiscDegeneration ; case:atLevel spine:C5-C6 ]"
    data = found(library, facts, "a spine:CervicalDiscReplacement ; case:atLevel spine:C5-C6").data
    assert data["outcome"] == "not-necessary"
    assert data["ground"]["claims"]
