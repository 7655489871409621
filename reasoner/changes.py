"""What would change the answer: the smallest sets of legitimate changes, each tried out on the case.

A criterion says whether its fact may be documented, obtained, waited for, or is fixed; a fixed
one is never advice. For each set the record is given evidence that would pass the criterion,
and the whole determination is made again: only sets that really change the outcome are told.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from typing import Any, Final

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.criteria import Finding, Leaf
from reasoner.demands import Bound
from reasoner.determination import Outcome
from reasoner.determine import DecidedItem, Decision, decide
from reasoner.quantities import decimal
from reasoner.record import Item
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Triple
from reasoner.vocabulary import RECORD, SH, Case, Nec

Json = dict[str, Any]

_LARGEST_SET: Final = 3
_MOST_TRIED: Final = 24
_ADVICE: Final = (Nec.Documentable, Nec.Obtainable, Nec.Waitable)
_PLACED: Final = frozenset({Nec.evidenceAtLevel, Nec.evidenceInConstruct, Nec.evidenceAdjacent})
_SUPPLIED: Final = frozenset(
    {Nec.evidenceAtLevel, Nec.evidenceInRegion, Nec.evidenceOfPatient, Nec.evidenceInConstruct, Nec.evidenceOfRoots}
)


def changes_of(decision: Decision) -> list[Json]:
    """For every item that is not approved, the smallest sets of legitimate changes that would change it."""
    rows: list[Json] = []
    for one in decision.principal:
        if one.outcome not in (Outcome.UNDETERMINED, Outcome.NOT_NECESSARY):
            continue
        found = _smallest(decision, one)
        for leaves, outcome in found:
            row: Json = {
                "item": one.item.id,
                "from": one.outcome.value,
                "to": outcome.value,
                "changes": [_change(decision, one, leaf) for leaf in leaves],
            }
            rows.append(row)
    return rows


def _smallest(decision: Decision, one: DecidedItem) -> list[tuple[tuple[str, ...], Outcome]]:
    candidates = sorted(_candidate_sets(decision, one), key=lambda s: (len(s), s))
    kept: list[tuple[tuple[str, ...], Outcome]] = []
    for tried, leaves in enumerate(candidates):
        if tried >= _MOST_TRIED:
            break
        if any(set(known) <= set(leaves) for known, _ in kept):
            continue
        outcome = _try(decision, one.item, leaves)
        if outcome is not None and _better(one.outcome, outcome):
            kept.append((leaves, outcome))
    return kept


def _better(before: Outcome, after: Outcome) -> bool:
    order = (Outcome.NOT_NECESSARY, Outcome.UNDETERMINED, Outcome.NECESSARY)
    return after in order and order.index(after) > order.index(before)


def _candidate_sets(decision: Decision, one: DecidedItem) -> set[tuple[str, ...]]:
    """For each recommendation: what its unmet prerequisites need, with what one of its indications needs."""
    sets: set[tuple[str, ...]] = set()
    for judged in one.judged:
        if not judged.verdict.speaks_for or judged.verdict.answer is Answer.MET:
            continue
        needed: list[list[frozenset[str]]] = []
        if judged.verdict.indicated is not Answer.MET:
            needed.append([way for finding in judged.indications for way in _ways(decision, finding)])
        prerequisites = [
            [way for finding in (prerequisite, *waivers) for way in _ways(decision, finding)]
            for prerequisite, waivers in judged.prerequisites
            if prerequisite.answer is not Answer.MET and all(w.answer is not Answer.MET for w in waivers)
        ]
        for count in range(len(prerequisites) + 1):
            for chosen in combinations(prerequisites, count):
                sets |= _products([*needed, *chosen])
    return sets


def _products(needed: list[list[frozenset[str]]]) -> set[tuple[str, ...]]:
    partial: set[frozenset[str]] = {frozenset()}
    for ways in needed:
        partial = {had | way for had in partial for way in ways if len(had | way) <= _LARGEST_SET}
    return {tuple(sorted(one)) for one in partial if one}


def _ways(decision: Decision, finding: Finding) -> list[frozenset[str]]:
    """The sets of leaves that, met, would make a finding met; none if that would take a fixed fact."""
    if finding.answer is Answer.MET:
        return [frozenset()]
    compiled = decision.library.criteria.compiled[finding.criterion]
    if isinstance(compiled, Leaf):
        kind = decision.library.graph.node(finding.criterion, Nec.changeKind)
        return [frozenset({finding.criterion})] if kind in _ADVICE and compiled.path in _SUPPLIED else []
    if compiled.fold == "not":
        return []
    if compiled.fold == "or":
        return [way for child in finding.children for way in _ways(decision, child)]
    partial: list[frozenset[str]] = [frozenset()]
    for child in finding.children:
        partial = [had | way for had in partial for way in _ways(decision, child) if len(had | way) <= _LARGEST_SET]
    return partial


def _try(decision: Decision, item: Item, leaves: tuple[str, ...]) -> Outcome | None:
    """Determine the case again with evidence that passes these leaves, and read the item's outcome."""
    graph = Graph()
    graph.index = {s: {p: list(v) for p, v in edges.items()} for s, edges in decision.case.graph.index.items()}
    for number, leaf in enumerate(leaves):
        compiled = decision.library.criteria.leaves[leaf]
        for wanted in range(compiled.wanted):
            _supply(decision, graph, item, compiled, f"{RECORD}#_supposed-{number}-{wanted}")
    again = decide(
        decision.library,
        replace(decision.case, graph=graph),
        policy=decision.policy.iri,
        evidence_until=decision.evidence_until,
        policy_date=decision.policy_date,
    )
    return next((one.outcome for one in again.items if one.item.iri == item.iri), None)


