"""Answers fold by Kleene's strong logic; disputed is the middle value with a reason."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.answers import Answer, all_of, any_of, negation

MET, NOT, SILENT, DISPUTED = Answer.MET, Answer.NOT_MET, Answer.NOT_DOCUMENTED, Answer.DISPUTED
KLEENE: Final = {MET: 1.0, SILENT: 0.5, DISPUTED: 0.5, NOT: 0.0}
many = st.lists(st.sampled_from(list(Answer)), max_size=6)


def test_a_conjunction_has_the_truth_table_of_kleene() -> None:
    table = {(one, other): all_of([one, other]) for one, other in product(Answer, repeat=2)}
    assert table == {
        (MET, MET): MET, (MET, NOT): NOT, (MET, SILENT): SILENT, (MET, DISPUTED): DISPUTED,
        (NOT, MET): NOT, (NOT, NOT): NOT, (NOT, SILENT): NOT, (NOT, DISPUTED): NOT,
        (SILENT, MET): SILENT, (SILENT, NOT): NOT, (SILENT, SILENT): SILENT, (SILENT, DISPUTED): SILENT,
        (DISPUTED, MET): DISPUTED, (DISPUTED, NOT): NOT, (DISPUTED, SILENT): SILENT, (DISPUTED, DISPUTED): DISPUTED,
    }  # fmt: skip


def test_a_disjunction_has_the_truth_table_of_kleene() -> None:
    table = {(one, other): any_of([one, other]) for one, other in product(Answer, repeat=2)}
    assert table == {
        (MET, MET): MET, (MET, NOT): MET, (MET, SILENT): MET, (MET, DISPUTED): MET,
        (NOT, MET): MET, (NOT, NOT): NOT, (NOT, SILENT): SILENT, (NOT, DISPUTED): DISPUTED,
        (SILENT, MET): MET, (SILENT, NOT): SILENT, (SILENT, SILENT): SILENT, (SILENT, DISPUTED): SILENT,
        (DISPUTED, MET): MET, (DISPUTED, NOT): DISPUTED, (DISPUTED, SILENT): SILENT, (DISPUTED, DISPUTED): DISPUTED,
    }  # fmt: skip


@pytest.mark.parametrize(("given_", "turned"), [(MET, NOT), (NOT, MET), (SILENT, SILENT), (DISPUTED, DISPUTED)])
def test_negation_turns_what_is_decided_and_keeps_the_reason_of_what_is_open(given_: Answer, turned: Answer) -> None:
    assert negation(given_) is turned


def test_an_empty_conjunction_is_met_and_an_empty_disjunction_is_not() -> None:
    assert (all_of([]), any_of([])) == (MET, NOT)


@given(many)
def test_a_fold_of_many_is_the_least_and_the_greatest_truth_among_them(answers: list[Answer]) -> None:
    values = [KLEENE[one] for one in answers]
    assert KLEENE[all_of(answers)] == min(values, default=1.0)
    assert KLEENE[any_of(answers)] == max(values, default=0.0)


@given(many, st.randoms(use_true_random=False))
def test_a_fold_does_not_look_at_the_order(answers: list[Answer], rng: Random) -> None:
    shuffled = list(answers)
    rng.shuffle(shuffled)
    assert (all_of(shuffled), any_of(shuffled)) == (all_of(answers), any_of(answers))


@given(many)
def test_negation_exchanges_conjunction_and_disjunction(answers: list[Answer]) -> None:
    assert negation(all_of(answers)) is any_of([negation(one) for one in answers])


@given(many, st.integers(0, 5))
def test_a_fold_never_falls_where_one_answer_rises(answers: list[Answer], at: int) -> None:
    raised = [MET if index == at else one for index, one in enumerate(answers)]
    assert KLEENE[all_of(raised)] >= KLEENE[all_of(answers)]
    assert KLEENE[any_of(raised)] >= KLEENE[any_of(answers)]


def test_only_what_more_record_could_decide_is_open() -> None:
    assert {one for one in Answer if one.is_open} == {SILENT, DISPUTED}
