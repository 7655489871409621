"""What would change the answer: the smallest sets of legitimate changes, each tried out on the case.

A criterion says whether its fact may be documented, obtained, waited for, or is fixed. A fixed
one is never advice, nor is one that the record has answered: only what is open may be
documented, and only a test or the passing of time may turn an answer that falls short. For each
set the record is given evidence that would pass the criteria, and the whole determination is
made again; only sets that really change an item are told. What completes a picture that the
record holds comes before what the record would have to turn, and that before reasons of which it
is wholly silent: those are told only of an item for which there is no other way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from reasoner.advice import ask_for
from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.criteria import Leaf, folded
from reasoner.determination import Outcome, Verdict, outcome_of_item
from reasoner.determine import Decision, decide
from reasoner.evidence import is_spoken_to
from reasoner.judging import verdict_if
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
class _Way:
    """A set of leaves: which of them the record answers otherwise, and of which reasons it says nothing at all."""

    leaves: Leaves
    turned: Leaves
    unheard: Leaves

    @property
    def order(self) -> tuple[object, ...]:
        """Gaps before turns, both before what nobody spoke of, small before large."""
        return len(self.unheard), len(self.turned), len(self.leaves), sorted(self.leaves)


@dataclass(frozen=True, slots=True)
class _Hope:
    """A set of leaves that ought to bring some items to a better outcome, were they met."""

    way: _Way
    outcome: Outcome
    items: tuple[str, ...]
    documents: frozenset[str]

    @property
    def leaves(self) -> Leaves:
        """What would have to be met."""
        return self.way.leaves

    @property
    def turned(self) -> Leaves:
        """What of it the record answers otherwise now."""
        return self.way.turned

    def rank(self, asked: frozenset[str]) -> tuple[object, ...]:
        """What only fills gaps first, of the rest what asks for least beyond that; then what settles most, by name."""
        return (
            bool(self.way.unheard),
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
    shared: dict[tuple[_Way, Outcome], list[str]] = {}
    for item, one in mine.items():
        kept: list[tuple[_Way, Outcome]] = []
        asked: set[tuple[Outcome, tuple[str, ...]]] = set()
        for way in _ordered(decision, one):
            if kept and (way.unheard or way.turned) and _is_settled(way, kept):
                break
            outcome = _supposed_outcome(decision, one, way.leaves)
            documents = (outcome, tuple(sorted({ask_for(decision, leaf) for leaf in way.leaves})))
            smaller = any(less.leaves <= way.leaves and not _better(reached, outcome) for less, reached in kept)
            if not _better(one.outcome, outcome) or smaller or documents in asked:
                continue
            asked.add(documents)
            kept.append((way, outcome))
            shared.setdefault((way, outcome), []).append(item)
    hopes = [
        _Hope(way, outcome, tuple(items), frozenset(ask_for(decision, leaf) for leaf in way.leaves))
        for (way, outcome), items in shared.items()
    ]
    missing = frozenset(
        document for hope in hopes if not hope.turned and not hope.way.unheard for document in hope.documents
    )
    return _each_item_first(sorted(hopes, key=lambda hope: hope.rank(missing)))


def _is_settled(way: _Way, kept: list[tuple[_Way, Outcome]]) -> bool:
    """Whether an item has a better way than to turn an answer, or than to show so much that nobody spoke of."""
    if way.unheard:
        return any(len(known.unheard) < len(way.unheard) for known, _ in kept)
    return any(not known.turned for known, _ in kept)


def _ordered(decision: Decision, one: DecidedItem) -> list[_Way]:
    """The candidate sets of an item, the likeliest to be shown first."""
    reasons = {
        part
        for judged in one.judged
        for finding in judged.indications
        for part in decision.library.criteria.within(finding.criterion)
    }
    found = []
    for leaves in _candidates(decision, one):
        told = {leaf: decision.session.find(one.item.iri, leaf) for leaf in leaves}
        turned = frozenset(leaf for leaf, finding in told.items() if finding.answer is Answer.NOT_MET)
        unheard = frozenset(
            leaf
            for leaf, finding in told.items()
            if leaf in reasons and finding.answer.is_open and finding.heard is Answer.NOT_MET
        )
        found.append(_Way(leaves, turned, unheard))
    return sorted(found, key=lambda way: way.order)[:_MOST_SETS]


def _each_item_first(hopes: list[_Hope]) -> list[_Hope]:
    """Sets that help an item no earlier set helps come before second ways to help the same one, hopes from nothing last."""
    helped: set[str] = set()
    first: list[_Hope] = []
    rest: list[_Hope] = []
    last: list[_Hope] = []
    for hope in hopes:
        (last if hope.way.unheard else rest if set(hope.items) <= helped else first).append(hope)
        helped |= set(hope.items)
    return [*first, *rest, *last]


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
    return verdict_if(decision.session, judged, lambda finding: _met(decision, finding, leaves))


def _met(decision: Decision, finding: Finding, leaves: Leaves) -> Finding:
    """A finding as it would be if some leaves were met."""
    if finding.criterion in leaves:
        return replace(finding, answer=Answer.MET, heard=Answer.MET)
    compiled = decision.library.criteria.compiled[finding.criterion]
    if isinstance(compiled, Leaf):
        return finding
    return folded(compiled, finding.item, tuple(_met(decision, child, leaves) for child in finding.children))


def _try(decision: Decision, wanted: dict[str, Leaves]) -> dict[str, Outcome]:
    """Determine the case again with evidence that passes each item's leaves; the request's own outcome under ''."""
    graph = suppose(decision, ((item, leaf) for item in wanted for leaf in sorted(wanted[item])))
    again = decide(
        decision.library,
        replace(decision.case, graph=graph),
        policy=decision.policy,
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
