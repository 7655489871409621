"""What would change an answer is legitimate, small, and true: applied to the case, it does what is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.applicability import in_force, speaks_of_item
from reasoner.changes import outlook_of
from reasoner.determination import Outcome
from reasoner.determine import decide
from reasoner.door import Determination, determine
from reasoner.ledger import ledger_of
from reasoner.supposition import suppose
from reasoner.vocabulary import GUIDELINE, Nec
from tests.examples import NAMES, found, library

Json = dict[str, Any]

LADDER: Final = [Outcome.NOT_NECESSARY.value, Outcome.UNDETERMINED.value, Outcome.NECESSARY.value]


@pytest.mark.parametrize("name", NAMES)
def test_no_change_is_beyond_reach(name: str) -> None:
    """A fixed fact is never advice, and what the record answers is only ever to be measured or awaited anew."""
    for row in found(name).full["changes"]:
        for change in row["changes"]:
            kind = library().graph.node(change["criterion"], Nec.changeKind)
            assert kind in (Nec.Documentable, Nec.Obtainable, Nec.Waitable)
            if change["answer"] == "not-met":
                assert row["turns"]
                assert kind in (Nec.Obtainable, Nec.Waitable)


@pytest.mark.parametrize("name", NAMES)
def test_every_set_moves_its_items_up(name: str) -> None:
    data = found(name).full
    outcomes = {item["id"]: item["outcome"] for item in data["items"]}
    for row in data["changes"]:
        assert row["items"]
        assert {outcomes[item] for item in row["items"]} == {row["from"]}
        assert LADDER.index(row["to"]) > LADDER.index(row["from"])


@pytest.mark.parametrize("name", NAMES)
def test_no_set_holds_another_that_does_as_much(name: str) -> None:
    rows = found(name).full["changes"]
    sets = [(frozenset(c["criterion"] for c in row["changes"]), row["to"], set(row["items"])) for row in rows]
    for leaves, to, items in sets:
        assert not [one for one in sets if one[0] < leaves and one[1] == to and items <= one[2]]


def test_what_a_pending_fusion_waits_for() -> None:
    data = found("degenerative-t12-s2").full
    first = data["changes"][0]
    assert {local(change["criterion"]) for change in first["changes"]} == {
        "physical-therapy-given",
        "course-fell-short",
        "deficit-of-these-roots",
    }
    assert first["to"] == "necessary"
    assert "posterior-fusion-l4-l5" in first["items"]


def test_all_that_is_missing_leaves_what_is_refused() -> None:
    union = found("degenerative-t12-s2").full["together"]
    assert union["to"] == "partly-necessary"
    assert union["still"] == ["posterior-fusion-t12-l1", "posterior-fusion-s1-s2"]


def test_a_cobb_angle_could_turn_the_upper_end() -> None:
    turned = [row for row in found("degenerative-t12-s2").full["changes"] if row["turns"]]
    asked = [change for row in turned for change in row["changes"] if "posterior-fusion-t12-l1" in row["items"]]
    assert any("Cobb angle" in change["askFor"] for change in asked)


HEAD: Final = """
@prefix : <#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<> a case:Case ; case:hasPatient [ a case:Patient ; case:ageInYears 58 ] ; case:hasRequest :request .
:request a case:Request ; case:requestedOn "2026-05-01"^^xsd:date ; case:asksFor :fusion .
:fusion a spine:PosterolateralFusion ; case:atLevel spine:L4-L5 .
"""
THERAPY: Final = (
    "spine:PhysicalTherapy ; case:atLevel spine:LumbarSpine ; case:hasFormat spine:FormalInPerson ; "
    "case:durationInWeeks 12 ; case:hasResponse spine:NoRelief"
)
CLAUDICATION: Final = "spine:NeurogenicClaudication ; case:atLevel spine:LumbarSpine"
SLIP: Final = "spine:Spondylolisthesis ; case:atLevel spine:L4-L5 ; case:hasSlipGrade spine:SlipGrade1"
STENOSIS: Final = "spine:CanalStenosis ; case:atLevel spine:L4-L5 ; case:hasSeverity spine:Severe"


def stated(*said: str) -> Determination:
    """A fusion of L4-L5, with these statements on record."""
    records = "".join(f"<> case:records [ a {one} ] .\n" for one in said)
    return determine(library(), (HEAD + records).encode())


def unheard(found: Determination) -> list[bool]:
    """Of each change, whether it asks for a reason of which the record says nothing."""
    decision = found.decision
    reasons = {
        part
        for one in decision.items
        for judged in one.judged
        for finding in judged.indications
        for part in decision.library.criteria.within(finding.criterion)
    }
    told = []
    for row in found.full["changes"]:
        item = next(one.item.iri for one in decision.items if one.item.id == row["item"])
        leaves = [change["criterion"] for change in row["changes"] if change["criterion"] in reasons]
        findings = [decision.session.find(item, leaf) for leaf in leaves]
        told.append(any(one.answer.is_open and not one.values for one in findings))
    return told


def test_what_completes_the_picture_comes_alone() -> None:
    """Where therapy is all that is missing, nobody is sent to look for another disease."""
    found = stated(SLIP, STENOSIS, CLAUDICATION)
    assert found.decision.outcome is Outcome.UNDETERMINED
    assert unheard(found)
    assert not any(unheard(found))


def test_reasons_of_which_nothing_is_on_record_are_the_last_hope() -> None:
    found = stated(THERAPY, CLAUDICATION)
    assert found.decision.outcome is Outcome.NOT_NECESSARY
    assert unheard(found)
    assert all(unheard(found))


@pytest.mark.parametrize("name", NAMES)
def test_a_list_of_changes_is_short_and_ends_with_hopes_from_nothing(name: str) -> None:
    told = unheard(found(name))
    assert len({tuple(change["criterion"] for change in row["changes"]) for row in found(name).full["changes"]}) <= 5
    assert told == sorted(told)


@pytest.mark.parametrize(
    "criterion",
    [
        "revision-and-hardware#six-months-since-operation",
        "adjuncts#nine-months-since-operation",
        "neural-compression#onset-dated",
        "lumbar-fusion#slip-at-level",
        "care-and-optimisation#care-did-harm",
    ],
)
def test_what_is_supposed_passes(criterion: str) -> None:
    decision = stated(STENOSIS).decision
    item = decision.items[0].item
    graph = suppose(decision, [(item.id, GUIDELINE + criterion)])
    again = decide(library(), replace(decision.case, graph=graph))
    assert again.session.find(item.iri, GUIDELINE + criterion).answer is Answer.MET


@pytest.mark.parametrize("name", ["t12-destructive-mass", "breast-metastases-cauda-equina", "l2-burst-metastasis"])
def test_what_is_approved_needs_no_change(name: str) -> None:
    outlook = outlook_of(found(name).decision)
    assert (outlook["changes"], outlook["together"], outlook["unmoved"]) == ([], None, [])


def test_hardware_that_stays_is_not_argued_back() -> None:
    """That hardware was kept is a fact of the operation: nothing that one may ask for turns it."""
    assert found("l1-sarcoma-second-stage").full["unmoved"] == ["hardware-reinsertion-t12-l2"]


def test_a_number_says_how_far_it_is_from_its_bar() -> None:
    rows = {row["label"]: row for row in found("degenerative-t12-s2").full["margins"]}
    assert (rows["Three months of care"]["threshold"], rows["Three months of care"]["distance"]) == (
        "at least 90",
        "+60",
    )
    assert rows["Six months of care"]["distance"] == "-30"


def test_a_score_is_measured_at_both_ends() -> None:
    rows = [row for row in found("t12-destructive-mass").full["margins"] if row["threshold"] == "at least 13"]
    assert {(row["value"], row["distance"]) for row in rows} == {("6 to 18", "-7 to +5")}


@pytest.mark.parametrize("name", NAMES)
def test_needs_are_open_and_named(name: str) -> None:
    for need in found(name).full["needs"]:
        assert need["answer"] in (Answer.NOT_DOCUMENTED.value, Answer.DISPUTED.value)
        assert need["askFor"]
        assert need["items"]


@pytest.mark.parametrize("name", NAMES)
def test_the_ledger_names_what_makes_policies_differ(name: str) -> None:
    decision = found(name).decision
    rows = ledger_of(decision)
    speaking = [
        one
        for one in in_force(library(), decision.policy_date)
        if any(speaks_of_item(library(), one, each.item) for each in decision.items)
    ]
    assert {row["policy"] for row in rows} == {local(one.iri) for one in speaking}
    for row in rows:
        for difference in row["differs"]:
            assert difference["outcome"] != difference["insteadOf"]
            assert difference["because"]
