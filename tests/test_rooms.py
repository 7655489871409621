"""Every worked case and every threshold of every room yields what it says; every criterion is decided each way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.criteria import Leaf, bounds_of
from reasoner.determination import Outcome
from reasoner.determine import Decision, decide
from reasoner.errors import GuidelineMalformed, GuidelineUnknown
from reasoner.library import Library, guideline_name
from reasoner.policies import Policy
from reasoner.rooms import case_files, check, folder_of, read_worked, room_names, run
from reasoner.terms import RDF_TYPE, XSD, Literal
from reasoner.thresholds import Threshold, judge, read_thresholds, specimens
from reasoner.vocabulary import CASE, SH, SPINE, Nec
from reasoner.worked import compare

SHAPES = Path(__file__).parent.parent / "shapes"
FILES = sorted(SHAPES.glob("*/cases/*.ttl"))
ROWS = [row for folder in sorted(SHAPES.iterdir()) if folder.is_dir() for row in read_thresholds(folder)]
ROOMS = sorted(path.parent.name for path in SHAPES.glob("*/guideline.ttl"))


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once for all cases."""
    return Library.read()


def worked_decisions(library: Library, policy: Policy | None = None) -> Iterator[Decision]:
    """Every worked case that can be read, determined under one policy."""
    return (decide(library, read_worked(library, path).case, policy=policy) for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_a_worked_case_yields_what_it_says(library: Library, path: Path) -> None:
    assert run(library, read_worked(library, path)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_a_worked_case_is_named_after_the_outcome_it_shows(library: Library, path: Path) -> None:
    expectations = read_worked(library, path).expectations
    outcomes = [one.word for one in expectations if one.criterion is None] or [one.word for one in expectations]
    assert outcomes[0] == path.name.split(".")[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{guideline_name(row.criterion)}/{row.name}")
def test_a_threshold_divides_where_it_says(library: Library, row: Threshold) -> None:
    assert judge(library, row) is row.answer


@pytest.mark.parametrize("room", ROOMS)
def test_every_criterion_is_decided_both_ways(library: Library, room: str) -> None:
    seen: set[tuple[str, str]] = {(row.criterion, row.answer.value) for row in ROWS}
    for path in FILES:
        for one in read_worked(library, path).expectations:
            seen.add((one.criterion or "", one.word))
    # Outside a leaf's time window nothing speaks to its question, so its other way is an open one.
    timed = {iri for iri, leaf in library.criteria.leaves.items() if leaf.shape.window}
    seen |= {(iri, Answer.NOT_MET.value) for iri, word in seen if iri in timed and word == Answer.NOT_DOCUMENTED.value}
    undecided = [
        f"{local(criterion)} is never expected {word}"
        for criterion in library.criteria.compiled
        if guideline_name(criterion) == room
        for word in (Answer.MET.value, Answer.NOT_MET.value)
        if (criterion, word) not in seen
    ]
    assert undecided == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_bound_has_rows_on_both_sides_of_it(library: Library, room: str) -> None:
    sides = {(row.criterion, row.answer is Answer.MET) for row in ROWS if row.path != "count"}
    loose = [
        f"{local(iri)}: no row of the table is {'met' if passes else 'not met'}"
        for iri, leaf in library.criteria.leaves.items()
        if guideline_name(iri) == room and bounds_of(leaf.shape)
        for passes in (True, False)
        if (iri, passes) not in sides
    ]
    assert loose == []


def rescuers(decisions: Iterator[Decision]) -> set[str]:
    """The exceptions that stand in for an unmet prerequisite of an item that is necessary."""
    return {
        waiver.criterion
        for decision in decisions
        for one in decision.items
        if one.outcome is Outcome.NECESSARY
        for judged in one.judged
        if judged.verdict.answer is Answer.MET
        for prerequisite, waivers in judged.prerequisites
        if prerequisite.answer is not Answer.MET
        for waiver in waivers
        if waiver.answer is Answer.MET
    }


def test_every_exception_rescues_a_case(library: Library) -> None:
    idle = set(library.graph.subjects(RDF_TYPE, Nec.Exception)) - rescuers(worked_decisions(library))
    # Some prerequisites are asked for by payers only, so their exceptions have work under those policies only.
    for policy in library.policies.values():
        if any(policy.requires.intersection(library.graph.nodes(one, Nec.waives)) for one in idle):
            idle -= rescuers(worked_decisions(library, policy))
    assert sorted(map(local, idle)) == []


def test_every_recommendation_speaks_in_a_case(library: Library) -> None:
    spoken = {
        judged.verdict.recommendation
        for decision in worked_decisions(library)
        for one in decision.items
        for judged in one.judged
        if judged.verdict.answer is Answer.MET
    }
    assert sorted(local(one.iri) for one in library.recommendations if one.iri not in spoken) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_in_order(library: Library, room: str) -> None:
    assert check(library, room) == []


def test_a_wrong_expectation_is_told(library: Library, tmp_path: Path) -> None:
    written = FILES[0].read_text(encoding="utf-8").replace("nec:answer nec:Met", "nec:answer nec:Disputed", 1)
    path = tmp_path / "necessary.tale.ttl"
    path.write_text(written, encoding="utf-8")
    (fault,) = run(library, read_worked(library, path))
    assert "expected disputed" in fault


def test_an_expectation_of_a_missing_item_is_told(library: Library, tmp_path: Path) -> None:
    story = (
        FILES[0]
        .read_text(encoding="utf-8")
        .replace("nec:expects", 'nec:expects [ nec:outcome nec:Necessary ; nec:atItem "x/L9" ] ,', 1)
    )
    path = tmp_path / "necessary.tale.ttl"
    path.write_text(story, encoding="utf-8")
    assert any("no such item" in one.found for one in compare(library, read_worked(library, path)))


def test_an_unreadable_expectation_is_refused(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "necessary.tale.ttl"
    path.write_text(FILES[0].read_text(encoding="utf-8").replace("nec:outcome", "nec:answer", 1), encoding="utf-8")
    with pytest.raises(GuidelineMalformed, match="names a criterion"):
        read_worked(library, path)


def test_an_unknown_room_names_the_rooms_there_are(library: Library) -> None:
    with pytest.raises(GuidelineUnknown, match="lumbar-fusion"):
        folder_of(library, "lumber-fusion")
    assert room_names(library) == ROOMS
    assert {path for room in ROOMS for path in case_files(library, room)} == set(FILES)


def test_a_specimen_passes_every_leaf(library: Library) -> None:
    for iri, leaf in library.criteria.leaves.items():
        row = Threshold(iri, "count", str(leaf.wanted), Answer.MET, "here")
        assert specimens(library, leaf, leaf.wanted).index
        assert judge(library, row) is Answer.MET, local(iri)


def demanded(library: Library, leaf: Leaf) -> Iterator[tuple[str, str, bool]]:
    """Each property that a leaf's value shape names itself: its shape, its path, and whether it must be stated."""
    graph = library.graph
    for shape in graph.nodes(leaf.shape.shape, SH + "property"):
        yield shape, graph.node(shape, SH + "path") or "", bool(graph.objects(shape, SH + "minCount"))


def contrary(library: Library, shape: str, path: str) -> str | None:
    """A value, as a table writes it, that a property's demand does not let pass; None where there is no such value."""
    graph = library.graph
    for kind, step in (("minInclusive", -1), ("minExclusive", 0), ("maxInclusive", 1), ("maxExclusive", 0)):
        for bound in graph.objects(shape, SH + kind):
            assert isinstance(bound, Literal)
            assert bound.number is not None
            return f"{bound.number + step:f}"
    named = graph.list(graph.node(shape, SH + "in") or "") or graph.objects(shape, SH + "hasValue")
    if any(isinstance(value, Literal) for value in named):
        return "false" if Literal("true", XSD + "boolean") in named else "true"
    scale = library.spans.scales.get(path)
    if scale is not None:
        inside = {rank for value in named for rank in scale.ranks[str(value)]}
        outside = (
            grade for grade, ranks in sorted(scale.ranks.items()) if not inside & set(range(ranks[0], ranks[1] + 1))
        )
        return next(map(local, outside), None)
    kinds = {kind for value in named for kind in graph.types(str(value))}
    others = {one for kind in kinds for one in graph.subjects(RDF_TYPE, kind) if one.startswith((SPINE, CASE))}
    return next(map(local, sorted(others - set(named))), None)


@pytest.mark.parametrize("room", ROOMS)
def test_each_part_of_a_demand_counts(library: Library, room: str) -> None:
    loose = []
    for iri, leaf in library.criteria.leaves.items():
        if guideline_name(iri) != room:
            continue
        unanswered = Answer.NOT_MET if leaf.silent_means_no else Answer.NOT_DOCUMENTED
        for shape, path, wanted in demanded(library, leaf):
            dropped = judge(library, Threshold(iri, local(path), "-", Answer.MET, "here"))
            if dropped is not (Answer.NOT_DOCUMENTED if wanted else Answer.MET):
                loose.append(f"{local(iri)} without {local(path)}: {dropped}")
            value = contrary(library, shape, path)
            if value is None:
                continue
            against = judge(library, Threshold(iri, local(path), value, Answer.MET, "here"))
            if against is not (unanswered if path in library.spans.windows else Answer.NOT_MET):
                loose.append(f"{local(iri)} with {local(path)} {value}: {against}")
    assert loose == []


def table(folder: Path, *rows: str) -> Path:
    """A room's folder with a table of thresholds."""
    (folder / "cases").mkdir()
    head = "criterion\tproperty\tvalue\tanswer"
    (folder / "cases" / "thresholds.tsv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("translation-over-2-mm\ttranslationInMillimetres\t2\tperhaps", "an answer"),
        ("translation-over-2-mm\ttranslationInMillimetres\t2", "four columns"),
        ("no-such-leaf\ttranslationInMillimetres\t2\tmet", "no leaf"),
        ("translation-over-2-mm\tsinging\t2\tmet", "no property"),
        ("translation-over-2-mm\tcobbAngleInDegrees\t2\tmet", "demands nothing"),
        ("translation-over-2-mm\ttranslationInMillimetres\tmuch\tmet", "no value"),
    ],
)
def test_a_bad_row_is_refused(library: Library, tmp_path: Path, row: str, what: str) -> None:
    folder = tmp_path / "lumbar-fusion"
    folder.mkdir()
    with pytest.raises(GuidelineMalformed, match=what):
        judge(library, read_thresholds(table(folder, row))[0])


@pytest.mark.parametrize(
    ("leaf", "path", "value", "answer"),
    [
        ("lumbar-fusion:translation-over-2-mm", "translationInMillimetres", "2", Answer.NOT_MET),
        ("lumbar-fusion:translation-over-2-mm", "translationInMillimetres", "2..3", Answer.NOT_DOCUMENTED),
        ("lumbar-fusion:translation-over-2-mm", "translationInMillimetres", "-", Answer.NOT_DOCUMENTED),
        ("lumbar-fusion:stenosis-not-mild", "hasSeverity", "Mild", Answer.NOT_MET),
        ("lumbar-fusion:stenosis-not-mild", "hasSeverity", "Mild..Moderate", Answer.NOT_DOCUMENTED),
        ("care-and-optimisation:six-weeks-of-care", "durationInWeeks", "6", Answer.MET),
        ("care-and-optimisation:six-weeks-of-care", "durationInDays", "41", Answer.NOT_MET),
        ("care-and-optimisation:imaging-within-six-months", "count", "0", Answer.NOT_DOCUMENTED),
    ],
)
def test_values_of_every_kind_are_tried(
    library: Library, tmp_path: Path, leaf: str, path: str, value: str, answer: Answer
) -> None:
    room, _, name = leaf.partition(":")
    folder = tmp_path / room
    folder.mkdir()
    (row,) = read_thresholds(table(folder, f"{name}\t{path}\t{value}\t{answer}"))
    assert judge(library, row) is answer
