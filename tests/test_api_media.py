"""Negotiation: what the caller likes best among what is offered, and a refusal that names what is offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import media
from api.media import choose, kind_of
from api.problems import Refusal

OFFERED = (media.JSON, media.TURTLE, media.HTML)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, media.JSON),
        ("", media.JSON),
        ("*/*", media.JSON),
        ("text/turtle", media.TURTLE),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", media.HTML),
        ("application/json;q=0.1, text/turtle;q=0.2", media.TURTLE),
        ("text/*;q=0.9, text/turtle;q=0.1, application/json;q=0.5", media.HTML),
        ("TEXT/TURTLE; Q=1", media.TURTLE),
        ("application/json;q=0, */*", media.TURTLE),
    ],
)
def test_the_best_liked_form_is_chosen(accept: str | None, chosen: str) -> None:
    assert choose(accept, OFFERED) == chosen


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0", "text/turtle;q=nan", "nonsense"])
def test_what_is_not_offered_is_refused_with_what_is(accept: str) -> None:
    with pytest.raises(Refusal) as refused:
        choose(accept, OFFERED)
    assert refused.value.problem.status == 406
    assert "text/turtle" in refused.value.problem.mend


@given(st.text(max_size=300))
def test_any_header_is_answered_or_refused(accept: str) -> None:
    try:
        chosen = choose(accept, OFFERED)
    except Refusal as refusal:
        chosen = str(refusal.problem.status)
    assert chosen in (*OFFERED, "406", "422")


def test_parameters_are_no_part_of_a_kind() -> None:
    assert kind_of('Text/Turtle; charset="utf-8"') == "text/turtle"
    assert kind_of(None) == ""
