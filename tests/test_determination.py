"""From answers to outcomes, as truth tables: recommendation, item, request, action."""

from __future__ import annotations

from itertools import product

import pytest

from reasoner.answers import Answer, as_read
from reasoner.determination import (
    Action,
    Fit,
    Outcome,
    Verdict,
    action_of,
    answer_of_recommendation,
    is_refused_for_silence,
    outcome_of_item,
    outcome_of_request,
)

MET, NOT, SILENT, DISPUTED = Answer.MET, Answer.NOT_MET, Answer.NOT_DOCUMENTED, Answer.DISPUTED
YES, NO, OPEN, PART = Outcome.NECESSARY, Outcome.NOT_NECESSARY, Outcome.UNDETERMINED, Outcome.PARTLY_NECESSARY


def says(
    answer: Answer,
    *,
    speaks_for: bool = True,
    fit: Fit = Fit.INSIDE,
    indicated: Answer = MET,
    excluded: Answer = NOT,
    heard: Answer | None = None,
) -> Verdict:
    """What a recommendation says about an item."""
    return Verdict("r", speaks_for, fit, answer, indicated, excluded, heard or answer)


@pytest.mark.parametrize("answer", list(Answer))
def test_any_indication_will_do(answer: Answer) -> None:
    assert answer_of_recommendation([NOT, answer], [], []) is answer
    assert answer_of_recommendation([MET, answer], [], []) is MET


@pytest.mark.parametrize("answer", list(Answer))
def test_every_prerequisite_counts(answer: Answer) -> None:
    assert answer_of_recommendation([MET], [(MET, []), (answer, [])], []) is answer


@pytest.mark.parametrize(
    ("prerequisite", "waiver", "expected"),
    [
        (NOT, MET, MET),
        (NOT, SILENT, SILENT),
        (NOT, NOT, NOT),
        (SILENT, NOT, SILENT),
        (MET, NOT, MET),
        (DISPUTED, MET, MET),
    ],
)
def test_a_waiver_stands_in_for_its_own_prerequisite(prerequisite: Answer, waiver: Answer, expected: Answer) -> None:
    assert answer_of_recommendation([MET], [(prerequisite, [waiver])], []) is expected


def test_a_waiver_helps_no_other_prerequisite() -> None:
    assert answer_of_recommendation([MET], [(NOT, [MET]), (NOT, [])], []) is NOT


@pytest.mark.parametrize(("exclusion", "expected"), [(MET, NOT), (NOT, MET), (SILENT, SILENT), (DISPUTED, DISPUTED)])
def test_no_exclusion_may_hold(exclusion: Answer, expected: Answer) -> None:
    assert answer_of_recommendation([MET], [], [NOT, exclusion]) is expected


def test_nothing_is_recommended_without_an_indication() -> None:
    assert answer_of_recommendation([], [], []) is NOT


def test_an_item_that_nobody_speaks_of_is_not_assessed() -> None:
    assert outcome_of_item([]) is Outcome.NOT_ASSESSED
    assert outcome_of_item([says(MET, fit=Fit.OUTSIDE)]) is Outcome.NOT_ASSESSED


@pytest.mark.parametrize(("answer", "outcome"), [(MET, YES), (SILENT, OPEN), (DISPUTED, OPEN), (NOT, NO)])
def test_one_recommendation_for_an_item_decides_it(answer: Answer, outcome: Outcome) -> None:
    assert outcome_of_item([says(answer)]) is outcome


def test_one_met_recommendation_is_enough_among_several() -> None:
    assert outcome_of_item([says(NOT), says(SILENT), says(MET)]) is YES


@pytest.mark.parametrize("for_it", list(Answer))
def test_a_met_recommendation_against_refuses(for_it: Answer) -> None:
    assert outcome_of_item([says(for_it), says(MET, speaks_for=False)]) is NO


@pytest.mark.parametrize("against", [SILENT, DISPUTED])
def test_an_open_recommendation_against_keeps_a_supported_item_open(against: Answer) -> None:
    assert outcome_of_item([says(MET), says(against, speaks_for=False)]) is OPEN


def test_a_recommendation_against_that_is_not_met_says_nothing() -> None:
    assert outcome_of_item([says(MET), says(NOT, speaks_for=False)]) is YES


def test_an_exclusion_of_one_recommendation_refuses_what_another_supports() -> None:
    assert outcome_of_item([says(MET), says(NOT, indicated=MET, excluded=MET)]) is NO
    assert outcome_of_item([says(MET), says(SILENT, indicated=SILENT, excluded=MET)]) is NO


