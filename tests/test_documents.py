"""A report closes what it covers: what it would have shown and does not mention is documented as absent, there."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from reasoner.answers import Answer
from reasoner.criteria import Leaf, judge_leaf
from reasoner.demands import ValueShape
from reasoner.record import Record
from reasoner.terms import XSD, Literal, Term, Triple
from reasoner.vocabulary import CASE, ITEM, SPINE, Case, Nec
from tests.generated import at, closed, day, document, levels, node, record, request

ASKED: Final = request((SPINE + "PosteriorFusion", levels("T10", "S1")))
YES: Final = Literal("true", XSD + "boolean")


def report(*edges: tuple[str, Term], kind: str = "LumbarMriReport") -> tuple[Triple, ...]:
    """A report that is on file."""
    return document("report", CASE + kind, *edges)


def finding(cls: str, *edges: tuple[str, Term], name: str = "finding") -> tuple[Triple, ...]:
    """Something that the report states."""
    return record(
        name, (CASE if cls in ("Absence", "NotDocumented") else SPINE) + cls, (Case.statedIn, node("report")), *edges
    )


def answer(found: Record, cls: str, item: str, path: str = Nec.evidenceAtLevel) -> Answer:
    """What the record answers, at one segment, to the plain question whether something is there."""
    leaf = Leaf("q", path, ValueShape("s", SPINE + cls, ()), 1, silent_means_no=False)
    return judge_leaf(found.graph, f"{ITEM}posterior-fusion-{item}", leaf).answer


@pytest.mark.parametrize(
    ("item", "expected"), [("t12-l1", Answer.NOT_MET), ("l4-l5", Answer.NOT_MET), ("t10-t11", Answer.NOT_DOCUMENTED)]
)
def test_a_lumbar_mri_answers_from_t12_to_s2_and_no_further(item: str, expected: Answer) -> None:
    assert answer(closed(ASKED, report()), "SpinalStenosis", item) is expected


@pytest.mark.parametrize(
    ("kind", "cls", "expected"),
    [
        ("LumbarMriReport", "DiscHerniation", Answer.NOT_MET),
        ("LumbarRadiographReport", "SpinalStenosis", Answer.NOT_DOCUMENTED),
        ("LumbarRadiographReport", "Spondylolisthesis", Answer.NOT_MET),
        ("LumbarFlexionExtensionReport", "DynamicTranslation", Answer.NOT_MET),
        ("LumbarMriReport", "DynamicTranslation", Answer.NOT_DOCUMENTED),
        ("ClinicNote", "SpinalStenosis", Answer.NOT_DOCUMENTED),
        ("MriReport", "SpinalStenosis", Answer.NOT_DOCUMENTED),
    ],
)
def test_a_report_closes_only_what_its_kind_would_show(kind: str, cls: str, expected: Answer) -> None:
    assert answer(closed(ASKED, report(kind=kind)), cls, "l4-l5") is expected


def test_a_report_closes_the_levels_that_it_says_it_covers() -> None:
    found = closed(ASKED, report(*levels("L3", "L5"), kind="MriReport"))
    assert answer(found, "SpinalStenosis", "l4-l5") is Answer.NOT_MET
    assert answer(found, "SpinalStenosis", "l5-s1") is Answer.NOT_DOCUMENTED


def test_no_report_closes_nothing() -> None:
    assert answer(closed(ASKED), "SpinalStenosis", "l4-l5") is Answer.NOT_DOCUMENTED


def test_an_excerpt_closes_nothing() -> None:
    assert answer(closed(ASKED, report((Case.isExcerpt, YES))), "SpinalStenosis", "l4-l5") is Answer.NOT_DOCUMENTED


def test_a_report_after_the_evidence_cut_off_closes_nothing() -> None:
    late = report((Case.writtenOn, day("2026-04-01")))
    assert answer(closed(ASKED, late), "SpinalStenosis", "l4-l5") is Answer.NOT_DOCUMENTED
    assert answer(closed(ASKED, late, until=date(2026, 5, 1)), "SpinalStenosis", "l4-l5") is Answer.NOT_MET


def test_what_a_report_mentions_stays_as_it_says_and_elsewhere_is_closed() -> None:
    found = closed(ASKED, report(), finding("CanalStenosis", at("L4-L5")))
    assert answer(found, "CanalStenosis", "l4-l5") is Answer.MET
    assert answer(found, "CanalStenosis", "l2-l3") is Answer.NOT_MET


def test_a_vertebra_that_is_mentioned_leaves_both_its_segments_open() -> None:
    found = closed(ASKED, report(), finding("SpinalStenosis", at("L4")))
    implied = [
        n
        for n in found.evidence
        if found.is_absence(n) and SPINE + "SpinalStenosis" in found.graph.nodes(n, Case.ofKind)
    ]
    covered = {level for n in implied for level in found.graph.nodes(n, Case.atLevel)}
    assert not covered & {SPINE + name for name in ("L4", "L3-L4", "L4-L5")}
    assert SPINE + "L1-L2" in covered


def test_a_mention_of_a_narrower_kind_is_a_mention_of_the_wider() -> None:
    found = closed(ASKED, report(), finding("ForaminalStenosis", at("L4-L5")))
    assert answer(found, "SpinalStenosis", "l4-l5") is Answer.MET


def test_a_mention_without_a_level_leaves_every_level_open() -> None:
    found = closed(ASKED, report(), finding("SpinalStenosis"))
    assert answer(found, "SpinalStenosis", "l2-l3") is Answer.NOT_DOCUMENTED


def test_what_a_report_says_it_does_not_document_is_not_closed() -> None:
    found = closed(ASKED, report(), finding("NotDocumented", (Case.ofKind, SPINE + "SpinalStenosis")))
    assert answer(found, "SpinalStenosis", "l4-l5") is Answer.NOT_DOCUMENTED


def test_silence_in_a_report_never_outweighs_what_another_document_states() -> None:
    note = document("note", CASE + "ClinicNote", (Case.writtenOn, day("2025-01-01")))
    stated = record("there", SPINE + "CanalStenosis", at("L4-L5"), (Case.statedIn, node("note")))
    found = closed(ASKED, report((Case.writtenOn, day("2026-01-01"))), note, stated)
    assert answer(found, "CanalStenosis", "l4-l5") is Answer.MET
    assert not found.conflicts


def test_silence_in_a_report_outweighs_an_authors_conclusion() -> None:
    stated = record("there", SPINE + "CanalStenosis", at("L4-L5"), (Case.hasBasis, Case.Assessed))
    found = closed(ASKED, report(), stated)
    assert answer(found, "CanalStenosis", "l4-l5") is Answer.NOT_MET
    assert [one.node for one in found.set_aside] == [node("there")]


def test_a_whole_region_is_closed_only_if_the_report_covers_it_and_mentions_nothing() -> None:
    assert answer(closed(ASKED, report()), "VertebralFracture", "l4-l5", Nec.evidenceInRegion) is not Answer.MET
    whole = closed(ASKED, report(kind="WholeSpineMriReport"))
    assert answer(whole, "VertebralFracture", "t10-t11", Nec.evidenceInRegion) is Answer.NOT_MET


def test_every_derived_absence_names_the_rule_and_its_report() -> None:
    found = closed(ASKED, report())
    derived = [one for one in found.derivations if one.rule == "report-closes-what-it-covers"]
    assert derived
    assert all(node("report") in one.premises for one in derived)


@pytest.mark.parametrize(
    ("edges", "kept"),
    [
        ([], True),
        ([(Case.onDate, day("2026-03-01"))], True),
        ([(Case.onDate, day("2026-03-02"))], False),
        ([(Case.onDate, Literal("2026-03", XSD + "gYearMonth"))], True),
        ([(Case.onDate, Literal("2026-04", XSD + "gYearMonth"))], False),
    ],
)
def test_what_was_seen_after_the_cut_off_is_set_aside(edges: list[tuple[str, Term]], *, kept: bool) -> None:
    found = closed(ASKED, record("it", SPINE + "CanalStenosis", at("L4-L5"), *edges))
    assert (node("it") in found.evidence) is kept
    assert [one.node for one in found.set_aside] == ([] if kept else [node("it")])


def test_a_finding_counts_while_one_of_its_documents_is_in_time() -> None:
    late = document("late", CASE + "ClinicNote", (Case.writtenOn, day("2026-04-01")))
    early = document("early", CASE + "ClinicNote", (Case.writtenOn, day("2026-02-01")))
    stated = [(Case.statedIn, node(name)) for name in ("late", "early")]
    assert node("it") in closed(ASKED, late, early, record("it", SPINE + "BackPain", *stated)).evidence
    assert node("it") not in closed(ASKED, late, early, record("it", SPINE + "BackPain", stated[0])).evidence


def test_without_a_cut_off_nothing_is_late() -> None:
    found = closed(ASKED, record("it", SPINE + "BackPain", (Case.onDate, day("2029-01-01"))), until=None)
    assert node("it") in found.evidence
