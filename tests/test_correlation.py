"""A finding fits the symptoms it can cause: of its roots, on its side, of its limb, of the cord behind it."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reasoner.answers import Answer
from reasoner.criteria import Leaf, judge_leaf
from reasoner.demands import Compiler
from reasoner.determine import decide
from reasoner.evidence import evidence_of
from reasoner.library import parse_into
from reasoner.record import Record
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Term, Triple
from reasoner.vocabulary import CASE, SPINE, Case, Nec
from tests.generated import at, closed, library, node, read_statements, record, request

LOW_BACK: Final = request((SPINE + "Laminectomy", [at("L4-L5")]))
NECK: Final = request((SPINE + "AnteriorInterbodyFusion", [at("C5-C6")]))
BOTH: Final = request((SPINE + "Laminectomy", [at("L4-L5")]), (SPINE + "Laminectomy", [at("C5-C6")]))
TRUE: Final = Literal("true", XSD + "boolean")
Edges = list[tuple[str, Term]]


def root(name: str) -> tuple[str, Term]:
    """That a symptom is of a root."""
    return (Case.ofRoot, f"{SPINE}Root{name}")


def side(name: str) -> tuple[str, Term]:
    """That something is on a side."""
    return (Case.onSide, SPINE + name)


def part(name: str) -> tuple[str, Term]:
    """That a symptom is in a part of the body."""
    return (Case.inBodyPart, SPINE + name)


def muscle(name: str) -> tuple[str, Term]:
    """That a grade of strength is of a muscle."""
    return (Case.ofMuscle, SPINE + name)


def strength(grade: str) -> tuple[str, Term]:
    """How strong a muscle is."""
    return (CASE + "hasStrength", f"{SPINE}Strength{grade}")


def shown(cls: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """What the image shows."""
    return record("shown", SPINE + cls, *edges)


def felt(cls: str, *edges: tuple[str, Term], name: str = "felt") -> tuple[Triple, ...]:
    """What the patient feels or the examiner finds."""
    return record(name, SPINE + cls, *edges)


def fit(found: Record) -> str:
    """How the image fits, in one word; a dash where the record leaves it open."""
    (value,) = found.graph.nodes(node("shown"), Nec.pictureFit) or ["-"]
    return value.removeprefix(Nec.pictureFit.removesuffix("pictureFit")).removeprefix("Fits").lower()


@pytest.mark.parametrize(
    ("image", "where", "symptom", "edges", "expected"),
    [
        # The exiting root in the foramen, the traversing one in the recess.
        ("ForaminalStenosis", "L4-L5", "Radiculopathy", [root("L4")], "byroot"),
        ("ForaminalStenosis", "L4-L5", "Radiculopathy", [root("L5")], "not"),
        ("LateralRecessStenosis", "L4-L5", "Radiculopathy", [root("L5")], "byroot"),
        ("LateralRecessStenosis", "L4-L5", "Radiculopathy", [root("L4")], "not"),
        ("SpinalStenosis", "L4-L5", "Radiculopathy", [root("L4")], "byroot"),
        ("SpinalStenosis", "L4-L5", "Radiculopathy", [root("L3")], "not"),
        ("FarLateralDiscHerniation", "L4-L5", "Radiculopathy", [root("L5")], "not"),
        ("ParacentralDiscHerniation", "L4-L5", "Radiculopathy", [root("L5")], "byroot"),
        ("DiscExtrusion", "L4-L5", "Radiculopathy", [root("L4")], "byroot"),
        ("IsthmicSpondylolisthesis", "L5-S1", "Radiculopathy", [root("L5")], "byroot"),
        # Roots that only pass a narrow canal fit by limb.
        ("CanalStenosis", "L3-L4", "Radiculopathy", [root("L5")], "bylimb"),
        ("CanalStenosis", "L3-L4", "NeurogenicClaudication", [], "bylimb"),
        # In the neck the root that leaves a segment is the lower of the two that name it; below C7, the eighth.
        ("ForaminalStenosis", "C5-C6", "Radiculopathy", [root("C6")], "byroot"),
        ("LateralRecessStenosis", "C5-C6", "Radiculopathy", [root("C6")], "byroot"),
        ("ForaminalStenosis", "C5-C6", "Radiculopathy", [root("C8")], "not"),
        ("ForaminalStenosis", "C7-T1", "Radiculopathy", [root("C8")], "byroot"),
        # Muscles, reflexes and parts of the body stand for their roots.
        ("CanalStenosis", "L4-L5", "MuscleStrength", [muscle("TibialisAnterior"), strength("4")], "byroot"),
        ("CanalStenosis", "C5-C6", "MuscleStrength", [muscle("Deltoid"), strength("3")], "byroot"),
        ("CanalStenosis", "L4-L5", "MuscleStrength", [muscle("TibialisAnterior"), strength("5")], "-"),
        ("CanalStenosis", "L4-L5", "MuscleStrength", [muscle("TibialisAnterior")], "-"),
        ("ForaminalStenosis", "L5-S1", "AnkleReflexLoss", [], "not"),
        ("LateralRecessStenosis", "L5-S1", "AnkleReflexLoss", [], "byroot"),
        ("CanalStenosis", "L4-L5", "FootDrop", [], "byroot"),
        ("ForaminalStenosis", "C5-C6", "Paraesthesia", [part("Thumb")], "bylimb"),
        ("ForaminalStenosis", "C7-T1", "Paraesthesia", [part("Thumb")], "-"),
        ("LateralRecessStenosis", "L4-L5", "SensoryDeficit", [part("GreatToe")], "bylimb"),
        # Limbs without a root.
        ("CanalStenosis", "L4-L5", "LegPain", [], "bylimb"),
        ("CanalStenosis", "L4-L5", "ArmPain", [], "-"),
        ("ForaminalStenosis", "C6-C7", "ArmPain", [], "bylimb"),
        ("ForaminalStenosis", "C6-C7", "LegPain", [], "-"),
        ("DiscHerniation", "T7-T8", "ChestWallPain", [], "bylimb"),
        ("CanalStenosis", "L4-L5", "StraightLegRaise", [], "bylimb"),
        # The cord, and what hangs below it.
        ("CanalStenosis", "C4-C5", "HoffmannSign", [], "bylimb"),
        ("CanalStenosis", "T9-T10", "MyelopathicGait", [], "bylimb"),
        ("ForaminalStenosis", "C4-C5", "HoffmannSign", [], "-"),
        ("CanalStenosis", "L4-L5", "HoffmannSign", [], "-"),
        ("CanalStenosis", "L4-L5", "SaddleAnaesthesia", [], "bylimb"),
        ("NeuralCompression", "L1", "UrinaryRetention", [], "bylimb"),
        # Pain of the spine itself fits nothing.
        ("CanalStenosis", "L4-L5", "BackPain", [], "-"),
        ("CanalStenosis", "C5-C6", "NeckPain", [], "-"),
        ("DiscHeightLoss", "L4-L5", "Radiculopathy", [root("L5")], "-"),
    ],
)  # fmt: skip
def test_a_finding_fits_what_it_can_cause(image: str, where: str, symptom: str, edges: Edges, expected: str) -> None:
    asked = NECK if where.startswith("C") else LOW_BACK
    assert fit(closed(asked, shown(image, at(where)), felt(symptom, *edges))) == expected


@pytest.mark.parametrize("mine", [None, "Left", "Right", "Bilateral", "Midline"])
@pytest.mark.parametrize("theirs", [None, "Left", "Right", "Bilateral"])
@pytest.mark.parametrize(
    ("symptom", "edges", "fitting"), [("Radiculopathy", [root("L5")], "byroot"), ("LegPain", [], "bylimb")]
)
def test_only_opposite_sides_do_not_fit(
    mine: str | None, theirs: str | None, symptom: str, edges: Edges, fitting: str
) -> None:
    image = shown("LateralRecessStenosis", at("L4-L5"), *([side(mine)] if mine else []))
    found = closed(LOW_BACK, image, felt(symptom, *edges, *([side(theirs)] if theirs else [])))
    assert fit(found) == ("not" if {mine, theirs} == {"Left", "Right"} else fitting)


@pytest.mark.parametrize(
    "edge",
    [(Case.hasCertainty, Case.Possible), (Case.hasCertainty, Case.Suspected)],
)
def test_what_is_only_possible_leaves_the_question_open(edge: tuple[str, Term]) -> None:
    image, perhaps = shown("CanalStenosis", at("L4-L5")), felt("Radiculopathy", root("L5"), edge)
    assert fit(closed(LOW_BACK, image, perhaps)) == "-"
    assert fit(closed(LOW_BACK, image, perhaps, felt("Radiculopathy", root("L3"), name="sure"))) == "-"
    assert fit(closed(LOW_BACK, image, perhaps, felt("LegPain", name="sure"))) == "bylimb"


def test_a_disputed_sign_leaves_the_question_open() -> None:
    exams = [
        felt("MuscleStrength", muscle("TibialisAnterior"), strength(grade), name=name)
        for name, grade in (("one", "3"), ("other", "5"))
    ]
    assert fit(closed(LOW_BACK, shown("CanalStenosis", at("L4-L5")), *exams)) == "-"


@pytest.mark.parametrize("gone", [felt("Radiculopathy", root("L5"), (Case.isResolved, TRUE)),
                                  felt("LegPain", (Case.isResolved, TRUE)),
                                  record("felt", Case.Absence, (Case.ofKind, SPINE + "NeurologicalDeficit"))])  # fmt: skip
def test_what_is_denied_or_over_neither_fits_nor_speaks_against(gone: tuple[Triple, ...]) -> None:
    image = shown("CanalStenosis", at("L4-L5"))
    assert fit(closed(LOW_BACK, image, gone)) == "-"
    assert fit(closed(LOW_BACK, image, gone, felt("LegPain", name="now"))) == "bylimb"


@pytest.mark.parametrize(
    ("image", "where", "denials", "expected"),
    [
        ("CanalStenosis", "L4-L5", [("Radiculopathy", [])], "not"),
        ("CanalStenosis", "L4-L5", [("Radiculopathy", [at("LumbarSpine")])], "not"),
        ("CanalStenosis", "L4-L5", [("Radiculopathy", [at("CervicalSpine")])], "-"),
        ("LateralRecessStenosis", "L4-L5", [("Radiculopathy", [root("L5")])], "not"),
        ("LateralRecessStenosis", "L4-L5", [("Radiculopathy", [root("S1")])], "-"),
        ("SpinalStenosis", "L4-L5", [("Radiculopathy", [root("L5")]), ("Radiculopathy", [root("L4")])], "not"),
        ("ForaminalStenosis", "C5-C6", [("Radiculopathy", [])], "not"),
        ("CanalStenosis", "C5-C6", [("Radiculopathy", [])], "-"),
        ("CanalStenosis", "C5-C6", [("Radiculopathy", []), ("Myelopathy", [])], "not"),
        ("CordFlattening", "C5-C6", [("Myelopathy", [])], "not"),
        ("CordFlattening", "C5-C6", [("Radiculopathy", [])], "-"),
    ],
)
def test_where_all_that_it_could_cause_is_denied_a_finding_fits_nothing(
    image: str, where: str, denials: list[tuple[str, Edges]], expected: str
) -> None:
    told = [
        record(f"denial-{number}", Case.Absence, (Case.ofKind, SPINE + kind), *edges)
        for number, (kind, edges) in enumerate(denials)
    ]
    asked = NECK if where.startswith("C") else LOW_BACK
    assert fit(closed(asked, shown(image, at(where)), *told)) == expected


def test_a_denial_settles_nothing_where_a_symptom_is_possible() -> None:
    denied = record("denied", Case.Absence, (Case.ofKind, SPINE + "Radiculopathy"))
    perhaps = felt("LegPain", (Case.hasCertainty, Case.Possible))
    assert fit(closed(LOW_BACK, shown("CanalStenosis", at("L4-L5")), denied, perhaps)) == "-"
    sure = felt("LegPain")
    assert fit(closed(LOW_BACK, shown("CanalStenosis", at("L4-L5")), denied, sure)) == "bylimb"


def test_pain_of_a_limb_is_put_down_to_the_root_that_is_named() -> None:
    image, pain = shown("ForaminalStenosis", at("L3-L4")), felt("LegPain", name="pain")
    assert fit(closed(LOW_BACK, image, pain, felt("Radiculopathy", root("S1")))) == "not"
    opposite = felt("Radiculopathy", root("S1"), side("Left"))
    right = felt("LegPain", side("Right"), name="pain")
    assert fit(closed(LOW_BACK, image, right, opposite)) == "bylimb"


def test_pain_of_a_limb_is_put_down_to_a_weak_muscle_only_where_the_own_root_is_sound() -> None:
    image, pain = shown("ForaminalStenosis", at("L3-L4")), felt("LegPain", name="pain")
    weak = felt("MuscleStrength", muscle("Gastrocnemius"), strength("4"), name="weak")
    sound = felt("MuscleStrength", muscle("Quadriceps"), strength("5"), name="sound")
    assert fit(closed(LOW_BACK, image, weak)) == "not"
    assert fit(closed(LOW_BACK, image, pain, weak)) == "bylimb"
    assert fit(closed(LOW_BACK, image, pain, weak, sound)) == "not"


def test_claudication_and_signs_of_the_cord_are_explained_by_no_single_root() -> None:
    away = felt("Radiculopathy", root("S1"), name="away")
    assert fit(closed(LOW_BACK, shown("CanalStenosis", at("L3-L4")), felt("NeurogenicClaudication"), away)) == "bylimb"
    neck = felt("Radiculopathy", root("C8"), name="away")
    assert fit(closed(NECK, shown("CanalStenosis", at("C3-C4")), felt("Clonus"), neck)) == "bylimb"


@pytest.mark.parametrize(("asked", "expected"), [(LOW_BACK, "bylimb"), (NECK, "-"), (BOTH, "-")])
def test_numbness_of_nobody_knows_what_is_of_the_one_region_that_is_asked_about(
    asked: tuple[Triple, ...], expected: str
) -> None:
    assert fit(closed(asked, shown("CanalStenosis", at("L4-L5")), felt("SensoryDeficit"))) == expected


@pytest.mark.parametrize(
    ("place", "expected"), [("LumbarSpine", "bylimb"), ("CervicalSpine", "-"), ("L1-L2", "not"), ("L4-L5", "bylimb")]
)
def test_a_symptom_that_is_put_at_a_level_fits_there(place: str, expected: str) -> None:
    found = closed(BOTH, shown("ForaminalStenosis", at("L4-L5")), felt("Radiculopathy", at(place)))
    assert fit(found) == expected


def test_a_finding_of_a_whole_region_fits_by_limb_at_most() -> None:
    found = closed(LOW_BACK, shown("SpinalStenosis", at("LumbarSpine")), felt("Radiculopathy", root("L5")))
    assert fit(found) == "bylimb"
    assert fit(closed(LOW_BACK, shown("SpinalStenosis"), felt("Radiculopathy", root("L5")))) == "-"


def test_a_finding_that_names_its_root_presses_on_that_root_alone() -> None:
    touched = shown("NeuralContact", at("L4-L5"), root("L5"))
    assert fit(closed(LOW_BACK, touched, felt("Radiculopathy", root("L5")))) == "byroot"
    assert fit(closed(LOW_BACK, touched, felt("Radiculopathy", root("L4")))) == "not"


def test_the_reason_names_the_symptoms() -> None:
    found = closed(LOW_BACK, shown("CanalStenosis", at("L4-L5")), felt("Radiculopathy", root("L5")))
    wanted = Triple(node("shown"), Nec.pictureFit, Nec.FitsByRoot)
    told = [(one.rule, one.premises) for one in found.derivations if one.triple == wanted]
    assert told == [("picture-fit", (node("shown"), node("felt")))]
    assert found.graph.nodes(node("shown"), Nec.fitsWith) == [node("felt")]
    assert not found.graph.nodes(node("shown"), Nec.fitsNotWith)


# The question that rooms ask, and how its answer is told.

SHAPE: Final = b"""
@prefix : <https://example.org/> .
@prefix nec: <https://w3id.org/spine-reasoner/necessity#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
:shape sh:class spine:SpinalStenosis ;
    sh:property [ sh:path nec:pictureFit ; sh:minCount 1 ; sh:in ( nec:FitsByRoot nec:FitsByLimb ) ] .
