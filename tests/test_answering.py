"""Answers from the workbench become statements of the case, and the determination follows them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from reasoner import Answer, CaseMalformed, Determination, determine
from reasoner.anatomy import local
from reasoner.answering import DOCUMENT, MEDIA_TYPE, with_answers
from reasoner.openings import questions_of
from reasoner.vocabulary import GUIDELINE, RECORD, SPINE
from tests.examples import library

Json = dict[str, Any]

LUMBAR = [SPINE + "LumbarSpine", SPINE + "SacralSpine"]


def case() -> bytes:
    """The degenerative example, which waits for a good deal."""
    return (library().root / "examples" / "degenerative-t12-s2.ttl").read_bytes()


@cache
def questions() -> dict[str, Json]:
    """The questions of the example by the local names of their criteria."""
    return {local(one["criterion"]): one for one in questions_of(determine(library(), case()).decision)}


def named(name: str) -> str:
    """The criterion of a question."""
    return str(questions()[name]["criterion"])


BACK_PAIN, COURSE, THERAPY, DEFICIT, FITS = (
    "back-pain",
    "course-fell-short",
    "physical-therapy-given",
    "deficit-of-these-roots",
    "something-fits",
)


def after(*answers: Json) -> Determination:
    """The example determined with some answers."""
    text, media_type = with_answers(library(), case(), None, [asked(one) for one in answers])
    assert media_type == MEDIA_TYPE
    return determine(library(), text)


def asked(answer: Json) -> Json:
    """An answer with the whole name of its criterion."""
    name = answer["criterion"]
    return {**answer, "criterion": named(name) if name in questions() else name}


def answer_at(found: Determination, name: str, item: str) -> Answer:
    """What a criterion answers about an item."""
    criterion = named(name)
    one = next(one for one in found.decision.items if one.item.id == item)
    return found.decision.session.find(one.item.iri, criterion).answer


def test_without_answers_the_case_is_the_same_case() -> None:
    assert after().decision.case.hash == determine(library(), case()).decision.case.hash


def test_an_answer_moves_its_criterion() -> None:
    item = "posterior-fusion-l4-l5"
    assert answer_at(after(), BACK_PAIN, item) is Answer.NOT_DOCUMENTED
    found = after({"criterion": BACK_PAIN, "says": "yes", "levels": LUMBAR})
    assert answer_at(found, BACK_PAIN, item) is Answer.MET


def test_documented_as_absent_is_not_met() -> None:
    found = after({"criterion": BACK_PAIN, "says": "no", "levels": LUMBAR})
    assert answer_at(found, BACK_PAIN, "posterior-fusion-l4-l5") is Answer.NOT_MET


def test_enough_answers_carry_an_item_and_wait_for_paper() -> None:
    """What was only typed in is spoken word: it carries an item, and the written proof is asked for."""
    item = "laminectomy-l1-s1"
    response = next(one for one in questions()[COURSE]["fields"] if one["name"] == "hasResponse")
    failed = next(one["value"] for one in response["choices"] if local(one["value"]) == "NoRelief")
    found = after(
        {
            "criterion": COURSE,
            "says": "yes",
            "levels": LUMBAR,
            "kind": SPINE + "PhysicalTherapy",
            "values": {"hasResponse": failed, "durationInMonths": "6"},
        },
        {"criterion": THERAPY, "says": "yes", "levels": LUMBAR},
        {
            "criterion": DEFICIT,
            "says": "yes",
            "root": next(one["value"] for one in questions()[DEFICIT]["roots"] if one["label"] == "L4 root"),
            "side": SPINE + "Left",
        },
        {"criterion": "leg-pain", "says": "yes", "levels": LUMBAR},
    )
    outcomes = {one["id"]: one["outcome"] for one in found.data["items"]}
    assert {one["id"]: one["outcome"] for one in after().data["items"]}[item] == "undetermined"
    assert outcomes[item] == "necessary"
    assert item in found.data["pendingProof"]
    assert DOCUMENT in {one["node"] for one in found.data["documents"]}
    assert [one for one in found.data["needs"] if one.get("pendingProof")]
    assert found.data["action"] != "approve"


def test_an_answer_may_stand_in_a_document_of_the_case() -> None:
    found = after(
        {"criterion": BACK_PAIN, "says": "yes", "levels": LUMBAR, "document": RECORD + "#may-note"},
    )
    assert DOCUMENT not in {one["node"] for one in found.data["documents"]}
    assert answer_at(found, BACK_PAIN, "posterior-fusion-l4-l5") is Answer.MET


def test_answers_are_numbered_on_and_the_text_is_sorted() -> None:
    """A second round keeps the first one's statements, and the same answers give the same bytes."""
    answer = {"criterion": named(BACK_PAIN), "says": "yes", "levels": LUMBAR}
    once, media_type = with_answers(library(), case(), None, [answer])
    again, _ = with_answers(library(), once, media_type, [{**answer, "says": "no"}])
    assert once == with_answers(library(), case(), None, [answer])[0]
    assert once.decode().splitlines() == sorted(once.decode().splitlines())
    assert b"#answer-1>" in again
    assert b"#answer-2>" in again
    assert b"#answer-2>" not in once


@pytest.mark.parametrize(
    "answer",
    [
        {"criterion": GUIDELINE + "lumbar-fusion#no-such-criterion", "says": "yes"},
        {"criterion": FITS, "says": "yes"},
        {"criterion": BACK_PAIN, "says": "perhaps"},
        {"criterion": BACK_PAIN, "says": "yes", "kind": SPINE + "SpinalFusion"},
        {"criterion": BACK_PAIN, "says": "yes", "document": RECORD + "#no-such-document"},
        {"criterion": BACK_PAIN, "says": "yes", "values": {"hasSlipGrade": SPINE + "SlipGrade1"}},
        {"criterion": COURSE, "says": "yes", "values": {"durationInDays": "many"}},
        {"criterion": COURSE, "says": "yes", "values": {"durationInDays": "-3"}},
        {"criterion": COURSE, "says": "yes", "values": {"isCompleted": "perhaps"}},
        {"criterion": COURSE, "says": "yes", "values": {"hasResponse": SPINE + "Left"}},
        {"criterion": BACK_PAIN, "says": "yes", "levels": ["urn:x> . <urn:x> <urn:y> <urn:z"]},
        {"criterion": BACK_PAIN, "says": "yes", "onDate": "yesterday"},
    ],
)
def test_what_no_case_can_state_is_refused_without_quoting_it(answer: Json) -> None:
    with pytest.raises(CaseMalformed) as refusal:
        with_answers(library(), case(), None, [asked(answer)])
    assert "yesterday" not in str(refusal.value)
    assert "perhaps" not in str(refusal.value)


def test_a_case_without_names_keeps_its_nameless_nodes() -> None:
    """What the reader named for want of a name is nameless again, and reads as the same case."""
    text = (library().root / "examples" / "minimal.jsonld").read_bytes()
    written, media_type = with_answers(library(), text, "application/ld+json", [])
    assert determine(library(), written).decision.case.hash == determine(library(), text).decision.case.hash
    assert media_type == MEDIA_TYPE
