"""Inexact values are spans: dates, courses, units, one-ended quantities, grades and bandings."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.quantities import Days, days_of, decimal, when
from reasoner.record import Record
from reasoner.terms import XSD, Literal, Term
from reasoner.vocabulary import CASE, DERIVED, SPINE, Case, Nec
from tests.generated import closed, day, document, library, node, number, record, request

AT: Final = ("atLevel", SPINE + "L4-L5")
ASKED: Final = request((SPINE + "PosteriorFusion", [(CASE + "atLevel", SPINE + "L4-L5")]))


def said(cls: str, *edges: tuple[str, Term], until: date | None = date(2026, 3, 1)) -> Record:
    """The closed record of a case with one finding."""
    return closed(ASKED, record("it", SPINE + cls, *((CASE + path, value) for path, value in edges)), until=until)


def ends(found: Record, path: str) -> tuple[str, str]:
    """The two ends that the closure wrote for a property of the finding."""
    texts = [found.graph.text(node("it"), f"{CASE}{path}{end}") for end in ("AtLeast", "AtMost")]
    return texts[0], texts[1]


def month(text: str) -> Literal:
    """A date known to the month."""
    return Literal(text, XSD + "gYearMonth")


def year(text: str) -> Literal:
    """A date known to the year."""
    return Literal(text, XSD + "gYear")


@pytest.mark.parametrize(
    ("value", "days"),
    [
        (day("2026-02-28"), (date(2026, 2, 28), date(2026, 2, 28))),
        (month("2024-02"), (date(2024, 2, 1), date(2024, 2, 29))),
        (month("2025-12"), (date(2025, 12, 1), date(2025, 12, 31))),
        (year("2024"), (date(2024, 1, 1), date(2024, 12, 31))),
        (day("2026-02-30"), None),
        (day("2026-2-3"), None),
        (month("2026-13"), None),
        (month("2026-00"), None),
        (year("0000"), None),
        (year("MMXX"), None),
        (Literal("2026-02-01"), None),
        ("an-iri", None),
        (None, None),
    ],
)
def test_a_date_means_the_days_that_it_can_be(value: Term | None, days: tuple[date, date] | None) -> None:
    assert days_of(value) == (Days(*days) if days else None)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_day_lies_in_its_month_and_its_month_in_its_year(one: date) -> None:
    exact, of_month, of_year = days_of(day(one.isoformat())), days_of(month(f"{one:%Y-%m}")), days_of(year(f"{one:%Y}"))
    assert exact is not None
    assert of_month is not None
    assert of_year is not None
    assert of_year.earliest <= of_month.earliest <= exact.earliest <= exact.latest <= of_month.latest <= of_year.latest
    assert (of_month.latest + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("start", "end", "low", "high"),
    [
        (day("2026-01-01"), day("2026-02-12"), "42", "42"),
        (month("2025-12"), day("2026-01-15"), "15", "45"),
        (month("2025-12"), month("2026-02"), "32", "89"),
        (year("2025"), year("2025"), "0", "364"),
    ],
)
def test_a_course_lasts_between_the_nearest_and_the_farthest_of_its_days(
    start: Term, end: Term, low: str, high: str
) -> None:
    found = said("PhysicalTherapy", ("startDate", start), ("endDate", end))
    assert ends(found, "durationInDays") == (low, high)


def test_an_ongoing_course_lasts_until_the_evidence_cut_off() -> None:
    edges: tuple[tuple[str, Term], ...] = (
        ("startDate", day("2026-02-01")),
        ("isOngoing", Literal("true", XSD + "boolean")),
    )
    assert ends(said("PhysicalTherapy", *edges), "durationInDays") == ("28", "28")
    assert ends(said("PhysicalTherapy", *edges, until=None), "durationInDays") == ("", "")


def test_a_course_without_an_end_has_no_length() -> None:
    assert ends(said("PhysicalTherapy", ("startDate", day("2026-02-01"))), "durationInDays") == ("", "")


def test_a_stated_length_is_not_overwritten_by_dates() -> None:
    found = said(
        "PhysicalTherapy",
        ("startDate", month("2025-12")),
        ("endDate", month("2026-02")),
        ("durationInWeeks", number("6")),
    )
    assert ends(found, "durationInDays") == ("42", "42")


@pytest.mark.parametrize(
    ("unit", "text", "days"),
    [
        ("Weeks", "6", "42"),
        ("Months", "3", "90"),
        ("Years", "2", "730"),
        ("Weeks", "1.5", "10.5"),
        ("Days", "41", "41"),
    ],
)
def test_lengths_in_other_units_are_days(unit: str, text: str, days: str) -> None:
    assert ends(said("PhysicalTherapy", (f"durationIn{unit}", number(text))), "durationInDays") == (days, days)


def test_a_span_in_another_unit_keeps_its_ends() -> None:
    found = said("PhysicalTherapy", ("durationInMonthsAtLeast", number("5")), ("durationInMonthsAtMost", number("6")))
    assert ends(found, "durationInDays") == ("150", "180")


@given(st.decimals(0, 6000, places=2), st.sampled_from(("Weeks", "Months", "Years")))
def test_conversion_is_exact(value: Decimal, unit: str) -> None:
    base, factor = library().spans.units[f"{CASE}durationIn{unit}"]
    assert base == Case.durationInDays
    assert decimal(value * factor).number == value * factor


@pytest.mark.parametrize(
    ("text", "lexical", "kind"),
    [("4.50", "4.5", "decimal"), ("42.0", "42", "integer"), ("100", "100", "integer"), ("-0.50", "-0.5", "decimal")],
)
def test_a_number_has_one_form(text: str, lexical: str, kind: str) -> None:
    assert decimal(Decimal(text)) == Literal(lexical, XSD + kind)


def test_an_exact_quantity_has_two_equal_ends() -> None:
    assert ends(said("Spondylolisthesis", ("slipInMillimetres", number("4.5"))), "slipInMillimetres") == ("4.5", "4.5")


@pytest.mark.parametrize(("end", "expected"), [("AtLeast", ("4", "80")), ("AtMost", ("0", "4"))])
def test_one_end_alone_leaves_the_other_at_the_plausible_limit(end: str, expected: tuple[str, str]) -> None:
    assert ends(said("Spondylolisthesis", (f"slipInMillimetres{end}", number("4"))), "slipInMillimetres") == expected


def test_every_quantity_of_a_case_has_plausible_limits_on_both_sides() -> None:
    schema = library().schema
    blind = [
        p
        for p in library().spans.low
        if (k := schema.properties.get(p)) and k.datatypes and None in (k.minimum, k.maximum)
    ]
    assert blind == []


def rank(found: Record, path: str) -> tuple[str, str]:
    """The ranks that the closure wrote for a graded property."""
    texts = [found.graph.text(node("it"), f"{CASE}{path}Rank{end}") for end in ("AtLeast", "AtMost")]
    return texts[0], texts[1]


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([("hasSeverity", "Severe")], ("6", "6")),
        ([("hasSeverity", "ModerateToSevere")], ("5", "6")),
        ([("hasSeverityAtLeast", "Moderate")], ("4", "7")),
        ([("hasSeverityAtMost", "Mild")], ("0", "2")),
        ([("hasSeverityAtLeast", "Mild"), ("hasSeverityAtMost", "Severe")], ("2", "6")),
        ([], ("", "")),
    ],
)
def test_a_grade_is_a_span_of_ranks(edges: list[tuple[str, str]], expected: tuple[str, str]) -> None:
    assert rank(said("CanalStenosis", *((path, SPINE + grade) for path, grade in edges)), "hasSeverity") == expected


@pytest.mark.parametrize(
    ("percent", "grades"),
    [
        ("0", "00"),
        ("0.1", "11"),
        ("24.9", "11"),
        ("25", "12"),
        ("25.1", "22"),
        ("50", "23"),
        ("75", "34"),
        ("100", "44"),
        ("100.1", "55"),
    ],
)
def test_a_slip_in_percent_is_graded_as_meyerding_did(percent: str, grades: str) -> None:
    assert rank(said("Spondylolisthesis", ("slipInPercent", number(percent))), "hasSlipGrade") == tuple(grades)


@pytest.mark.parametrize(
    ("degrees", "grades"),
    [
        ("9.9", "00"),
        ("10", "11"),
        ("19.9", "11"),
        ("20", "22"),
        ("30", "22"),
        ("30.1", "33"),
        ("50", "33"),
        ("51", "44"),
    ],
)
def test_a_cobb_angle_feeds_the_same_attribute_as_a_word(degrees: str, grades: str) -> None:
    assert rank(said("Scoliosis", ("cobbAngleInDegrees", number(degrees))), "hasCoronalSeverity") == tuple(grades)


@pytest.mark.parametrize(("percent", "grades"), [("0", "00"), ("1", "11"), ("49", "11"), ("50", "12"), ("51", "22")])
def test_a_collapse_of_exactly_half_is_left_open(percent: str, grades: str) -> None:
    assert rank(said("VertebralFracture", ("heightLossInPercent", number(percent))), "hasCollapseDegree") == tuple(
        grades
    )


@pytest.mark.parametrize(
    ("score", "grades"),
    [("18", "00"), ("17", "11"), ("15", "11"), ("14", "22"), ("12", "22"), ("11", "33"), ("0", "33")],
)
def test_a_higher_mjoa_is_a_lesser_myelopathy(score: str, grades: str) -> None:
    assert rank(said("Myelopathy", ("mjoaScore", number(score))), "hasMyelopathySeverity") == tuple(grades)


def test_a_span_of_a_measurement_is_a_span_of_grades() -> None:
    found = said("Spondylolisthesis", ("slipInPercentAtLeast", number("20")), ("slipInPercentAtMost", number("60")))
    assert rank(found, "hasSlipGrade") == ("1", "3")


@pytest.mark.parametrize(
    ("grade", "percent", "disputed"), [("2", "30", False), ("1", "25", False), ("2", "20", True), ("1", "60", True)]
)
def test_a_grade_that_its_own_measurement_contradicts_is_disputed(grade: str, percent: str, *, disputed: bool) -> None:
    found = said(
        "Spondylolisthesis", ("slipInPercent", number(percent)), ("hasSlipGrade", f"{SPINE}SlipGrade{grade}"), AT
    )
    assert rank(found, "hasSlipGrade") == (grade, grade)
    apart = f"{DERIVED}measured-it"
    assert [one.nodes for one in found.conflicts] == ([(node("it"), apart)] if disputed else [])
    assert found.graph.nodes(node("it"), Nec.conflictsWith) == ([apart] if disputed else [])


def test_a_measurement_outranks_the_grade_that_an_author_concludes_from_it() -> None:
    concluded = (("hasSlipGrade", SPINE + "SlipGrade1"), ("hasBasis", Case.Assessed))
    found = said("Spondylolisthesis", ("slipInPercent", number("60")), *concluded, AT)
    assert [one.kept for one in found.conflicts] == [f"{DERIVED}measured-it"]


def test_a_one_ended_grade_is_held_against_the_measurement_too() -> None:
    slip = ("slipInPercent", number("60"))
    most, least = ((f"hasSlipGrade{end}", SPINE + "SlipGrade1") for end in ("AtMost", "AtLeast"))
    assert len(said("Spondylolisthesis", slip, most, AT).conflicts) == 1
    assert rank(said("Spondylolisthesis", slip, least, AT), "hasSlipGrade") == ("3", "3")


@pytest.mark.parametrize(
    ("edges", "days"),
    [
        ([("daysBeforeRequest", number("10"))], ("10", "10")),
        ([("weeksBeforeRequest", number("6"))], ("42", "42")),
        ([("monthsBeforeRequest", number("6"))], ("180", "180")),
        ([("yearsBeforeRequest", number("1"))], ("365", "365")),
        ([("monthsBeforeRequestAtLeast", number("6")), ("monthsBeforeRequestAtMost", number("12"))], ("180", "360")),
        ([("yearsBeforeRequestAtLeast", number("2"))], ("730", "100000")),
        ([("onDate", day("2026-02-19")), ("monthsBeforeRequest", number("6"))], ("10", "10")),
    ],
)
def test_what_was_so_long_ago_needs_no_date(edges: list[tuple[str, Term]], days: tuple[str, str]) -> None:
    assert ends(said("PhysicalTherapy", *edges), "daysBefore") == days
    if len(edges) == 1:
        assert ends(said("PhysicalTherapy", *edges, until=None), "daysBefore") == days


def test_what_was_so_long_before_the_request_is_older_at_a_later_cut_off() -> None:
    found = said("PhysicalTherapy", ("weeksBeforeRequest", number("6")), until=date(2026, 3, 11))
    assert ends(found, "daysBefore") == ("52", "52")


def test_a_statement_is_as_old_as_the_undated_document_it_stands_in() -> None:
    mri = document("mri", CASE + "LumbarMriReport", (CASE + "monthsBeforeRequest", number("8")))
    read = record("it", SPINE + "CanalStenosis", (Case.statedIn, node("mri")))
    assert ends(closed(ASKED, mri, read), "daysBefore") == ("240", "240")


def test_an_age_is_counted_back_from_the_cut_off() -> None:
    assert ends(said("CanalStenosis", ("onDate", day("2026-01-30"))), "daysBefore") == ("30", "30")
    assert ends(said("CanalStenosis", ("onDate", month("2026-01"))), "daysBefore") == ("29", "59")
    assert ends(said("CanalStenosis", ("onDate", day("2026-01-30")), until=None), "daysBefore") == ("", "")


def test_a_statement_is_as_old_as_its_day_its_course_or_its_document() -> None:
    mri = document("mri", CASE + "LumbarMriReport", (Case.writtenOn, day("2025-05-01")))
    found = closed(
        ASKED,
        mri,
        record("own", SPINE + "CanalStenosis", (Case.onDate, day("2025-04-20")), (Case.statedIn, node("mri"))),
        record(
            "course", SPINE + "PhysicalTherapy", (Case.startDate, day("2025-01-01")), (Case.endDate, day("2025-02-01"))
        ),
        record("read", SPINE + "DiscHerniation", (Case.statedIn, node("mri"))),
        record("undated", SPINE + "BackPain"),
    )
    days = [when(found.graph, node(name)) for name in ("own", "course", "read", "undated")]
    assert [one and one.latest for one in days] == [date(2025, 4, 20), date(2025, 2, 1), date(2025, 5, 1), None]
