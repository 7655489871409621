"""The four answers a criterion can get, and how they fold: Kleene's strong logic with a reason for the middle value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What the record answers to a criterion."""

    MET = "met"
    NOT_MET = "not-met"
    NOT_DOCUMENTED = "not-documented"
    DISPUTED = "disputed"

    @property
    def is_open(self) -> bool:
        """Whether more of the record could still decide it.

        >>> Answer.DISPUTED.is_open
        True
        """
        return self in (Answer.NOT_DOCUMENTED, Answer.DISPUTED)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Fold a conjunction; an empty one is met.

    >>> all_of([Answer.MET, Answer.NOT_DOCUMENTED])
    <Answer.NOT_DOCUMENTED: 'not-documented'>
    """
    seen = set(answers)
    if Answer.NOT_MET in seen:
        return Answer.NOT_MET
    return _middle(seen) or Answer.MET


def any_of(answers: Iterable[Answer]) -> Answer:
    """Fold a disjunction; an empty one is not met.

    >>> any_of([Answer.NOT_MET, Answer.DISPUTED])
    <Answer.DISPUTED: 'disputed'>
    """
    seen = set(answers)
    if Answer.MET in seen:
        return Answer.MET
    return _middle(seen) or Answer.NOT_MET


def negation(answer: Answer) -> Answer:
    """Turn met and not met about; what is open stays open for its reason.

    >>> negation(Answer.MET)
    <Answer.NOT_MET: 'not-met'>
    """
    return {Answer.MET: Answer.NOT_MET, Answer.NOT_MET: Answer.MET}.get(answer, answer)


@dataclass(frozen=True, slots=True)
class Silence:
    """Whether that of which nothing at all is on record refuses, as a reason and as a condition, or pends."""

    indication_refuses: bool
    prerequisite_refuses: bool


def as_read(answer: Answer, heard: Answer, *, refuses: bool) -> Answer:
    """An answer as a policy reads silence: what stays open only because nothing is on record may count as not met.

    >>> as_read(Answer.NOT_DOCUMENTED, Answer.NOT_MET, refuses=True)
    <Answer.NOT_MET: 'not-met'>
    """
    return Answer.NOT_MET if refuses and answer.is_open and heard is Answer.NOT_MET else answer


def _middle(seen: set[Answer]) -> Answer | None:
    # A missing document comes before a dispute: asking for it may settle both.
    if Answer.NOT_DOCUMENTED in seen:
        return Answer.NOT_DOCUMENTED
    return Answer.DISPUTED if Answer.DISPUTED in seen else None
