"""The law of two judges as a check that tests share: what the fold answers, the two readings say too."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from reasoner.answers import Answer
from reasoner.determine import Decision
from reasoner.judges import CompiledRecommendation, JudgeShapes, answer_of, judge, judge_graphs
from reasoner.judging import counted_under
from reasoner.statement import answers_of, authored_shapes, closed_case
from tests.generated import library

Pair = tuple[str, str]


@lru_cache(maxsize=1)
def readings() -> JudgeShapes:
    """Both readings of every criterion, and of every recommendation as the default policy reads it."""
    lib = library()
    effective = counted_under(lib, lib.policy(None)).effective
    recommendations = [
        CompiledRecommendation(
            one.recommendation.iri, one.recommendation.indications, one.prerequisites, one.recommendation.exclusions
        )
        for one in effective
    ]
    return judge_graphs(authored_shapes(lib), lib.criteria.compiled, recommendations)


def answered(decision: Decision) -> dict[Pair, str]:
    """What a decision answers to each item and criterion, in the three words that two readings can say."""
    return {(item, criterion): _word(answer) for item, criterion, answer, _ in answers_of(decision)}


def differences(decision: Decision, pairs: Collection[Pair], engine: str = "pyshifty") -> list[str]:
    """The answers to some items and criteria that the engine does not bear out; each of them must have been judged."""
    mine = answered(decision)
    items, criteria = {item for item, _ in pairs}, {name for _, name in pairs}
    judged = judge(closed_case(decision), readings(), items, engine, criteria, pairs)
    missing = [pair for pair in pairs if pair not in judged]
    assert not missing, f"never judged: {missing[:3]}"
    return [
        f"{pair[1]} at {pair[0]}: answered {mine[pair]}, judged {found}"
        for pair in pairs
        if (found := answer_of(*judged[pair]).value) != mine[pair]
    ]


def _word(answer: Answer) -> str:
    return "open" if answer.is_open else answer.value
