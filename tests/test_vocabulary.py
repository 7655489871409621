"""Whatever the vocabulary can say is read, determined and reported, whether or not a guideline asks about it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from reasoner.door import Determination
from reasoner.errors import SpineReasonerError
from reasoner.layout import as_text
from reasoner.report import Audience, sections_of
from reasoner.statement import answers_of
from reasoner.vocabulary import SPINE
from tests.generated import (
    Drawn,
    at,
    evidence_classes,
    levels,
    procedures,
    properties_of,
    record,
    request,
    wide_cases,
)
from tests.law import differences
from tests.test_generated import CI

CHUNK = 12
MOST_PAIRS = 40


def chunks(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Names in groups, so that a sweep over all of them stays quick."""
    return [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]


@pytest.mark.parametrize("chosen", chunks(procedures()), ids=lambda chosen: chosen[0].rpartition("#")[2])
def test_every_procedure_can_be_asked_for(chosen: tuple[str, ...]) -> None:
    decision = Drawn(request(*[(cls, levels("L3", "L5")) for cls in chosen])).decide()
    assert {one.item.procedure for one in decision.items} == set(chosen)
    assert as_text("A case", sections_of(Determination(decision)))


@pytest.mark.parametrize("chosen", chunks(evidence_classes()), ids=lambda chosen: chosen[0].rpartition("#")[2])
def test_every_class_of_evidence_can_be_stated(chosen: tuple[str, ...]) -> None:
    asked = request((SPINE + "SpinalFusion", levels("L4", "L5")))
    stated = [record(f"finding-{index}", cls, at("L4-L5")) for index, cls in enumerate(chosen)]
    assert Drawn((*asked, *(t for one in stated for t in one))).read()


def test_every_property_belongs_to_some_evidence_that_can_be_stated() -> None:
    assert all(properties_of(cls) for cls in evidence_classes())


@settings(CI, max_examples=60)
@given(wide_cases())
def test_anything_that_can_be_said_is_determined_by_the_law_or_refused_in_words(drawn: Drawn) -> None:
    try:
        decision = drawn.decide()
    except SpineReasonerError:
        return  # Any other error is a crash.
    told = [(item, criterion) for item, criterion, _, evidence in answers_of(decision) if evidence]
    first = {item for item, _ in told[:1]}
    pairs = [pair for pair in told if pair[0] in first]
    pairs = random.Random(len(pairs)).sample(pairs, min(len(pairs), MOST_PAIRS))
    assert not pairs or differences(decision, pairs) == []
    for audience in (Audience.REVIEWER, Audience.PATIENT):
        assert any(as_text("A case", sections_of(Determination(decision), audience)))
