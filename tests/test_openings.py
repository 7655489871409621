"""Open questions as forms, read off the shapes: what can be stated in one fact, and with which fields."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from reasoner.anatomy import local
from reasoner.openings import asked_by, questions_of
from reasoner.schema import local_name
from reasoner.vocabulary import GUIDELINE
from tests.examples import NAMES, found, library

Json = dict[str, Any]


@cache
def questions(name: str) -> dict[str, Json]:
    """The questions of an example by the local names of their criteria."""
    return {local(one["criterion"]): one for one in questions_of(found(name).decision)}


def test_every_need_has_its_question_in_the_order_of_the_needs() -> None:
    """A need for written proof alone is no question: the fact is on record already."""
    data = found("degenerative-t12-s2").data
    wanted = [one["criterion"] for one in data["needs"] if not one.get("pendingProof")]
    assert [one["criterion"] for one in questions_of(found("degenerative-t12-s2").decision)] == wanted


def test_the_fields_are_the_properties_that_the_shape_demands() -> None:
    course = questions("degenerative-t12-s2")["course-fell-short"]
    fields = {one["name"]: one for one in course["fields"]}
    assert [fields["hasResponse"]["kind"], fields["durationInDays"]["kind"], fields["isCompleted"]["kind"]] == [
        "choice",
        "number",
        "yes-no",
    ]
    assert fields["hasResponse"]["needed"] is True
    assert fields["durationInDays"]["min"] == "0"
    assert [one["label"] for one in fields["durationInDays"]["units"]] == ["days", "weeks", "months", "years"]


def test_a_graded_property_offers_its_scale_from_the_lowest_grade_up() -> None:
    weak = questions("degenerative-t12-s2")["weakness-of-these-roots"]
    choices = [local_name(one["value"]) for one in weak["fields"][0]["choices"]]
    assert choices[0] == "Strength0"
    assert choices[-1] == "Strength5"
    assert {one["label"] for one in weak["roots"]} >= {"L5 root", "S1 root"}
    assert [one["label"] for one in weak["sides"]] == ["left", "right", "both sides"]


def test_a_question_about_a_region_is_of_the_whole_region() -> None:
    pain = questions("degenerative-t12-s2")["back-pain"]
    assert pain["everywhere"] is True
    assert [one["label"] for one in pain["levels"]] == ["lumbar spine", "sacral spine"]
    assert pain["canDeny"] is True


def test_what_is_worked_out_cannot_be_answered_and_says_so() -> None:
    fits = questions("degenerative-t12-s2")["something-fits"]
    assert (fits["answerable"], fits["fields"], fits["canDeny"]) == (False, [], False)
    assert fits["why"]


@pytest.mark.parametrize("name", NAMES)
def test_a_question_offers_only_what_a_case_may_state(name: str) -> None:
    schema = library().schema
    for one in questions_of(found(name).decision):
        assert all(kind["value"] in schema.assertable for kind in one["kinds"])
        assert all(field["property"] in schema.properties for field in one["fields"])


def test_every_criterion_either_has_an_answer_or_none_that_one_fact_can_give() -> None:
    """The mapping is total over the rooms: no shape of any room makes it fail."""
    asked = [asked_by(library(), iri) for iri in library().criteria.leaves]
    answerable = [one for one in asked if one]
    assert len(answerable) > len(asked) / 2
    assert all(one.kinds for one in answerable)


def test_a_kind_that_the_shape_leaves_out_is_not_offered() -> None:
    """A shape that names two kinds offers these and what is below them, and one that excludes a kind leaves it out."""
    relief = asked_by(library(), GUIDELINE + "sacroiliac-fusion#relief-on-the-left")
    hardware = asked_by(library(), GUIDELINE + "revision-and-hardware#hardware-gave-way")
    assert relief is not None
    assert hardware is not None
    assert {local(kind) for kind in relief.kinds} == {"SacroiliacBlock", "SacroiliacInjection"}
    assert "CageSubsidence" not in {local(kind) for kind in hardware.kinds}