def test_an_exclusion_is_silent_where_its_recommendation_could_not_speak() -> None:
    assert outcome_of_item([says(MET), says(NOT, indicated=NOT, excluded=MET)]) is YES


def test_an_open_exclusion_keeps_a_supported_item_open() -> None:
    assert outcome_of_item([says(MET), says(SILENT, indicated=MET, excluded=SILENT)]) is OPEN


def test_a_recommendation_for_other_patients_neither_supports_nor_refuses() -> None:
    outside = [says(MET, speaks_for=False, fit=Fit.OUTSIDE), says(NOT, fit=Fit.OUTSIDE, indicated=MET, excluded=MET)]
    assert outcome_of_item([says(MET), *outside]) is YES
    assert outcome_of_item([says(NOT), says(MET, fit=Fit.OUTSIDE)]) is NO


def test_a_stretched_recommendation_counts() -> None:
    assert outcome_of_item([says(MET, fit=Fit.STRETCHED)]) is YES


@pytest.mark.parametrize(
    ("items", "request_"),
    [
        ([YES, YES], YES),
        ([YES, NO], PART),
        ([YES, OPEN], PART),
        ([NO, NO], NO),
        ([NO, OPEN], NO),
        ([OPEN, OPEN], OPEN),
        ([], Outcome.NOT_ASSESSED),
    ],
)
def test_a_request_is_rolled_up_from_its_items(items: list[Outcome], request_: Outcome) -> None:
    assert outcome_of_request(items) is request_
    neutral = [Outcome.INCLUDED, Outcome.NOT_ASSESSED]
    assert outcome_of_request([*neutral, *items, *neutral]) is request_


def test_only_what_is_wholly_necessary_is_approved() -> None:
    truths = (False, True)
    for outcome, refused, pending, emergency in product(Outcome, truths, truths, truths):
        action = action_of(outcome, refused=refused, pending=pending, emergency=emergency)
        if outcome is YES and not refused and not pending:
            assert action is Action.APPROVE
        if refused or outcome is Outcome.NOT_ASSESSED:
            assert action is not Action.APPROVE or (outcome is YES and not refused and not pending)


@pytest.mark.parametrize(
    ("refused", "pending", "emergency", "action"),
    [
        (True, False, False, Action.REFER_TO_PHYSICIAN),
        (True, True, False, Action.REFER_TO_PHYSICIAN),
        (False, True, False, Action.REQUEST_INFORMATION),
        (False, True, True, Action.REFER_TO_PHYSICIAN),
    ],
)
def test_refusal_goes_to_a_physician_and_an_emergency_never_waits_for_paper(
    *, refused: bool, pending: bool, emergency: bool, action: Action
) -> None:
    assert action_of(OPEN, refused=refused, pending=pending, emergency=emergency) is action


def test_what_is_necessary_against_a_relative_contraindication_goes_to_a_physician() -> None:
    told = {"refused": False, "pending": False, "emergency": False}
    assert action_of(Outcome.NECESSARY, **told) is Action.APPROVE
    assert action_of(Outcome.NECESSARY, **told, contraindicated=True) is Action.REFER_TO_PHYSICIAN


@pytest.mark.parametrize(
    ("heard", "refuses", "expected"),
    [(NOT, True, NOT), (NOT, False, SILENT), (SILENT, True, SILENT), (MET, True, SILENT)],
)
def test_only_what_nothing_speaks_of_may_refuse(heard: Answer, *, refuses: bool, expected: Answer) -> None:
    assert as_read(SILENT, heard, refuses=refuses) is expected


def test_what_is_answered_is_never_read_otherwise() -> None:
    assert as_read(MET, NOT, refuses=True) is MET
    assert as_read(NOT, MET, refuses=True) is NOT


def test_an_item_that_nothing_speaks_for_is_refused_for_silence_alone() -> None:
    silent = [says(SILENT, indicated=SILENT, heard=NOT)]
    assert outcome_of_item(silent) is NO
    assert is_refused_for_silence(silent)


def test_an_item_that_the_record_denies_is_not_refused_for_silence() -> None:
    assert not is_refused_for_silence([says(NOT, indicated=NOT)])
    assert not is_refused_for_silence([says(SILENT, indicated=SILENT, heard=NOT), says(MET, speaks_for=False)])


def test_a_reason_against_of_which_nothing_is_on_record_opposes_nothing() -> None:
    assert outcome_of_item([says(MET), says(SILENT, speaks_for=False, indicated=SILENT, heard=NOT)]) is YES
