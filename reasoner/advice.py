"""What a person should do or weigh: what to ask for, advisories, and the lesser things that could be done instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.determination import Outcome
from reasoner.evidence import evidence_of, is_spoken_to, statement_of
from reasoner.extent import passing
from reasoner.vocabulary import SH, Nec

if TYPE_CHECKING:
    from reasoner.criteria import Finding, Leaf
    from reasoner.determine import DecidedItem, Decision
    from reasoner.judging import Judged

Json = dict[str, Any]

COUNTED_HERE: Final = frozenset({Nec.hasRole, Nec.hasConstruct})
"""Paths to facts that are counted from the levels: no document can supply them."""


def carrying(one: DecidedItem) -> tuple[Judged, ...]:
    """The recommendations that carry an item's outcome, the most telling first.

    Of an undetermined item these are the ones whose indication is met, if there are any: the
    others are routes that stay open, not what the item waits for.
    """
    supports = [judged for judged in one.judged if judged.verdict.speaks_for]
    opposing = [j for j in one.judged if not j.verdict.speaks_for and j.verdict.answer is not Answer.NOT_MET]
    if one.outcome is Outcome.NECESSARY:
        return tuple(j for j in supports if j.verdict.answer is Answer.MET)
    if one.outcome in (Outcome.UNDETERMINED, Outcome.INCLUDED):
        chosen = [j for j in supports if j.verdict.answer is not Answer.NOT_MET]
        indicated = [j for j in chosen if j.verdict.indicated is Answer.MET]
        return (*(indicated or chosen), *opposing)
    possible = [j for j in supports if j.verdict.indicated is not Answer.NOT_MET]
    barring = [j for j in possible if j.verdict.excluded is not Answer.NOT_MET]
    near = [j for j in possible if j.verdict.excluded is Answer.NOT_MET]
    far = [j for j in supports if j.verdict.indicated is Answer.NOT_MET]
    return (*opposing, *barring, *near, *far)


def needs_of(decision: Decision) -> list[Json]:
    """What is not documented, ranked by how much it would settle: the documents to ask for first."""
    criteria = decision.library.criteria
    wanted: dict[str, Json] = {}
    principal = {one.item.id for one in decision.principal}
    for one in decision.items:
        if one.outcome is not Outcome.UNDETERMINED and not one.is_silent:
            continue
        for judged in carrying(one):
            for leaf, choice in open_leaves(judged, reasons_only=one.is_silent):
                compiled = criteria.leaves.get(leaf.criterion)
                if compiled is None or compiled.path in COUNTED_HERE:
                    continue
                entry = wanted.setdefault(leaf.criterion, _need(decision, leaf, compiled, choice))
                if one.item.id not in entry["items"]:
                    entry["items"].append(one.item.id)
                if judged.verdict.indicated is Answer.MET:
                    entry["wouldSettle"] = True
    rows = list(wanted.values())
    rows.sort(
        key=lambda row: (
            not row["wouldSettle"],
            -sum(item in principal for item in row["items"]),
            -len(row["items"]),
            row["criterion"],
        )
    )
    return rows


def _need(decision: Decision, leaf: Finding, compiled: Leaf, choice: str | None) -> Json:
    graph = decision.library.graph
    kind = graph.node(leaf.criterion, Nec.changeKind)
    return {
        "criterion": leaf.criterion,
        "label": decision.library.label(leaf.criterion),
        "answer": leaf.answer.value,
        "askFor": ask_for(decision, leaf.criterion),
        "message": graph.text(leaf.criterion, SH + "message"),
        "changeKind": local(kind).lower() if kind else None,
        "anyOf": decision.library.label(choice) if choice else None,
        "wouldSettle": False,
        "items": [],
        "asksAbout": decision.library.label(compiled.shape.genus),
    }


def ask_for(decision: Decision, criterion: str) -> str:
    """The document that would answer a criterion, in words."""
    asked = decision.library.graph.text(criterion, Nec.asksFor)
    return asked or f"a note that says whether this holds: {decision.library.label(criterion).lower()}"


def open_leaves(judged: Judged, *, reasons_only: bool = False) -> list[tuple[Finding, str | None]]:
    """The leaves that keep a recommendation from a definite answer, each with the choice it is one way to meet."""
    found: list[tuple[Finding, str | None]] = []
    if judged.verdict.indicated.is_open:
        for finding in judged.indications:
            found.extend(_open(finding))
    if reasons_only:
        return found
    for prerequisite, waivers in judged.prerequisites:
        if prerequisite.answer.is_open and not any(w.answer is Answer.MET for w in waivers):
            found.extend(_open(prerequisite))
    for finding in judged.exclusions:
        found.extend(_open(finding))
    return found


def _open(finding: Finding, choice: str | None = None) -> list[tuple[Finding, str | None]]:
    if not finding.answer.is_open:
        return []
    if not finding.children:
        return [(finding, choice)]
    several = sum(child.answer is not Answer.MET for child in finding.children) > 1
    is_choice = several and all(child.answer is not Answer.MET for child in finding.children)
    inner = choice or (finding.criterion if is_choice else None)
    return [leaf for child in finding.children for leaf in _open(child, inner)]


def advisories_of(decision: Decision) -> list[Json]:
    """The advisories that some item raises: of the guidelines that carry the outcome first, then by importance."""
    library, session = decision.library, decision.session
    raised: dict[str, Json] = {}
    for advisory in library.advisories:
        if advisory.guideline not in decision.policy.counts:
            continue
        for one in decision.items:
            if advisory.concerns and not advisory.concerns & one.item.types:
                continue
            finding = session.find(one.item.iri, advisory.criterion)
            if not _raises(advisory.raised_on, finding.answer):
                continue
            if _is_moot(decision, one, advisory.criterion, advisory.raised_on):
                continue
            entry = raised.setdefault(
                advisory.iri,
                {
                    "advisory": advisory.iri,
                    "label": library.label(advisory.iri),
                    "text": library.definition(advisory.iri),
                    "importance": advisory.importance,
                    "criterion": advisory.criterion,
                    "answer": finding.answer.value,
                    "carries": False,
                    "items": [],
                    "evidence": [statement_of(decision, node) for node in dict.fromkeys(passing(finding))],
                    "claims": sorted(set(library.graph.nodes(advisory.iri, Nec.restsOn))),
                },
            )
            entry["items"].append(one.item.id)
            entry["carries"] |= _carries(decision, one, advisory.guideline)
    return sorted(raised.values(), key=lambda entry: (not entry["carries"], entry["importance"], entry["advisory"]))


def _carries(decision: Decision, one: DecidedItem, guideline: str) -> bool:
    """Whether a guideline has a say in an item: it carries the outcome, or it recommends nothing anyway."""
    if guideline not in decision.library.recommending:
        return True
    return any(judged.effective.recommendation.guideline == guideline for judged in carrying(one))


def _is_moot(decision: Decision, one: DecidedItem, criterion: str, raised_on: str) -> bool:
    """Whether nothing that carries an item waits for a prerequisite: it is waived, or asked on other routes only."""
    within = decision.library.criteria.within
    if criterion not in decision.session.counted.asked or raised_on == Nec.Met:
        return False
    return not any(
        criterion in within(prerequisite.criterion) and all(waiver.answer is not Answer.MET for waiver in waivers)
        for judged in carrying(one)
        for prerequisite, waivers in judged.prerequisites
    )


def _raises(waits_for: str, answer: Answer) -> bool:
    if waits_for == Nec.Open:
        return answer.is_open
    if waits_for == Nec.NotMet:
        return answer is Answer.NOT_MET
    return answer is Answer.MET


def alternatives_of(decision: Decision) -> list[Json]:
    """The lesser things that could be done instead, and which goals of the indication they do not reach."""
    library = decision.library
    found: dict[tuple[str, tuple[str, ...]], Json] = {}
    for one in decision.principal:
        if one.outcome not in (Outcome.NECESSARY, Outcome.UNDETERMINED):
            continue
        for judged in carrying(one):
            goals = [
                goal
                for finding in judged.indications
                if finding.answer is Answer.MET
                for goal in library.graph.nodes(finding.criterion, Nec.setsGoal)
            ]
            for procedure in judged.effective.recommendation.alternatives:
                known = library.procedures.get(procedure)
                if known is None or not goals or library.is_a(one.item.procedure, procedure):
                    continue
                unreached = tuple(dict.fromkeys(goal for goal in goals if goal not in known.provides))
                entry = found.setdefault(
                    (procedure, unreached),
                    {
                        "alternative": library.label(procedure),
                        "alternativeIri": procedure,
                        "goals": [library.label(goal) for goal in dict.fromkeys(goals)],
                        "notReached": [library.label(goal) for goal in unreached],
                        "contraindications": _bars(decision, one, procedure),
                        "items": [],
                    },
                )
                if one.item.id not in entry["items"]:
                    entry["items"].append(one.item.id)
    return list(found.values())


def _bars(decision: Decision, one: DecidedItem, procedure: str) -> list[Json]:
    session, library = decision.session, decision.library
    types = library.ancestors.get(procedure, frozenset())
    regions = library.anatomy.regions(one.item.place)
    rows: dict[str, Json] = {}
    for effective in session.counted.speaking_of(types, regions):
        asked = effective.recommendation
        for strength, criteria in (("absolute", asked.exclusions), ("relative", asked.considerations)):
            for criterion in criteria:
                finding = session.find(one.item.iri, criterion)
                bars = strength == "absolute" or Nec.Contraindication in library.graph.types(criterion)
                if finding.answer is not (Answer.MET if bars else Answer.NOT_MET):
                    continue
                if bars or is_spoken_to(decision, finding):
                    rows[criterion] = {
                        "criterion": criterion,
                        "label": library.label(criterion),
                        "text": library.graph.text(criterion, SH + "message") if not bars else library.label(criterion),
                        "strength": strength,
                        "evidence": evidence_of(decision, finding),
                    }
    return list(rows.values())
