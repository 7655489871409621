"""The same case under every policy: who says what, and the criteria and claims that make them differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.determine import Decision, decide
from reasoner.vocabulary import Nec

if TYPE_CHECKING:
    from reasoner.criteria import Finding
    from reasoner.determine import DecidedItem

Json = dict[str, Any]


def ledger_of(decision: Decision) -> list[Json]:
    """The same case under every policy, and the criteria that make each differ from the one chosen."""
    mine = {one.item.iri: one for one in decision.items}
    rows: list[Json] = []
    for iri in sorted(decision.library.policies):
        other = decision if iri == decision.policy.iri else _under(decision, iri)
        differing = [
            {
                "item": one.item.id,
                "outcome": one.outcome.value,
                "insteadOf": mine[one.item.iri].outcome.value,
                "because": _reasons(decision, mine[one.item.iri], one),
            }
            for one in other.principal
            if one.item.iri in mine and mine[one.item.iri].outcome is not one.outcome
        ]
        rows.append(
            {
                "policy": local(iri),
                "label": decision.library.label(iri),
                "outcome": other.outcome.value,
                "differs": differing,
            }
        )
    return rows


def _under(decision: Decision, policy: str) -> Decision:
    return decide(
        decision.library,
        decision.case,
        policy=policy,
        evidence_until=decision.evidence_until,
        policy_date=decision.policy_date,
    )


def _asked(one: DecidedItem) -> dict[str, Finding]:
    """The prerequisites that the recommendations about an item ask for and nothing waives."""
    return {
        prerequisite.criterion: prerequisite
        for judged in one.judged
        for prerequisite, waivers in judged.prerequisites
        if not any(waiver.answer is Answer.MET for waiver in waivers)
    }


def _reasons(decision: Decision, before: DecidedItem, after: DecidedItem) -> list[Json]:
    """The prerequisites and recommendations that one policy counts and the other does not, with their claims."""
    library = decision.library
    left, right = _asked(before), _asked(after)
    differing = {criterion: (left | right)[criterion] for criterion in left.keys() ^ right.keys()}
    lone = {j.verdict.recommendation for j in before.judged} ^ {j.verdict.recommendation for j in after.judged}
    rows: list[Json] = [
        {
            "criterion": criterion,
            "label": library.label(criterion),
            "answer": differing[criterion].answer.value,
            "askedBy": "other" if criterion in right else "chosen",
            "claims": sorted(library.graph.nodes(criterion, Nec.restsOn)),
            "claimLabels": [library.label(claim) for claim in sorted(library.graph.nodes(criterion, Nec.restsOn))],
        }
        for criterion in sorted(differing)
        if differing[criterion].answer is not Answer.MET
    ]
    rows += [
        {
            "recommendation": iri,
            "label": library.label(iri),
            "countedBy": "other" if any(iri == j.verdict.recommendation for j in after.judged) else "chosen",
            "claims": sorted(library.graph.nodes(iri, Nec.restsOn)),
        }
        for iri in sorted(lone)
    ]
    return rows
