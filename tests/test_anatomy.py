"""Anatomy is arithmetic: ranges, touching, neighbours, coverage, names and roots, for every level there is."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.anatomy import Anatomy, Place
from reasoner.vocabulary import SPINE, Spine
from tests.generated import library

ANATOMY: Final = library().anatomy
COLUMN: Final = sorted((v for v in ANATOMY.rank if not v.endswith("#Pelvis")), key=lambda v: ANATOMY.rank[v])
SEGMENTS: Final = sorted(ANATOMY.ends, key=ANATOMY.order)
vertebrae: Final = st.sampled_from(COLUMN)
segments: Final = st.sampled_from(SEGMENTS)
ranges: Final = st.tuples(vertebrae, vertebrae).map(lambda two: sorted(two, key=lambda v: ANATOMY.rank[v]))
places: Final = st.one_of(
    vertebrae.map(lambda v: Place(frozenset({v}))),
    segments.map(lambda s: Place(segments=frozenset({s}))),
    ranges.map(lambda two: ANATOMY.range(*two)),
)


def at(*names: str) -> Place:
    """A place by the names of its levels."""
    return ANATOMY.place([SPINE + name for name in names])


def names(levels: frozenset[str]) -> set[str]:
    """Levels by their plain names."""
    return {level.removeprefix(SPINE) for level in levels}


def test_the_column_runs_from_the_head_to_the_sacrum_without_a_gap() -> None:
    assert [v.removeprefix(SPINE) for v in COLUMN] == [
        "Occiput",
        *(f"C{n}" for n in range(1, 8)),
        *(f"T{n}" for n in range(1, 13)),
        *(f"L{n}" for n in range(1, 6)),
        *(f"S{n}" for n in range(1, 6)),
    ]
    assert [ANATOMY.rank[v] for v in COLUMN] == list(range(30))


def test_each_segment_joins_two_neighbours() -> None:
    for segment in SEGMENTS:
        upper, lower = ANATOMY.ends[segment]
        if lower != SPINE + "Pelvis":
            assert ANATOMY.rank[lower] == ANATOMY.rank[upper] + 1
        assert segment == f"{upper}-{lower.removeprefix(SPINE)}"


@given(ranges)
def test_a_range_holds_its_vertebrae_and_one_segment_fewer(two: list[str]) -> None:
    place = ANATOMY.range(*two)
    count = ANATOMY.rank[two[1]] - ANATOMY.rank[two[0]] + 1
    assert (len(place.vertebrae), len(place.segments)) == (count, count - 1)
    assert {v for s in place.segments for v in ANATOMY.ends[s]} <= place.vertebrae


@given(ranges)
def test_a_range_is_named_by_its_ends_and_read_back_from_its_name(two: list[str]) -> None:
    place = ANATOMY.range(*two)
    upper, lower = (v.removeprefix(SPINE) for v in two)
    name = ANATOMY.span_name(place)
    assert name == (f"{upper}-{lower}" if upper != lower else upper)
    ends = [SPINE + part for part in name.split("-")]
    assert ANATOMY.range(ends[0], ends[-1]) == place


def test_levels_that_do_not_join_are_listed() -> None:
    assert ANATOMY.span_name(at("L4-L5", "L1-L2")) == "L1-L2, L4-L5"
    assert ANATOMY.span_name(at("L4-L5", "L3-L4", "T12")) == "L3-L5, T12"
    assert ANATOMY.span_name(at("LumbarSpine")) == "lumbar spine"


def test_a_place_is_told_as_words() -> None:
    assert ANATOMY.where(at("L4-L5")) == "L4-L5"
    assert ANATOMY.where(at("SacroiliacJoint")) == "the sacroiliac joint"
    assert ANATOMY.where(at("LumbarSpine", "SacralSpine")) == "the lumbar and sacral spine"
    assert ANATOMY.where(Place()) == ""
    assert ANATOMY.slug(at("SacroiliacJoint")) == "sacroiliacjoint"


def test_a_construct_to_the_pelvis_leaves_the_sacrum_at_its_first_segment() -> None:
    place = ANATOMY.range(SPINE + "L4", SPINE + "Pelvis")
    assert names(place.vertebrae) == {"L4", "L5", "S1", "Pelvis"}
    assert names(place.segments) == {"L4-L5", "L5-S1", "S1-Pelvis"}


@given(st.one_of(vertebrae, segments), st.one_of(vertebrae, segments))
def test_touching_is_mutual_between_single_levels(one: str, other: str) -> None:
    left, right = ANATOMY.place([one]), ANATOMY.place([other])
    assert ANATOMY.touches(left, right) == ANATOMY.touches(right, left)


@given(places, places)
def test_touching_is_mutual(one: Place, other: Place) -> None:
    assert ANATOMY.touches(one, other) == ANATOMY.touches(other, one)


@given(ranges, ranges)
def test_a_range_does_not_reach_beyond_its_own_ends(one: list[str], other: list[str]) -> None:
    mine, theirs = ANATOMY.range(*one), ANATOMY.range(*other)
    if mine.segments and theirs.segments:
        assert ANATOMY.touches(mine, theirs) == bool(mine.segments & theirs.segments)
        assert ANATOMY.touches(mine, Place(segments=theirs.segments)) == bool(mine.segments & theirs.segments)


def test_what_sits_in_a_bone_bears_on_both_segments_beside_it() -> None:
    screws = ANATOMY.range(SPINE + "L1", SPINE + "L4")
    assert ANATOMY.bears(at("L4-L5"), screws)
    assert not ANATOMY.touches(at("L4-L5"), screws)
    assert not ANATOMY.bears(at("L5-S1"), screws)


@pytest.mark.parametrize(
    ("below", "above", "anchors"),
    [
        ("Pelvis", "L5-S1", True),
        ("S2", "L5-S1", True),
        ("Pelvis", "S1-Pelvis", True),
        ("Pelvis", "L4-L5", False),
        ("S1", "L5-S1", False),
        ("L5", "L5-S1", False),
        ("LumbarSpine", "L5-S1", False),
    ],
)
def test_what_lies_below_s1_holds_a_run_that_ends_there(below: str, above: str, *, anchors: bool) -> None:
    assert ANATOMY.anchors(at(below), at(above)) is anchors


@given(vertebrae)
def test_a_vertebra_bears_on_both_adjoining_segments_and_on_no_other(vertebra: str) -> None:
    here = ANATOMY.place([vertebra])
    touched = {s for s in SEGMENTS if ANATOMY.touches(Place(segments=frozenset({s})), here)}
    assert touched == set(ANATOMY.segments_of[vertebra])


@given(segments, segments)
def test_neighbouring_segments_do_not_touch(one: str, other: str) -> None:
    touches = ANATOMY.touches(ANATOMY.place([one]), ANATOMY.place([other]))
    assert touches == (one == other)


@given(ranges, segments)
def test_a_range_is_touched_by_its_own_segments_only(two: list[str], segment: str) -> None:
    place = ANATOMY.range(*two)
    if place.segments:
        assert ANATOMY.touches(place, ANATOMY.place([segment])) == (segment in place.segments)


@given(places)
def test_every_place_touches_itself_and_nowhere_touches_nothing(place: Place) -> None:
    assert ANATOMY.touches(place, place)
    assert not ANATOMY.touches(place, Place())
    assert not ANATOMY.touches(Place(), place)


@given(places)
def test_a_place_covers_itself_and_what_is_stated_nowhere_covers_all(place: Place) -> None:
    assert ANATOMY.covers(place, place)
    assert ANATOMY.covers(Place(), place)
    assert ANATOMY.covers(at("WholeSpine"), place)


@given(ranges, ranges)
def test_a_range_covers_another_exactly_where_it_encloses_it(outer: list[str], inner: list[str]) -> None:
    (top, bottom), (first, last) = ([ANATOMY.rank[v] for v in two] for two in (outer, inner))
    expected = top <= first and last <= bottom
    assert ANATOMY.covers(ANATOMY.range(*outer), ANATOMY.range(*inner)) == expected


@pytest.mark.parametrize(
    ("place", "item", "covered"),
    [
        ("LumbarSpine", "L3-L4", True),
        ("LumbarSpine", "T11-T12", False),
        ("LumbarSpine", "C5", False),
        ("CervicalSpine", "C5-C6", True),
        ("ThoracicSpine", "T6", True),
        ("L4-L5", "L5-S1", False),
        ("L4", "L4-L5", False),
    ],
)
def test_a_region_covers_its_levels_and_a_level_only_itself(place: str, item: str, covered: bool) -> None:  # noqa: FBT001
    assert ANATOMY.covers(at(place), at(item)) is covered


@given(segments)
def test_next_to_a_segment_lie_the_segments_above_and_below(segment: str) -> None:
    near = ANATOMY.adjacent(ANATOMY.place([segment]))
    position = SEGMENTS.index(segment)
    if segment in (SPINE + "S1-S2", SPINE + "S1-Pelvis", SPINE + "L5-S1") or "S" in segment.removeprefix(SPINE):
        return
    assert near.segments == frozenset(SEGMENTS[max(position - 1, 0) : position] + SEGMENTS[position + 1 : position + 2])


@given(places)
def test_no_place_is_next_to_itself(place: Place) -> None:
    near = ANATOMY.adjacent(place)
    assert not near.vertebrae & place.vertebrae
    assert not near.segments & place.segments


@pytest.mark.parametrize(
    ("level", "groups"),
    [
        ("C5-C6", {"CervicalSpine"}),
        ("C7-T1", {"CervicalSpine", "ThoracicSpine"}),
        ("T6", {"ThoracicSpine"}),
        ("T12-L1", {"ThoracicSpine", "LumbarSpine", "SacralSpine"}),
        ("L3", {"LumbarSpine", "SacralSpine"}),
        ("S1", {"LumbarSpine", "SacralSpine"}),
        ("ThoracolumbarJunction", {"ThoracicSpine", "LumbarSpine", "SacralSpine"}),
        ("WholeSpine", {"CervicalSpine", "ThoracicSpine", "LumbarSpine", "SacralSpine"}),
    ],
)
def test_lumbar_and_sacral_spine_are_cared_for_as_one(level: str, groups: set[str]) -> None:
    assert names(ANATOMY.region_groups(at(level))) == groups


@pytest.mark.parametrize(
    ("junction", "vertebrae_"),
    [
        ("OccipitocervicalJunction", {"Occiput", "C1", "C2"}),
        ("CervicothoracicJunction", {"C7", "T1", "T2"}),
        ("ThoracolumbarJunction", {"T11", "T12", "L1"}),
        ("LumbosacralJunction", {"L5", "S1"}),
    ],
)
def test_junctions_are_those_of_the_instability_score(junction: str, vertebrae_: set[str]) -> None:
    assert names(ANATOMY.members[SPINE + junction].vertebrae) == vertebrae_


@pytest.mark.parametrize(
    ("segment", "exits", "crosses"),
    [("C4-C5", "RootC5", None), ("C7-T1", "RootC8", None), ("L3-L4", "RootL3", "RootL4"), ("L4-L5", "RootL4", "RootL5"),
     ("L5-S1", "RootL5", "RootS1")],
)  # fmt: skip
def test_neck_roots_leave_above_their_vertebra_and_lower_ones_below(
    segment: str, exits: str, crosses: str | None
) -> None:
    found = names(ANATOMY.roots(at(segment)))
    assert exits in found
    assert crosses is None or crosses in found


def test_a_disc_at_l4_l5_concerns_neither_l3_nor_s1() -> None:
    assert not names(ANATOMY.roots(at("L4-L5"))) & {"RootL3", "RootS1", "RootS2"}


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("CordLevel", {"C4", "T11", "T12", "T11-T12"}),
        ("ConusLevel", {"L1", "T12-L1", "L1-L2"}),
        ("CaudaEquinaLevel", {"L2", "L2-L3", "L5-S1", "S1"}),
    ],
)
def test_what_lies_in_the_canal_is_told_by_level(kind: str, members: set[str]) -> None:
    individuals = library().individual_types
    assert all(SPINE + kind in individuals[SPINE + member] for member in members)
    others = {"CordLevel", "ConusLevel", "CaudaEquinaLevel"} - {kind}
    assert not any(SPINE + other in individuals[SPINE + member] for member in members for other in others)


def test_levels_sort_from_the_head_down_with_each_segment_below_its_upper_vertebra() -> None:
    mixed = sorted([SPINE + n for n in ("L5-S1", "T12", "L1", "T12-L1", "C2")], key=ANATOMY.order)
    assert [one.removeprefix(SPINE) for one in mixed] == ["C2", "T12", "T12-L1", "L1", "L5-S1"]


def test_reading_the_ontology_again_gives_the_same_anatomy() -> None:
    assert Anatomy.read(library().graph) == ANATOMY
    assert Spine.WholeSpine in ANATOMY.members
