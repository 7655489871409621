"""The extent of a construct: levels counted from the lesion, supported, bridged, justified, and left out."""

from __future__ import annotations

from functools import cache
from typing import Final

import pytest

from reasoner.determine import DecidedItem, Decision
from reasoner.door import determine
from reasoner.library import bundled
from reasoner.vocabulary import CASE, SPINE, Nec
from tests.asked import UNSTABLE, asked, outcomes
from tests.generated import library

EXAMPLES: Final = bundled() / "examples"
STEP: Final = "case:plansStep :instrumentation , :decompression , :biopsy , :radiation ;"


@cache
def fused(upper: str, lower: str, *, planned: bool = True) -> Decision:
    """The destroyed T12 vertebra with a fusion over another range."""
    text = (EXAMPLES / "t12-destructive-mass.ttl").read_text()
    text = text.replace("case:fromLevel spine:T10", f"case:fromLevel spine:{upper}", 1)
    text = text.replace("case:toLevel spine:L2", f"case:toLevel spine:{lower}", 1)
    if not planned:
        text = text.replace(STEP, "")
        for name in ("instrumentation", "decompression", "biopsy", "radiation"):
            start = text.index(f"\n:{name}\n")
            text = text[:start] + text[text.index("\n    .\n", start) + len("\n    .\n") :]
    return determine(library(), text.encode()).decision


@cache
def example(name: str) -> Decision:
    """An example case, determined once."""
    return determine(library(), (EXAMPLES / f"{name}.ttl").read_bytes()).decision


def item(decision: Decision, name: str) -> DecidedItem:
    """An item by its id."""
    return next(one for one in decision.items if one.item.id == name)


def roles(decision: Decision, name: str, cls: str, *facts: str) -> set[tuple[str, ...]]:
    """The facts of an item's roles of one class."""
    graph = decision.record.graph
    held = graph.nodes(item(decision, name).item.iri, Nec.hasRole)
    return {tuple(graph.text(r, fact) for fact in facts) for r in held if cls in graph.types(r)}


@pytest.mark.parametrize(
    ("upper", "lower", "counted"),
    [("T10", "L2", ("2", "2")), ("T11", "L1", ("1", "1")), ("T12", "L2", ("0", "2")), ("T8", "L1", ("4", "1"))],
)
def test_levels_above_and_below_a_lesion_are_counted(upper: str, lower: str, counted: tuple[str, str]) -> None:
    assert counted in roles(
        fused(upper, lower), "posterior-fusion-t12-l1", Nec.LesionRole, Nec.levelsAbove, Nec.levelsBelow
    )


def test_a_lesion_of_a_segment_is_counted_from_both_its_ends() -> None:
    counted = roles(
        example("degenerative-t12-s2"), "posterior-fusion-l1-l2", Nec.LesionRole, Nec.levelsAbove, Nec.levelsBelow
    )
    assert counted == {("1", "5")}


@pytest.mark.parametrize(
    ("name", "distance"),
    [
        ("posterior-fusion-t10-t11", "2"),
        ("posterior-fusion-t9-t10", "3"),
        ("posterior-fusion-t8-t9", "4"),
        ("posterior-fusion-l1-l2", "2"),
    ],
)
def test_a_level_supports_a_lesion_from_a_counted_distance(name: str, distance: str) -> None:
    assert roles(fused("T8", "L2"), name, Nec.SupportRole, Nec.levelsFromLesion) == {(distance,)}


def test_a_level_at_the_lesion_supports_none() -> None:
    assert not roles(fused("T8", "L2"), "posterior-fusion-t11-t12", Nec.SupportRole, Nec.levelsFromLesion)


def test_up_to_two_levels_each_way_are_justified_and_more_are_not() -> None:
    outcomes = {one.item.id: one.outcome.value for one in fused("T8", "L2").items}
    too_far, near = ("t8-t9", "t9-t10"), ("t10-t11", "t11-t12", "t12-l1", "l1-l2")
    assert {outcomes[f"posterior-fusion-{name}"] for name in too_far} == {"not-necessary"}
    assert {outcomes[f"posterior-fusion-{name}"] for name in near} == {"necessary"}


def test_the_justified_construct_ends_where_justification_ends() -> None:
    decision = fused("T8", "L2")
    graph, spans = decision.record.graph, library().spans
    (run,) = graph.nodes(item(decision, "posterior-fusion-t11-t12").item.iri, Nec.hasConstruct)
    facts = {
        path: (graph.text(run, spans.low[path]), graph.text(run, spans.high[path]))
        for path in (Nec.upperEndRank, Nec.lowerEndRank, Nec.vertebraCount, Nec.segmentCount)
    }
    rank = library().anatomy.rank
    assert facts[Nec.upperEndRank] == (str(rank[SPINE + "T10"]),) * 2
    assert facts[Nec.lowerEndRank] == (str(rank[SPINE + "L2"]),) * 2
    assert facts[Nec.vertebraCount] == ("5", "5")
    assert facts[Nec.segmentCount] == ("4", "4")


def test_a_level_beyond_the_justified_construct_is_no_part_of_it() -> None:
    decision = fused("T8", "L2")
    assert not decision.record.graph.nodes(item(decision, "posterior-fusion-t8-t9").item.iri, Nec.hasConstruct)


