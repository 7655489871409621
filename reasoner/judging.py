"""Judging one item: which recommendations speak about it under a policy, and what each of their criteria answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
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
from reasoner.library import Library, Recommendation
from reasoner.placeless import anywhere, is_meant_in
from reasoner.policies import Policy, is_about
from reasoner.record import Item, Record
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import Case, Nec


@dataclass(frozen=True, slots=True)
class Effective:
    """A recommendation as a policy counts it: its prerequisites and considerations after the policy's choices."""

    recommendation: Recommendation
    prerequisites: tuple[tuple[str, tuple[str, ...]], ...]
    considerations: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """All recommendations as a policy counts them, found by the procedures they are about."""

    effective: tuple[Effective, ...]
    asked: frozenset[str]
    """Every criterion that is a prerequisite somewhere, or part of one."""

    @cached_property
    def _by_class(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, one in enumerate(self.effective):
            for cls in one.recommendation.concerns:
                found.setdefault(cls, []).append(number)
        return found

    def speaking_of(self, types: frozenset[str], regions: frozenset[str]) -> Iterator[Effective]:
        """The recommendations about a kind of procedure at a place, in printed order; all others cost nothing."""
        numbers = {number for cls in types for number in self._by_class.get(cls, ())}
        for number in sorted(numbers):
            if not (asked := self.effective[number].recommendation.regions) or not regions or asked & regions:
                yield self.effective[number]


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
    counted: Counted
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


@lru_cache(maxsize=256)
def counted_under(library: Library, policy: Policy) -> Counted:
    """The recommendations that a policy counts, worked out once for a library."""
    effective = _effective(library, policy)
    within = library.criteria.within
    asked = frozenset(c for one in effective for prerequisite, _ in one.prerequisites for c in within(prerequisite))
    return Counted(effective, asked)


def _effective(library: Library, policy: Policy) -> tuple[Effective, ...]:
    """The recommendations that a policy counts, with what it requires or merely considers."""
    found = []
    for one in library.recommendations:
        if one.guideline not in policy.counts or {one.iri, one.guideline} & policy.sets_aside:
            continue
        inside = is_subject(library, policy, one)
        requires, considers = (policy.requires, policy.considers) if inside else (frozenset(), frozenset())
        asked = [c for c in one.prerequisites if c not in considers]
        asked += [c for c in one.considerations if c in requires]
        considered = [c for c in one.considerations if c not in requires]
        considered += [c for c in one.prerequisites if c in considers]
        waived = tuple((c, waivers_of(library, policy, c)) for c in asked)
        found.append(Effective(one, waived, tuple(considered)))
    return tuple(found)


def is_subject(library: Library, policy: Policy, one: Recommendation) -> bool:
    """Whether a policy speaks of what a recommendation is about, so that the policy's own demands bear on it."""
    around = (
        library.ancestors.get(cls, frozenset({cls})) | {*library.descendants.get(cls, ())} for cls in one.concerns
    )
    return is_about(policy, frozenset().union(*around), one.regions)


def waivers_of(library: Library, policy: Policy, prerequisite: str) -> tuple[str, ...]:
    """The exceptions that waive a prerequisite, from the guidelines that the policy counts."""
    return tuple(
        exception
        for exception in library.waivers.get(prerequisite, ())
        if exception.rsplit("#", 1)[0] in policy.counts and exception not in policy.sets_aside
    )


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
    fit = fit_of(session.record, one.population)
    verdict = _verdict(session.silence, one, fit, indications, prerequisites, exclusions)
    return Judged(effective, verdict, indications, prerequisites, exclusions, considerations)


def verdict_if(session: Session, judged: Judged, change: Callable[[Finding], Finding]) -> Verdict:
    """What a recommendation would say of an item if each of its findings were changed."""
    return _verdict(
        session.silence,
        judged.effective.recommendation,
        judged.verdict.fit,
        [change(one) for one in judged.indications],
        [(change(one), [change(waiver) for waiver in waivers]) for one, waivers in judged.prerequisites],
        [change(one) for one in judged.exclusions],
    )


def _verdict(
    silence: Silence,
    one: Recommendation,
    fit: Fit,
    indications: Sequence[Finding],
    prerequisites: Sequence[tuple[Finding, Sequence[Finding]]],
    exclusions: Sequence[Finding],
) -> Verdict:
    """What a recommendation comes to from the findings of its criteria, also as the policy reads silence."""
    reasons, excluded = [f.answer for f in indications], [f.answer for f in exclusions]
    conditions = [(f.answer, [w.answer for w in waivers]) for f, waivers in prerequisites]
    read_reasons = [as_read(f.answer, f.heard, refuses=silence.indication_refuses) for f in indications]
    read_conditions = [
        (as_read(f.answer, f.heard, refuses=silence.prerequisite_refuses), [w.answer for w in waivers])
        for f, waivers in prerequisites
    ]
    return Verdict(
        one.iri,
        one.speaks_for,
        fit,
        answer_of_recommendation(reasons, conditions, excluded),
        any_of(reasons),
        any_of(excluded),
        answer_of_recommendation(read_reasons, read_conditions, excluded),
    )


def verdicts_of(session: Session, item: Item, judged: Sequence[Judged]) -> list[Verdict]:
    """What the recommendations come to for an item, also where the request leaves open what or where it is.

    Where the operation is open, what speaks against one that it could be does not bar the others.
    """
    there = [one for one in judged if is_there(session, item, one)]
    verdicts = [_anywhere(session, item, one) if item.is_placeless else one.verdict for one in there]
    if is_vague(session.record, item):
        return [replace(verdict, excluded=Answer.NOT_MET) for verdict in verdicts]
    return verdicts


def is_there(session: Session, item: Item, judged: Judged) -> bool:
    """Whether a recommendation speaks of where an item may be."""
    return is_meant_in(session.record, item, judged.effective.recommendation.regions)


def outcome_of(session: Session, item: Item, judged: Sequence[Judged]) -> Outcome:
    """The outcome of an item; a request that does not say which operation is meant is never simply necessary."""
    outcome = outcome_of_item(verdicts_of(session, item, judged))
    if outcome is Outcome.NECESSARY and is_vague(session.record, item):
        return Outcome.UNDETERMINED  # One that it could be is; the request does not say which it is.
    return outcome


def _anywhere(session: Session, item: Item, judged: Judged) -> Verdict:
    def at_any(finding: Finding) -> Finding:
        return anywhere(session.record, item, finding)

    return verdict_if(session, judged, at_any)


def is_vague(record: Record, item: Item) -> bool:
    """Whether a request names a kind of operation so wide that guidelines speak only of what it could be."""
    spoken_of = record.library.spoken_of
    return not item.types & spoken_of and bool(kinds_of(record, item) & spoken_of)


def kinds_of(record: Record, item: Item) -> frozenset[str]:
    """The classes by which an item is judged: its own, or those that it could be if no guideline speaks of its own.

    What has no name of its own, such as an unlisted operation, is what the plan describes at its levels.
    """
    library = record.library
    if item.types & library.spoken_of:
        return item.types
    wide = library.graph.nodes(item.procedure, Nec.standsFor) or [item.procedure]
    possible = frozenset(cls for one in wide for cls in library.descendants.get(one, ()))
    if item.procedure in wide:
        return possible
    steps = [step for step in record.steps if library.anatomy.touches(item.place, step.place)]
    told = frozenset(cls for step in steps for cls in step.types) & possible
    return told or possible


def judge_item(session: Session, item: Item, *, late: bool, paths: frozenset[str] = frozenset()) -> tuple[Judged, ...]:
    """Judge every counted recommendation that speaks of an item.

    Without `late` only what can be answered before the construct is known; `paths` names the
    derived properties that are known already.
    """
    record = session.record
    regions = record.library.anatomy.regions(item.place)
    kinds, vague = kinds_of(record, item), is_vague(record, item)
    judged = []
    for effective in session.counted.speaking_of(kinds, regions):
        one = effective.recommendation
        if vague and not one.speaks_for:
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
