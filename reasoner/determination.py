"""From answers to outcomes: items, the request, and what a person should do next. Plain data; no RDF here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from reasoner.answers import Answer, all_of, any_of, negation


class Outcome(StrEnum):
    """What comes out for an item or a request."""

    NECESSARY = "necessary"
    PARTLY_NECESSARY = "partly-necessary"
    NOT_NECESSARY = "not-necessary"
    UNDETERMINED = "undetermined"
    INCLUDED = "included"
    NOT_ASSESSED = "not-assessed"


class Action(StrEnum):
    """What a person is asked to do; nothing is ever refused automatically."""

    APPROVE = "approve"
    REQUEST_INFORMATION = "request-information"
    REFER_TO_PHYSICIAN = "refer-to-physician"


class Fit(StrEnum):
    """How the patient fits the population that a recommendation speaks of."""

    INSIDE = "inside"
    STRETCHED = "stretched"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one recommendation says about one item; `heard` is its answer as the policy reads silence."""

    recommendation: str
    speaks_for: bool
    fit: Fit
    answer: Answer
    indicated: Answer
    excluded: Answer
    heard: Answer


def answer_of_recommendation(
    indications: Iterable[Answer],
    prerequisites: Iterable[tuple[Answer, Sequence[Answer]]],
    exclusions: Iterable[Answer],
) -> Answer:
    """Any indication, every prerequisite unless waived, no exclusion.

    >>> answer_of_recommendation([Answer.MET], [(Answer.NOT_MET, [Answer.MET])], [])
    <Answer.MET: 'met'>
    """
    return all_of(
        [
            any_of(indications),
            *(any_of([prerequisite, *waivers]) for prerequisite, waivers in prerequisites),
            *(negation(exclusion) for exclusion in exclusions),
        ]
    )


def outcome_of_item(verdicts: Sequence[Verdict]) -> Outcome:
    """Combine what all counted recommendations say about an item; refusal has precedence over support."""
    counted = [verdict for verdict in verdicts if verdict.fit is not Fit.OUTSIDE]
    if not counted:
        return Outcome.NOT_ASSESSED
    supports = [verdict for verdict in counted if verdict.speaks_for]
    against = [verdict for verdict in counted if not verdict.speaks_for]
    # An exclusion counts where the recommendation it stands in could otherwise speak.
    barred = [v.excluded for v in supports if v.indicated is not Answer.NOT_MET]
    if any(v.answer is Answer.MET for v in against) or Answer.MET in barred:
        return Outcome.NOT_NECESSARY
    opposed = any(v.heard.is_open for v in against) or any(answer.is_open for answer in barred)
    if any(v.answer is Answer.MET for v in supports):
        return Outcome.UNDETERMINED if opposed else Outcome.NECESSARY
    if any(v.heard.is_open for v in supports):
        return Outcome.UNDETERMINED
    return Outcome.NOT_NECESSARY


def is_refused_for_silence(verdicts: Sequence[Verdict]) -> bool:
    """Whether an item is refused for what the record does not say.

    Either it could be necessary if the record spoke, or no reason for it is on record while some might be: what is
    said of conditions then decides nothing.
    """
    if outcome_of_item(verdicts) is not Outcome.NOT_NECESSARY:
        return False
    unread = [replace(verdict, heard=verdict.answer) for verdict in verdicts]
    if outcome_of_item(unread) is Outcome.UNDETERMINED:
        return True
    counted = [verdict for verdict in verdicts if verdict.fit is not Fit.OUTSIDE]
    supports = [verdict for verdict in counted if verdict.speaks_for]
    denied = any(v.answer is Answer.MET for v in counted if not v.speaks_for) or any(
        v.excluded is Answer.MET for v in supports if v.indicated is not Answer.NOT_MET
    )
    reasons = {verdict.indicated for verdict in supports}
    return not denied and Answer.MET not in reasons and any(answer.is_open for answer in reasons)


def outcome_of_request(outcomes: Iterable[Outcome]) -> Outcome:
    """Roll the principal items up into one word; included and not-assessed items are neutral.

    >>> outcome_of_request([Outcome.NECESSARY, Outcome.INCLUDED])
    <Outcome.NECESSARY: 'necessary'>
    """
    counted = [one for one in outcomes if one not in (Outcome.INCLUDED, Outcome.NOT_ASSESSED)]
    if not counted:
        return Outcome.NOT_ASSESSED
    if all(one is Outcome.NECESSARY for one in counted):
        return Outcome.NECESSARY
    if Outcome.NECESSARY in counted:
        return Outcome.PARTLY_NECESSARY
    return Outcome.NOT_NECESSARY if Outcome.NOT_NECESSARY in counted else Outcome.UNDETERMINED


def action_of(
    outcome: Outcome, *, refused: bool, pending: bool, emergency: bool, contraindicated: bool = False
) -> Action:
    """What to do next: approve, ask for more, or let a physician decide.

    An emergency never waits for paper, and what is necessary in spite of a relative contraindication is for a
    physician to weigh.

    >>> action_of(Outcome.UNDETERMINED, refused=False, pending=True, emergency=False)
    <Action.REQUEST_INFORMATION: 'request-information'>
    """
    if outcome is Outcome.NECESSARY and contraindicated:
        return Action.REFER_TO_PHYSICIAN
    if outcome is Outcome.NECESSARY and not refused and not pending:
        return Action.APPROVE
    if outcome is Outcome.NOT_ASSESSED or refused or emergency:
        return Action.REFER_TO_PHYSICIAN
    return Action.REQUEST_INFORMATION if pending else Action.APPROVE
