"""What is met on spoken word alone: which criteria, on which conversation, and the written proof to ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reasoner.advice import ask_for, carrying
from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.determination import Outcome
from reasoner.evidence import document_of, leaves_of
from reasoner.spoken import is_spoken
from reasoner.vocabulary import SH, Case, Nec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reasoner.criteria import Finding
    from reasoner.determine import DecidedItem, Decision

Json = dict[str, Any]


def awaits_proof(decision: Decision, finding: Finding) -> bool:
    """Whether a criterion is met, and would not be without what was only said."""
    written = decision.written
    if written is None or finding.answer is not Answer.MET:
        return False
    return written.session.find(finding.item, finding.criterion).answer is not Answer.MET


def spoken_documents(decision: Decision, finding: Finding) -> list[str]:
    """The conversations that what meets a criterion was said in, by name and date."""
    graph = decision.record.graph
    stated = [d for leaf in leaves_of(finding) for v in leaf.values for d in graph.nodes(v.node, Case.statedIn)]
    every = [d for d in graph.nodes(decision.record.case, Case.hasDocument) if is_spoken(decision.library, graph, d)]
    # What is added up from other statements names no document of its own.
    told = [document_of(decision, d) for d in dict.fromkeys(d for d in stated if d in every)] or [
        document_of(decision, d) for d in every
    ]
    return [f"{one['short']}, {one['date'] or 'undated'}" for one in told]


def awaiting_items(decision: Decision) -> list[str]:
    """The items that are necessary, and would not be without what was only said."""
    if decision.written is None:
        return []
    written = {one.item.iri: one.outcome for one in decision.written.items}
    return [
        one.item.id
        for one in decision.items
        if one.outcome is Outcome.NECESSARY and written.get(one.item.iri) is not Outcome.NECESSARY
    ]


def proofs_of(decision: Decision) -> list[Json]:
    """The written proofs to ask for, in the form of other needs: one for each question met on spoken word alone."""
    if decision.written is None:
        return []
    rows: dict[str, Json] = {}
    awaiting = frozenset(awaiting_items(decision))
    graph, criteria = decision.library.graph, decision.library.criteria
    for one in decision.items:
        for leaf in _met_on_word(decision, one):
            compiled = criteria.leaves.get(leaf.criterion)
            if compiled is None:
                continue
            kind = graph.node(leaf.criterion, Nec.changeKind)
            said = " and ".join(spoken_documents(decision, leaf))
            row = rows.setdefault(
                leaf.criterion,
                {
                    "criterion": leaf.criterion,
                    "label": decision.library.label(leaf.criterion),
                    "answer": leaf.answer.value,
                    "askFor": f"written proof of what was said ({said}): {ask_for(decision, leaf.criterion)}",
                    "message": graph.text(leaf.criterion, SH + "message"),
                    "changeKind": local(kind).lower() if kind else None,
                    "anyOf": None,
                    "wouldSettle": False,
                    "items": [],
                    "asksAbout": decision.library.label(compiled.shape.genus),
                    "pendingProof": True,
                },
            )
            if one.item.id not in row["items"]:
                row["items"].append(one.item.id)
            row["wouldSettle"] |= one.item.id in awaiting
    return sorted(rows.values(), key=lambda row: (not row["wouldSettle"], row["criterion"]))


def _met_on_word(decision: Decision, one: DecidedItem) -> Iterator[Finding]:
    for judged in carrying(one):
        asked = [*judged.indications, *(prerequisite for prerequisite, _ in judged.prerequisites)]
        asked += [waiver for _, waivers in judged.prerequisites for waiver in waivers]
        for finding in asked:
            if finding.answer is Answer.MET:
                yield from (leaf for leaf in leaves_of(finding) if awaits_proof(decision, leaf))