def _supply(decision: Decision, graph: Graph, item: Item, leaf: Leaf, node: str) -> None:
    """Write a node of evidence that passes a leaf's value shape, at the item, current and measured."""
    genus = leaf.shape.genus
    graph.add(decision.case.iri, Case.records, node)
    graph.add(node, RDF_TYPE, genus)
    graph.add(node, Case.hasBasis, Case.Measured)
    if decision.evidence_until:
        graph.add(node, Case.onDate, Literal(decision.evidence_until.isoformat(), XSD + "date"))
    place = item.place
    if leaf.path in _PLACED:
        for level in sorted(place.segments or place.vertebrae):
            graph.add(node, Case.atLevel, level)
    elif leaf.path == Nec.evidenceInRegion:
        for region in sorted(decision.library.anatomy.region_groups(place)):
            graph.add(node, Case.atLevel, region)
    elif leaf.path == Nec.evidenceOfRoots:
        for root in sorted(decision.library.anatomy.roots(place))[:1]:
            graph.add(node, Case.ofRoot, root)
    if item.side:
        graph.add(node, Case.onSide, item.side)
    _satisfy(decision, graph, leaf.shape.shape, node)
    for triple in _rivals(decision, leaf, item):
        values = graph.index.get(triple.subject, {}).get(triple.predicate, [])
        if triple.object in values:
            values.remove(triple.object)


def _rivals(decision: Decision, leaf: Leaf, item: Item) -> list[Triple]:
    # A dispute is settled by evidence that ends it: what spoke against the answer is taken as answered.
    finding = decision.session.find(item.iri, leaf.iri)
    rivals = {
        rival
        for value in finding.values
        if value.in_conflict
        for rival in decision.record.graph.nodes(value.node, Nec.conflictsWith)
    }
    return [Triple(decision.case.iri, Case.records, rival) for rival in sorted(rivals)]


def _satisfy(decision: Decision, graph: Graph, shape: str, node: str) -> None:
    knowledge = decision.library.graph
    for path_shape in knowledge.nodes(shape, SH + "property"):
        path = knowledge.node(path_shape, SH + "path")
        if path is None or path in decision.library.spans.windows:
            continue
        _give(decision, graph, path_shape, path, node)
    for head in knowledge.nodes(shape, SH + "or"):
        for side in knowledge.list(head)[:1]:
            if isinstance(side, str):
                for cls in knowledge.nodes(side, SH + "class"):
                    graph.add(node, RDF_TYPE, cls)
                _satisfy(decision, graph, side, node)
    for head in knowledge.nodes(shape, SH + "and"):
        for side in knowledge.list(head):
            if isinstance(side, str):
                _satisfy(decision, graph, side, node)


def _give(decision: Decision, graph: Graph, shape: str, path: str, node: str) -> None:
    knowledge = decision.library.graph
    chosen = knowledge.list(knowledge.node(shape, SH + "in") or "")[:1] or knowledge.objects(shape, SH + "hasValue")
    for value in chosen:
        graph.add(node, path, value)
    bounds = [
        Bound(path, kind, value.number)
        for kind in ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
        for value in knowledge.objects(shape, SH + kind)
        if isinstance(value, Literal) and value.number is not None
    ]
    if bounds:
        graph.add(node, path, decimal(just_passing(bounds[0])))
    nested = knowledge.node(shape, SH + "qualifiedValueShape") or shape
    for cls in knowledge.nodes(nested, SH + "class"):
        inner = f"{node}-{local(path)}"
        graph.add(node, path, inner)
        graph.add(inner, RDF_TYPE, cls)


