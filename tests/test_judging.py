"""By which recommendations an item is judged, also where the request names no particular operation."""

from __future__ import annotations

import pytest

from reasoner.door import Determination, determine
from reasoner.library import Library

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
