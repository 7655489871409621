"""A criterion asks the record a question: a leaf answers from values, and keeps how each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from reasoner.answers import Answer
from reasoner.criteria import Criteria, Leaf, judge_leaf
from reasoner.demands import Spans, Standing
from reasoner.errors import GuidelineMalformed
from reasoner.quantities import close_quantities
from reasoner.record import Record
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Term, Triple
from reasoner.thresholds import specimens
from reasoner.vocabulary import ITEM, RECORD, SH, Nec
from reasoner.vocabulary import Case as CaseTerm
from tests.generated import library
from tests.small_world import graph_of

EX: Final = "https://example.org/g#"
SPECIMEN: Final = ITEM + "specimen"
PREFIXES: Final = f"""
@prefix : <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix nec: <https://w3id.org/spine-reasoner/necessity#> .
@prefix case: <https://w3id.org/spine-reasoner/case#> .
"""
WORDS: Final = """
:size nec:lowEnd :sizeAtLeast ; nec:highEnd :sizeAtMost .
:age a nec:WindowProperty ; nec:lowEnd :ageAtLeast ; nec:highEnd :ageAtMost .
"""
BIG: Final = "sh:property [ sh:path :size ; sh:minCount 1 ; sh:minInclusive 5 ]"
RECENT: Final = "sh:property [ sh:path :age ; sh:maxInclusive 90 ]"


def leaf(demand: str = BIG, *, name: str = "a", count: int = 1, path: str = ":sees", extra: str = "") -> str:
    """A leaf that asks for findings."""
    return f""":{name} a nec:Criterion ; sh:path {path} ; {extra} sh:qualifiedMinCount {count} ;
        sh:qualifiedValueShape [ sh:class :Finding ; {demand} ] . """


def compiled(guideline: str) -> Criteria:
    """The criteria of a small guideline."""
    graph = graph_of(PREFIXES + WORDS + guideline)
    return Criteria.read(graph, Spans.read(graph))


def answer(guideline: str, record: str, *, name: str = "a") -> Answer:
    """The answer to one criterion about the item :i."""
    return compiled(guideline).judge(graph_of(PREFIXES + record), EX + "i", EX + name, {}).answer


def sized(name: str, number: int | None) -> str:
    """A finding of a size."""
    said = "" if number is None else f":sizeAtLeast {number} ; :sizeAtMost {number} ;"
    return f":i :sees :{name} . :{name} a :Finding ; {said} :note 1 . "


MET, NOT, SILENT, DISPUTED = Answer.MET, Answer.NOT_MET, Answer.NOT_DOCUMENTED, Answer.DISPUTED
ABSENCE: Final = ":i :sees :none . :none a case:Absence ; case:ofKind :Finding . "
QUARREL: Final = ":v case:x 1 ; nec:conflictsWith :w . :w nec:conflictsWith :v . "


@pytest.mark.parametrize(
    ("record", "default", "silent_no"),
    [
        ("", SILENT, NOT),
        (sized("v", 7), MET, MET),
        (sized("v", 3), NOT, NOT),
        (sized("v", None), SILENT, SILENT),
        (sized("v", 3) + sized("w", 7), MET, MET),
        (sized("v", 3) + sized("w", None), SILENT, SILENT),
        (ABSENCE, NOT, NOT),
        (ABSENCE + sized("v", None), SILENT, SILENT),
        (sized("v", 7) + sized("w", 3) + QUARREL, DISPUTED, DISPUTED),
        (sized("v", 7) + sized("w", 9) + QUARREL, MET, MET),
        (sized("v", 1) + sized("w", 3) + QUARREL, NOT, NOT),
        (sized("v", 7) + sized("w", 3) + QUARREL + sized("u", 8), MET, MET),
        (sized("v", 7) + sized("w", 3) + QUARREL + sized("u", None), SILENT, SILENT),
        (sized("v", None) + sized("w", 3) + QUARREL, SILENT, SILENT),
    ],
)
def test_a_leaf_answers_as_the_table_of_answers_says(record: str, default: Answer, silent_no: Answer) -> None:
    assert answer(leaf(), record) is default
    assert answer(leaf(extra="nec:silence nec:Absent ;"), record) is silent_no


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (sized("v", 7), SILENT),
        (sized("v", 7) + sized("w", 7), MET),
        (sized("v", 7) + sized("w", 3), NOT),
        (sized("v", 7) + sized("w", None), SILENT),
        (sized("v", 3), SILENT),
        (sized("v", 7) + ABSENCE, NOT),
        (sized("v", 7) + sized("w", 3) + QUARREL, DISPUTED),
    ],
)
def test_a_leaf_that_wants_two_values_counts_them(record: str, expected: Answer) -> None:
    assert answer(leaf(count=2), record) is expected


def test_a_denial_of_a_narrower_kind_counts_where_it_contradicts_a_value() -> None:
    guideline = leaf(count=2, extra="nec:silence nec:Absent ;")
    quarrel = ":n a case:Absence ; case:ofKind :Kind ; nec:conflictsWith :v . :v nec:conflictsWith :n . :i :sees :n . "
    found = compiled(guideline).judge(graph_of(PREFIXES + sized("v", 7) + quarrel), EX + "i", EX + "a", {})
    assert found.answer is DISPUTED
    denial = next(value for value in found.values if value.node == EX + "n")
    assert denial.evidence == (Triple(EX + "n", RDF_TYPE, CaseTerm.Absence),)


def test_a_denial_of_another_kind_says_nothing() -> None:
    assert answer(leaf(), ":i :sees :n . :n a case:Absence ; case:ofKind :Other .") is SILENT


def test_a_value_outside_the_time_window_is_no_value() -> None:
    old = sized("v", 7) + ":v :ageAtLeast 100 ; :ageAtMost 120 . "
    assert answer(leaf(BIG + " ; " + RECENT), old) is SILENT
    assert answer(leaf(BIG + " ; " + RECENT, extra="nec:silence nec:Absent ;"), old) is NOT
    assert answer(leaf(BIG + " ; " + RECENT), ABSENCE + ":none :ageAtLeast 100 ; :ageAtMost 120 . ") is SILENT


def test_a_value_on_another_path_is_not_seen() -> None:
    assert answer(leaf(path=":hears"), sized("v", 7)) is SILENT


def test_every_value_is_kept_with_its_standing_and_what_it_lacks() -> None:
    record = sized("v", 7) + sized("w", 3) + sized("u", None)
    values = compiled(leaf()).judge(graph_of(PREFIXES + record), EX + "i", EX + "a", {}).values
    assert [(value.node[-1], value.standing) for value in values] == [
        ("v", Standing.PASSES),
        ("w", Standing.FAILS),
        ("u", Standing.OPEN),
    ]
    assert [value.lacking for value in values] == [(), (EX + "size",), (EX + "size",)]


TREE: Final = (
    leaf(name="a") + leaf(name="b", path=":hears") + leaf(name="c", extra="nec:silence nec:Absent ;", path=":smells")
)


@pytest.mark.parametrize(
    ("fold", "expected"),
    [("sh:and ( :a :b )", SILENT), ("sh:and ( :a :c )", NOT), ("sh:or ( :b :c )", SILENT), ("sh:or ( :c :a )", MET),
     ("sh:not :a", NOT), ("sh:not :b", SILENT), ("sh:not :c", MET)],
)  # fmt: skip
def test_a_branch_folds_the_answers_of_the_criteria_it_names(fold: str, expected: Answer) -> None:
    assert answer(TREE + f":t a nec:Criterion ; {fold} .", sized("v", 7), name="t") is expected


def test_the_leaves_of_a_branch_come_in_printed_order_and_once() -> None:
    criteria = compiled(TREE + ":s a nec:Criterion ; sh:or ( :b :a ) . :t a nec:Criterion ; sh:and ( :c :s :a ) .")
    assert criteria.leaves_of(EX + "t") == (EX + "c", EX + "b", EX + "a")
    assert criteria.within(EX + "t") == (EX + "t", EX + "c", EX + "s", EX + "b", EX + "a")


@pytest.mark.parametrize(
    ("guideline", "code"),
    [
        (":t a nec:Criterion ; sh:not :t .", "guideline.recursive"),
        (":t a nec:Criterion ; sh:and ( :s ) . :s a nec:Criterion ; sh:or ( :t ) .", "guideline.recursive"),
        (":t a nec:Criterion ; sh:and ( :nowhere ) .", "guideline.criterion-missing"),
        (":t a nec:Criterion ; sh:and ( ) .", "guideline.criterion"),
        (":t a nec:Criterion .", "guideline.criterion"),
        (TREE + ":t a nec:Criterion ; sh:and ( :a ) ; sh:or ( :b ) .", "guideline.criterion"),
        (TREE + ":t a nec:Criterion ; sh:path :sees ; sh:not :a .", "guideline.criterion"),
        (":t a nec:Criterion ; sh:path :sees .", "guideline.criterion"),
        (leaf(extra="sh:maxCount 3 ;"), "guideline.criterion"),
        (leaf(extra="sh:path :hears ;"), "guideline.criterion"),
        (leaf(path="( :sees :hears )"), "guideline.criterion"),
        (leaf(count=0), "guideline.criterion"),
        (":a a nec:Criterion ; sh:path :sees ; sh:qualifiedMinCount 'two' ; sh:qualifiedValueShape [ sh:class :F ] .",
         "guideline.criterion"),
    ],
)  # fmt: skip
def test_a_criterion_that_cannot_be_judged_is_refused_at_load(guideline: str, code: str) -> None:
    with pytest.raises(GuidelineMalformed) as refused:
        compiled(guideline)
    assert refused.value.code == code


COMPLETE: Final = ("hasRole", "hasConstruct", "hasLevel", "servicesAtLevel", "servicesInRequest")


@pytest.mark.parametrize("path", COMPLETE)
def test_a_leaf_on_what_is_known_completely_says_that_silence_means_no(path: str) -> None:
    with pytest.raises(GuidelineMalformed) as refused:
        compiled(leaf(path=f"nec:{path}"))
    assert refused.value.code == "guideline.silence"
    assert compiled(leaf(path=f"nec:{path}", extra="nec:silence nec:Absent ;")).leaves


# Every leaf of every room, held against records that pass it and that fall short in one thing.

LEAVES: Final = sorted(library().criteria.leaves)
KINDS: Final = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")


@dataclass(frozen=True, slots=True)
class Slot:
    """A property that every passing value of a leaf must have, with a value that misses its demand."""

    path: str
    short: Term | None


def judged(leaf_: Leaf, graph: Graph) -> Answer:
    """The answer of a leaf about the specimen, the record closed for its quantities."""
    close_quantities(Record(library(), library().policy(None), graph, RECORD, None))
    return judge_leaf(graph, SPECIMEN, leaf_).answer


def slots(leaf_: Leaf) -> list[Slot]:
    """The required properties of a value shape, those below a choice left out."""
    graph = library().graph
    found = []
    for one in graph.nodes(leaf_.shape.shape, SH + "property"):
        path = graph.node(one, SH + "path") or ""
        wanted = any(graph.objects(one, SH + name) for name in ("hasValue", "qualifiedValueShape"))
        if wanted or graph.text(one, SH + "minCount") == "1":
            found.append(Slot(path, _short(one, path)))
    return found


def _short(shape: str, path: str) -> Term | None:
    """A value just outside what a property shape asks for; None where there is no such thing to say."""
    lib = library()
    for kind in KINDS:
        for value in lib.graph.objects(shape, SH + kind):
            assert isinstance(value, Literal)
            assert value.number is not None
            step = {"minInclusive": -1, "maxInclusive": 1}.get(kind, 0)
            return Literal(f"{value.number + step:f}", XSD + "decimal")
    head = lib.graph.node(shape, SH + "in")
    if head is None:
        exact = lib.graph.value(shape, SH + "hasValue")
        return f"{RECORD}#other" if isinstance(exact, str) else None
    listed = set(lib.graph.list(head))
    if path in lib.spans.scales:
        ranks = lib.spans.scales[path].ranks
        inside = {rank for one in listed if isinstance(one, str) for rank in range(ranks[one][0], ranks[one][1] + 1)}
        outside = [g for g, pair in ranks.items() if not inside & {*pair} and pair[0] == pair[1]]
        return min(outside, key=lambda g: min(abs(ranks[g][0] - rank) for rank in inside), default=None)
    return next(
        (Literal(word, XSD + "boolean") for word in ("true", "false") if Literal(word, XSD + "boolean") not in listed),
        None,
    )


def stripped(graph: Graph, node: str, path: str) -> Graph:
    """A specimen graph from which a property of one node is taken, its ends with it."""
    spans = library().spans
    for gone in (path, spans.low.get(path, ""), spans.high.get(path, "")):
        graph.index[node].pop(gone, None)
    return graph


@pytest.mark.parametrize("iri", LEAVES, ids=lambda iri: iri.rsplit("/", 1)[-1])
def test_every_leaf_is_decided_by_each_thing_it_demands(iri: str) -> None:
    leaf_ = library().criteria.leaves[iri]

    def fresh() -> tuple[Graph, list[str]]:
        graph = specimens(library(), leaf_, leaf_.wanted)
        return graph, graph.nodes(SPECIMEN, leaf_.path)

    assert judged(leaf_, fresh()[0]) is MET
    assert judged(leaf_, specimens(library(), leaf_, leaf_.wanted - 1)) is (NOT if leaf_.silent_means_no else SILENT)
    for slot in slots(leaf_):
        graph, nodes = fresh()
        assert judged(leaf_, stripped(graph, nodes[0], slot.path)) in (SILENT, NOT), f"without {slot.path}"
        if slot.short is None or slot.path in library().spans.windows:
            continue
        graph, nodes = fresh()
        for node in nodes:
            stripped(graph, node, slot.path).add(node, slot.path, slot.short)
        assert judged(leaf_, graph) is NOT, f"with {slot.path} just short"
        graph, nodes = fresh()
        rival = f"{RECORD}#rival"
        graph.index[rival] = {p: list(v) for p, v in graph.index[nodes[0]].items()}
        stripped(graph, rival, slot.path).add(rival, slot.path, slot.short)
        for one, other in ((nodes[0], rival), (rival, nodes[0])):
            graph.add(one, Nec.conflictsWith, other)
        graph.add(SPECIMEN, leaf_.path, rival)
        assert judged(leaf_, graph) is DISPUTED, f"with a rival short of {slot.path}"


@pytest.mark.parametrize("iri", LEAVES, ids=lambda iri: iri.rsplit("/", 1)[-1])
def test_every_leaf_is_answered_by_a_documented_absence(iri: str) -> None:
    leaf_ = library().criteria.leaves[iri]
    graph = Graph()
    graph.add(SPECIMEN, leaf_.path, f"{RECORD}#absence")
    graph.add(f"{RECORD}#absence", RDF_TYPE, CaseTerm.Absence)
    graph.add(f"{RECORD}#absence", CaseTerm.ofKind, leaf_.shape.genus)
    assert judged(leaf_, graph) is NOT


def test_most_leaves_demand_something_that_can_be_taken_away() -> None:
    assert sum(bool(slots(library().criteria.leaves[iri])) for iri in LEAVES) > len(LEAVES) / 3