def test_a_pending_construct_is_a_span_from_nothing_to_all_of_it() -> None:
    decision = example("degenerative-t12-s2")
    graph, spans = decision.record.graph, library().spans
    (run,) = graph.nodes(item(decision, "posterior-fusion-l4-l5").item.iri, Nec.hasConstruct)
    assert (graph.text(run, spans.low[Nec.segmentCount]), graph.text(run, spans.high[Nec.segmentCount])) == ("0", "3")


def test_a_level_between_pending_ones_is_a_bridge_and_not_established() -> None:
    decision = example("degenerative-t12-s2")
    assert roles(decision, "posterior-fusion-l2-l3", Nec.BridgeRole, Nec.skippedSegments) == {("1",)}
    assert roles(decision, "posterior-fusion-l2-l3", Nec.BridgeRole, Nec.establishedBy) == {("",)}


def test_the_ends_of_a_request_bridge_nothing() -> None:
    decision = example("degenerative-t12-s2")
    for name in ("posterior-fusion-t12-l1", "posterior-fusion-s1-s2"):
        assert not roles(decision, name, Nec.BridgeRole, Nec.skippedSegments)
        assert item(decision, name).outcome == "not-necessary"


def uncovered(decision: Decision) -> set[str]:
    """The levels that no requested item touches, by plain name."""
    return {one.level.removeprefix(SPINE) for one in decision.uncovered}


def test_a_compressed_level_in_neither_construct_is_uncovered() -> None:
    assert "L1" in uncovered(example("breast-metastases-cauda-equina"))
    assert not {"T6", "L5"} & uncovered(example("breast-metastases-cauda-equina"))


def test_a_lesion_that_the_request_leaves_out_is_uncovered_unless_a_step_is_planned_there() -> None:
    assert "T12" in uncovered(fused("L3", "L4", planned=False))
    assert "T12" not in uncovered(fused("L3", "L4"))
    assert not uncovered(fused("T10", "L2"))


def test_what_is_probed_leaves_no_item_behind() -> None:
    decision = fused("L3", "L4", planned=False)
    assert all("probe" not in one.item.id for one in decision.items)
    assert all(CASE not in one.procedure for one in decision.uncovered)


FUSED: Final = ":fusion a spine:PosterolateralFusion ; case:atLevel spine:L4-L5 .\n"
SERVED: Final = ":graft a spine:LocalAutograft .\n:rods a spine:PosteriorInstrumentation ; case:atLevel spine:L4-L5 .\n"


def test_bone_and_rods_follow_a_planned_fusion_that_would_be_necessary() -> None:
    found = asked(SERVED, UNSTABLE, planned=FUSED)
    assert outcomes(found) == {"local autograft": "necessary", "posterior instrumentation": "necessary"}
    assert {row["procedure"] for row in found.data["requested"]} == set(outcomes(found))
    (step,) = found.decision.record.steps
    assert found.decision.record.graph.nodes(step.iri, Nec.establishedBy)


def test_bone_and_rods_follow_no_planned_fusion_without_a_reason() -> None:
    found = asked(SERVED, ":pain a spine:BackPain .", planned=FUSED)
    assert set(outcomes(found).values()) == {"not-necessary"}
    assert all("planned" not in str(need) for need in found.data["needs"])


def test_what_follows_other_work_is_followed_itself() -> None:
    screws = ":screws a spine:ExistingInstrumentation ; case:fromLevel spine:L2 ; case:toLevel spine:L5 .\n"
    chain = (
        ":out a spine:HardwareRemoval ; case:fromLevel spine:L2 ; case:toLevel spine:L5 .\n"
        ":guide a spine:ImageGuidedNavigation ; case:atLevel spine:L2-L3 .\n"
    )
    found = asked(FUSED + chain, UNSTABLE + screws)
    assert set(outcomes(found).values()) == {"necessary"}
    assert outcomes(asked(chain, UNSTABLE + screws))["image-guided navigation"] == "not-necessary"


@pytest.mark.parametrize(
    ("upper", "lower", "level", "outcome"),
    [
        ("T10", "S1", "Pelvis", "necessary"),
        ("T10", "S1", "S2", "necessary"),
        ("T10", "Pelvis", "Pelvis", "necessary"),
        ("T10", "L5", "Pelvis", "not-necessary"),
    ],
)
def test_an_anchor_below_the_sacrum_belongs_to_a_run_that_ends_on_it(
    upper: str, lower: str, level: str, outcome: str
) -> None:
    services = (
        f":fusion a spine:PosteriorDeformityFusion ; case:fromLevel spine:{upper} ; case:toLevel spine:{lower} .\n"
        f":anchor a spine:PelvicFixation ; case:atLevel spine:{level} .\n"
    )
    lean = (
        ":lean a spine:SagittalBalance ; case:sagittalVerticalAxisInMillimetres 130 .\n"
        ":pain a spine:BackPain .\n"
        ":care a spine:PhysicalTherapy ; case:durationInMonths 7 ; case:hasResponse spine:NoRelief .\n"
        ":curve a spine:DegenerativeScoliosis ; case:fromLevel spine:T10 ; case:toLevel spine:L5 ;"
        " case:cobbAngleInDegrees 55 .\n"
    )
    assert outcomes(asked(services, lean))["pelvic fixation"] == outcome
