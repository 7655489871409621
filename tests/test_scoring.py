"""Scores are tables: every published row gives its points, and what is not known makes an interval, never a zero."""

from __future__ import annotations

from typing import Final

import pytest

from reasoner.door import determine
from reasoner.library import bundled
from reasoner.record import Record
from reasoner.terms import Term, Triple
from reasoner.vocabulary import CASE, DERIVED, SPINE, Nec
from tests.generated import at, closed, library, node, number, record, request

EXAMPLES: Final = bundled() / "examples"
Statements = dict[str, tuple[Triple, ...]]


def none(name: str, kind: str, level: str) -> tuple[Triple, ...]:
    """A documented absence at a level."""
    return record(f"no-{name}", CASE + "Absence", (CASE + "ofKind", SPINE + kind), at(level))


def said(cls: str, name: str, level: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """A finding at a level."""
    return record(name, SPINE + cls, at(level), *edges)


def total(found: Record, score: str, level: str) -> tuple[int, int]:
    """The interval of a score at a level."""
    result = f"{DERIVED}{score}Score-{level}".rstrip("-")
    ends = [
        found.graph.text(result, library().spans.low[Nec.total]),
        found.graph.text(result, library().spans.high[Nec.total]),
    ]
    return int(ends[0]), int(ends[1])


def missing(found: Record, score: str, level: str) -> set[str]:
    """The components that keep a score from being one number."""
    return {n.removeprefix(SPINE) for n in found.graph.nodes(f"{DERIVED}{score}Score-{level}", Nec.missingComponent)}


def about(level: str, given: Statements) -> Record:
    """The closed record of a fusion at a level with these statements."""
    asked = request((SPINE + "PosteriorFusion", [at(level)]))
    return closed(asked, *given.values())


# SINS: a lesion for which every component is known to give nothing, then one thing at a time.


def quiet(level: str) -> Statements:
    """A tumour that scores nothing but its place."""
    return {
        "tumour": said("SpinalMetastasis", "tumour", level),
        "pain": record("no-pain", CASE + "Absence", (CASE + "ofKind", SPINE + "AxialPain"), at("WholeSpine")),
        "quality": said("SpinalMetastasis", "quality", level, (CASE + "hasLesionQuality", SPINE + "Blastic")),
        "alignment": said("SpinalMetastasis", "alignment", level, (CASE + "hasAlignment", SPINE + "NormalAlignment")),
        "collapse": none("fracture", "VertebralFracture", level),
        "bone": none("destruction", "BoneDestruction", level),
    }


@pytest.mark.parametrize(
    ("levels", "points"),
    [
        (("Occiput", "C1", "C2", "C7", "T1", "T2", "T11", "T12", "L1", "L5", "S1"), 3),
        (("C3", "C4", "C5", "C6", "L2", "L3", "L4"), 2),
        (("T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10"), 1),
        (("S2", "S3", "S4", "S5"), 0),
    ],
)
def test_sins_scores_every_level_of_the_spine(levels: tuple[str, ...], points: int) -> None:
    for level in levels:
        assert total(about(level, quiet(level)), "Sins", level) == (points, points), level


PAIN: Final = CASE + "hasPainCharacter"
LEFT, RIGHT = (CASE + "onSide", SPINE + "Left"), (CASE + "onSide", SPINE + "Right")


def pedicle(name: str, *edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """A destroyed pedicle at L2."""
    return said("BoneDestruction", name, "L2", (CASE + "affectsPart", SPINE + "Pedicle"), *edges)


def fracture(*edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """A fracture at L2."""
    return said("VertebralFracture", "fracture", "L2", *edges)


def quality(name: str) -> tuple[Triple, ...]:
    """What the tumour at L2 does to bone."""
    return said("SpinalMetastasis", "quality", "L2", (CASE + "hasLesionQuality", SPINE + name))


def alignment(name: str) -> tuple[Triple, ...]:
    """How the vertebrae stand at L2."""
    return said("SpinalMetastasis", "alignment", "L2", (CASE + "hasAlignment", SPINE + name))


def body(percent: str) -> tuple[Triple, ...]:
    """A body that is destroyed in part at L2."""
    return said(
        "BoneDestruction",
        "body",
        "L2",
        (CASE + "affectsPart", SPINE + "VertebralBody"),
        (CASE + "involvementInPercent", number(percent)),
    )


def no_pedicle(*edges: tuple[str, Term]) -> tuple[Triple, ...]:
    """The elements behind the body are said to be whole at L2, on one side or altogether."""
    kind = (CASE + "ofKind", SPINE + "PosterolateralDestruction")
    return record("spared", CASE + "Absence", kind, at("L2"), *edges)


@pytest.mark.parametrize(
    ("component", "statement", "low", "high"),
    [
        ("pain", said("BackPain", "pain", "LumbarSpine", (PAIN, SPINE + "Mechanical")), 3, 3),
        ("pain", said("BackPain", "pain", "LumbarSpine", (PAIN, SPINE + "NonMechanical")), 1, 1),
        ("pain", said("BackPain", "pain", "LumbarSpine"), 1, 3),
        ("pain", (), 0, 3),
        ("quality", quality("Lytic"), 2, 2),
        ("quality", quality("MixedLesion"), 1, 1),
        ("quality", (), 0, 2),
        ("alignment", alignment("Subluxation"), 4, 4),
        ("alignment", alignment("NewDeformity"), 2, 2),
        ("alignment", (), 0, 4),
        ("collapse", fracture((CASE + "heightLossInPercent", number("51"))), 3, 3),
        ("collapse", fracture((CASE + "heightLossInPercent", number("49"))), 2, 2),
        ("collapse", fracture((CASE + "heightLossInPercent", number("50"))), 2, 3),
        ("collapse", fracture(), 0, 3),
        ("bone", (), 0, 4),
    ],
)  # fmt: skip
def test_sins_gives_each_component_its_published_points(
    component: str, statement: tuple[Triple, ...], low: int, high: int
) -> None:
    found = about("L2", {**quiet("L2"), component: statement})
    least, most = total(found, "Sins", "L2")
    assert (least - 2, most - 2) == (low, high), missing(found, "Sins", "L2")


@pytest.mark.parametrize(
    ("behind", "low", "high"),
    [
        ((pedicle("left", LEFT), no_pedicle(RIGHT)), 1, 1),
        ((pedicle("left", LEFT), pedicle("right", RIGHT)), 3, 3),
        ((pedicle("left", LEFT),), 1, 3),
        ((no_pedicle(),), 0, 0),
    ],
)
def test_sins_counts_the_sides_behind_a_body(behind: tuple[tuple[Triple, ...], ...], low: int, high: int) -> None:
    given = {**quiet("L2"), "bone": body("10"), **{f"behind-{at}": one for at, one in enumerate(behind)}}
    least, most = total(about("L2", given), "Sins", "L2")
    assert (least - 2, most - 2) == (low, high)


def test_a_body_replaced_by_more_than_half_scores_without_a_fracture() -> None:
    given = {**quiet("L2"), "bone": body("60"), "behind": none("behind", "PosterolateralDestruction", "L2")}
    assert total(about("L2", given), "Sins", "L2") == (3, 3)


def test_a_tumour_of_which_only_the_place_is_known_can_score_anything_from_there() -> None:
    found = about("L2", {"tumour": said("SpinalMetastasis", "tumour", "L2")})
    assert total(found, "Sins", "L2") == (2, 17)
    assert missing(found, "Sins", "L2") == {
        f"sins-{part}" for part in ("pain", "lesion", "alignment", "collapse", "posterolateral")
    }


def test_each_lesion_is_scored_by_itself() -> None:
    found = about(
        "L2",
        {
            **quiet("L2"),
            "other": said("SpinalMetastasis", "other", "T12", (CASE + "hasLesionQuality", SPINE + "Lytic")),
        },
    )
    assert total(found, "Sins", "L2") == (2, 2)
    assert total(found, "Sins", "T12")[0] == 3 + 2


def test_no_tumour_no_score() -> None:
    found = about("L2", {"fracture": fracture()})
    assert not [n for n in found.evidence if n.startswith(DERIVED + "SinsScore")]


def test_a_contradiction_about_a_component_keeps_its_interval_open() -> None:
    twice = {
        **quiet("L2"),
        "quality": said("SpinalMetastasis", "lytic", "L2", (CASE + "hasLesionQuality", SPINE + "Lytic")),
        "again": said("SpinalMetastasis", "blastic", "L2", (CASE + "hasLesionQuality", SPINE + "Blastic")),
    }
    found = about("L2", twice)
    low, high = total(found, "Sins", "L2")
    assert (low, high) == (2, 4)
    assert "sins-lesion" in missing(found, "Sins", "L2")


@pytest.mark.parametrize(
    ("example", "score", "interval"),
    [
        ("t12-destructive-mass", "T12", (6, 18)),
        ("breast-metastases-cauda-equina", "T6", (3, 16)),
        ("breast-metastases-cauda-equina", "L1", (5, 18)),
        ("breast-metastases-cauda-equina", "L5", (5, 18)),
        ("l2-burst-metastasis", "L2", (7, 17)),
    ],
)
def test_the_examples_score_as_their_documents_allow(example: str, score: str, interval: tuple[int, int]) -> None:
    found = determine(library(), (EXAMPLES / f"{example}.ttl").read_bytes()).decision.record
    assert total(found, "Sins", score) == interval


def test_a_lytic_lesion_raises_only_the_lower_end() -> None:
    text = (EXAMPLES / "t12-destructive-mass.ttl").read_bytes()
    lytic = text.replace(
        b"case:hasCertainty case:Suspected ;",
        b"case:hasCertainty case:Suspected ; case:hasLesionQuality spine:Lytic ;",
        1,
    )
    assert total(determine(library(), lytic).decision.record, "Sins", "T12") == (8, 18)


# TLICS: four mechanisms, three states of the ligaments, five of the nerves.


def injury(*edges: tuple[str, Term]) -> Statements:
    """A traumatic fracture at L1 with nerves and ligaments known to be whole."""
    return {
        "trauma": record("trauma", SPINE + "Trauma"),
        "fracture": said("VertebralFracture", "fracture", "L1", (CASE + "dueTo", node("trauma")), *edges),
        "ligaments": none("ligaments", "PosteriorLigamentInjury", "L1"),
        "nerves": record("no-deficit", CASE + "Absence", (CASE + "ofKind", SPINE + "NeurologicalDeficit")),
    }


def morphologies() -> dict[str, int]:
    """The mechanisms in the order of their points."""
    schema = library().schema
    names = [one.removeprefix(SPINE) for one in schema.properties[CASE + "hasInjuryMorphology"].values]
    order = ("Compression", "Burst", "Translation", "Distraction")
    return {name: 1 + next(i for i, word in enumerate(order) if word.lower() in name.lower()) for name in names}


@pytest.mark.parametrize(("name", "points"), sorted(morphologies().items()))
def test_tlics_gives_each_mechanism_its_published_points(name: str, points: int) -> None:
    found = about("L1", injury((CASE + "hasInjuryMorphology", SPINE + name)))
    assert total(found, "Tlics", "L1") == (points, points)


def test_tlics_leaves_what_is_unknown_open() -> None:
    morphology = next(name for name, points in morphologies().items() if points == 2)
    whole = injury((CASE + "hasInjuryMorphology", SPINE + morphology))
    bare = {part: whole[part] for part in ("trauma", "fracture")}
    assert total(about("L1", bare), "Tlics", "L1") == (2, 2 + 3 + 3)


def test_tlics_of_an_unknown_mechanism_begins_at_the_least_that_a_fracture_scores() -> None:
    assert total(about("L1", injury()), "Tlics", "L1") == (1, 4)


@pytest.mark.parametrize(("certainty", "points"), [("Confirmed", 3), ("Suspected", 2)])
def test_tlics_scores_torn_ligaments_by_their_certainty(certainty: str, points: int) -> None:
    morphology = next(name for name, n in morphologies().items() if n == 1)
    given = injury((CASE + "hasInjuryMorphology", SPINE + morphology))
    given["ligaments"] = said("PosteriorLigamentInjury", "ligaments", "L1", (CASE + "hasCertainty", CASE + certainty))
    assert total(about("L1", given), "Tlics", "L1") == (1 + points, 1 + points)


def test_a_score_of_the_patient_is_made_once() -> None:
    found = about("L2", {"a": said("SpinalMetastasis", "a", "L2"), "b": said("SpinalMetastasis", "b", "T6")})
    assert [n for n in found.evidence if n.startswith(DERIVED + "TokuhashiScore")] == [DERIVED + "TokuhashiScore"]
    assert total(found, "Tokuhashi", "") == (0, 15)
    assert total(found, "Tomita", "") == (1 + 0 + 1, 4 + 4 + 2)


def test_a_score_never_has_its_low_end_above_its_high_end_and_every_point_is_reachable() -> None:
    for system in library().scoring_systems:
        for component in system.components:
            assert len({option.points for option in component.options}) > 1
            assert all(o.leaf or o.level_class or o.is_otherwise for o in component.options)
