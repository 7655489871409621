"""The closure adds what follows, and no more: types, levels, causes, possibilities, totals, and what bears on what."""

from __future__ import annotations

from typing import Final

import pytest

from reasoner.errors import OntologyInconsistent
from reasoner.record import Record
from reasoner.terms import RDF_TYPE, Term, Triple
from reasoner.vocabulary import CASE, DERIVED, ITEM, SPINE, Nec
from tests.generated import PATIENT, at, closed, levels, library, node, number, read_statements, record, request

L45: Final = request((SPINE + "PosteriorFusion", [at("L4-L5")]))
RUN: Final = request((SPINE + "Laminectomy", levels("L2", "L4")))
ONE_SIDE: Final = request((SPINE + "Hemilaminectomy", [at("L4-L5"), (CASE + "onSide", SPINE + "Left")]))
ABSENCE: Final = CASE + "Absence"
DUE: Final = (CASE + "dueTo", node("cause"))
FAILED: Final = (CASE + "hasResponse", SPINE + "ResponseFailed")


def kinds(found: Record, name: str) -> set[str]:
    """The classes of a node of the case, by plain name."""
    return {cls.rsplit("#", 1)[-1] for cls in found.graph.types(node(name))}


def bears(found: Record, path: str = Nec.evidenceAtLevel, *, item: int = 0) -> set[str]:
    """The statements of the case that bear on an item, by plain name."""
    return {n.rsplit("#", 1)[-1] for n in found.graph.nodes(found.items[item].iri, path) if n.startswith(node(""))}


def it(*edges: tuple[str, Term], cls: str = SPINE + "CanalStenosis") -> tuple[Triple, ...]:
    """One statement."""
    return record("it", cls, *edges)


def of(kind: str) -> tuple[str, Term]:
    """The kind of an absence."""
    return (CASE + "ofKind", SPINE + kind)


def test_a_finding_is_of_every_class_above_its_own() -> None:
    assert {"CanalStenosis", "SpinalStenosis", "Finding", "Evidence"} <= kinds(closed(L45, it(at("L4-L5"))), "it")


@pytest.mark.parametrize(
    ("cls", "edges", "cause", "defined", "follows"),
    [
        ("VertebralFracture", [DUE], "SpinalMetastasis", "PathologicalFracture", True),
        ("VertebralFracture", [DUE], "Osteoporosis", "PathologicalFracture", False),
        ("VertebralFracture", [DUE], "Osteoporosis", "OsteoporoticFracture", True),
        ("VertebralFracture", [], "SpinalMetastasis", "PathologicalFracture", False),
        ("Spondylolisthesis", [(CASE + "hasDirection", SPINE + "Backward")], "Trauma", "Retrolisthesis", True),
        ("Spondylolisthesis", [(CASE + "hasDirection", SPINE + "Forward")], "Trauma", "Retrolisthesis", False),
        ("NeuralCompression", [at("T6")], "Trauma", "SpinalCordCompression", True),
        ("NeuralCompression", [at("L1")], "Trauma", "ConusCompression", True),
        ("NeuralCompression", [at("L4-L5")], "Trauma", "CaudaEquinaCompression", True),
        ("NeuralCompression", [at("L4-L5")], "Trauma", "SpinalCordCompression", False),
        ("EpiduralSteroidInjection", [FAILED], "Trauma", "FailedTreatment", True),
    ],
)
def test_a_defined_class_follows_from_what_was_seen(
    cls: str, edges: list[tuple[str, Term]], cause: str, defined: str, *, follows: bool
) -> None:
    found = closed(L45, it(*edges, cls=SPINE + cls), record("cause", SPINE + cause))
    assert (defined in kinds(found, "it")) is follows


def test_every_added_class_names_its_axiom_and_premise() -> None:
    found = closed(
        L45, record("slip", SPINE + "Spondylolisthesis", at("L4-L5"), (CASE + "hasDirection", SPINE + "Backward"))
    )
    wanted = Triple(node("slip"), RDF_TYPE, SPINE + "Retrolisthesis")
    assert [(one.rule, one.premises) for one in found.derivations if one.triple == wanted] == [
        (SPINE + "Retrolisthesis", (node("slip"),))
    ]