def just_passing(bound: Bound) -> Decimal:
    """The number nearest to a threshold that passes it.

    >>> just_passing(Bound("p", "minExclusive", Decimal("30")))
    Decimal('30.1')
    """
    step = Decimal("0.1") if bound.threshold.as_tuple().exponent == 0 else Decimal(1).scaleb(int(bound.threshold.as_tuple().exponent))
    if bound.kind == "minExclusive":
        return bound.threshold + step
    return bound.threshold - step if bound.kind == "maxExclusive" else bound.threshold


def _change(decision: Decision, one: DecidedItem, leaf: str) -> Json:
    graph, library = decision.library.graph, decision.library
    kind = graph.node(leaf, Nec.changeKind)
    finding = decision.session.find(one.item.iri, leaf)
    return {
        "criterion": leaf,
        "label": library.label(leaf),
        "kind": local(kind).lower() if kind else None,
        "askFor": graph.text(leaf, Nec.asksFor) or library.definition(leaf),
        "answer": finding.answer.value,
        "distance": distance_of(decision, finding),
    }


def distance_of(decision: Decision, finding: Finding) -> list[Json]:
    """For each number on record that a leaf compares, how far it is from the threshold."""
    leaf = decision.library.criteria.leaves.get(finding.criterion)
    if leaf is None:
        return []
    graph, spans = decision.record.graph, decision.library.spans
    rows: list[Json] = []
    for value in finding.values:
        for demand in leaf.shape.demands:
            for bound in demand.bounds:
                low = graph.value(value.node, spans.low.get(bound.path, bound.path))
                high = graph.value(value.node, spans.high.get(bound.path, bound.path))
                number = low if bound.kind.startswith("min") else high
                if isinstance(number, Literal) and number.number is not None:
                    rows.append(
                        {
                            "property": decision.library.label(bound.path),
                            "value": number.lexical,
                            "threshold": f"{bound.threshold:f}",
                            "distance": f"{number.number - bound.threshold:f}",
                        }
                    )
    return rows


def ledger_of(decision: Decision) -> list[Json]:
    """The same case under every policy, and the criteria that make each differ from the one chosen."""
    rows: list[Json] = []
    mine = {one.item.iri: one for one in decision.items}
    for iri in sorted(decision.library.policies):
        other = (
            decision
            if iri == decision.policy.iri
            else decide(
                decision.library,
                decision.case,
                policy=iri,
                evidence_until=decision.evidence_until,
                policy_date=decision.policy_date,
            )
        )
        differing = []
        for one in other.principal:
            before = mine.get(one.item.iri)
            if before is not None and before.outcome is not one.outcome:
                differing.append(
                    {
                        "item": one.item.id,
                        "outcome": one.outcome.value,
                        "insteadOf": before.outcome.value,
                        "because": _reasons(decision, before, one),
                    }
                )
        rows.append(
            {
                "policy": local(iri),
                "label": decision.library.label(iri),
                "outcome": other.outcome.value,
                "differs": differing,
            }
        )
    return rows


def _reasons(decision: Decision, before: DecidedItem, after: DecidedItem) -> list[Json]:
    """The prerequisites that one policy asks for and the other does not, with the claims they rest on."""
    def asked(one: DecidedItem) -> dict[str, Finding]:
        return {
            prerequisite.criterion: prerequisite
            for judged in one.judged
            for prerequisite, waivers in judged.prerequisites
            if not any(w.answer is Answer.MET for w in waivers)
        }

    left, right = asked(before), asked(after)
    differing = {**{c: left[c] for c in left.keys() - right.keys()}, **{c: right[c] for c in right.keys() - left.keys()}}
    lone = {j.verdict.recommendation for j in before.judged} ^ {j.verdict.recommendation for j in after.judged}
    graph = decision.library.graph
    return [
        {
            "criterion": criterion,
            "label": decision.library.label(criterion),
            "answer": differing[criterion].answer.value,
            "askedBy": "other" if criterion in right else "chosen",
            "claims": sorted(graph.nodes(criterion, Nec.restsOn)),
        }
        for criterion in sorted(differing)
        if differing[criterion].answer is not Answer.MET
    ] + [
        {"recommendation": iri, "label": decision.library.label(iri), "claims": sorted(graph.nodes(iri, Nec.restsOn))}
        for iri in sorted(lone)
    ]


