"""What would change the answer: the smallest sets of legitimate changes, each tried out on the case.

A criterion says whether its fact may be documented, obtained, waited for, or is fixed. A fixed
one is never advice, nor is one that the record has answered: only what is open may be
documented, and only a test or the passing of time may turn an answer that falls short. For each
set the record is given evidence that would pass the criteria, and the whole determination is
made again; only sets that really change an item are told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from reasoner.advice import ask_for
from reasoner.anatomy import local
from reasoner.answers import Answer, any_of
from reasoner.criteria import FOLDS, Leaf
from reasoner.determination import Outcome, Verdict, answer_of_recommendation, outcome_of_item
from reasoner.determine import Decision, decide
from reasoner.evidence import is_spoken_to
from reasoner.judging import heard_of
from reasoner.margins import distance_of, margins_of
from reasoner.supposition import suppose
from reasoner.vocabulary import Nec

if TYPE_CHECKING:
    from reasoner.criteria import Finding
    from reasoner.determine import DecidedItem
    from reasoner.judging import Judged

Json = dict[str, Any]
Leaves = frozenset[str]

_LARGEST_SET: Final = 3
_MOST_SETS: Final = 64
_MOST_TRIED: Final = 5
_LADDER: Final = (Outcome.NOT_NECESSARY, Outcome.UNDETERMINED, Outcome.NECESSARY)
_SUPPLIED: Final = frozenset(
    {Nec.evidenceAtLevel, Nec.evidenceInRegion, Nec.evidenceOfPatient, Nec.evidenceInConstruct, Nec.evidenceOfRoots}
)


@dataclass(frozen=True, slots=True)
class _Hope:
    """A set of leaves that ought to bring some items to a better outcome, were they met."""

    leaves: Leaves
    turned: Leaves
    outcome: Outcome
    items: tuple[str, ...]
    documents: frozenset[str]

    def rank(self, asked: frozenset[str]) -> tuple[object, ...]:
        """What only fills gaps first, of the rest what asks for least beyond that; then what settles most, by name."""
        return (
            bool(self.turned),
            len(self.documents - asked) if self.turned else 0,
            self.outcome is not Outcome.NECESSARY,
            -len(self.items),
            len(self.leaves),
            sorted(self.leaves),
        )


def outlook_of(decision: Decision) -> Json:
    """The changes, what they come to together, which items nothing moves, and how close the numbers are."""
    mine = {one.item.id: one for one in decision.principal if one.outcome in _LADDER[:2]}
    tried: list[tuple[_Hope, dict[str, Outcome]]] = []
    for hope in _hopes(decision, mine):
        if len(tried) == _MOST_TRIED:
            break
        known = [moved for earlier, moved in tried if not earlier.turned]
        if hope.turned and all(any(moved.get(item) is hope.outcome for moved in known) for item in hope.items):
            continue  # What fills a gap elsewhere moves these too.
        outcomes = _try(decision, dict.fromkeys(hope.items, hope.leaves))
        moved = {item: outcomes[item] for item in mine if _better(mine[item].outcome, outcomes.get(item))}
        tried.append((hope, moved))
    tried = [(hope, moved) for hope, moved in _without_repeats(tried) if moved]
    rows: list[Json] = [
        {
            "items": (items := [item for item, after in moved.items() if (mine[item].outcome, after) == step]),
            "item": items[0],
            "from": step[0].value,
            "to": step[1].value,
            "turns": bool(hope.turned),
            "changes": [_change(decision, mine[hope.items[0]], leaf) for leaf in sorted(hope.leaves)],
        }
        for hope, moved in tried
        for step in dict.fromkeys((mine[item].outcome, after) for item, after in moved.items())
    ]
    moved_items = {item for _, moved in tried for item in moved}
    return {
        "changes": rows,
        "together": _together(decision, mine, tried),
        "unmoved": [item for item in mine if item not in moved_items],
        "margins": margins_of(decision),
    }


def _without_repeats(tried: list[tuple[_Hope, dict[str, Outcome]]]) -> list[tuple[_Hope, dict[str, Outcome]]]:
    """Leave out what a set moves only because it holds a smaller one that moves it as far."""
    return [
        (
            hope,
            {
                item: after
                for item, after in moved.items()
                if not any(less.leaves < hope.leaves and done.get(item) is after for less, done in tried)
            },
        )
        for hope, moved in tried
    ]


def _together(
    decision: Decision, mine: dict[str, DecidedItem], tried: list[tuple[_Hope, dict[str, Outcome]]]
) -> Json | None:
    """All gaps filled at once, for each item by the set that helps it most: what the request becomes.

    What would have to turn out otherwise than the record says is left out of this.
    """
    chosen: dict[str, Leaves] = {}
    reached: dict[str, Outcome] = {}
    for hope, moved in tried:
        for item in hope.items if not hope.turned else ():
            outcome = moved.get(item, mine[item].outcome)
            if item not in chosen or _better(reached[item], outcome):
                chosen[item], reached[item] = hope.leaves, outcome
    if not chosen:
        return None
    leaves = dict.fromkeys(leaf for item in chosen for leaf in sorted(chosen[item]))
    first = {leaf: next(item for item in chosen if leaf in chosen[item]) for leaf in leaves}
    outcomes = _try(decision, chosen)
    return {
        "changes": [_change(decision, mine[first[leaf]], leaf) for leaf in leaves],
        "to": outcomes.get("", decision.outcome).value,
        "approved": [item for item in mine if outcomes.get(item) is Outcome.NECESSARY],
        "still": [item for item in mine if outcomes.get(item) is not Outcome.NECESSARY],
    }


def _better(before: Outcome, after: Outcome | None) -> bool:
    return after in _LADDER and before in _LADDER and _LADDER.index(after) > _LADDER.index(before)


def _hopes(decision: Decision, mine: dict[str, DecidedItem]) -> list[_Hope]:
    """The smallest sets by what the recommendations say alone; items that share one are tried together."""
    shared: dict[tuple[Leaves, Leaves, Outcome], list[str]] = {}
    for item, one in mine.items():
        kept: list[tuple[Leaves, Outcome, Leaves]] = []
        asked: set[tuple[Outcome, tuple[str, ...]]] = set()
        for leaves, turned in _ordered(decision, one):
            if turned and any(not known for _, _, known in kept):
                break  # There is a way that only fills gaps.
            outcome = _supposed_outcome(decision, one, leaves)
            documents = (outcome, tuple(sorted({ask_for(decision, leaf) for leaf in leaves})))
            smaller = any(known <= leaves and not _better(reached, outcome) for known, reached, _ in kept)
            if not _better(one.outcome, outcome) or smaller or documents in asked:
                continue
            asked.add(documents)
            kept.append((leaves, outcome, turned))
            shared.setdefault((leaves, turned, outcome), []).append(item)
    hopes = [
        _Hope(leaves, turned, outcome, tuple(items), frozenset(ask_for(decision, leaf) for leaf in leaves))
        for (leaves, turned, outcome), items in shared.items()
    ]
    missing = frozenset(document for hope in hopes if not hope.turned for document in hope.documents)
    return _each_item_first(sorted(hopes, key=lambda hope: hope.rank(missing)))


def _ordered(decision: Decision, one: DecidedItem) -> list[tuple[Leaves, Leaves]]:
    """The candidate sets of an item with what in each would turn an answer; gaps before turns, small before large."""
    find = decision.session.find
    found = [
        (leaves, frozenset(leaf for leaf in leaves if find(one.item.iri, leaf).answer is Answer.NOT_MET))
        for leaves in _candidates(decision, one)
    ]
    return sorted(found, key=lambda pair: (len(pair[1]), len(pair[0]), sorted(pair[0])))[:_MOST_SETS]


def _each_item_first(hopes: list[_Hope]) -> list[_Hope]:
    """Sets that help an item no earlier set helps come before second ways to help the same one."""
    helped: set[str] = set()
    first: list[_Hope] = []
    rest: list[_Hope] = []
    for hope in hopes:
        (rest if set(hope.items) <= helped else first).append(hope)
        helped |= set(hope.items)
    return [*first, *rest]


def _candidates(decision: Decision, one: DecidedItem) -> set[Leaves]:
    """For each recommendation for an item: what its open prerequisites need, with what one indication needs."""
    sets: set[Leaves] = set()
    for judged in one.judged:
        if not judged.verdict.speaks_for or judged.verdict.answer is Answer.MET:
            continue
        indicated: list[Leaves] = [frozenset()]
        if judged.verdict.indicated is not Answer.MET:
            indicated = [way for finding in judged.indications for way in _ways(decision, finding)]
        needed = [
            [way for finding in (prerequisite, *waivers) for way in _ways(decision, finding)]
            for prerequisite, waivers in judged.prerequisites
            if prerequisite.answer is not Answer.MET and all(w.answer is not Answer.MET for w in waivers)
        ]
        for count in {0, len(needed)}:
            for chosen in combinations(needed, count):
                sets |= _products([indicated, *chosen])
    return {one for one in sets if one}


def _products(needed: list[list[Leaves]]) -> set[Leaves]:
    partial: set[Leaves] = {frozenset()}
    for ways in needed:
        partial = {had | way for had in partial for way in ways if len(had | way) <= _LARGEST_SET}
    return partial


def _ways(decision: Decision, finding: Finding) -> list[Leaves]:
    """The sets of leaves that, met, would make a finding met; none if that would take what is no advice."""
    if finding.answer is Answer.MET:
        return [frozenset()]
    compiled = decision.library.criteria.compiled[finding.criterion]
    if isinstance(compiled, Leaf):
        return [frozenset({finding.criterion})] if _is_legitimate(decision, finding, compiled) else []
    if compiled.fold == "not":
        return []
    if compiled.fold == "or":
        return [way for child in finding.children for way in _ways(decision, child)]
    partial: list[Leaves] = [frozenset()]
    for child in finding.children:
        partial = [had | way for had in partial for way in _ways(decision, child) if len(had | way) <= _LARGEST_SET]
    return partial


def _is_legitimate(decision: Decision, finding: Finding, leaf: Leaf) -> bool:
    """Whether meeting a leaf may be advised: what is open may be shown; what falls short only measured or awaited."""
    kind = decision.library.graph.node(leaf.iri, Nec.changeKind)
    if leaf.path not in _SUPPLIED:
        return False
    if finding.answer.is_open:
        return kind in (Nec.Documentable, Nec.Obtainable, Nec.Waitable)
    return kind in (Nec.Obtainable, Nec.Waitable) and is_spoken_to(decision, finding)


def _supposed_outcome(decision: Decision, one: DecidedItem, leaves: Leaves) -> Outcome:
    """The outcome of an item if some leaves were met, by the recommendations alone."""
    return outcome_of_item([_supposed(decision, judged, leaves) for judged in one.judged])


def _supposed(decision: Decision, judged: Judged, leaves: Leaves) -> Verdict:
    def met(finding: Finding) -> Finding:
        return _met(decision, finding, leaves)

    indications = [met(finding) for finding in judged.indications]
    prerequisites = [(met(one), [met(waiver) for waiver in waivers]) for one, waivers in judged.prerequisites]
    exclusions = [met(finding).answer for finding in judged.exclusions]
    plain = [one.answer for one in indications]
    asked = [(one.answer, [waiver.answer for waiver in waivers]) for one, waivers in prerequisites]
    heard = heard_of(decision.session.silence, indications, prerequisites)
    return replace(
        judged.verdict,
        answer=answer_of_recommendation(plain, asked, exclusions),
        indicated=any_of(plain),
        excluded=any_of(exclusions),
        heard=answer_of_recommendation(*heard, exclusions),
    )


def _met(decision: Decision, finding: Finding, leaves: Leaves) -> Finding:
    """A finding as it would be if some leaves were met."""
    if finding.criterion in leaves:
        return replace(finding, answer=Answer.MET, heard=Answer.MET)
    if not finding.children:
        return finding
    children = tuple(_met(decision, child, leaves) for child in finding.children)
    compiled = decision.library.criteria.compiled[finding.criterion]
    fold = FOLDS["and" if isinstance(compiled, Leaf) else compiled.fold]
    answer, heard = fold(one.answer for one in children), fold(one.heard for one in children)
    return replace(finding, children=children, answer=answer, heard=heard)


def _try(decision: Decision, wanted: dict[str, Leaves]) -> dict[str, Outcome]:
    """Determine the case again with evidence that passes each item's leaves; the request's own outcome under ''."""
    graph = suppose(decision, ((item, leaf) for item in wanted for leaf in sorted(wanted[item])))
    again = decide(
        decision.library,
        replace(decision.case, graph=graph),
        policy=decision.policy.iri,
        evidence_until=decision.evidence_until,
        policy_date=decision.policy_date,
    )
    return {"": again.outcome, **{one.item.id: one.outcome for one in again.items}}


def _change(decision: Decision, one: DecidedItem, leaf: str) -> Json:
    graph, library = decision.library.graph, decision.library
    kind = graph.node(leaf, Nec.changeKind)
    finding = decision.session.find(one.item.iri, leaf)
    return {
        "criterion": leaf,
        "label": library.label(leaf),
        "kind": local(kind).lower() if kind else None,
        "askFor": ask_for(decision, leaf),
        "answer": finding.answer.value,
        "distance": distance_of(decision, finding),
    }
