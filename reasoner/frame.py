"""Under which rules a decision was made: the policy, its edition and dates, and how it stands to the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reasoner.anatomy import local
from reasoner.applicability import Applies, applicability_of, first_in_line, holds, in_force, speaks_of_item
from reasoner.sources import appraisal_reason, verdict_of
from reasoner.vocabulary import SKOS, Nec

if TYPE_CHECKING:
    from reasoner.determine import Decision
    from reasoner.policies import Policy

Json = dict[str, Any]


def policy_of(decision: Decision) -> Json:
    """The policy of a decision: its name, edition and dates, for whom it holds, and how far its text was read."""
    policy, day = decision.policy, decision.policy_date
    stands = None if day is None else policy.is_in_force(day)
    return {
        **_named(decision, policy),
        "series": local(policy.series),
        "effectiveFrom": _day(policy.effective_from),
        "effectiveUntil": _day(policy.effective_until),
        "holdsIn": _labels(decision, policy.holds_in),
        "holdsFor": _labels(decision, policy.holds_for),
        "inForce": stands,
        "chosenAs": {None: "latest", True: "in-force", False: "pinned"}[stands],
        "notEncoded": decision.library.graph.text(policy.iri, SKOS + "editorialNote") or None,
        "appraisal": verdict_of(decision, policy.iri) if _is_appraised(decision, policy) else None,
        "reason": appraisal_reason(decision, policy.iri) or None,
    }


def applicability(decision: Decision) -> Json:
    """Whether the policy applies to the request, what comes before it, and which others certainly apply."""
    library, policy, scope, day = decision.library, decision.policy, decision.scope, decision.policy_date
    items = [one.item for one in decision.items]
    found = applicability_of(library, policy, scope, items)
    return {
        "verdict": found.verdict.value,
        "reasons": list(found.reasons),
        "jurisdiction": library.label(scope.jurisdiction) if scope.jurisdiction else None,
        "lineOfBusiness": library.label(scope.line) if scope.line else None,
        "outside": list(found.outside),
        "first": [
            {**_named(decision, other), "verdict": verdict.value, "items": list(spoken)}
            for other, verdict, spoken in first_in_line(library, policy, scope, items, day)
        ],
        "others": [
            _named(decision, other)
            for other in in_force(library, day)
            if other.series != policy.series
            and other.holds_for
            and any(speaks_of_item(library, other, item) for item in items)
            and holds(library, scope, holds_in=other.holds_in, holds_for=other.holds_for)[0] is Applies.YES
        ],
    }


def _named(decision: Decision, policy: Policy) -> Json:
    edition = decision.library.graph.text(policy.iri, Nec.edition)
    return {"id": local(policy.iri), "label": decision.library.label(policy.iri), "edition": edition}


def _labels(decision: Decision, terms: frozenset[str]) -> list[str]:
    return sorted(decision.library.label(one) for one in terms)


def _is_appraised(decision: Decision, policy: Policy) -> bool:
    return bool(decision.library.graph.nodes(policy.iri, Nec.hasAppraisal))


def _day(value: object) -> str | None:
    return None if value is None else str(value)
