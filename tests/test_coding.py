"""Codes held against the work: the tables of the code book, the arithmetic of runs, and every check both ways."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.anatomy import local
from reasoner.coding import (
    Codebook,
    CodedService,
    CodeFinding,
    CodeLine,
    Level,
    Levels,
    Option,
    check,
    expected_codes,
    levels_of,
    review,
    worded,
)
from reasoner.library import Library
from reasoner.tally import runs_of
from reasoner.terms import RDF_TYPE, Graph
from reasoner.vocabulary import CODE, NECESSITY, SPINE, Nec

ROOM = Path(__file__).parent.parent / "shapes" / "procedure-coding"
SPAN = [*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6)), "S1"]


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


@pytest.fixture(scope="module")
def book(library: Library) -> Codebook:
    """The code book of the bundled knowledge."""
    return library.codebook


def levels(library: Library, named: str) -> Levels:
    """The levels that a surgeon's short form names: T10-L2, L1, or none at all."""
    if not named:
        return Levels()
    upper, _, lower = named.partition("-")
    anatomy = library.anatomy
    place = anatomy.range(SPINE + upper, SPINE + lower) if lower else anatomy.place([SPINE + upper])
    return levels_of(anatomy, place)


def service(library: Library, classes: str, named: str, billed: str = "", **more: object) -> CodedService:
    """A service from short forms: class names, levels, and codes as '22610x1 22614x3'."""
    lines = [one.partition("x") for one in billed.split()]
    return CodedService(
        iri=f"{classes} {named}",
        procedure_classes=frozenset(SPINE + one for one in classes.split()),
        levels=levels(library, named),
        lines=tuple(CodeLine(CODE + code, int(units) if units else None) for code, _, units in lines),
        is_requested=bool(more.get("is_requested", True)),
        session=str(more.get("session", "")),
        route=str(more.get("route", "")),
    )


def kinds(found: tuple[CodeFinding, ...]) -> list[str]:
    """The local names of the kinds of findings, in order, each once."""
    return list(dict.fromkeys(local(one.kind) for one in found))


def plain(options: tuple[Option, ...]) -> dict[str, int]:
    """The first option as code names with units."""
    return {local(line.code): line.units or 1 for line in options[0].lines}


# What a construct is expected to be billed by; the numbers were worked out by hand.
CONSTRUCTS = [
    ("PosteriorFusion", "T10-L2", {"22610": 1, "22614": 3}),
    ("PosteriorInstrumentation", "T10-L2", {"22842": 1}),
    ("PosteriorFusion", "T4-T8", {"22610": 1, "22614": 3}),
    ("PosteriorInstrumentation", "T4-T8", {"22842": 1}),
    ("PosteriorFusion", "L4-S1", {"22612": 1, "22614": 1}),
    ("PosteriorInstrumentation", "L4-S1", {"22842": 1}),
    ("PosteriorFusion", "T12-S2", {"22612": 1, "22614": 5}),
    ("PosteriorInstrumentation", "T12-S2", {"22843": 1}),
    ("PosteriorInstrumentation", "L1-S1", {"22842": 1}),
    ("PosteriorFusion", "L1-L3", {"22612": 1, "22614": 1}),
    ("AnteriorFusion", "L1-L3", {"22558": 1, "22585": 1}),
    ("PosteriorInstrumentation", "L1-L3", {"22842": 1}),
    ("CorpectomyCage", "L1-L3", {"22854": 1}),
    ("CorpectomyCage", "L1", {"22854": 1}),
    ("PosteriorFusion", "T12-L1", {"22610": 1}),
    ("PosteriorInstrumentation", "L4-L5", {"22840": 1}),
    ("PosteriorInstrumentation", "T1-S1", {"22844": 1}),
    ("PosteriorInstrumentation", "L2-Pelvis", {"22842": 1}),
    ("CombinedInterbodyAndPosterolateralFusion", "L4-S1", {"22633": 1, "22634": 1}),
    ("AnteriorCervicalDiscectomyAndFusion", "C5-C7", {"22551": 1, "22552": 1}),
    ("OccipitocervicalFusion", "Occiput-C2", {"22590": 1}),
    ("AtlantoaxialFusion", "C1-C2", {"22595": 1}),
    ("PosteriorDeformityFusion", "T4-L3", {"22802": 1}),
    ("InterbodyDevice", "L4-S1", {"22853": 2}),
    ("Kyphoplasty", "T12-L1", {"22513": 1, "22515": 1}),
    ("LocalAutograft", "", {"20936": 1}),
]


