"""By which recommendations an item is judged, also where the request names no particular operation."""

from __future__ import annotations

import pytest

from reasoner.door import Determination, determine
from reasoner.layout import as_text
from reasoner.library import Library
from reasoner.report import sections_of

HEAD = """@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> a case:Case ; case:hasPatient [ a case:Patient ; case:ageInYears 60 ] ;
    case:hasRequest [ a case:Request ; case:asksFor :operation ] ; case:hasDocument :mri ;
    case:records :canal , :claudication , :care .
:operation a %s ; case:atLevel spine:L4-L5 .
:mri a case:LumbarMriReport .
:canal a spine:CanalStenosis ; case:atLevel spine:L4-L5 ; case:hasSeverity spine:Severe ; case:statedIn :mri .
:claudication a spine:NeurogenicClaudication .
:care a spine:PhysicalTherapy ; case:atLevel spine:LumbarSpine ; case:hasResponse spine:NoRelief .
"""

MRI = ":mri a case:LumbarMriReport .\n"


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


def determined(library: Library, procedure: str) -> Determination:
    """A severe stenosis with claudication after failed therapy, and one operation that is asked for."""
    return determine(library, (HEAD % procedure).encode())


def test_an_operation_of_no_stated_kind_is_judged_by_what_it_could_be(library: Library) -> None:
    assert determined(library, "spine:Laminectomy").decision.outcome == "necessary"
    found = determined(library, "spine:OpenSpineOperation")
    assert found.decision.outcome == "undetermined"
    assert found.data["items"][0]["isVague"]


def test_an_operation_that_a_guideline_names_is_not_vague(library: Library) -> None:
    assert not determined(library, "spine:Decompression").data["items"][0]["isVague"]


def test_a_finding_without_a_level_asks_for_the_level_and_is_no_silence(library: Library) -> None:
    case = HEAD % "spine:Laminectomy"
    lost = case.replace(":canal a spine:CanalStenosis ; case:atLevel spine:L4-L5", ":canal a spine:CanalStenosis")
    lost = lost.replace(" case:hasDocument :mri ;", "").replace(" ; case:statedIn :mri", "").replace(MRI, "")
    found = determine(library, lost.encode())
    (item,) = found.data["items"]
    assert item["outcome"] == "undetermined"
    assert any("at level" in row["lacking"] for entry in item["open"] for row in entry["evidence"])


def test_an_operation_of_which_nothing_is_on_record_is_refused_for_silence(library: Library) -> None:
    case = (
        (HEAD % "spine:Laminectomy").replace(":canal , ", "").replace(" case:hasDocument :mri ;", "").replace(MRI, "")
    )
    kept = "\n".join(line for line in case.splitlines() if not line.startswith(":canal"))
    (item,) = determine(library, kept.encode()).data["items"]
    assert (item["outcome"], item["grounds"]) == ("not-necessary", "not documented")


def test_an_unlisted_operation_is_judged_by_the_steps_that_it_stands_for(library: Library) -> None:
    asked = (HEAD % "spine:UnlistedSpineProcedure").replace(
        "asksFor :operation ]", "asksFor :operation ; case:plansStep :step ]"
    )
    freed = determine(library, (asked + ":step a spine:Laminectomy ; case:atLevel spine:L4-L5 .\n").encode())
    fused = determine(library, (asked + ":step a spine:InterbodyFusion ; case:atLevel spine:L4-L5 .\n").encode())
    assert [found.decision.outcome.value for found in (freed, fused)] == ["undetermined", "not-necessary"]
    assert freed.data["items"][0]["isVague"]


def test_what_is_refused_beside_the_operation_is_reported(library: Library) -> None:
    asked = (HEAD % "spine:Laminectomy").replace("asksFor :operation ]", "asksFor :operation , :repair ]")
    found = determine(library, (asked + ":repair a spine:DuralRepair ; case:atLevel spine:C5-C6 .\n").encode())
    assert [(one["procedure"], one["outcome"]) for one in found.data["beside"]] == [("dural repair", "not-necessary")]
    assert any("dural repair" in line.text for line in as_text("A case", sections_of(found)))