def test_nothing_that_was_stated_is_lost_and_the_case_is_left_as_it_was() -> None:
    triples = [t for group in (L45, it(at("L4-L5"), (CASE + "hasSeverity", SPINE + "Severe"))) for t in group]
    case = read_statements(triples)
    before = sorted(map(str, case.graph))
    found = closed(L45, it(at("L4-L5"), (CASE + "hasSeverity", SPINE + "Severe")))
    assert sorted(map(str, case.graph)) == before
    assert set(case.graph) <= set(found.graph)


@pytest.mark.parametrize(
    ("age", "groups"),
    [("17", {"Child"}), ("18", {"Adult"}), ("64", {"Adult"}), ("65", {"Adult", "OlderAdult"}), ("0", {"Child"})],
)
def test_a_patient_belongs_to_the_groups_of_the_age(age: str, groups: set[str]) -> None:
    found = closed(L45, (Triple(PATIENT, CASE + "ageInYears", number(age)),))
    assert {"Child", "Adult", "OlderAdult"} & {c.removeprefix(SPINE) for c in found.graph.types(PATIENT)} == groups


def test_a_patient_of_unknown_age_is_in_no_group() -> None:
    assert not {"Child", "Adult"} & {c.removeprefix(SPINE) for c in closed(L45).graph.types(PATIENT)}


def test_a_cause_without_a_place_is_where_its_effect_is() -> None:
    found = closed(
        L45,
        record("f", SPINE + "VertebralFracture", at("L4"), (CASE + "dueTo", node("n"))),
        record("n", SPINE + "SpinalMetastasis"),
    )
    assert bears(found) == {"f", "n"}


@pytest.mark.parametrize(
    ("cls", "edges", "level"),
    [
        ("SacroiliacBlock", [], "SacroiliacJoint"),
        ("ThighThrust", [], "SacroiliacJoint"),
        ("SacroiliacPain", [at("L5-S1")], "L5-S1"),
        ("OdontoidFractureType2", [], "C2"),
    ],
)
def test_what_has_one_place_only_is_there_unless_stated(cls: str, edges: list[tuple[str, Term]], level: str) -> None:
    found = closed(L45, it(*edges, cls=SPINE + cls))
    assert found.graph.nodes(node("it"), CASE + "atLevel") == [SPINE + level]
    assert library().anatomy.slug(found.place(node("it"))) == level.lower()


def test_a_sacroiliac_test_bears_on_a_sacroiliac_fusion_though_neither_names_the_joint() -> None:
    joint = request((SPINE + "MinimallyInvasiveSacroiliacFusion", []))
    assert bears(closed(joint, it(cls=SPINE + "SacroiliacBlock"))) == {"it"}
    assert bears(closed(L45, it(cls=SPINE + "SacroiliacBlock"))) == set()


def test_a_mass_may_be_a_neoplasm_at_the_same_place() -> None:
    found = closed(L45, record("mass", SPINE + "SpinalMass", at("L4")))
    (possible,) = [n for n in found.evidence if n.startswith(DERIVED + "possible-")]
    assert found.has_type(possible, SPINE + "SpinalNeoplasm")
    assert found.graph.nodes(possible, CASE + "hasCertainty") == [CASE + "Possible"]
    assert found.place(possible) == found.place(node("mass"))


def test_two_disjoint_classes_of_one_node_are_refused_with_the_axiom() -> None:
    twice = (Triple(node("it"), RDF_TYPE, SPINE + "PrimarySpinalTumour"),)
    with pytest.raises(OntologyInconsistent) as refused:
        closed(L45, it(at("L4"), cls=SPINE + "SpinalMetastasis"), twice)
    assert "disjoint" in str(refused.value)


# What bears on what.