@pytest.mark.parametrize(("classes", "named", "expected"), CONSTRUCTS)
def test_a_construct_takes_its_codes(
    library: Library, book: Codebook, classes: str, named: str, expected: dict[str, int]
) -> None:
    assert plain(expected_codes(book, service(library, classes, named))) == expected


def test_interbody_and_side_fusion_of_part_of_a_run_are_counted_together(library: Library, book: Codebook) -> None:
    long = service(library, "PosteriorFusion", "T12-S2")
    short = service(library, "TransforaminalInterbodyFusion", "L4-S1")
    assert plain(expected_codes(book, long, [long, short])) == {"22633": 1, "22634": 1, "22614": 4}


@pytest.mark.parametrize(
    ("route", "candidates"),
    [
        ("", {"63087", "63090", "63102", "63303", "63307"}),
        (SPINE + "PosteriorApproach", {"63102"}),
        (SPINE + "AnteriorApproach", {"63087", "63090", "63303", "63307"}),
        (NECESSITY + "LateralExtracavitaryRoute", {"63102"}),
    ],
)
def test_a_corpectomy_has_candidates_by_route(
    library: Library, book: Codebook, route: str, candidates: set[str]
) -> None:
    options = expected_codes(book, service(library, "Corpectomy", "L2", route=route))
    assert {local(line.code) for option in options for line in option.lines} == candidates
    assert all(option.condition for option in options)


def test_decompression_beside_an_interbody_fusion_is_told_by_level(library: Library, book: Codebook) -> None:
    opening = service(library, "Laminectomy", "L2-S1")
    fusion = service(library, "TransforaminalInterbodyFusion", "L4-S1")
    told = [worded(book, option) for option in expected_codes(book, opening, [opening, fusion])]
    assert any(one.startswith("63052 + 63053 (at L4-S1") for one in told)
    assert any(one.startswith("63047 + 63048 (at L2-L4") for one in told)


