"""Contradictions are facts: found, kept, settled where the policy settles them, and told no wider than they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from reasoner.answers import Answer
from reasoner.closure import close
from reasoner.conflicts import rank
from reasoner.criteria import Leaf, judge_leaf
from reasoner.demands import ValueShape
from reasoner.record import Record
from reasoner.terms import XSD, Literal, Term, Triple
from reasoner.vocabulary import CASE, ITEM, SPINE, Case, Nec
from tests.generated import at, closed, day, document, levels, library, node, number, read_statements, record, request

ASKED: Final = request((SPINE + "PosteriorFusion", levels("L2", "S1")))
MRI: Final = document("mri", CASE + "MriReport", (Case.isExcerpt, Literal("true", XSD + "boolean")))
NOTE: Final = document("note", CASE + "ClinicNote")
FIRST: Final = (Case.onDate, day("2025-02-01"))
LATER: Final = (Case.onDate, day("2025-12-01"))
SEVERE, MILD = (CASE + "hasSeverity", SPINE + "Severe"), (CASE + "hasSeverity", SPINE + "Mild")
NOT_AT_ALL: Final = CASE + "Absence"


def in_(name: str) -> tuple[str, Term]:
    """That something is stated in a document."""
    return (Case.statedIn, node(name))


def kind(cls: str) -> tuple[str, Term]:
    """The kind of an absence or of planned care."""
    return (Case.ofKind, SPINE + cls)


def stenosis(name: str, *edges: tuple[str, Term], place: str = "L4-L5") -> tuple[Triple, ...]:
    """A canal stenosis."""
    return record(name, SPINE + "CanalStenosis", at(place), *edges)


def pairs(found: Record) -> set[frozenset[str]]:
    """Who contradicts whom, by plain name."""
    return {frozenset(n.rsplit("#", 1)[-1] for n in one.nodes) for one in found.conflicts}


def counted(found: Record) -> set[str]:
    """The statements of the record that still count, by plain name."""
    return {n.rsplit("#", 1)[-1] for n in found.evidence if n.startswith(node(""))}


def asked(found: Record, cls: str, item: str, path: str = Nec.evidenceAtLevel) -> Answer:
    """What the record answers, at one segment, to the plain question whether something is there."""
    leaf = Leaf("q", path, ValueShape("s", SPINE + cls, ()), 1, silent_means_no=False)
    return judge_leaf(found.graph, f"{ITEM}posterior-fusion-{item}", leaf).answer


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ([SEVERE], [MILD], True),
        ([SEVERE], [SEVERE], False),
        ([SEVERE], [], False),
        ([SEVERE], [(CASE + "hasSeverity", SPINE + "ModerateToSevere")], False),
        ([(CASE + "hasSeverityAtLeast", SPINE + "Mild")], [SEVERE], False),
        ([(CASE + "hasSeverityAtMost", SPINE + "Mild")], [SEVERE], True),
        (
            [(CASE + "canalDiameterInMillimetres", number("6"))],
            [(CASE + "canalDiameterInMillimetres", number("9"))],
            True,
        ),
        ([SEVERE, (Case.onSide, SPINE + "Left")], [MILD, (Case.onSide, SPINE + "Right")], False),
        ([SEVERE, (Case.hasCertainty, CASE + "Suspected")], [SEVERE, (Case.hasCertainty, CASE + "Confirmed")], False),
    ],
)
def test_two_states_of_one_place_clash_where_their_values_cannot_both_hold(
    one: list[tuple[str, Term]], other: list[tuple[str, Term]], *, clash: bool
) -> None:
    found = closed(ASKED, stenosis("a", *one), stenosis("b", *other))
    assert pairs(found) == ({frozenset({"a", "b"})} if clash else set())


def test_states_of_different_places_never_clash() -> None:
    assert not closed(ASKED, stenosis("a", SEVERE), stenosis("b", MILD, place="L3-L4")).conflicts


def test_directions_that_cannot_both_hold_clash() -> None:
    slips = [
        record(n, SPINE + "Spondylolisthesis", at("L4-L5"), (CASE + "hasDirection", SPINE + d))
        for n, d in (("a", "Forward"), ("b", "Backward"))
    ]
    assert pairs(closed(ASKED, *slips)) == {frozenset({"a", "b"})}


def test_an_unsettled_clash_links_both_sides_and_disputes_the_answer() -> None:
    found = closed(ASKED, stenosis("a", SEVERE), stenosis("b", MILD))
    assert found.graph.nodes(node("a"), Nec.conflictsWith) == [node("b")]
    assert found.graph.nodes(node("b"), Nec.conflictsWith) == [node("a")]
    assert counted(found) == {"a", "b"}


def test_a_later_statement_supersedes_an_earlier_one() -> None:
    found = closed(ASKED, stenosis("old", MILD, FIRST), stenosis("new", SEVERE, LATER))
    assert counted(found) == {"new"}
    assert [(one.node, one.by) for one in found.set_aside] == [(node("old"), node("new"))]
    assert not found.graph.nodes(node("new"), Nec.conflictsWith)


def test_a_month_that_may_be_before_or_after_settles_nothing() -> None:
    vague = (Case.onDate, Literal("2025-12", XSD + "gYearMonth"))
    assert counted(closed(ASKED, stenosis("a", MILD, vague), stenosis("b", SEVERE, LATER))) == {"a", "b"}


def test_what_was_measured_outranks_what_an_author_concludes_even_later() -> None:
    word = record(
        "word",
        SPINE + "CoronalDeformity",
        at("LumbarSpine"),
        (CASE + "hasCoronalSeverity", SPINE + "CoronalSignificant"),
        (Case.hasBasis, Case.Assessed),
        LATER,
    )
    film = record(
        "film",
        SPINE + "CoronalDeformity",
        at("LumbarSpine"),
        (CASE + "cobbAngleInDegrees", number("12")),
        (Case.hasBasis, CASE + "Measured"),
        FIRST,
    )
    found = closed(ASKED, word, film)
    assert counted(found) == {"film"}
    assert [one.kept for one in found.conflicts] == [node("film")]


def test_an_image_outranks_a_clinic_note_of_the_same_day() -> None:
    found = closed(
        ASKED, MRI, NOTE, stenosis("read", MILD, LATER, in_("mri")), stenosis("told", SEVERE, LATER, in_("note"))
    )
    assert counted(found) == {"read"}


def test_evidence_ranks_by_its_best_document_or_basis() -> None:
    found = closed(
        ASKED,
        MRI,
        NOTE,
        stenosis("a", in_("mri"), in_("note")),
        stenosis("b", in_("note")),
        stenosis("c"),
        stenosis("d", (Case.hasBasis, Case.Assessed), in_("mri")),
    )
    ranks = [rank(found, node(name)) for name in "abcd"]
    assert ranks[0] > ranks[1] > ranks[2] > ranks[3] == 0


def test_a_policy_that_settles_nothing_leaves_every_clash_open() -> None:
    case = read_statements(
        [t for g in (ASKED, stenosis("old", MILD, FIRST), stenosis("new", SEVERE, LATER)) for t in g]
    )
    policy = replace(library().policy(None), settles=frozenset())
    found = close(library(), case.graph, case.iri, policy, None)
    assert counted(found) == {"old", "new"}
    assert [one.kept for one in found.conflicts] == [None]


def test_a_statement_is_not_disputed_by_one_that_is_itself_superseded() -> None:
    found = closed(
        ASKED, stenosis("a-undated", SEVERE), stenosis("b-old", MILD, FIRST), stenosis("c-new", SEVERE, LATER)
    )
    assert pairs(found) == {frozenset({"a-undated", "b-old"}), frozenset({"b-old", "c-new"})}
    assert counted(found) == {"a-undated", "c-new"}
    assert not found.graph.nodes(node("a-undated"), Nec.conflictsWith)


def test_events_never_clash() -> None:
    shots = [
        record(n, SPINE + "EpiduralSteroidInjection", at("L4-L5"), (Case.hasResponse, SPINE + r), (Case.onDate, day(d)))
        for n, r, d in (("a", "LastingRelief", "2025-01-01"), ("b", "NoRelief", "2025-06-01"))
    ]
    assert not closed(ASKED, *shots).conflicts


# A presence against an absence.


def test_a_presence_against_an_absence_of_its_place_is_disputed() -> None:
    found = closed(ASKED, stenosis("there"), record("none", NOT_AT_ALL, kind("SpinalStenosis"), at("L4-L5")))
    assert pairs(found) == {frozenset({"there", "none"})}
    assert asked(found, "SpinalStenosis", "l4-l5") is Answer.DISPUTED


def test_an_absence_of_a_narrower_kind_denies_nothing_wider() -> None:
    assert not closed(
        ASKED, stenosis("there"), record("none", NOT_AT_ALL, kind("ForaminalStenosis"), at("L4-L5"))
    ).conflicts


def test_an_absence_on_one_side_denies_nothing_on_the_other() -> None:
    left, right = ((Case.onSide, SPINE + side) for side in ("Left", "Right"))
    assert not closed(
        ASKED, stenosis("there", left), record("none", NOT_AT_ALL, kind("CanalStenosis"), at("L4-L5"), right)
    ).conflicts


def test_a_denial_of_a_region_is_disputed_only_where_something_was_found() -> None:
    found = closed(ASKED, stenosis("there"), record("none", NOT_AT_ALL, kind("SpinalStenosis"), at("LumbarSpine")))
    assert asked(found, "SpinalStenosis", "l4-l5") is Answer.DISPUTED
    assert asked(found, "SpinalStenosis", "l2-l3") is Answer.NOT_MET
    assert not found.graph.nodes(node("none"), Nec.conflictsWith)


def test_in_one_report_a_finding_is_the_exception_from_what_it_denies_at_large() -> None:
    found = closed(
        ASKED,
        MRI,
        stenosis("there", in_("mri")),
        record("none", NOT_AT_ALL, kind("SpinalStenosis"), at("LumbarSpine"), in_("mri")),
    )
    assert not found.conflicts
    assert asked(found, "SpinalStenosis", "l4-l5") is Answer.MET
    assert asked(found, "SpinalStenosis", "l2-l3") is Answer.NOT_MET


def test_a_later_finding_overrules_an_earlier_denial_only_for_what_was_found() -> None:
    found = closed(
        ASKED, stenosis("there", LATER), record("none", NOT_AT_ALL, kind("SpinalStenosis"), at("L4-L5"), FIRST)
    )
    assert asked(found, "CanalStenosis", "l4-l5") is Answer.MET
    assert asked(found, "ForaminalStenosis", "l4-l5") is Answer.NOT_MET
    assert "none" not in counted(found)


def test_an_overruled_denial_without_a_place_no_longer_denies_what_was_found() -> None:
    deficit = record("weak", SPINE + "MotorWeakness", LATER)
    found = closed(ASKED, deficit, record("none", NOT_AT_ALL, kind("NeurologicalDeficit"), FIRST))
    left = [n for n in found.evidence if found.is_absence(n)]
    denied = {k.removeprefix(SPINE) for n in left for k in found.graph.nodes(n, Case.ofKind)}
    assert "SensoryDeficit" in denied
    assert not {"MotorWeakness", "NeurologicalDeficit"} & denied


def test_a_later_denial_overrules_an_earlier_finding() -> None:
    found = closed(
        ASKED, stenosis("there", FIRST), record("none", NOT_AT_ALL, kind("SpinalStenosis"), at("L4-L5"), LATER)
    )
    assert "there" not in counted(found)
    assert asked(found, "SpinalStenosis", "l4-l5") is Answer.NOT_MET


def test_what_is_over_does_not_contradict_its_absence() -> None:
    over = record("was", SPINE + "UrinaryRetention", (CASE + "isResolved", Literal("true", XSD + "boolean")))
    assert not closed(ASKED, over, record("none", NOT_AT_ALL, kind("UrinaryRetention"))).conflicts


def test_an_absence_is_carried_down_the_classes_and_never_up() -> None:
    found = closed(ASKED, record("none", NOT_AT_ALL, kind("SpinalStenosis"), at("L4-L5")))
    assert asked(found, "ForaminalStenosis", "l4-l5") is Answer.NOT_MET
    narrow = closed(ASKED, record("none", NOT_AT_ALL, kind("ForaminalStenosis"), at("L4-L5")))
    assert asked(narrow, "SpinalStenosis", "l4-l5") is Answer.NOT_DOCUMENTED


# Classes that speak against each other.


def failed(*edges: tuple[str, Term], cls: str = "EpiduralSteroidInjection") -> tuple[Triple, ...]:
    """A treatment whose response is called a failure."""
    return record("failed", SPINE + cls, (Case.hasResponse, SPINE + "ResponseFailed"), *edges)


@pytest.mark.parametrize(
    ("treated", "planned", "clash"),
    [
        ([], [kind("SpinalInjection")], True),
        ([], [], True),
        ([], [kind("PhysicalTherapy")], False),
        ([FIRST], [kind("SpinalInjection"), LATER], True),
        ([LATER], [kind("SpinalInjection"), FIRST], False),
        ([at("CervicalSpine")], [kind("SpinalInjection"), at("LumbarSpine")], False),
    ],
)
def test_a_failed_treatment_speaks_against_a_later_plan_to_try_its_kind(
    treated: list[tuple[str, Term]], planned: list[tuple[str, Term]], *, clash: bool
) -> None:
    found = closed(ASKED, failed(*treated), record("plan", SPINE + "PlannedCare", *planned))
    assert pairs(found) == ({frozenset({"failed", "plan"})} if clash else set())
    assert bool(found.graph.nodes(node("failed"), Nec.conflictsWith)) is clash


def test_a_treatment_that_did_not_fail_speaks_against_no_plan() -> None:
    tried = record("tried", SPINE + "EpiduralSteroidInjection", (Case.hasResponse, SPINE + "TemporaryRelief"))
    assert not closed(ASKED, tried, record("plan", SPINE + "PlannedCare", kind("SpinalInjection"))).conflicts
