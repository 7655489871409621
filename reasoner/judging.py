"""Judging one item: which recommendations speak about it under a policy, and what each of their criteria answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reasoner.answers import Answer, Silence, any_of, as_read
from reasoner.criteria import LATE_PATHS, Bearing, Finding, Weighed
from reasoner.determination import (
    Fit,
    Outcome,
    Verdict,
    answer_of_recommendation,
    outcome_of_item,
)
from reasoner.library import Library, Policy, Recommendation
from reasoner.record import Item, Record
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import Case


@dataclass(frozen=True, slots=True)
class Effective:
    """A recommendation as a policy counts it: its prerequisites and considerations after the policy's choices."""

    recommendation: Recommendation
    prerequisites: tuple[tuple[str, tuple[str, ...]], ...]
    considerations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One recommendation about one item, with the finding of every criterion it names."""

    effective: Effective
    verdict: Verdict
    indications: tuple[Finding, ...]
    prerequisites: tuple[tuple[Finding, tuple[Finding, ...]], ...]
    exclusions: tuple[Finding, ...]
    considerations: tuple[Finding, ...]


@dataclass(slots=True)
class Session:
    """One policy at work on one closed record: which recommendations count, and what has been answered."""

    record: Record
    effective: tuple[Effective, ...]
    silence: Silence
    memo: dict[tuple[str, str], Finding] = field(default_factory=dict)
    bearing: Bearing = field(default_factory=dict)
    weighed: Weighed = field(default_factory=dict)
    worded: dict[str, dict[str, Any]] = field(default_factory=dict)

    def find(self, item: str, criterion: str) -> Finding:
        """Answer one criterion about one item."""
        return self.record.library.criteria.judge(
            self.record.graph, item, criterion, self.memo, self.bearing, self.weighed
        )

    def forget(self) -> None:
        """Drop the answers to criteria about the construct, after facts about it were added."""
        is_late = self.record.library.criteria.is_late
        self.memo = {key: found for key, found in self.memo.items() if not is_late(key[1])}
        self.weighed = {key: found for key, found in self.weighed.items() if not is_late(key[0])}
        self.bearing = {key: found for key, found in self.bearing.items() if key[1] not in LATE_PATHS}


def effective_recommendations(library: Library, policy: Policy) -> tuple[Effective, ...]:
    """The recommendations that a policy counts, with what it requires or merely considers."""
    found = []
    for one in library.recommendations:
        if one.guideline not in policy.counts or {one.iri, one.guideline} & policy.sets_aside:
            continue
        asked = [c for c in one.prerequisites if c not in policy.considers]
        asked += [c for c in one.considerations if c in policy.requires]
        considered = [c for c in one.considerations if c not in policy.requires]
        considered += [c for c in one.prerequisites if c in policy.considers]
        waived = tuple((c, waivers_of(library, policy, c)) for c in asked)
        found.append(Effective(one, waived, tuple(considered)))
    return tuple(found)


def waivers_of(library: Library, policy: Policy, prerequisite: str) -> tuple[str, ...]:
    """The exceptions that waive a prerequisite, from the guidelines that the policy counts."""
    return tuple(
        exception
        for exception in library.waivers.get(prerequisite, ())
        if exception.rsplit("#", 1)[0] in policy.counts and exception not in policy.sets_aside
    )


def speaks_of(one: Recommendation, types: frozenset[str], regions: frozenset[str]) -> bool:
    """Whether a recommendation is about an item's procedure and place."""
    return bool(one.concerns & types) and (not one.regions or not regions or bool(one.regions & regions))


