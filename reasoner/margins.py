"""How close a decision is: for each number that a criterion compares, how far it stands from its bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.evidence import describe, is_role, leaves_of
from reasoner.terms import Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from reasoner.criteria import Finding
    from reasoner.demands import Bound
    from reasoner.determine import Decision
    from reasoner.judging import Judged

Json = dict[str, Any]

_BARS: Final = {
    "minInclusive": "at least {}",
    "minExclusive": "over {}",
    "maxInclusive": "at most {}",
    "maxExclusive": "under {}",
}


def margins_of(decision: Decision) -> list[Json]:
    """The numbers that criteria of the principal items compare, each once, the closest to its bar first."""
    rows: dict[tuple[str, str, str], Json] = {}
    for one in decision.principal:
        for judged in one.judged:
            for finding in _findings(judged):
                for leaf in leaves_of(finding):
                    for row in distance_of(decision, leaf):
                        rows.setdefault((leaf.criterion, row["node"], row["property"]), row)
    return sorted(rows.values(), key=lambda row: (row["nearness"], row["criterion"], row["node"]))


def _findings(judged: Judged) -> Iterator[Finding]:
    yield from (*judged.indications, *judged.exclusions, *judged.considerations)
    for prerequisite, waivers in judged.prerequisites:
        yield from (prerequisite, *waivers)


def distance_of(decision: Decision, finding: Finding) -> list[Json]:
    """For each number on record that a leaf compares, by how much it clears the bar, at both ends of a span."""
    leaf = decision.library.criteria.leaves.get(finding.criterion)
    if leaf is None:
        return []
    return [
        row
        for value in finding.values
        if not is_role(decision, value.node) and value.node not in decision.record.services
        for demand in leaf.shape.demands
        for bound in demand.bounds
        if bound.path not in decision.library.spans.windows
        for row in _rows(decision, finding, value.node, bound)
    ]


def _rows(decision: Decision, finding: Finding, node: str, bound: Bound) -> list[Json]:
    graph, spans = decision.record.graph, decision.library.spans
    low = _number(graph.value(node, spans.low.get(bound.path, bound.path)))
    high = _number(graph.value(node, spans.high.get(bound.path, bound.path)))
    known = [number for number in (low, high) if number is not None]
    if not known:
        return []
    sign = 1 if bound.kind.startswith("min") else -1
    ends = sorted({abs(gap) if gap == 0 else gap for number in known for gap in (sign * (number - bound.threshold),)})
    said = [f"{number:f}" for number in dict.fromkeys(known)]
    value = " to ".join(said) if len(known) == 2 else f"at least {said[0]}" if high is None else f"at most {said[0]}"  # noqa: PLR2004  both ends
    return [
        {
            "criterion": finding.criterion,
            "label": decision.library.label(finding.criterion),
            "answer": finding.answer.value,
            "node": node,
            "statement": describe(decision, node).split(", ")[0],
            "property": decision.library.label(bound.path),
            "value": value,
            "threshold": _BARS[bound.kind].format(f"{bound.threshold:f}"),
            "distance": " to ".join(f"{end:+f}" for end in ends),
            "nearness": float(min(abs(end) for end in ends) / (abs(bound.threshold) or 1)),
        }
    ]


def _number(value: object) -> Decimal | None:
    return value.number if isinstance(value, Literal) else None
