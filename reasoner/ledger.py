"""The same case under every policy that may apply: who says what, and the criteria and claims that make them differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reasoner.anatomy import local
from reasoner.answers import Answer, any_of, as_read
from reasoner.applicability import Applies, holds, in_force, speaks_of_item
from reasoner.determine import Decision, counted_for, decide
from reasoner.judging import kinds_of
from reasoner.vocabulary import Nec

if TYPE_CHECKING:
    from reasoner.criteria import Finding
    from reasoner.determine import DecidedItem
    from reasoner.judging import Judged
    from reasoner.policies import Policy

Json = dict[str, Any]


def ledger_of(decision: Decision) -> list[Json]:
    """The same case under one edition of every policy, and the criteria that make each differ from the one chosen.

    A policy that certainly does not apply to the request, of which no edition is in force, or that
    speaks of nothing requested, is left out.
    """
    library, mine = decision.library, {one.item.iri: one for one in decision.items}
    items = [one.item for one in decision.items]
    rows: list[Json] = []
    for policy in in_force(library, decision.policy_date):
        is_own = policy.series == decision.policy.series
        chosen = decision.policy if is_own else policy
        applies, _ = holds(library, decision.scope, holds_in=chosen.holds_in, holds_for=chosen.holds_for)
        speaks = any(speaks_of_item(library, chosen, item) for item in items)
        if not is_own and (applies is Applies.NO or not speaks):
            continue
        other = decision if is_own or is_alike(decision, chosen) else _under(decision, chosen)
        differing = [
            {
                "item": one.item.id,
                "outcome": one.outcome.value,
                "insteadOf": mine[one.item.iri].outcome.value,
                "because": reasons_between(decision, mine[one.item.iri], one),
            }
            for one in other.principal
            if one.item.iri in mine and mine[one.item.iri].outcome is not one.outcome
        ]
        rows.append(
            {
                "policy": local(chosen.iri),
                "label": library.label(chosen.iri),
                "edition": library.graph.text(chosen.iri, Nec.edition),
                "applies": applies.value,
                "comesFirst": chosen.series in decision.policy.yields_to,
                "outcome": other.outcome.value,
                "differs": differing,
            }
        )
    return rows


def is_alike(decision: Decision, policy: Policy) -> bool:
    """Whether a policy certainly comes to the same as the chosen one, so that nothing need be decided again.

    It does where everything that it reads otherwise speaks of other procedures, or gives no reason in this case.
    """
    mine, session, library = decision.policy, decision.session, decision.library
    if (policy.settles, policy.silence) != (mine.settles, mine.silence):
        return False
    counted = counted_for(library, policy, [one.item for one in decision.items])
    for one in decision.items:
        about = kinds_of(decision.record, one.item), library.anatomy.regions(one.item.place)
        ours = {each.recommendation.iri: each for each in session.counted.speaking_of(*about)}
        theirs = {each.recommendation.iri: each for each in counted.speaking_of(*about)}
        judged = {each.verdict.recommendation: each for each in (*one.judged, *one.set_aside)}
        for iri in ours.keys() | theirs.keys():
            if ours.get(iri) != theirs.get(iri) and (iri not in judged or not _is_idle(decision, judged[iri])):
                return False
    return True


def _is_idle(decision: Decision, judged: Judged) -> bool:
    """Whether a recommendation has no reason to speak in this case, whatever else is asked."""
    refuses = decision.session.silence.indication_refuses
    heard = any_of(as_read(one.answer, one.heard, refuses=refuses) for one in judged.indications)
    return heard is Answer.NOT_MET and judged.verdict.excluded is Answer.NOT_MET


def _under(decision: Decision, policy: Policy) -> Decision:
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


def reasons_between(decision: Decision, before: DecidedItem, after: DecidedItem) -> list[Json]:
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
