"""A request is cut into items at the grain at which each service counts."""

from __future__ import annotations

from typing import Final

import pytest

from reasoner.items import codes_of, construct_places, kebab
from reasoner.record import Item
from reasoner.terms import RDF_TYPE, Term, Triple
from reasoner.vocabulary import CASE, CODE, SPINE, Case, Nec
from tests.generated import REQUEST, at, closed, levels, library, node, request

ALREADY: Final = (CASE + "hasStatus", CASE + "AlreadyDone")


def items(*services: tuple[str, tuple[tuple[str, Term], ...]]) -> list[Item]:
    """The items of a request."""
    return closed(request(*[(SPINE + cls, edges) for cls, edges in services])).items


def ids(*services: tuple[str, tuple[tuple[str, Term], ...]]) -> list[str]:
    """The ids of the items of a request."""
    return [one.id for one in items(*services)]


@pytest.mark.parametrize(
    ("service", "edges", "expected"),
    [
        (
            "PosteriorFusion",
            levels("T10", "L1"),
            ["posterior-fusion-t10-t11", "posterior-fusion-t11-t12", "posterior-fusion-t12-l1"],
        ),
        ("PosteriorFusion", (at("L4-L5"), at("L5-S1")), ["posterior-fusion-l4-l5", "posterior-fusion-l5-s1"]),
        ("PosteriorFusion", (at("L4"), at("L5")), ["posterior-fusion-l4-l5"]),
        ("Laminectomy", levels("L2", "L4"), ["laminectomy-l2-l4"]),
        ("Laminectomy", (at("L4-L5"),), ["laminectomy-l4-l5"]),
        ("Corpectomy", levels("T12", "L1"), ["corpectomy-t12", "corpectomy-l1"]),
        ("Corpectomy", (at("L1"),), ["corpectomy-l1"]),
        ("Hemilaminectomy", (at("L4-L5"), (CASE + "onSide", SPINE + "Left")), ["hemilaminectomy-l4-l5-left"]),
        ("Laminectomy", (at("L4-L5"), (CASE + "onSide", SPINE + "Bilateral")), ["laminectomy-l4-l5"]),
        ("InpatientStay", (), ["inpatient-stay"]),
        ("PosteriorFusion", (), ["posterior-fusion"]),
    ],
)
def test_a_service_is_cut_at_the_grain_at_which_it_counts(
    service: str, edges: tuple[tuple[str, Term], ...], expected: list[str]
) -> None:
    assert ids((service, edges)) == expected


def test_every_class_of_procedure_has_a_grain() -> None:
    grains = {Nec.BySegment, Nec.ByVertebra, Nec.ByRange, Nec.ByOperation, Nec.ByStay}
    assert {one.grain for one in library().procedures.values()} == grains


def test_items_stand_by_procedure_and_from_the_head_down() -> None:
    found = ids(
        ("PosteriorFusion", levels("L4", "S1")), ("Corpectomy", (at("L1"),)), ("PosteriorFusion", (at("L1-L2"),))
    )
    assert found == ["corpectomy-l1", "posterior-fusion-l1-l2", "posterior-fusion-l4-l5", "posterior-fusion-l5-s1"]


def test_the_same_service_twice_makes_two_items() -> None:
    assert ids(("Laminectomy", (at("L4-L5"),)), ("Laminectomy", (at("L4-L5"),))) == [
        "laminectomy-l4-l5",
        "laminectomy-l4-l5-2",
    ]


def test_a_stay_without_levels_is_about_the_whole_request() -> None:
    (stay,) = [
        one for one in items(("PosteriorFusion", levels("L4", "S1")), ("InpatientStay", ())) if one.grain == Nec.ByStay
    ]
    assert {v.removeprefix(SPINE) for v in stay.place.vertebrae} == {"L4", "L5", "S1"}


def constructs(*services: tuple[str, tuple[tuple[str, Term], ...]]) -> dict[str, str | None]:
    """The construct of every item."""
    return {one.id: one.construct for one in items(*services)}


def test_fusions_that_share_a_vertebra_are_one_construct() -> None:
    found = constructs(("PosteriorFusion", levels("L1", "L3")), ("AnteriorLumbarInterbodyFusion", levels("L3", "S1")))
    assert set(found.values()) == {"L1-S1"}


def test_fusions_that_do_not_meet_are_two_constructs() -> None:
    found = constructs(("PosteriorFusion", levels("T4", "T8")), ("PosteriorFusion", levels("L4", "S1")))
    assert set(found.values()) == {"T4-T8", "L4-S1"}


def test_a_third_fusion_joins_two_runs_into_one() -> None:
    runs = (levels("T12", "L1"), levels("L3", "L4"), levels("L1", "L3"))
    assert set(constructs(*[("PosteriorFusion", run) for run in runs]).values()) == {"T12-L4"}


def test_a_decompression_is_in_no_construct() -> None:
    assert constructs(("Laminectomy", levels("L2", "L4"))) == {"laminectomy-l2-l4": None}


def test_a_construct_reaches_over_all_its_services() -> None:
    found = closed(
        request((SPINE + "PosteriorFusion", levels("L1", "L3")), (SPINE + "PosterolateralFusion", levels("L3", "L5")))
    )
    (place,) = construct_places(found).values()
    assert library().anatomy.span_name(place) == "L1-L5"