# Each request with the kinds of fault that it must show, and the codes expected in the first finding.
REQUESTS: list[tuple[list[tuple[str, str, str]], list[str], dict[str, int]]] = [
    ([("PosteriorFusion", "T10-L2", "22610 22614 22612")], ["PrimaryCount"], {"22610": 1, "22614": 3}),
    ([("PosteriorFusion", "T10-L2", "22610x1 22614x3")], [], {}),
    ([("PosteriorFusion", "T10-L2", "22612x1 22614x3")], [], {}),
    ([("PosteriorFusion", "T10-L2", "22610 22614")], [], {}),
    ([("PosteriorFusion", "T10-L2", "22610x1 22614x4")], ["UnitMatch"], {"22610": 1, "22614": 3}),
    ([("PosteriorFusion", "T10-L2", "22610x1 22614x2")], ["UnitMatch"], {"22610": 1, "22614": 3}),
    ([("PosteriorFusion", "T10-L2", "22614x4")], ["AddOnPairing"], {"22610": 1, "22614": 3}),
    ([("PosteriorFusion", "T4-T8", "22612x1 22614x3")], ["RegionMatch"], {"22610": 1, "22614": 3}),
    (
        [("PosteriorFusion", "L3-L4", "22612x1"), ("PosteriorFusion", "L4-L5", "22612x1")],
        ["PrimaryCount"],
        {"22612": 1, "22614": 1},
    ),
    ([("PosteriorFusion", "T4-T8", "22610x1 22614x3"), ("PosteriorFusion", "L4-S1", "22612x1 22614x1")], [], {}),
    ([("PosteriorFusion", "L1-L2", "22612x1"), ("PosteriorFusion", "L3-S1", "22612x1 22614x2")], [], {}),
    (
        [("PosteriorFusion", "T12-S1", "22612x1 22614x5"), ("PosteriorInstrumentation", "T12-S1", "22842x1")],
        ["LengthMatch"],
        {"22843": 1},
    ),
    (
        [("PosterolateralFusion", "L4-L5", "22612x1"), ("PosteriorInterbodyFusion", "L4-L5", "22630x1")],
        ["CombinedCodeUse"],
        {"22633": 1},
    ),
    (
        [("CombinedInterbodyAndPosterolateralFusion", "L4-L5", "22633x1"), ("Laminectomy", "L4-L5", "63047x1")],
        ["CompatibleCodes"],
        {"22633": 1, "63052": 1},
    ),
    (
        [("CombinedInterbodyAndPosterolateralFusion", "L4-L5", "22633x1"), ("Laminectomy", "L4-L5", "63052x1")],
        [],
        {},
    ),
    ([("HardwareReinsertion", "T12-L2", "22849x1")], [], {}),
    (
        [("HardwareReinsertion", "L4-S1", "22849x1"), ("HardwareRemoval", "L4-S1", "22852x1")],
        ["CompatibleCodes"],
        {"22849": 1},
    ),
    ([("HardwareReinsertion", "L4-S1", "22849x1"), ("HardwareRemoval", "T4-T8", "22852x1")], [], {}),
    ([("Corpectomy", "L1", "63102x1 22849x1")], ["StandAloneGround"], {}),
    (
        [("Corpectomy", "L1", "63102x1"), ("CorpectomyCage", "L1", "22853x1")],
        ["AddOnPairing", "CageMatch"],
        {},
    ),
    ([("Corpectomy", "L1", "63102x1"), ("CorpectomyCage", "L1", "22854x1")], [], {}),
    ([("CorpectomyCage", "L1", "22854x1")], ["AddOnPairing"], {}),
    ([("Corpectomy", "L1", "63102x1"), ("CorpectomyCage", "L1", "")], ["CodeNaming"], {"22854": 1}),
    ([("Corpectomy", "L1", ""), ("CorpectomyCage", "L1", "")], [], {}),
    ([("PosteriorFusion", "L4-L5", "22558x1")], ["CodeMatch"], {"22612": 1}),
    ([("PosteriorFusion", "L1-S1", "22612x1 22614x4 22842x1 22848x1")], ["PelvicAnchor"], {}),
    (
        [("PosteriorFusion", "L1-S1", "22612x1 22614x4 22842x1"), ("PelvicFixation", "S1-Pelvis", "22848x1")],
        [],
        {},
    ),
    ([("PosteriorFusion", "L1-S1", "22612x1 22614x4 22842x1"), ("PelvicFixation", "S2", "22848x1")], [], {}),
    ([("PosteriorFusion", "L3-S1", "22612x1 22614x2"), ("LocalAutograft", "", "20936x3")], ["GraftOnce"], {"20936": 1}),
    ([("LocalAutograft", "", "20936x1")], ["AddOnPairing"], {}),
    ([("PosteriorFusion", "L4-L5", ""), ("LocalAutograft", "", "20936x1")], ["CodeNaming"], {"22612": 1}),
    ([("Laminectomy", "L4-L5", ""), ("LocalAutograft", "", "20936x1")], ["AddOnPairing", "CodeNaming"], {}),
    ([("PosteriorFusion", "L4-L5", "22612x1 22841x1")], ["BundledUse"], {}),
    ([("Discectomy", "L4-L5", "63030x2")], [], {}),
    ([("Kyphoplasty", "T8", "22513x1"), ("Kyphoplasty", "L2", "22514x1")], ["PrimaryCount"], {"22513": 1, "22515": 1}),
    ([("AnteriorCervicalDiscectomyAndFusion", "C5-C7", "22551x1 22552x1 22845x1 22853x2")], [], {}),
]


@pytest.mark.parametrize(("asked", "faults", "expected"), REQUESTS)
def test_a_request_shows_its_faults(
    library: Library, book: Codebook, asked: list[tuple[str, str, str]], faults: list[str], expected: dict[str, int]
) -> None:
    found = check(book, [service(library, *one) for one in asked])
    assert kinds(found) == faults
    if expected:
        assert plain(found[0].expected) == expected
    for one in found:
        assert one.criterion
        assert one.message
        assert "{" not in one.message