@pytest.mark.parametrize(
    ("where", "bearing"),
    [
        ([at("L4-L5")], True), ([at("L4")], True), ([at("L5")], True), ([at("L3-L4")], False), ([at("L3")], False),
        ([at("S1")], False), (levels("L1", "L4"), False), (levels("L1", "L5"), True),
        ([at("LumbarSpine")], False), ([], False),
    ],
)  # fmt: skip
def test_a_finding_bears_on_the_levels_it_touches(where: list[tuple[str, Term]], *, bearing: bool) -> None:
    assert (bears(closed(L45, it(*where))) == {"it"}) is bearing


@pytest.mark.parametrize(
    ("level", "bearing"),
    [("L2", True), ("L4", True), ("L2-L3", True), ("L5", False), ("L4-L5", False), ("L1-L2", False)],
)
def test_a_range_is_touched_inside_its_own_ends(level: str, *, bearing: bool) -> None:
    assert (bears(closed(RUN, it(at(level)))) == {"it"}) is bearing


@pytest.mark.parametrize(
    ("where", "bearing"),
    [([at("L4-L5")], True), ([at("LumbarSpine")], True), ([at("WholeSpine")], True), ([], True),
     (levels("L1", "S1"), True),
     ([at("L5-S1")], False), ([at("L4")], False), ([at("CervicalSpine")], False), (levels("L1", "L4"), False)],
)  # fmt: skip
def test_an_absence_bears_only_where_it_covers_the_whole_item(where: list[tuple[str, Term]], *, bearing: bool) -> None:
    assert (bears(closed(L45, it(of("SpinalStenosis"), *where, cls=ABSENCE))) == {"it"}) is bearing


@pytest.mark.parametrize(
    ("side", "bearing"), [("Left", True), ("Right", False), ("Bilateral", True), ("Midline", True), (None, True)]
)
def test_a_finding_on_the_other_side_does_not_bear_on_a_one_sided_item(side: str | None, *, bearing: bool) -> None:
    edges = [at("L4-L5"), *([(CASE + "onSide", SPINE + side)] if side else [])]
    assert (bears(closed(ONE_SIDE, it(*edges))) == {"it"}) is bearing


@pytest.mark.parametrize(
    ("asked", "where", "found", "denied"),
    [
        ([], [at("L4-L5")], True, False),
        ([], [at("C5-C6")], True, False),
        ([], [], False, True),
        ([], [at("WholeSpine")], False, True),
        ([], [at("LumbarSpine")], False, False),
        ([at("LumbarSpine")], [at("L4-L5")], True, False),
        ([at("LumbarSpine")], [at("C5-C6")], False, False),
        ([at("LumbarSpine")], [at("LumbarSpine")], False, True),
    ],
)
def test_a_service_without_a_level_may_be_meant_for_any_of_its_region(
    asked: list[tuple[str, Term]], where: list[tuple[str, Term]], *, found: bool, denied: bool
) -> None:
    wanted = request((SPINE + "PosteriorFusion", asked))
    assert (bears(closed(wanted, it(*where))) == {"it"}) is found
    assert (bears(closed(wanted, it(of("SpinalStenosis"), *where, cls=ABSENCE))) == {"it"}) is denied


def test_an_absence_on_one_side_says_nothing_of_an_item_on_both() -> None:
    one_side = it(of("SpinalStenosis"), at("L4-L5"), (CASE + "onSide", SPINE + "Left"), cls=ABSENCE)
    assert bears(closed(L45, one_side)) == set()
    assert bears(closed(ONE_SIDE, one_side)) == {"it"}


@pytest.mark.parametrize(
    ("where", "bearing"),
    [([at("LumbarSpine")], True), ([at("L1-L2")], True), ([at("SacralSpine")], True), ([], True),
     ([at("CervicalSpine")], False), ([at("T6")], False),
     ([at("ThoracolumbarJunction")], True)],
)  # fmt: skip
def test_care_of_the_neck_never_answers_for_the_low_back(where: list[tuple[str, Term]], *, bearing: bool) -> None:
    found = closed(L45, it(*where, cls=SPINE + "PhysicalTherapy"))
    assert (bears(found, Nec.evidenceInRegion) == {"it"}) is bearing


