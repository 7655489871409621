"""Spoken word ranks below what is written, and what rests on it alone is met until written proof is asked for."""

from __future__ import annotations

from reasoner import Action, Outcome, appeal, determine
from reasoner.layout import as_text
from reasoner.report import sections_of
from reasoner.vocabulary import CASE, RECORD
from tests.disputes import care, request
from tests.examples import NAMES, found, library

SPOKEN = care("PeerToPeerStatement")


def test_it_is_met_pending_written_proof_and_the_proof_is_asked_for() -> None:
    after = appeal(library(), request(), SPOKEN).after
    assert after.decision.outcome is Outcome.NECESSARY
    assert after.decision.action is Action.REQUEST_INFORMATION
    (item,) = after.data["items"]
    entry = next(one for one in item["because"] if one["label"] == "Conservative care has failed")
    assert entry["answer"] == "met"
    assert entry["pendingProof"] == ["What the therapist wrote, 2026-03-20"]
    assert after.data["pendingProof"] == [item["id"]]
    asked = [one for one in after.data["needs"] if one.get("pendingProof")]
    assert asked
    assert all("written proof" in one["askFor"] and "2026-03-20" in one["askFor"] for one in asked)
    text = " ".join(" ".join(line.text for line in as_text("", sections_of(after))).split())
    assert "Pending written" in text
    assert "rests on what was only said" in text


def test_what_is_also_written_waits_for_nothing() -> None:
    both = care("PeerToPeerStatement").replace(b"case:statedIn :therapy", b"case:statedIn :therapy , :letter")
    after = appeal(library(), request(), both).after
    assert after.decision.action is Action.APPROVE
    assert after.decision.written is None
    assert after.data["pendingProof"] == []


def test_written_word_outranks_spoken_word_even_a_measured_one() -> None:
    more = (
        "<> case:hasDocument :talk ; case:records :said . :talk a case:PeerToPeerStatement . "
        ":said a spine:DiscExtrusion ; case:atLevel spine:L4-L5 ; case:onSide spine:Left ; case:hasSeverity spine:Mild ; "
        "case:hasBasis case:Measured ; case:statedIn :talk ."
    )
    decision = determine(library(), request(more=more)).decision
    assert RECORD + "#said" in {one.node for one in decision.record.set_aside}
    assert decision.outcome is determine(library(), request()).decision.outcome


def test_the_kind_of_document_says_so_as_data() -> None:
    kinds = library().document_kinds
    assert [iri for iri, kind in kinds.items() if kind.is_spoken] == [CASE + "PeerToPeerStatement"]
    written = [kind.rank for iri, kind in kinds.items() if iri.endswith(("Note", "History"))]
    assert kinds[CASE + "PeerToPeerStatement"].rank < min(written)


def test_a_record_in_which_nothing_was_only_said_is_decided_once() -> None:
    for name in NAMES:
        assert found(name).decision.written is None or name == "l1-sarcoma-second-stage", name