def test_described_steps_without_a_code_are_told_with_candidates(library: Library, book: Codebook) -> None:
    asked = [
        service(library, "PosteriorFusion", "T10-L2", "22610 22614"),
        service(library, "PosteriorInstrumentation", "T10-L2", is_requested=False),
        service(library, "Decompression", "T12", is_requested=False),
    ]
    hardware, opening = check(book, asked)
    assert kinds((hardware, opening)) == ["StepCoding"]
    assert plain(hardware.expected) == {"22842": 1}
    assert {local(line.code) for option in opening.expected for line in option.lines} == {
        "63003",
        "63046",
        "63266",
        "63276",
    }


@pytest.mark.parametrize(
    ("code", "on", "agrees"),
    [
        ("22851", date(2016, 12, 31), True),
        ("22851", date(2017, 1, 1), False),
        ("22854", date(2016, 12, 31), False),
        ("22854", date(2017, 1, 1), True),
        ("22851", None, None),
    ],
)
def test_a_code_is_in_force_from_and_until_its_years(
    library: Library, book: Codebook, code: str, on: date | None, *, agrees: bool | None
) -> None:
    asked = [service(library, "Corpectomy", "L1", "63102x1"), service(library, "CorpectomyCage", "L1", code)]
    facts = {local(f.kind): f.agrees for f in review(book, asked, on=on).facts if f.service == asked[1].iri}
    assert facts["CodeCurrency"] is agrees


def test_sessions_are_held_apart_and_the_unstaged_join_the_first(library: Library, book: Codebook) -> None:
    asked = [
        service(library, "Corpectomy", "L1", "63102x1", session="1"),
        service(library, "CorpectomyCage", "L1", "22854x1"),
        service(library, "PosteriorInstrumentation", "T12-L2", "22842x1", session="2"),
    ]
    (alone,) = check(book, asked)
    assert local(alone.kind) == "AddOnPairing"
    assert alone.codes == (CODE + "22842",)


@pytest.mark.parametrize(
    ("primary", "agrees"),
    [
        (("PosteriorFusion", "L4-L5", "22612x1"), True),
        (("PosteriorFusion", "L4-L5", ""), None),
        (("SpinalFusion", "L4-L5", ""), None),
        (("PosteriorFusion", "T4-T8", ""), None),
        (("Kyphoplasty", "L4", ""), False),
        (("PosteriorFusion", "L4-L5", "22513x1"), False),
    ],
)
def test_an_add_on_beside_a_primary_without_a_code_stays_open(
    library: Library, book: Codebook, primary: tuple[str, str, str], *, agrees: bool | None
) -> None:
    rods = service(library, "PosteriorInstrumentation", "L4-L5", "22840x1")
    facts = {
        local(f.kind): f.agrees for f in review(book, [service(library, *primary), rods]).facts if f.service == rods.iri
    }
    assert facts["AddOnPairing"] is agrees


def test_a_described_primary_is_not_requested(library: Library, book: Codebook) -> None:
    step = service(library, "PosteriorFusion", "L4-L5", is_requested=False)
    found = check(book, [step, service(library, "PosteriorInstrumentation", "L4-L5", "22840x1")])
    assert "AddOnPairing" in kinds(found)


def test_a_named_class_and_all_its_wider_ones_read_alike(library: Library, book: Codebook) -> None:
    exact = service(library, "PosterolateralFusion", "L4-S1", "22612x1 22614x1")
    closed = CodedService(exact.iri, book.classes(exact.procedure_classes), exact.levels, exact.lines)
    assert review(book, [closed]) == review(book, [exact])


def test_a_fact_hangs_on_the_items_of_its_service(library: Library, book: Codebook) -> None:
    facts = review(book, [service(library, "PosteriorFusion", "T10-L2", "22610x1 22614x4")]).facts
    (fact,) = [one for one in facts if local(one.kind) == "UnitMatch"]
    graph = Graph(fact.triples(["item"]))
    (node,) = graph.nodes("item", Nec.hasCodeFact)
    assert graph.nodes(node, RDF_TYPE) == [Nec.CodeFact, NECESSITY + "UnitMatch"]
    assert graph.text(node, NECESSITY + "codesAgree") == "false"
    assert graph.nodes(node, NECESSITY + "expectsCode") == [CODE + "22610", CODE + "22614"]


