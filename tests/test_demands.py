"""A value shape read twice: certain takes nothing on trust, possible lets what is missing still be supplied."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.demands import Compiler, Reading, Spans, ValueShape
from reasoner.errors import GuidelineMalformed
from reasoner.judges import judge_graphs
from reasoner.statement import to_rdflib
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Triple
from tests.small_world import graph_of

EX: Final = "https://example.org/g#"
PREFIXES: Final = f"""
@prefix : <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix nec: <https://w3id.org/spine-reasoner/necessity#> .
"""
WORDS: Final = """
:size nec:lowEnd :sizeAtLeast ; nec:highEnd :sizeAtMost .
:age a nec:WindowProperty ; nec:lowEnd :ageAtLeast ; nec:highEnd :ageAtMost .
:grade nec:onScale :Scale ; nec:lowEnd :gradeAtLeast ; nec:highEnd :gradeAtMost .
:None nec:inScale :Scale ; nec:gradeRank 0 .       :Mild nec:inScale :Scale ; nec:gradeRank 1 .
:MildToFair nec:inScale :Scale ; nec:gradeRank 2 ; nec:gradeRankAtMost 3 .
:Fair nec:inScale :Scale ; nec:gradeRank 3 .       :Bad nec:inScale :Scale ; nec:gradeRank 4 .
"""
CERTAIN, OPEN, FAILS = Reading(True, True), Reading(False, True), Reading(False, False)


def shape(demand: str) -> ValueShape:
    """A value shape of findings with one demand."""
    graph = graph_of(PREFIXES + WORDS + f":v sh:class :Finding ; {demand} .")
    return Compiler(graph, Spans.read(graph)).value_shape(EX + "v", EX + "criterion")


def read(demand: str, said: str) -> Reading:
    """How a finding of which something is said reads under a demand."""
    return shape(demand).judge(graph_of(PREFIXES + f":f a :Finding ; {said} :note 1 ."), EX + "f")


def bound(kind: str, number: str, *, wanted: bool = True) -> str:
    """A demand on the size."""
    return f"sh:property [ sh:path :size ; {'sh:minCount 1 ;' if wanted else ''} sh:{kind} {number} ]"


def exact(number: str) -> str:
    """A size as the closure writes it out."""
    return f":size {number} ; :sizeAtLeast {number} ; :sizeAtMost {number} ;"


@pytest.mark.parametrize(
    ("kind", "below", "at", "above"),
    [
        ("minInclusive", FAILS, CERTAIN, CERTAIN),
        ("minExclusive", FAILS, FAILS, CERTAIN),
        ("maxInclusive", CERTAIN, CERTAIN, FAILS),
        ("maxExclusive", CERTAIN, FAILS, FAILS),
    ],
)
def test_a_bound_is_kept_just_below_at_and_just_above(kind: str, below: Reading, at: Reading, above: Reading) -> None:
    found = [read(bound(kind, "4.5"), exact(text)) for text in ("4.4", "4.50", "4.6")]
    assert found == [below, at, above]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_span_across_a_bound_is_open(wanted: bool) -> None:  # noqa: FBT001  pytest hands it over
    for kind in ("minInclusive", "maxInclusive"):
        assert read(bound(kind, "5", wanted=wanted), ":sizeAtLeast 4 ; :sizeAtMost 6 ;") == OPEN


def test_what_is_missing_is_open_if_it_is_wanted_and_no_matter_if_not() -> None:
    assert read(bound("minInclusive", "5"), "") == OPEN
    assert read(bound("minInclusive", "5", wanted=False), "") == CERTAIN


@pytest.mark.parametrize(("kind", "end"), [("minInclusive", ":sizeAtMost 9 ;"), ("maxInclusive", ":sizeAtLeast 1 ;")])
def test_the_favourable_end_alone_is_a_value_that_leaves_the_bound_open(kind: str, end: str) -> None:
    assert read(bound(kind, "5", wanted=False), end) == OPEN


def test_an_ill_typed_number_never_passes() -> None:
    for lexical in ("NaN", "INF", "1e9", "six", ""):
        graph = Graph([Triple("f", RDF_TYPE, EX + "Finding")])
        for end in ("sizeAtLeast", "sizeAtMost"):
            graph.add("f", EX + end, Literal(lexical, XSD + "decimal"))
        assert shape(bound("minInclusive", "5")).judge(graph, "f") == FAILS


GRADES: Final = ("None", "Mild", "MildToFair", "Fair", "Bad")
RANKS: Final = {"None": (0, 0), "Mild": (1, 1), "MildToFair": (2, 3), "Fair": (3, 3), "Bad": (4, 4)}


def grade(name: str) -> str:
    """A grade as the closure ranks it."""
    low, high = RANKS[name]
    return f":gradeRankAtLeast {low} ; :gradeRankAtMost {high} ;"


def among(*names: str) -> str:
    """A demand on the grade."""
    return f"sh:property [ sh:path :grade ; sh:minCount 1 ; sh:in ( {' '.join(':' + one for one in names)} ) ]"


def test_a_list_of_grades_from_one_upwards_takes_exactly_those() -> None:
    found = [read(among("Fair", "Bad"), grade(one)) for one in GRADES]
    assert found == [FAILS, FAILS, OPEN, CERTAIN, CERTAIN]


def test_a_list_of_grades_from_one_downwards_takes_exactly_those() -> None:
    found = [read(among("None", "Mild"), grade(one)) for one in GRADES]
    assert found == [CERTAIN, CERTAIN, FAILS, FAILS, FAILS]


@given(st.sets(st.sampled_from(GRADES), min_size=1))
def test_both_readers_of_a_list_of_grades_accept_and_refuse_the_same_lists(names: set[str]) -> None:
    leaf = f""":a a nec:Criterion ; sh:path :sees ; sh:qualifiedMinCount 1 ;
        sh:qualifiedValueShape [ sh:class :Finding ; {among(*sorted(names))} ] ."""
    graph = graph_of(PREFIXES + WORDS + leaf)

    def accepts(attempt: object) -> bool:
        try:
            attempt()  # type: ignore[operator]
        except GuidelineMalformed:
            return False
        return True

    here = accepts(lambda: shape(among(*sorted(names))))
    there = accepts(lambda: judge_graphs(to_rdflib(graph), [EX + "a"]))
    assert here == there


def test_grades_with_a_gap_are_refused() -> None:
    with pytest.raises(GuidelineMalformed) as refused:
        shape(among("None", "Bad"))
    assert refused.value.code == "guideline.unsupported-shacl"


def test_a_grade_that_spans_two_ranks_is_listed_only_with_all_that_it_spans() -> None:
    with pytest.raises(GuidelineMalformed):
        shape(among("None", "Mild", "MildToFair"))


@pytest.mark.parametrize(
    ("demand", "said", "expected"),
    [
        ("sh:hasValue :Red", ":colour :Red ;", CERTAIN),
        ("sh:hasValue :Red", ":colour :Blue ;", FAILS),
        ("sh:hasValue :Red", ":colour :Blue , :Red ;", CERTAIN),
        ("sh:hasValue :Red", "", OPEN),
        ("sh:minCount 1 ; sh:in ( :Red :Pink )", ":colour :Pink ;", CERTAIN),
        ("sh:minCount 1 ; sh:in ( :Red :Pink )", ":colour :Blue ;", FAILS),
        ("sh:minCount 1 ; sh:in ( :Red :Pink )", "", OPEN),
        ("sh:in ( :Red )", "", CERTAIN),
        ("sh:in ( :Red )", ":colour :Blue ;", FAILS),
        ("sh:minCount 1", ":colour :Blue ;", CERTAIN),
        ("sh:minCount 1", "", OPEN),
    ],
)
def test_plain_values_are_read_twice(demand: str, said: str, expected: Reading) -> None:
    assert read(f"sh:property [ sh:path :colour ; {demand} ]", said) == expected


TWO_RED: Final = """sh:property [ sh:path :part ; sh:qualifiedMinCount 2 ;
    sh:qualifiedValueShape [ sh:property [ sh:path :colour ; sh:hasValue :Red ] ] ]"""


@pytest.mark.parametrize(
    ("said", "parts", "expected"),
    [
        (":part :p , :q ;", ":p :colour :Red . :q :colour :Red .", CERTAIN),
        (":part :p , :q ;", ":p :colour :Red . :q :note 1 .", OPEN),
        (":part :p , :q ;", ":p :colour :Red . :q :colour :Blue .", FAILS),
        (":part :p ;", ":p :colour :Blue .", OPEN),
        ("", "", OPEN),
    ],
)
def test_a_nested_demand_is_open_while_too_few_parts_are_known(said: str, parts: str, expected: Reading) -> None:
    graph = graph_of(PREFIXES + f":f a :Finding ; {said} :note 1 . {parts}")
    assert shape(TWO_RED).judge(graph, EX + "f") == expected


@pytest.mark.parametrize(("said", "expected"), [(exact("9"), FAILS), (exact("1"), CERTAIN), ("", OPEN)])
def test_a_negation_exchanges_the_readings(said: str, expected: Reading) -> None:
    assert read(f"sh:not [ {bound('minInclusive', '5')} ]", said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [(exact("9"), CERTAIN), (":colour :Red ;", CERTAIN), (exact("1"), OPEN), (f"{exact('1')} :colour :Blue ;", FAILS)],
)
def test_of_alternatives_one_is_enough(said: str, expected: Reading) -> None:
    sides = f"[ {bound('minInclusive', '5')} ] [ sh:property [ sh:path :colour ; sh:hasValue :Red ] ]"
    assert read(f"sh:or ( {sides} )", said) == expected


def test_another_class_is_no_matter_of_degree() -> None:
    assert (
        shape(bound("minInclusive", "5")).judge(graph_of(PREFIXES + f":f a :Other ; {exact('9')} :note 1 ."), EX + "f")
        == FAILS
    )
    cause = "sh:property [ sh:path :dueTo ; sh:minCount 1 ; sh:class :Tumour ]"
    assert read(cause, ":dueTo :c ;") == FAILS
    assert read(cause, "") == OPEN


def test_a_window_bounds_what_is_relevant() -> None:
    recent = shape("sh:property [ sh:path :age ; sh:minCount 1 ; sh:maxInclusive 90 ]")
    for ends, timely in (("10 20", True), ("80 100", True), ("91 100", False)):
        low, high = ends.split()
        graph = graph_of(PREFIXES + f":f a :Finding ; :ageAtLeast {low} ; :ageAtMost {high} .")
        assert recent.is_timely(graph, EX + "f") is timely
    assert recent.is_timely(graph_of(PREFIXES + ":f a :Finding ."), EX + "f")


@pytest.mark.parametrize(
    "demand",
    [
        "sh:closed true",
        "sh:property [ sh:path :size ; sh:hasValue 5 ]",
        "sh:property [ sh:path :size ; sh:in ( 5 6 ) ]",
        "sh:property [ sh:path :grade ; sh:hasValue :Bad ]",
        "sh:property [ sh:path :grade ; sh:minInclusive 2 ]",
        "sh:property [ sh:path :grade ; sh:minCount 1 ; sh:in ( :Terrible ) ]",
        "sh:property [ sh:path :colour ; sh:minCount 2 ]",
        "sh:property [ sh:path :colour ; sh:maxCount 1 ]",
        "sh:property [ sh:path :colour ; sh:pattern 'r' ]",
        "sh:property [ sh:path ( :part :colour ) ; sh:minCount 1 ]",
        "sh:property [ sh:path [ sh:inversePath :part ] ; sh:minCount 1 ]",
        "sh:property [ sh:path :size ; sh:minInclusive 'five' ]",
    ],
)
def test_what_is_not_supported_is_refused_by_the_criterions_name(demand: str) -> None:
    with pytest.raises(GuidelineMalformed) as refused:
        shape(demand)
    assert refused.value.code == "guideline.unsupported-shacl"
    assert "criterion" in str(refused.value)


def test_a_value_shape_names_what_it_asks_about() -> None:
    graph = graph_of(PREFIXES + ":v sh:property [ sh:path :size ; sh:minCount 1 ] .")
    with pytest.raises(GuidelineMalformed):
        Compiler(graph, Spans.read(graph)).value_shape(EX + "v", EX + "criterion")


@given(
    st.decimals(-9, 9, places=2),
    st.decimals(-9, 9, places=2),
    st.decimals(-9, 9, places=2),
    st.sampled_from(("min", "max")),
)
def test_a_span_is_certain_only_if_every_number_in_it_passes(
    one: Decimal, other: Decimal, limit: Decimal, side: str
) -> None:
    low, high = sorted((one, other))
    said = f":sizeAtLeast {low} ; :sizeAtMost {high} ;"
    passes = [number >= limit if side == "min" else number <= limit for number in (low, high)]
    assert read(bound(f"{side}Inclusive", str(limit)), said) == Reading(all(passes), any(passes))


def test_the_evidence_of_a_value_is_what_the_demands_read() -> None:
    graph = graph_of(PREFIXES + f":f a :Finding ; {exact('9')} :colour :Red .")
    triples = shape("sh:property [ sh:path :colour ; sh:minCount 1 ]").evidence(graph, EX + "f")
    assert set(triples) == {Triple(EX + "f", RDF_TYPE, EX + "Finding"), Triple(EX + "f", EX + "colour", EX + "Red")}
