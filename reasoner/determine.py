"""The conductor: a read case goes in, everything that was decided about it comes out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reasoner.answers import Answer
from reasoner.applicability import Scope, refuse_unfit, scope_of, speaks_of_item
from reasoner.case import Case
from reasoner.closure import close
from reasoner.coding import CodeReview
from reasoner.coding_facts import close_codes
from reasoner.determination import (
    Action,
    Outcome,
    action_of,
    is_refused_for_silence,
    outcome_of_request,
)
from reasoner.extent import Uncovered, close_extent, close_work, find_uncovered
from reasoner.judging import (
    Counted,
    Judged,
    Session,
    counted_under,
    is_there,
    is_vague,
    judge_item,
    outcome_of,
    verdicts_of,
)
from reasoner.library import Library
from reasoner.policies import Policy, unaltered
from reasoner.quantities import days_of
from reasoner.record import Item, Record
from reasoner.spoken import spoken_only, without
from reasoner.vocabulary import Case as CaseTerm
from reasoner.vocabulary import Nec


@dataclass(frozen=True, slots=True)
class DecidedItem:
    """One item with its outcome and every recommendation that speaks of it."""

    item: Item
    outcome: Outcome
    judged: tuple[Judged, ...]
    set_aside: tuple[Judged, ...]
    part_of: str | None = None
    is_vague: bool = False
    is_silent: bool = False
    """Whether it is refused only because of what the record does not say."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything decided about a case under one policy."""

    case: Case
    library: Library
    policy: Policy
    session: Session
    items: tuple[DecidedItem, ...]
    outcome: Outcome
    action: Action
    uncovered: tuple[Uncovered, ...]
    evidence_until: date | None
    policy_date: date | None
    codes: CodeReview
    scope: Scope
    written: Decision | None
    """The same case without what was only said; None if nothing was."""

    @property
    def record(self) -> Record:
        """The closed record that the decision rests on."""
        return self.session.record

    @property
    def principal(self) -> tuple[DecidedItem, ...]:
        """The items that the outcome of the request is rolled up from."""
        return principal_of(self.items)


def decide(
    library: Library,
    case: Case,
    *,
    policy: str | Policy | None = None,
    evidence_until: date | None = None,
    policy_date: date | None = None,
) -> Decision:
    """Determine a case under one policy: the edition of that name in force on the day, or one that is handed over.

    The two dates default to the request's own date, never to the clock. Raises GuidelineUnknown
    for an unknown policy, PolicyUnfit for one that is not in force or does not apply, and
    OntologyInconsistent if the case contradicts an axiom.
    """
    requested = _requested_on(case)
    until, day = evidence_until or requested, policy_date or requested
    chosen = policy if isinstance(policy, Policy) else library.policy(policy, day)
    scope = scope_of(case.graph, case.iri)
    if not isinstance(policy, Policy):
        refuse_unfit(library, chosen, scope)
    record = close(library, case.graph, case.iri, chosen, until)
    codes = close_codes(record, day)
    session = Session(record, counted_for(library, chosen, record.items), chosen.silence)
    close_extent(session)
    close_work(session)
    items = tuple(_decide_item(session, item) for item in record.items)
    principal = principal_of(items)
    outcome = outcome_of_request(one.outcome for one in principal)
    urgency = {
        value
        for request in record.graph.nodes(case.iri, CaseTerm.hasRequest)
        for value in record.graph.nodes(request, CaseTerm.hasUrgency)
    }
    action = action_of(
        outcome,
        refused=any(one.outcome is Outcome.NOT_NECESSARY and not one.is_silent for one in items),
        pending=any(one.outcome is Outcome.UNDETERMINED or one.is_silent for one in items),
        emergency=CaseTerm.Emergency in urgency,
        contraindicated=any(_is_cautioned(library, one) for one in principal),
    )
    uncovered = find_uncovered(session)
    said = spoken_only(library, case.graph, case.iri)
    written = (
        decide(library, without(case, said), policy=chosen, evidence_until=until, policy_date=day) if said else None
    )
    if action is Action.APPROVE and written is not None and written.action is not Action.APPROVE:
        action = Action.REQUEST_INFORMATION
    return Decision(
        case, library, chosen, session, items, outcome, action, uncovered, until, day, codes, scope, written
    )


