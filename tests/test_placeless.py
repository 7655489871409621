"""A service that names no level is held against all that is on record, and waits until its level is said."""

from __future__ import annotations

import pytest

from reasoner.layout import as_text
from reasoner.report import Audience, sections_of
from tests.asked import UNSTABLE, asked, outcomes
from tests.law import answered, differences

FUSION = ":fusion a spine:PosterolateralFusion%s .\n"
NECK = """
:canal a spine:CanalStenosis ; case:atLevel spine:C5-C6 ; case:hasSeverity spine:Severe .
:signs a spine:Myelopathy .
:cord a spine:CordSignalChange ; case:atLevel spine:C5-C6 .
"""


@pytest.mark.parametrize(
    ("level", "outcome", "placeless"),
    [
        ("spine:L4-L5", "necessary", False),
        ("spine:LumbarSpine", "undetermined", True),
        ("", "undetermined", True),
        ("spine:CervicalSpine", "not-necessary", True),
        ("spine:L1-L2", "not-necessary", False),
    ],
)
def test_a_fusion_waits_for_its_level_where_one_could_need_it(level: str, outcome: str, *, placeless: bool) -> None:
    (item,) = asked(FUSION % (f" ; case:atLevel {level}" if level else ""), UNSTABLE).data["items"]
    assert (item["outcome"], item["isPlaceless"]) == (outcome, placeless)


def test_a_fusion_without_a_level_over_a_pressed_cord_waits_for_its_level() -> None:
    assert outcomes(asked(":fusion a spine:AnteriorFusion .", NECK)) == {"anterior fusion": "undetermined"}
    assert outcomes(asked(":freeing a spine:Laminectomy .", NECK)) == {"laminectomy": "undetermined"}


def test_what_nothing_on_record_speaks_for_is_refused_as_any_other() -> None:
    found = asked(FUSION % "", ":pain a spine:BackPain .")
    assert outcomes(found) == {"posterolateral fusion": "not-necessary"}
    assert found.decision.items[0].is_silent


def test_what_speaks_against_one_level_refuses_no_other() -> None:
    united = ":united a spine:SolidFusion ; case:atLevel spine:L2-L3 .\n"
    assert outcomes(asked(FUSION % "", UNSTABLE + united)) == {"posterolateral fusion": "undetermined"}


def test_what_rests_on_no_level_is_necessary_without_one() -> None:
    curve = (
        ":curve a spine:IdiopathicScoliosis ; case:fromLevel spine:T5 ; case:toLevel spine:T12 ;"
        " case:cobbAngleInDegrees 62 .\n"
        ":pain a spine:BackPain .\n"
        ":care a spine:PhysicalTherapy ; case:durationInMonths 7 ; case:hasResponse spine:NoRelief .\n"
    )
    found = asked(":fusion a spine:PosteriorDeformityFusion .", curve)
    assert outcomes(found) == {"posterior deformity fusion": "necessary"}


def test_what_serves_a_fusion_that_waits_for_its_level_waits_with_it() -> None:
    rods = ":rods a spine:PosteriorInstrumentation%s .\n"
    for level in ("", " ; case:atLevel spine:L4-L5"):
        assert outcomes(asked(FUSION % "" + rods % level, UNSTABLE))["posterior instrumentation"] == "undetermined"
    beside = asked(FUSION % " ; case:atLevel spine:L4-L5" + rods % "", UNSTABLE)
    assert outcomes(beside)["posterior instrumentation"] == "necessary"


def test_the_report_says_that_the_level_is_missing() -> None:
    found = asked(FUSION % "", UNSTABLE)
    for audience in (Audience.REVIEWER, Audience.CLINICIAN, Audience.PATIENT):
        text = " ".join(line.text.strip() for line in as_text("A case", sections_of(found, audience)))
        assert "The request does not say at which level" in text
        assert "a request that says at which level" in text


def test_the_law_of_two_judges_holds_for_a_service_without_a_level() -> None:
    for case in (asked(FUSION % "", UNSTABLE), asked(":freeing a spine:Laminectomy .", NECK)):
        assert differences(case.decision, sorted(answered(case.decision))) == []