"""


@pytest.mark.parametrize(
    ("symptom", "answer", "told"),
    [
        (felt("Radiculopathy", root("L5")), Answer.MET, ", which fits with: radiculopathy, L5 root"),
        (felt("Radiculopathy", root("L2")), Answer.NOT_MET, ", which does not fit with: radiculopathy, L2 root"),
        (felt("BackPain"), Answer.NOT_DOCUMENTED, ""),
        (
            record("felt", Case.Absence, (Case.ofKind, SPINE + "Radiculopathy")),
            Answer.NOT_MET,
            ", of whose symptoms the record says: no radiculopathy",
        ),
    ],
)
def test_a_criterion_asks_for_the_fit_and_its_evidence_tells_it(
    symptom: tuple[Triple, ...], answer: Answer, told: str
) -> None:
    case = read_statements([*LOW_BACK, *shown("CanalStenosis", at("L4-L5")), *symptom])
    decision = decide(library(), case)
    shapes = Graph()
    parse_into(shapes, SHAPE, "shape.ttl")
    shape = Compiler(shapes, library().spans).value_shape("https://example.org/shape", "https://example.org/leaf")
    leaf = Leaf("https://example.org/leaf", Nec.evidenceAtLevel, shape, 1, silent_means_no=False)
    finding = judge_leaf(decision.record.graph, decision.items[0].item.iri, leaf)
    assert finding.answer is answer
    (row,) = evidence_of(decision, finding)
    assert row["statement"] == f"canal stenosis at L4-L5{told}"


# Whatever a record says: sides may be mirrored, and one value at most is written.

SYMPTOMS: Final = ("Radiculopathy", "LegPain", "SensoryDeficit", "MuscleStrength", "NeurogenicClaudication", "BackPain")
IMAGES: Final = ("ForaminalStenosis", "LateralRecessStenosis", "CanalStenosis", "DiscHerniation", "NeuralContact")
_SIDES: Final = st.sampled_from((None, "Left", "Right", "Bilateral"))
_MIRRORED: Final = {"Left": "Right", "Right": "Left"}
_CERTAINTIES: Final = st.sampled_from((None, None, Case.Possible))


@st.composite
def pictures(draw: st.DrawFn) -> list[tuple[str, str | None, Edges]]:
    """What is shown and felt: class, side, and what else is said."""
    level = draw(st.sampled_from(("L2-L3", "L3-L4", "L4-L5", "L5-S1")))
    found: list[tuple[str, str | None, Edges]] = [(draw(st.sampled_from(IMAGES)), draw(_SIDES), [at(level)])]
    for _ in range(draw(st.integers(0, 4))):
        edges: Edges = []
        named = draw(st.sampled_from((None, "L3", "L4", "L5", "S1")))
        certainty = draw(_CERTAINTIES)
        edges += [root(named)] if named else []
        edges += [(Case.hasCertainty, certainty)] if certainty else []
        cls = draw(st.sampled_from(SYMPTOMS))
        edges += [strength(draw(st.sampled_from(("4", "5"))))] if cls == "MuscleStrength" else []
        found.append((cls, draw(_SIDES), edges))
    return found


def seen(picture: list[tuple[str, str | None, Edges]], *, mirrored: bool = False) -> str:
    """How the first of a picture fits the others."""
    statements = []
    for number, (cls, stated, edges) in enumerate(picture):
        where = _MIRRORED.get(stated or "", stated) if mirrored else stated
        said = [*edges, side(where)] if where else edges
        statements.append(record("shown" if number == 0 else f"felt-{number}", SPINE + cls, *said))
    return fit(closed(LOW_BACK, *statements))


@settings(
    max_examples=80,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(pictures(), st.randoms(use_true_random=False))
def test_left_and_right_are_alike_and_order_does_not_matter(
    picture: list[tuple[str, str | None, Edges]], rng: object
) -> None:
    before = seen(picture)
    assert seen(picture, mirrored=True) == before
    rest = picture[1:]
    getattr(rng, "shuffle")(rest)  # noqa: B009  the type of a drawn source of chance is not exported
    assert seen([picture[0], *rest]) == before
    assert seen([*picture, ("BackPain", None, [])]) == before


def test_every_class_that_presses_or_speaks_names_what_the_ontology_knows() -> None:
    lib = library()
    for path in (Nec.presses, Nec.speaksOf):
        for cls in lib.graph.subjects(path):
            assert cls in lib.ancestors
            assert all(lib.graph.objects(value, RDF_TYPE) for value in lib.graph.nodes(cls, path))