@pytest.mark.parametrize(
    ("level", "bearing"),
    [("L3-L4", True), ("L5-S1", True), ("L4-L5", False), ("L2-L3", False), ("L3", True), ("S1", True)],
)
def test_next_to_an_item_is_the_level_above_and_the_level_below(level: str, *, bearing: bool) -> None:
    assert ("it" in bears(closed(L45, it(at(level))), Nec.evidenceAdjacent)) is bearing


@pytest.mark.parametrize(
    ("edges", "bearing"),
    [
        ([(CASE + "ofRoot", SPINE + "RootL5")], True),
        ([(CASE + "ofRoot", SPINE + "RootS1")], False),
        ([(CASE + "ofMuscle", SPINE + "TibialisAnterior")], True),
        ([(CASE + "ofMuscle", SPINE + "Deltoid")], False),
        ([], False),
    ],
)
def test_a_root_or_muscle_bears_where_its_root_leaves_or_crosses(
    edges: list[tuple[str, Term]], *, bearing: bool
) -> None:
    assert ("it" in bears(closed(L45, it(*edges, cls=SPINE + "MuscleStrength")), Nec.evidenceOfRoots)) is bearing


def test_a_root_of_the_other_side_does_not_bear() -> None:
    weak = it((CASE + "ofRoot", SPINE + "RootL5"), (CASE + "onSide", SPINE + "Right"), cls=SPINE + "MuscleStrength")
    assert bears(closed(ONE_SIDE, weak), Nec.evidenceOfRoots) == set()


def test_everything_of_the_patient_bears_except_a_denial_of_one_place() -> None:
    here, all_over = (it(of("SpinalStenosis"), *where, cls=ABSENCE) for where in ([at("C5-C6")], []))
    assert bears(closed(L45, it(at("C5-C6"))), Nec.evidenceOfPatient) == {"it"}
    assert bears(closed(L45, here), Nec.evidenceOfPatient) == set()
    assert bears(closed(L45, all_over), Nec.evidenceOfPatient) == {"it"}


def test_the_construct_is_the_whole_run_and_not_the_item() -> None:
    long = request((SPINE + "PosteriorFusion", levels("L1", "L5")))
    found = closed(long, it(at("L4-L5")))
    assert found.items[0].id == "posterior-fusion-l1-l2"
    assert bears(found, Nec.evidenceInConstruct) == {"it"}
    assert bears(found) == set()


def test_an_item_knows_its_levels_patient_request_and_service() -> None:
    found = closed(L45)
    item = found.items[0].iri
    assert item == ITEM + "posterior-fusion-l4-l5"
    assert found.graph.nodes(item, Nec.hasLevel) == [SPINE + "L4-L5"]
    assert found.graph.nodes(item, Nec.hasPatient) == [PATIENT]
    assert found.graph.nodes(item, Nec.hasService) == [node("service-0")]


def test_a_service_does_not_stand_beside_itself() -> None:
    both = request(
        (SPINE + "PosteriorFusion", [at("L4-L5")]),
        (SPINE + "Laminectomy", [at("L4-L5")]),
        (SPINE + "Laminectomy", [at("L1-L2")]),
    )
    found = closed(both)
    item = next(one.iri for one in found.items if one.id == "posterior-fusion-l4-l5")
    assert set(found.graph.nodes(item, Nec.servicesAtLevel)) == {node("service-1")}
    assert set(found.graph.nodes(item, Nec.servicesInRequest)) == {node("service-1"), node("service-2")}


@pytest.mark.parametrize(
    ("cls", "bearing"), [("CanalStenosis", False), ("ExistingInstrumentation", True), ("PriorFusion", False)]
)
def test_the_ontology_says_what_takes_in_the_ends_of_its_range(cls: str, *, bearing: bool) -> None:
    found = closed(L45, it(*levels("L1", "L4"), cls=SPINE + cls))
    assert (bears(found) == {"it"}) is bearing


def test_an_earlier_fusion_is_at_its_own_segments_and_next_to_the_others() -> None:
    for where in (levels("L2", "L4"), [at("L3-L4")]):
        found = closed(L45, it(*where, cls=SPINE + "PriorFusion"))
        assert bears(found) == set()
        assert bears(found, Nec.evidenceAdjacent) == {"it"}
