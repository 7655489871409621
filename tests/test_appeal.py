"""An appeal keeps the edition and the day, adds to the record, and says which document moved which answer."""

from __future__ import annotations

import json
from datetime import date

import pytest

from reasoner import Outcome, appeal, determine
from reasoner.errors import CaseMalformed, CaseUnreadable
from reasoner.layout import as_text
from reasoner.letter import appeal_sections, appeal_title
from reasoner.vocabulary import RECORD
from tests.disputes import care, request, told
from tests.examples import library

THERAPY = RECORD + "#therapy"


def test_what_was_added_moves_the_answer_and_the_document_is_named() -> None:
    found = appeal(library(), request(), care())
    assert found.before.decision.outcome is Outcome.UNDETERMINED
    assert found.after.decision.outcome is Outcome.NECESSARY
    data = found.data
    assert data["outcome"] == {"before": "undetermined", "after": "necessary"}
    (item,) = data["items"]
    failed = next(row for row in item["answers"] if row["criterion"].endswith("#failed-conservative-care"))
    assert (failed["before"], failed["after"]) == ("not-documented", "met")
    assert failed["movedBy"] == [{"document": THERAPY, "label": "What the therapist wrote", "needed": True}]
    assert {one["document"]: one["moved"] for one in data["added"]}[THERAPY]


def test_a_document_that_moves_nothing_is_said_to() -> None:
    data = appeal(library(), request(), care()).data
    rows = {
        row["label"]: {by["document"] for by in row["movedBy"]} for item in data["items"] for row in item["answers"]
    }
    assert RECORD + "#letter" not in rows["Conservative care has failed"]


def test_of_two_documents_that_say_the_same_each_is_named_and_neither_needed() -> None:
    twice = care(
        more='<> case:hasDocument :again ; case:records :other . :again a case:ClinicNote ; case:writtenOn "2026-03-21"^^'
        'xsd:date . :other a spine:PhysicalTherapy ; case:hasFormat spine:FormalInPerson ; case:startDate "2025-12-15"^^'
        'xsd:date ; case:endDate "2026-02-28"^^xsd:date ; case:hasResponse spine:NoRelief ; case:statedIn :again .'
    )
    (item,) = appeal(library(), request(), twice).data["items"]
    failed = next(row for row in item["answers"] if row["label"] == "Conservative care has failed")
    assert {(by["document"], by["needed"]) for by in failed["movedBy"]} == {
        (THERAPY, False),
        (RECORD + "#again", False),
    }


def test_the_edition_and_the_day_are_those_of_the_first_decision_and_evidence_runs_on() -> None:
    found = appeal(library(), request(), care(), policy_date=date(2026, 2, 1))
    before, after = found.before.decision, found.after.decision
    assert after.policy is before.policy
    assert after.policy_date == before.policy_date == date(2026, 2, 1)
    assert (before.evidence_until, after.evidence_until) == (date(2026, 3, 2), date(2026, 3, 25))
    late = appeal(library(), request(), care(), evidence_until=date(2026, 3, 19))
    assert late.after.decision.evidence_until == date(2026, 3, 19)


def test_a_saved_determination_pins_edition_day_and_cut_off() -> None:
    day, until = date(2026, 2, 1), date(2026, 2, 20)
    saved = determine(library(), request(), policy_date=day, evidence_until=until).to_json(further=False)
    found = appeal(library(), request(), care(), first=saved)
    before, after = found.before.decision, found.after.decision
    assert (before.policy_date, before.evidence_until, after.policy_date) == (day, until, day)
    assert found.data["saved"] == {"outcome": "undetermined", "sameKnowledge": True}
    assert appeal(library(), request(), care()).data["saved"] is None
    old = saved.replace(library().hash.encode(), b"0" * 64)
    told = appeal(library(), request(), care(), first=old).data
    assert not told["saved"]["sameKnowledge"]
    lines = " ".join(line.text for line in as_text(appeal_title(told), appeal_sections(told)))
    assert "the rooms have changed" in lines


@pytest.mark.parametrize("saved", [b"{}", b"no json"])
def test_what_is_no_determination_pins_nothing(saved: bytes) -> None:
    with pytest.raises(CaseUnreadable) as refused:
        appeal(library(), request(), care(), first=saved)
    assert refused.value.code == "appeal.no-determination"


def test_a_determination_of_another_case_is_refused() -> None:
    saved = determine(library(), request("case:hasUrgency case:Routine ;")).to_json(further=False)
    with pytest.raises(CaseUnreadable) as refused:
        appeal(library(), request(), care(), first=saved)
    assert refused.value.code == "appeal.other-case"


def test_an_appeal_that_adds_nothing_is_refused() -> None:
    with pytest.raises(CaseMalformed) as refused:
        appeal(library(), request(), told("<> a case:Case ."))
    assert refused.value.code == "appeal.nothing-added"


@pytest.mark.parametrize(
    "body",
    [
        "<> a case:Case ; case:records :disc . :disc case:hasSeverity spine:Mild .",
        "<> a case:Case ; case:hasRequest [ a case:Request ; case:asksFor :other ] . :other a spine:Laminectomy .",
        '<> a case:Case . :mri case:writtenOn "2026-03-01"^^xsd:date .',
    ],
    ids=["a statement", "the request", "a document"],
)
def test_what_the_original_states_is_not_restated(body: str) -> None:
    with pytest.raises(CaseMalformed) as refused:
        appeal(library(), request(), told(body))
    assert refused.value.code == "case.added-restates"


def test_nodes_without_names_stay_apart() -> None:
    nameless = told('<> a case:Case ; case:records [ a spine:BackPain ; case:onsetDate "2026-02-01"^^xsd:date ] .')
    found = appeal(library(), request(more="<> case:records [ a spine:BackPain ] ."), nameless)
    assert len(found.added.statements) == 1
    assert [row["document"] for row in found.data["added"]] == [""]


def test_it_is_told_in_text_and_as_json() -> None:
    found = appeal(library(), request(), care())
    lines = as_text(appeal_title(found.data), appeal_sections(found.data))
    text = " ".join(" ".join(line.text for line in lines).split())
    assert "Conservative care has failed (prerequisite): not documented -> met, by What the therapist wrote" in text
    assert "cannot be decided on this record -> medically necessary" in text
    assert "A person decides" in text or "a person decides" in text
    assert json.loads(found.to_json())["outcome"]["after"] == "necessary"
    assert found.to_json() == appeal(library(), request(), care()).to_json()