def test_every_kind_of_fact_is_asked_for_by_one_criterion_of_the_room(library: Library, book: Codebook) -> None:
    declared = {
        kind
        for kind in library.graph.subjects("http://www.w3.org/2000/01/rdf-schema#subClassOf", Nec.CodeFact)
        if kind.startswith(NECESSITY)
    }
    assert set(book.checks) == declared
    assert all(one.template for one in book.checks.values())


def test_the_book_names_only_codes_families_and_classes_that_exist(library: Library, book: Codebook) -> None:
    for code in book.codes.values():
        assert code.needs <= book.codes.keys(), code.name
        assert code.not_with <= book.codes.keys(), code.name
        assert code.replaces <= book.codes.keys(), code.name
        assert code.families <= book.families.keys(), code.name
        assert code.reports <= library.procedures.keys(), code.name
        assert not (code.is_add_on and code.stands_alone), code.name
        assert not code.further_in or code.needs, code.name
        assert code.iri not in code.needs | code.not_with, code.name


def test_lengths_of_a_family_neither_overlap_nor_leave_a_gap(book: Codebook) -> None:
    for family in book.families.values():
        by_place: dict[frozenset[str], list[tuple[int, int | None]]] = {}
        for one in family.ranged:
            code = book.codes[one]
            by_place.setdefault(code.places, []).append((code.units_from or 0, code.units_to))
        for spans in by_place.values():
            spans.sort()
            for (_, until), (start, _) in pairwise(spans):
                assert until is not None
                assert start == until + 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_units_of_a_fusion_add_up_to_its_spaces_and_hardware_to_its_vertebrae(
    library: Library, book: Codebook, data: st.DataObject
) -> None:
    upper = data.draw(st.integers(0, len(SPAN) - 2))
    lower = data.draw(st.integers(upper + 1, len(SPAN) - 1))
    named = f"{SPAN[upper]}-{SPAN[lower]}"
    (fusion, *_) = expected_codes(book, service(library, "PosteriorFusion", named))
    assert sum(line.units or 1 for line in fusion.lines) == lower - upper
    assert sum(bool(book.codes[line.code].primary_in) for line in fusion.lines) == 1
    (hardware, *_) = expected_codes(book, service(library, "PosteriorInstrumentation", named))
    (line,) = hardware.lines
    code = book.codes[line.code]
    assert (code.units_from or 0) <= lower - upper + 1 <= (code.units_to or 99)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, len(SPAN) - 1), min_size=2, max_size=3))
def test_what_is_expected_is_never_faulted(library: Library, book: Codebook, ends: set[int]) -> None:
    upper, *inner, lower = sorted(ends)
    cut = inner[0] if inner else lower
    parts = [(a, b) for a, b in ((upper, cut), (cut, lower)) if a < b]
    bare = [service(library, "PosteriorFusion", f"{SPAN[a]}-{SPAN[b]}") for a, b in parts]
    lines = expected_codes(book, bare[0], bare)[0].lines
    billed = CodedService(bare[0].iri, bare[0].procedure_classes, bare[0].levels, lines)
    assert check(book, [billed, *bare[1:]]) == ()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_wrong_number_of_units_is_always_told(library: Library, book: Codebook, data: st.DataObject) -> None:
    upper = data.draw(st.integers(0, len(SPAN) - 3))
    lower = data.draw(st.integers(upper + 2, len(SPAN) - 1))
    units = data.draw(st.integers(1, 20).filter(lambda n: n != lower - upper - 1))
    named = f"{SPAN[upper]}-{SPAN[lower]}"
    (right, *_) = expected_codes(book, service(library, "PosteriorFusion", named))
    first = next(line for line in right.lines if book.codes[line.code].primary_in)
    found = check(book, [service(library, "PosteriorFusion", named, f"{local(first.code)}x1 22614x{units}")])
    assert kinds(found) == ["UnitMatch"]
    assert found[0].expected == (right,)


@given(st.sets(st.integers(0, 30)))
def test_runs_hold_every_level_once_and_have_gaps_between_them(ranks: set[int]) -> None:
    runs = runs_of(Level(rank, str(rank), frozenset()) for rank in ranks)
    assert [level.rank for run in runs for level in run] == sorted(ranks)
    assert all(run[-1].rank - run[0].rank == len(run) - 1 for run in runs)
    assert all(one[-1].rank + 1 < other[0].rank for one, other in pairwise(runs))