def test_codes_are_gathered_from_both_forms_once() -> None:
    me, line = node("service-0"), node("line")
    triples = (
        *request(
            (
                SPINE + "PosteriorFusion",
                (*levels("L4", "S1"), (CASE + "hasCode", CODE + "22612"), (CASE + "hasCodeLine", line)),
            )
        ),
        Triple(line, RDF_TYPE, CASE + "CodeLine"),
        Triple(line, CASE + "hasCode", CODE + "22614"),
        Triple(line, CASE + "hasCode", CODE + "22612"),
    )
    found = closed(tuple(t for t in triples if t.object != CODE + "22612" or t.subject == me))
    assert codes_of(found, me) == (CODE + "22612", CODE + "22614")


def test_a_service_is_requested_unless_it_says_otherwise() -> None:
    assert [one.status for one in items(("Laminectomy", (at("L4-L5"),)))] == [Case.Requested]
    assert [one.status for one in items(("Laminectomy", (at("L4-L5"), ALREADY)))] == [CASE + "AlreadyDone"]
    for edges, status in (((), Case.Requested), ((ALREADY,), CASE + "AlreadyDone")):
        found = closed(request((SPINE + "Laminectomy", edges)), planned("Laminectomy"))
        assert found.graph.nodes(node("service-0"), Case.hasStatus) == [status]
        assert found.graph.nodes(node("step"), Case.hasStatus) == []


def planned(cls: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """A step that the request plans and does not ask for."""
    step = node("step")
    return (
        Triple(REQUEST, CASE + "plansStep", step),
        Triple(step, RDF_TYPE, SPINE + cls),
        *(Triple(step, path, value) for path, value in edges),
    )


def test_a_planned_step_is_a_service_and_no_item() -> None:
    found = closed(request((SPINE + "PosteriorFusion", levels("L4", "L5"))), planned("Laminectomy", at("L4-L5")))
    assert [one.id for one in found.items] == ["posterior-fusion-l4-l5"]
    assert [one.id for one in found.steps] == ["planned-laminectomy-l4-l5"]
    assert found.graph.nodes(found.items[0].iri, Nec.servicesAtLevel) == [node("step")]


def test_a_planned_fusion_stands_in_no_construct_that_is_asked_for() -> None:
    found = closed(request((SPINE + "PosteriorFusion", levels("L4", "L5"))), planned("PosteriorFusion", at("L5-S1")))
    assert [one.construct for one in (*found.items, *found.steps)] == ["L4-L5", "planned-L5-S1"]


@pytest.mark.parametrize(
    ("service", "edges", "placeless"),
    [
        ("PosteriorFusion", (), True),
        ("Laminectomy", (), True),
        ("Kyphoplasty", (), True),
        ("PosteriorFusion", (at("LumbarSpine"),), True),
        ("PosteriorFusion", (at("L4-L5"),), False),
        ("PosteriorFusion", (at("LumbarSpine"), at("L4-L5")), False),
        ("SpinalBiopsy", (), False),
        ("InpatientStay", (), False),
        ("AtlantoaxialFusion", (), False),
        ("MinimallyInvasiveSacroiliacFusion", (), False),
    ],
)
def test_only_what_is_counted_by_level_misses_its_level(
    service: str, edges: tuple[tuple[str, Term], ...], *, placeless: bool
) -> None:
    assert [one.is_placeless for one in items((service, edges))] == [placeless]


@pytest.mark.parametrize(
    ("edges", "where"), [((), "L4-S1"), ((at("LumbarSpine"),), "L4-S1"), ((at("CervicalSpine"),), "cervical spine")]
)
def test_what_only_serves_an_operation_goes_where_the_operation_goes(
    edges: tuple[tuple[str, Term], ...], where: str
) -> None:
    found = items(("PosteriorFusion", levels("L4", "S1")), ("PosteriorInstrumentation", edges))
    (screws,) = [one for one in found if not one.is_principal]
    assert library().anatomy.span_name(screws.place) == where


def test_a_service_counted_by_bone_is_beside_the_segments_next_to_it() -> None:
    found = closed(
        request(
            (SPINE + "Corpectomy", levels("T12", "L1")),
            (SPINE + "Laminectomy", levels("T12", "L1")),
            (SPINE + "PosteriorFusion", (at("T11-T12"),)),
        )
    )
    (fusion,) = [one for one in found.items if one.construct]
    assert found.graph.nodes(fusion.iri, Nec.servicesAtLevel) == [node("service-0")]


@pytest.mark.parametrize(("asked", "beside"), [("T12-L1", False), ("L1-L2", True), ("L5-S1", True), ("S1-S2", False)])
def test_a_range_is_beside_nothing_beyond_its_ends(asked: str, *, beside: bool) -> None:
    long = (SPINE + "Laminectomy", levels("L1", "S1"))
    found = closed(request((SPINE + "PosteriorFusion", (at(asked),)), long))
    for one, other in ((0, 1), (1, 0)):
        (item,) = [i for i in found.items if i.service == node(f"service-{one}")]
        assert (found.graph.nodes(item.iri, Nec.servicesAtLevel) == [node(f"service-{other}")]) is beside


@pytest.mark.parametrize(
    ("name", "text"), [("PosteriorFusion", "posterior-fusion"), ("L4Repair", "l4-repair"), ("Mri", "mri")]
)
def test_a_class_name_is_told_in_words(name: str, text: str) -> None:
    assert kebab(name) == text
