"""What a note says in plain words leads to the term of the vocabulary."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from reasoner.anatomy import local
from reasoner.door import determine
from reasoner.lexicon import words_for
from reasoner.library import Library
from reasoner.shell import app
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import SPINE, Nec, Spine

CASE_WITH = """
@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> a case:Case ; case:hasPatient [ a case:Patient ] ; case:hasDocument :films ; case:records :it ;
   case:hasRequest [ a case:Request ; case:asksFor [ a spine:Laminectomy ; case:atLevel spine:L4-L5 ] ] .
:films a case:FlexionExtensionReport .
:it {} .
"""


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("physical therapy", "PhysicalTherapy"),
        ("pars defects", "Spondylolysis"),
        ("ACDF", "AnteriorCervicalDiscectomyAndFusion"),
        ("home exercise program", "HomeExercise"),
        ("moderate to severe", "ModerateToSevere"),
        ("neurogenic claudication", "NeurogenicClaudication"),
        ("osteoporotic fracture", "OsteoporoticFracture"),
        ("C6 radiculopathy", "Radiculopathy"),
        ("adjacent segment disease", "AdjacentSegmentDisease"),
        ("prominent hardware", "SymptomaticHardware"),
        ("dural sac effacement", "ThecalSacDisplacement"),
        ("cerebral palsy", "NeuromuscularDisease"),
        ("MSSA", "organism"),
        ("22551", "22551"),
    ],
)
def test_plain_words_lead_to_the_term(library: Library, said: str, name: str) -> None:
    assert words_for(library, said)[0].name == name


def test_only_what_a_case_may_say_is_found(library: Library) -> None:
    assert all(word.kind != "value of reliesOnClaim" for word in words_for(library, "conservative care failed"))


def test_a_word_among_others_still_leads_somewhere(library: Library) -> None:
    assert any(word.name == "Hand" for word in words_for(library, "numb hand"))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("smoker, denied", "a case:Absence ; case:ofKind spine:NicotineUse"),
        ("no bridging bone", "a case:Absence ; case:ofKind spine:SolidFusion"),
        ("status post laminectomy", "a spine:PriorOperation , spine:Laminectomy"),
        ("did not complete physical therapy", "a spine:PhysicalTherapy ; case:isCompleted false"),
        ("retrolisthesis", "a Spondylolisthesis (or a kind of it) with case:hasDirection spine:Backward"),
        ("massive disc herniation", "a spine:DiscHerniation ; case:hasSeverity spine:Severe"),
        ("6 months ago", "a spine:... ; case:monthsBeforeRequest 6"),
    ],
)
def test_the_way_to_write_it_is_said(library: Library, said: str, written: str) -> None:
    assert words_for(library, said)[0].written == written


def test_a_name_that_says_the_turn_of_phrase_itself_is_not_written_with_it_again(library: Library) -> None:
    written = {word.name: word.written for word in words_for(library, "non-smoker")[:2]}
    assert written == {"NicotineAbstinence": "", "NicotineUse": "a case:Absence ; case:ofKind spine:NicotineUse"}


def test_a_number_leads_to_the_property_with_its_class(library: Library) -> None:
    assert {word.name for word in words_for(library, "mJOA 12")[:2]} == {"MjoaScore", "mjoaScore"}
    assert {word.name for word in words_for(library, "Risser 3")[:2]} == {"SkeletalMaturity", "risserGrade"}


def test_codes_come_last_and_in_number_only_if_asked_for(library: Library) -> None:
    found = words_for(library, "lumbar fusion")
    first = next(place for place, word in enumerate(found) if word.is_code)
    assert all(word.is_code for word in found[first:])
    assert len(words_for(library, "lumbar fusion", codes=True)) > len(found)


WORDINGS = sorted(Library.read().graph.subjects(RDF_TYPE, Nec.Wording))


@pytest.mark.parametrize("wording", WORDINGS, ids=local)
def test_what_a_wording_writes_can_stand_in_a_case(library: Library, wording: str) -> None:
    some = {Spine.Procedure: "Laminectomy", SPINE + "Treatment": "PhysicalTherapy"}
    said_of = library.graph.node(wording, Nec.saidOf) or ""
    written = library.graph.text(wording, Nec.writtenAs).replace("{}", some.get(said_of, "VertebralFracture"))
    case = CASE_WITH.format(written)
    assert determine(library, case.encode()).data["items"]


def test_the_command_says_when_there_is_no_term() -> None:
    found = CliRunner().invoke(app, ["words", "zzzz"])
    assert found.exit_code == 1
    assert "No term has these words" in found.stdout
