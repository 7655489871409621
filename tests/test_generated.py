"""Whatever a case may say: it is determined, printed and judged alike, and no order, name or bystander changes it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Final

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from reasoner.answers import Answer
from reasoner.criteria import Leaf
from reasoner.determine import Decision, decide
from reasoner.door import Determination
from reasoner.layout import as_text
from reasoner.report import Audience, sections_of
from reasoner.statement import answers_of
from reasoner.supposition import suppose
from reasoner.terms import Literal, Triple
from reasoner.vocabulary import RECORD, Nec, Spine
from tests.generated import Drawn, at, cases, demanded, library, node, questions, record, statable
from tests.law import answered, differences

MOST_PAIRS: Final = 60
CI: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
SUPPLIED_PATHS: Final = frozenset(
    {Nec.evidenceAtLevel, Nec.evidenceInRegion, Nec.evidenceOfPatient, Nec.evidenceOfRoots}
)
LOCAL_PATHS: Final = frozenset(
    {Nec.evidenceAtLevel, Nec.evidenceAdjacent, Nec.evidenceInRegion, Nec.evidenceInConstruct}
)


def answers(decision: Decision) -> dict[tuple[str, str], Answer]:
    """Every answer of a decision by item and criterion."""
    return {(item, criterion): answer for item, criterion, answer, _ in answers_of(decision)}


def leaf_answers(decision: Decision, leaves: dict[str, Leaf]) -> dict[tuple[str, str], Answer]:
    """The answers of some leaves."""
    return {pair: answer for pair, answer in answers(decision).items() if pair[1] in leaves}


@settings(CI, max_examples=120)
@given(cases())
def test_the_law_of_two_judges_holds_on_any_case(drawn: Drawn) -> None:
    decision = drawn.decide()
    told = [(item, criterion) for item, criterion, _, evidence in answers_of(decision) if evidence]
    silent = [pair for pair in sorted(answered(decision)) if pair not in set(told)]
    chosen = random.Random(len(silent)).sample(silent, min(len(silent), MOST_PAIRS // 4))
    pairs = [*told[:MOST_PAIRS], *chosen]
    item = Counter(name for name, _ in pairs).most_common(1)
    pairs = [pair for pair in pairs if item and pair[0] == item[0][0]]
    assert not pairs or differences(decision, pairs) == []


@settings(CI, max_examples=15)
@given(cases(most_findings=4))
def test_any_case_is_reported_to_every_reader(drawn: Drawn) -> None:
    determination = Determination(drawn.decide())
    for audience in Audience:
        lines = as_text("A case", sections_of(determination, audience))
        assert any(lines)
    assert determination.to_json() == Determination(drawn.decide()).to_json()


@settings(CI, max_examples=60)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_statements_changes_no_byte_of_the_answer(drawn: Drawn, rng: random.Random) -> None:
    shuffled = list(drawn.triples)
    rng.shuffle(shuffled)
    first = Determination(drawn.decide()).to_json(further=False)
    assert Determination(Drawn(tuple(shuffled)).decide()).to_json(further=False) == first


@settings(CI, max_examples=60)
@given(cases())
def test_the_names_of_nodes_change_no_answer(drawn: Drawn) -> None:
    def renamed(term: str) -> str:
        own = term.startswith(RECORD + "#")
        return f"{RECORD}#zz-{sum(map(ord, term)) % 97}-{term.rsplit('#', 1)[-1][::-1]}" if own else term

    other = Drawn(
        tuple(Triple(renamed(s), p, renamed(o) if not isinstance(o, Literal) else o) for s, p, o in drawn.triples)
    )
    mine, theirs = drawn.decide(), other.decide()
    assert mine.outcome is theirs.outcome
    assert Counter((c, a) for (_, c), a in answers(mine).items()) == Counter(
        (c, a) for (_, c), a in answers(theirs).items()
    )


@settings(CI, max_examples=60)
@given(cases(), st.data())
def test_a_finding_changes_no_answer_to_a_question_about_something_else(drawn: Drawn, data: st.DataObject) -> None:
    lib = library()
    leaf = data.draw(st.sampled_from(questions()))
    cls = data.draw(st.sampled_from(statable(leaf.shape.genus)))
    extra = record("bystander", cls, at(data.draw(st.sampled_from(("C5-C6", "T6", "L4-L5", "L5")))))
    before, after = drawn.decide(), drawn.plus(extra).decide()
    added = set(after.record.graph.index) - set(before.record.graph.index) | {node("bystander")}
    kinds = {kind for one in added for kind in after.record.graph.types(one)}
    assume(not any(added & set(conflict.nodes) for conflict in after.record.conflicts))
    others = {
        iri: one
        for iri, one in lib.criteria.leaves.items()
        if one.path in SUPPLIED_PATHS | LOCAL_PATHS
        and one.shape.genus not in kinds
        and Nec.pictureFit not in dict(demanded(one.shape.shape))  # It is asked of the finding, about the symptoms.
        and not any(lib.is_a(one.shape.genus, derived) for derived in (Spine.ScoreResult, Spine.CareTotal))
    }
    assert leaf_answers(after, others) == leaf_answers(before, others)


@settings(CI, max_examples=60)
@given(cases(from_rank=22), st.data())
def test_a_finding_in_the_neck_changes_nothing_that_is_asked_of_the_low_back(drawn: Drawn, data: st.DataObject) -> None:
    lib = library()
    leaves = {
        iri: leaf
        for iri, leaf in lib.criteria.leaves.items()
        if leaf.path in LOCAL_PATHS and not lib.is_a(leaf.shape.genus, Spine.ScoreResult)
    }
    leaf = data.draw(st.sampled_from([leaves[iri] for iri in sorted(leaves) if statable(leaves[iri].shape.genus)]))
    cls = data.draw(st.sampled_from(statable(leaf.shape.genus)))
    extra = record("neck", cls, at("C4"))
    before, after = drawn.decide(), drawn.plus(extra).decide()
    assume(all(not lib.anatomy.region_groups(one.place) & {Spine.CervicalSpine} for one in before.record.items))
    assume(all(one.place for one in before.record.items))
    assert leaf_answers(after, leaves) == leaf_answers(before, leaves)


@settings(CI, max_examples=80)
@given(cases(), st.data())
def test_evidence_that_passes_a_leaf_never_leaves_it_not_met(drawn: Drawn, data: st.DataObject) -> None:
    decision = drawn.decide()
    leaves = {i: x for i, x in library().criteria.leaves.items() if x.path in SUPPLIED_PATHS and suppliable(x)}
    pairs = sorted(leaf_answers(decision, leaves))
    assume(pairs)
    name, criterion = data.draw(st.sampled_from(pairs))
    item = next(one.item for one in decision.items if one.item.iri == name)
    assume(item.place and library().anatomy.roots(item.place))
    graph = suppose(decision, [(item.id, criterion)])
    found = decide(library(), replace(decision.case, graph=graph)).session.find(name, criterion).answer
    assert found is not Answer.NOT_MET
    if decision.session.find(name, criterion).answer is Answer.MET:
        assert found is Answer.MET


def suppliable(leaf: Leaf) -> bool:
    """Whether evidence for a leaf can be stated as it stands: its class by a case."""
    return leaf.shape.genus in library().schema.assertable