def fit_of(record: Record, population: str | None) -> Fit:
    """How the patient fits a population: inside, outside, or not certain."""
    if population is None:
        return Fit.INSIDE
    graph, library = record.graph, record.library
    if not library.is_a(population, Case.Patient):
        # A population named by a disease: some evidence of the patient must be of it.
        held = any(record.has_type(n, population) for n in record.evidence if not record.is_absence(n))
        return Fit.INSIDE if held else Fit.STRETCHED
    types = {cls for node in graph.nodes(record.case, Case.hasPatient) for cls in graph.objects(node, RDF_TYPE)}
    if population in types:
        return Fit.INSIDE
    wanted = library.ancestors.get(population, frozenset({population}))
    apart = {other for cls in wanted for other in library.disjoint.get(cls, ())}
    return Fit.OUTSIDE if apart & types else Fit.STRETCHED


def judge_recommendation(session: Session, item: str, effective: Effective, *, late: bool) -> Judged:
    """Judge a recommendation about an item; without `late`, what is asked about the construct is left out."""
    criteria = session.record.library.criteria

    def wanted(criterion: str) -> bool:
        return late or not criteria.is_late(criterion)

    one = effective.recommendation
    indications = tuple(session.find(item, c) for c in one.indications if wanted(c))
    prerequisites = tuple(
        (session.find(item, c), tuple(session.find(item, w) for w in waivers if wanted(w)))
        for c, waivers in effective.prerequisites
        if wanted(c)
    )
    exclusions = tuple(session.find(item, c) for c in one.exclusions if wanted(c))
    considerations = tuple(session.find(item, c) for c in effective.considerations if wanted(c))
    excluded = [f.answer for f in exclusions]
    answer = answer_of_recommendation(
        [f.answer for f in indications],
        [(f.answer, [w.answer for w in waivers]) for f, waivers in prerequisites],
        excluded,
    )
    heard = answer_of_recommendation(*heard_of(session.silence, indications, prerequisites), excluded)
    verdict = Verdict(
        one.iri,
        one.speaks_for,
        fit_of(session.record, one.population),
        answer,
        any_of(f.answer for f in indications),
        any_of(excluded),
        heard,
    )
    return Judged(effective, verdict, indications, prerequisites, exclusions, considerations)


def heard_of(
    silence: Silence,
    indications: Sequence[Finding],
    prerequisites: Sequence[tuple[Finding, Sequence[Finding]]],
) -> tuple[list[Answer], list[tuple[Answer, list[Answer]]]]:
    """The answers to indications and to prerequisites with their waivers, as a policy reads silence."""
    reasons = [as_read(f.answer, f.heard, refuses=silence.indication_refuses) for f in indications]
    conditions = [
        (as_read(f.answer, f.heard, refuses=silence.prerequisite_refuses), [w.answer for w in waivers])
        for f, waivers in prerequisites
    ]
    return reasons, conditions


def judge_item(session: Session, item: Item, *, late: bool, paths: frozenset[str] = frozenset()) -> tuple[Judged, ...]:
    """Judge every counted recommendation that speaks of an item.

    Without `late` only what can be answered before the construct is known; `paths` names the
    derived properties that are known already.
    """
    record = session.record
    regions = record.library.anatomy.regions(item.place)
    judged = []
    for effective in session.effective:
        one = effective.recommendation
        if not speaks_of(one, item.types, regions):
            continue
        if not late and not any(_ready(record, criterion, paths) for criterion in one.indications):
            continue
        judged.append(judge_recommendation(session, item.iri, effective, late=late or bool(paths)))
    return tuple(judged)


def _ready(record: Record, criterion: str, paths: frozenset[str]) -> bool:
    criteria = record.library.criteria
    if not criteria.is_late(criterion):
        return True
    needed = {criteria.leaves[leaf].path for leaf in criteria.leaves_of(criterion)} & LATE_PATHS
    return bool(paths) and needed <= paths


def standing_of(judged: tuple[Judged, ...]) -> Answer:
    """How far an item is justified: met, open, or not met."""
    outcome = outcome_of_item([one.verdict for one in judged])
    if outcome is Outcome.NECESSARY:
        return Answer.MET
    return Answer.NOT_DOCUMENTED if outcome is Outcome.UNDETERMINED else Answer.NOT_MET
