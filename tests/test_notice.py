"""A notice says what was asked and decided, the specific reason, what is missing, and how to contest it."""

from __future__ import annotations

from typing import Any

import pytest

from reasoner import determine, notice_of
from reasoner.layout import as_markdown, as_text
from reasoner.letter import notice_sections, notice_title
from reasoner.notice import ground_of
from reasoner.vocabulary import ROOT, Nec
from tests.disputes import request
from tests.examples import NAMES, found, library

Json = dict[str, Any]


def text_of(data: Json) -> str:
    """A notice as text, its lines joined."""
    return " ".join(" ".join(line.text for line in as_text(notice_title(data), notice_sections(data))).split())


def test_an_approved_request_gets_no_adverse_notice() -> None:
    data = notice_of(found("l2-burst-metastasis"))
    assert (data["due"], data["kind"], data["reasons"], data["rights"]) == (False, "none", [], [])
    assert "no adverse notice is due" in text_of(data)


def test_a_request_that_is_only_open_is_no_refusal() -> None:
    data = notice_of(determine(library(), request()))
    assert (data["due"], data["kind"]) == (False, "open")
    assert "nothing is refused" in text_of(data)
    assert data["notReceived"]
    assert all(one["askFor"] and one["what"] for one in data["toPerfect"])


def test_what_the_record_does_not_say_never_looks_like_what_it_denies() -> None:
    data = notice_of(determine(library(), request()))
    (row,) = data["reasons"]
    care = next(one for one in row["entries"] if one["label"] == "Conservative care has failed")
    assert care["ground"] == "silent"
    assert care["said"] == "The record does not say whether this is so."


def fact(**told: object) -> Json:
    """A fact as evidence carries it."""
    return {"absence": False, "statement": "", "documents": [], "lacking": [], **told}


@pytest.mark.parametrize(
    ("answer", "role", "evidence", "ground"),
    [
        ("not-documented", "indication", [], "silent"),
        ("not-met", "indication", [], "silent"),
        ("not-documented", "indication", [fact()], "incomplete"),
        ("not-met", "indication", [fact()], "falls-short"),
        ("not-met", "indication", [fact(absence=True)], "absent"),
        ("disputed", "indication", [fact()], "disputed"),
        ("met", "exclusion", [fact()], "speaks-against"),
        ("met", "indication", [fact()], "speaks-against"),
    ],
)
def test_the_ground_of_a_reason(answer: str, role: str, evidence: list[Json], ground: str) -> None:
    assert ground_of({"answer": answer, "role": role, "evidence": evidence}) == ground


def test_a_refusal_carries_all_that_a_notice_has_to() -> None:
    data = notice_of(found("degenerative-t12-s2"))
    assert data["due"]
    refused = [row for row in data["reasons"] if row["outcome"] == "not-necessary"]
    assert {item for row in refused for item in row["items"]} >= {
        item for group in data["decided"]["refused"] for item in group["items"]
    }
    for row in data["reasons"]:
        assert row["entries"] or row["outcome"] == "not-assessed"
        assert all(entry["text"] and entry["said"] for entry in row["entries"])
    assert all(one["version"] for one in data["guidelines"])
    assert data["reviewed"]
    assert data["reviewer"] == {"name": None, "qualification": None, "date": None}
    text = text_of(data)
    assert "Notice of an adverse determination, for a person to complete and sign" in text
    assert "Reviewer ___" in text
    assert "a person decides" in text
    assert ROOT not in text


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_told_of_every_example(name: str) -> None:
    data = notice_of(found(name))
    assert text_of(data)
    assert as_markdown(notice_title(data), notice_sections(data)).startswith("# ")


@pytest.mark.parametrize(
    ("scope", "certain"),
    [
        ("case:hasJurisdiction case:England ; case:hasLineOfBusiness case:PublicHealthService ;", {"nhs-complaint"}),
        (
            "case:hasJurisdiction case:NewYorkState ; case:hasLineOfBusiness case:EmployerInsuredPlan ;",
            {"plan-appeal", "external-review", "new-york-external-appeal"},
        ),
        (
            "case:hasJurisdiction case:NewYorkState ; case:hasLineOfBusiness case:EmployerFundedPlan ;",
            {"plan-appeal", "external-review"},
        ),
        (
            "case:hasJurisdiction case:Georgia ; case:hasLineOfBusiness case:MedicareAdvantage ;",
            {"medicare-advantage-reconsideration"},
        ),
    ],
    ids=["England", "New York, insured", "New York, self-funded", "Medicare Advantage"],
)
def test_rights_are_those_of_territory_and_plan(scope: str, certain: set[str]) -> None:
    rights = notice_of(determine(library(), request(scope)))["rights"]
    assert {one["right"].rsplit("#", 1)[-1] for one in rights} == certain
    assert {one["applies"] for one in rights} == {"applies"}


def test_where_the_plan_is_not_named_every_right_that_may_apply_is_listed() -> None:
    data = notice_of(determine(library(), request()))
    assert {one["applies"] for one in data["rights"]} == {"may-apply"}
    assert "Which right applies depends on territory and plan" in text_of(data)


def test_every_right_has_terms_and_appraised_claims() -> None:
    graph = library().graph
    rights = graph.subjects("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", Nec.AppealRight)
    assert len(rights) >= 5
    for right in rights:
        assert graph.text(right, Nec.filedWithin), right
        claims = graph.nodes(right, Nec.restsOn)
        assert claims, right
        assert all(graph.nodes(claim, Nec.hasAppraisal) for claim in claims), right


def test_a_refusal_for_silence_alone_is_told_as_one() -> None:
    data = notice_of(determine(library(), request().replace(b"spine:Discectomy", b"spine:PosteriorFusion")))
    assert data["kind"] == "adverse"
    assert data["forLackOfInformation"]
    text = text_of(data)
    assert "for lack of information" in text
    assert "Not shown to be necessary: posterior fusion L4-L5" in text
    assert "ask for what is missing before this is sent" in text
    assert not notice_of(found("degenerative-t12-s2"))["forLackOfInformation"]
