"""Courses of care are added up by family and region: what ran side by side is not counted twice."""

from __future__ import annotations

from typing import Final

import pytest

from reasoner.record import Record
from reasoner.terms import RDF_TYPE, XSD, Literal, Term, Triple
from reasoner.vocabulary import CASE, SPINE, Case, Nec
from tests.generated import at, closed, day, library, node, number, record, request

L45: Final = request((SPINE + "PosteriorFusion", [at("L4-L5")]))
TRUE: Final = Literal("true", XSD + "boolean")


def care(name: str, cls: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """A course of care."""
    return record(name, SPINE + cls, *edges)


def weeks(text: str) -> tuple[str, Term]:
    """How long a course lasted."""
    return (CASE + "durationInWeeks", number(text))


def from_to(start: str, end: str) -> list[tuple[str, Term]]:
    """When a course began and ended; an empty day is not said."""
    said = ((Case.startDate, start), (Case.endDate, end))
    return [(path, day(text)) for path, text in said if text]


def therapy(length: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """Some weeks of physical therapy."""
    return care("a", "PhysicalTherapy", weeks(length), *edges)


def again(length: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """Some more weeks of physical therapy."""
    return care("b", "PhysicalTherapy", weeks(length), *edges)


def totals(
    found: Record, cls: str = "ConservativeCareTotal", path: str = Case.durationInDays
) -> list[tuple[str, str, str]]:
    """Days at least, days at most and distinct kinds of each total that bears on the item's region."""
    spans, item = library().spans, found.items[0].iri
    rows = []
    for one in found.graph.nodes(item, Nec.evidenceInRegion):
        if found.has_type(one, SPINE + cls):
            ends = [found.graph.text(one, side[path]) for side in (spans.low, spans.high)]
            rows.append((ends[0], ends[1], found.graph.text(one, Nec.distinctModalityCount)))
    return rows


@pytest.mark.parametrize(
    ("courses", "expected"),
    [
        ([therapy("6")], [("42", "42", "1")]),
        ([therapy("3"), care("b", "ChiropracticCare", weeks("4"))], [("28", "49", "2")]),
        ([therapy("3"), again("4")], [("28", "49", "1")]),
        ([therapy("3", at("LumbarSpine")), again("4")], [("28", "49", "1")]),
        ([therapy("3", at("L4-L5")), again("4", at("LumbarSpine"))], [("28", "49", "1")]),
        ([therapy("3", at("CervicalSpine")), again("4", at("LumbarSpine"))], [("28", "28", "1")]),
        ([therapy("3"), care("b", "ChiropracticCare")], [("21", "", "2")]),
        ([therapy("3"), care("b", "ActiveCare", weeks("4"))], [("28", "49", "1")]),
        ([care("a", "PhysicalTherapy"), care("b", "Nsaid")], [("", "", "2")]),
        ([therapy("6", at("CervicalSpine"))], []),
        ([], []),
    ],
)  # fmt: skip
def test_care_without_days_is_at_least_its_longest_course(
    courses: list[tuple[Triple, ...]], expected: list[tuple[str, str, str]]
) -> None:
    assert totals(closed(L45, *courses)) == expected


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        (from_to("2026-01-01", "2026-01-15"), from_to("2026-01-15", "2026-01-29"), "28", "28"),
        (from_to("2026-01-01", "2026-01-15"), from_to("2026-01-08", "2026-01-22"), "21", "21"),
        (from_to("2026-01-01", "2026-01-29"), from_to("2026-01-08", "2026-01-15"), "28", "28"),
        ([weeks("2"), *from_to("2026-01-01", "")], [weeks("2"), *from_to("", "2026-01-22")], "21", "21"),
        (from_to("2026-01-01", "2026-01-29"), [weeks("2")], "28", "42"),
        (from_to("2026-01-01", "2026-01-15"), [weeks("6")], "42", "56"),
        ([weeks("2"), *from_to("2026-01-01", "2026-12-31")], [weeks("3")], "21", "35"),
        ([*from_to("2026-02-01", ""), (Case.isOngoing, TRUE)], [weeks("1")], "28", "35"),
    ],
)
def test_days_of_the_calendar_are_counted_once(
    one: list[tuple[str, Term]], other: list[tuple[str, Term]], least: str, most: str
) -> None:
    found = closed(L45, care("a", "PhysicalTherapy", *one), care("b", "Nsaid", *other))
    assert totals(found) == [(least, most, "2")]


def test_partial_dates_leave_a_span() -> None:
    month = Literal("2026-01", XSD + "gYearMonth")
    found = closed(L45, care("a", "PhysicalTherapy", (Case.startDate, month), (Case.endDate, day("2026-02-20"))))
    assert totals(found) == [("20", "50", "1")]


def test_days_beyond_the_calendar_are_left_out() -> None:
    found = closed(L45, care("a", "PhysicalTherapy", weeks("6"), (Case.endDate, day("0001-01-02"))))
    assert totals(found) == [("42", "42", "1")]


def test_one_statement_of_several_kinds_is_the_most_that_each_of_them_can_be() -> None:
    both = Triple(node("a"), RDF_TYPE, SPINE + "Nsaid")
    found = closed(L45, therapy("6", (Case.sessionCount, number("12"))), (both,))
    assert totals(found) == [("42", "42", "2")]
    assert totals(found, "PhysicalTherapyTotal") == [("0", "42", "1")]
    assert totals(found, "MedicationTotal") == [("0", "42", "1")]
    assert totals(found, "PhysicalTherapyTotal", Case.sessionCount) == [("0", "12", "1")]


def test_a_general_word_beside_a_kind_shares_nothing() -> None:
    found = closed(L45, therapy("6"), (Triple(node("a"), RDF_TYPE, SPINE + "ConservativeCare"),))
    assert totals(found, "PhysicalTherapyTotal") == [("42", "42", "1")]


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        (["Nsaid", "Opioid"], "1"),
        (["Nsaid", "MuscleRelaxant", "NeuropathicAgent"], "1"),
        (["Nsaid", "PhysicalTherapy"], "2"),
        (["PhysicalTherapy", "HomeExercise"], "2"),
        (["PhysicalTherapy", "AquaticTherapy"], "1"),
        (["EpiduralSteroidInjection", "FacetInjection"], "1"),
        (["ChiropracticCare", "MassageTherapy"], "1"),
        (["Medication", "Nsaid", "ConservativeCare"], "1"),
        (["ConservativeCare"], "1"),
        (["Nsaid", "PhysicalTherapy", "EpiduralSteroidInjection", "ChiropracticCare", "HomeExercise"], "5"),
    ],
)
def test_kinds_of_care_are_what_the_ontology_counts_as_one(given: list[str], kinds: str) -> None:
    found = closed(L45, *(care(f"c{index}", cls) for index, cls in enumerate(given)))
    assert [row[2] for row in totals(found)] == [kinds]


def test_a_total_is_made_for_each_family_of_care() -> None:
    found = closed(L45, care("a", "PhysicalTherapy", weeks("3")), care("b", "Nsaid", weeks("4")))
    assert totals(found, "PhysicalTherapyTotal") == [("21", "21", "1")]
    assert totals(found, "ConservativeCareTotal") == [("28", "49", "2")]