def counted_for(library: Library, policy: Policy, items: Sequence[Item]) -> Counted:
    """The recommendations as a policy counts them for a request; a policy that speaks of none of it adds nothing."""
    speaks = any(speaks_of_item(library, policy, item) for item in items)
    return counted_under(library, policy if speaks else unaltered(policy))


def _is_cautioned(library: Library, one: DecidedItem) -> bool:
    """Whether a recommendation that carries a necessary item weighs a relative contraindication that is met."""
    return one.outcome is Outcome.NECESSARY and any(
        finding.answer is Answer.MET and Nec.Contraindication in library.graph.types(finding.criterion)
        for judged in one.judged
        if judged.verdict.speaks_for and judged.verdict.answer is Answer.MET
        for finding in judged.considerations
    )


def principal_of(items: tuple[DecidedItem, ...]) -> tuple[DecidedItem, ...]:
    """The principal operations; where a request asks for none, all of its items except the setting."""
    principal = tuple(one for one in items if one.item.is_principal and one.item.grain != Nec.ByStay)
    return principal or tuple(one for one in items if one.item.grain != Nec.ByStay) or items


def _decide_item(session: Session, item: Item) -> DecidedItem:
    judged = judge_item(session, item, late=True)
    fits = [one.verdict.fit != "outside" and is_there(session, item, one) for one in judged]
    counted = tuple(itertools.compress(judged, fits))
    aside = tuple(one for one, fit in zip(judged, fits, strict=True) if not fit)
    host = _host(session.record, item)
    if host is not None:
        return DecidedItem(item, Outcome.INCLUDED, counted, aside, host)
    if item.status == CaseTerm.AlreadyDone and not _is_retrospective(session.record):
        return DecidedItem(item, Outcome.NOT_ASSESSED, counted, aside)
    return DecidedItem(
        item,
        outcome_of(session, item, judged),
        counted,
        aside,
        is_vague=is_vague(session.record, item),
        is_silent=is_refused_for_silence(verdicts_of(session, item, counted)),
    )


def _is_retrospective(record: Record) -> bool:
    requests = record.graph.nodes(record.case, CaseTerm.hasRequest)
    return any(CaseTerm.Retrospective in record.graph.nodes(r, CaseTerm.hasReviewKind) for r in requests)


def _host(record: Record, item: Item) -> str | None:
    """The requested item that an item is part of, where its class is part of another that is asked for at its level."""
    wider = record.library.procedures[item.procedure].is_part_of
    anatomy = record.library.anatomy
    for other in record.items:
        if other.service == item.service or not wider & other.types or not anatomy.touches(item.place, other.place):
            continue
        if not _is_apart(record, item, other):
            return other.id
    return None


def _is_apart(record: Record, item: Item, other: Item) -> bool:
    """Whether two items are known to be reached by ways that are apart."""
    ways, apart = (_approach(record, item), _approach(record, other)), record.library.graph.nodes
    return ways[1] in apart(ways[0], Nec.isApartFrom) or ways[0] in apart(ways[1], Nec.isApartFrom)


def _approach(record: Record, item: Item) -> str:
    """The way by which an item is reached: as it is stated, or as every procedure of its class is."""
    library = record.library
    inherent = (library.graph.node(cls, Nec.inherentApproach) for cls in library.lineage(item.procedure))
    return record.graph.node(item.service, CaseTerm.hasApproach) or next((one for one in inherent if one), "")


def _requested_on(case: Case) -> date | None:
    for request in case.graph.nodes(case.iri, CaseTerm.hasRequest):
        days = days_of(case.graph.value(request, CaseTerm.requestedOn))
        if days is not None:
            return days.latest
    return None
