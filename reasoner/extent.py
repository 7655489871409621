"""The extent of a construct: what each level is there for, how far the justified run reaches, and what nobody asked for.

First every level is judged on its own disease. Then the closure writes what that makes of the
others: how many levels lie above and below a lesion, which levels support one, which only
bridge two, and which run of levels is justified. What depends on the construct is judged on
that run, never on the requested excess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reasoner.anatomy import Place, local
from reasoner.answers import Answer
from reasoner.bearing import Focus, close_bearings
from reasoner.criteria import Finding
from reasoner.demands import Standing
from reasoner.determination import Outcome
from reasoner.items import construct_places
from reasoner.judging import Judged, Session, judge_item, judge_recommendation, outcome_of, standing_of
from reasoner.record import Item, Record, integer
from reasoner.terms import RDF_TYPE, Triple
from reasoner.vocabulary import DERIVED, Nec, Spine

_RULE_ROLE: Final = "role-in-construct"
_RULE_RUN: Final = "justified-construct"
_RULE_WORK: Final = "justified-work"
_ROLES: Final = frozenset({Nec.hasRole})


@dataclass(frozen=True, slots=True)
class Lesion:
    """A diseased place that asks for an operation, the evidence for it, and whether that is established."""

    place: Place
    evidence: str
    recommendation: str
    established: bool
    needs_support: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A run of levels that is or may be justified, and the part of it that is so for certain."""

    possible: Place
    certain: Place
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A diseased level that no requested item touches, and what it would have called for."""

    level: str
    procedure: str
    answer: Answer
    findings: tuple[Finding, ...]


def close_extent(session: Session) -> None:
    """Write the roles and justified runs of every construct into the record."""
    record = session.record
    constructs: dict[str, list[Item]] = {}
    everything = (*record.items, *record.steps)
    for item in everything:
        if item.construct and item.place.segments:
            constructs.setdefault(item.construct, []).append(item)
    first = {item.iri: judge_item(session, item, late=False) for item in everything}
    places = construct_places(record)
    for name in sorted(constructs):
        items = constructs[name]
        lesions = [lesion for item in items for lesion in _lesions(record, first[item.iri])]
        _counts(record, items, lesions, places[name])
        _supports(record, items, lesions, {i.iri for i in items if standing_of(first[i.iri]) is Answer.MET})
    session.forget()
    second = {
        item.iri: judge_item(session, item, late=False, paths=_ROLES) for group in constructs.values() for item in group
    }
    runs: list[Run] = []
    for name in sorted(constructs):
        status = _status(constructs[name], second)
        _bridges(record, constructs[name], status)
        runs.extend(_runs(record, status, is_planned=constructs[name][0] in record.steps))
    for item in everything:
        # A fusion that is asked for stands in its own construct, whatever is planned beside it.
        is_apart = item.construct is not None and item in record.items
        _attach_run(record, item, [run for run in runs if not (is_apart and run.is_planned)])
    session.forget()


def _lesions(record: Record, judged: tuple[Judged, ...]) -> list[Lesion]:
    found = []
    for one in judged:
        if not one.verdict.speaks_for or Answer.NOT_MET in (one.verdict.answer, one.verdict.heard):
            continue
        for finding in one.indications:
            for node in passing(finding):
                place = record.place(node)
                if place.vertebrae or place.segments:
                    established = one.verdict.answer is Answer.MET and finding.answer is Answer.MET
                    needs = one.effective.recommendation.needs_support
                    found.append(Lesion(place, node, one.verdict.recommendation, established, needs))
    return found


def passing(finding: Finding) -> list[str]:
    """The nodes of the record that speak for a finding, not failing, through all its branches."""
    if finding.children:
        return [node for child in finding.children if child.answer is not Answer.NOT_MET for node in passing(child)]
    return [value.node for value in finding.values if value.standing is not Standing.FAILS]


def _counts(record: Record, items: list[Item], lesions: list[Lesion], construct: Place) -> None:
    """Count the levels above and below each lesion within its construct."""
    anatomy = record.library.anatomy
    ends = [anatomy.rank[v] for s in construct.segments for v in anatomy.ends[s]]
    if not ends:
        return
    for item in items:
        for lesion in _distinct(lesions):
            if not anatomy.bears(item.place, lesion.place):
                continue
            top, bottom = _extremes(record, lesion.place)
            above, below = max(top - min(ends), 0), max(max(ends) - bottom, 0)
            node = f"{DERIVED}lesion-role-{item.id}-{_name(record, lesion.place)}"
            premises = (lesion.evidence, item.service)
            _role(record, item, node, Nec.LesionRole, premises)
            record.derive(Triple(node, Nec.levelsAbove, integer(above)), _RULE_ROLE, premises)
            record.derive(Triple(node, Nec.levelsBelow, integer(below)), _RULE_ROLE, premises)


def _supports(record: Record, items: list[Item], lesions: list[Lesion], diseased: set[str]) -> None:
    anatomy = record.library.anatomy
    for item in items:
        if item.iri in diseased:
            continue
        for lesion in _distinct([one for one in lesions if one.needs_support]):
            top, bottom = _extremes(record, lesion.place)
            (segment,) = item.place.segments
            upper, lower = (anatomy.rank[v] for v in anatomy.ends[segment])
            distance = top - upper if upper < top else lower - bottom
            if distance < 1 or anatomy.bears(item.place, lesion.place):
                continue
            node = f"{DERIVED}support-role-{item.id}-{_name(record, lesion.place)}"
            premises = (lesion.evidence, item.service)
            _role(record, item, node, Nec.SupportRole, premises)
            record.derive(Triple(node, Nec.levelsFromLesion, integer(distance)), _RULE_ROLE, premises)
            if lesion.established:
                record.derive(Triple(node, Nec.establishedBy, lesion.recommendation), _RULE_ROLE, premises)


def _distinct(lesions: list[Lesion]) -> list[Lesion]:
    """One lesion for each place, an established one before an open one."""
    best: dict[Place, Lesion] = {}
    for lesion in lesions:
        known = best.get(lesion.place)
        if known is None or (lesion.established and not known.established):
            best[lesion.place] = lesion
    return list(best.values())


def _extremes(record: Record, place: Place) -> tuple[int, int]:
    anatomy = record.library.anatomy
    ranks = [anatomy.rank[v] for v in place.vertebrae] + [
        anatomy.rank[v] for s in place.segments for v in anatomy.ends[s]
    ]
    return min(ranks), max(ranks)


def _name(record: Record, place: Place) -> str:
    return record.library.anatomy.slug(place)


def _role(record: Record, item: Item, node: str, cls: str, premises: tuple[str, ...]) -> None:
    record.derive(Triple(node, RDF_TYPE, cls), _RULE_ROLE, premises)
    record.derive(Triple(item.iri, Nec.hasRole, node), _RULE_ROLE, premises)


def _status(items: list[Item], judged: dict[str, tuple[Judged, ...]]) -> dict[str, Answer]:
    """The best standing of each segment over the services that ask for it."""
    order = {Answer.MET: 0, Answer.NOT_DOCUMENTED: 1, Answer.NOT_MET: 2}
    status: dict[str, Answer] = {}
    for item in items:
        (segment,) = item.place.segments
        mine = standing_of(judged[item.iri])
        status[segment] = min(status.get(segment, Answer.NOT_MET), mine, key=order.__getitem__)
    return status


def _bridges(record: Record, items: list[Item], status: dict[str, Answer]) -> None:
    segments = sorted(status, key=record.library.anatomy.order)
    for position, segment in enumerate(segments):
        if status[segment] is not Answer.NOT_MET:
            continue
        before = [p for p in range(position) if status[segments[p]] is not Answer.NOT_MET]
        after = [p for p in range(position + 1, len(segments)) if status[segments[p]] is not Answer.NOT_MET]
        if not before or not after:
            continue
        flanks = (segments[before[-1]], segments[after[0]])
        for item in [one for one in items if segment in one.place.segments]:
            node = f"{DERIVED}bridge-role-{item.id}"
            _role(record, item, node, Nec.BridgeRole, flanks)
            skipped = integer(after[0] - before[-1] - 1)
            record.derive(Triple(node, Nec.skippedSegments, skipped), _RULE_ROLE, flanks)
            if all(status[flank] is Answer.MET for flank in flanks):
                record.derive(Triple(node, Nec.establishedBy, Nec.JustifiedConstruct), _RULE_ROLE, flanks)


def _runs(record: Record, status: dict[str, Answer], *, is_planned: bool) -> list[Run]:
    """The runs of levels of a construct that are or may be justified."""
    anatomy = record.library.anatomy
    runs: list[list[str]] = []
    for segment in sorted(status, key=anatomy.order):
        if status[segment] is Answer.NOT_MET:
            continue
        if runs and anatomy.ends[runs[-1][-1]][1] == anatomy.ends[segment][0]:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return [
        Run(
            Place(segments=frozenset(run)),
            Place(segments=frozenset(s for s in run if status[s] is Answer.MET)),
            is_planned,
        )
        for run in runs
    ]


def _attach_run(record: Record, item: Item, runs: list[Run]) -> None:
    anatomy, spans = record.library.anatomy, record.library.spans
    mine = item.place.vertebrae | {v for s in item.place.segments for v in anatomy.ends[s]}
    for run in runs:
        vertebrae = {v for s in run.possible.segments for v in anatomy.ends[s]}
        if mine and not mine & vertebrae and not anatomy.anchors(item.place, run.possible):
            continue
        node = f"{DERIVED}{'planned-' if run.is_planned else ''}construct-{_name(record, run.possible)}"
        sure = {v for s in run.certain.segments for v in anatomy.ends[s]}
        facts = {
            Nec.upperEndRank: (
                min(anatomy.rank[v] for v in vertebrae),
                min((anatomy.rank[v] for v in sure), default=None),
            ),
            Nec.lowerEndRank: (
                max((anatomy.rank[v] for v in sure), default=None),
                max(anatomy.rank[v] for v in vertebrae),
            ),
            Nec.vertebraCount: (len(sure), len(vertebrae)),
            Nec.segmentCount: (len(run.certain.segments), len(run.possible.segments)),
        }
        record.derive(Triple(node, RDF_TYPE, Nec.JustifiedConstruct), _RULE_RUN, (item.service,))
        for path, (low, high) in facts.items():
            for ends, value in ((spans.low, low), (spans.high, high)):
                if value is not None:
                    record.derive(Triple(node, ends[path], integer(value)), _RULE_RUN, (item.service,))
        record.derive(Triple(item.iri, Nec.hasConstruct, node), _RULE_RUN, (item.service,))


def close_work(session: Session) -> None:
    """Write, for every item, the principal items at its level that are justified, or may yet be.

    What serves an operation (hardware, bone, the stay) is judged on this, never on what is merely requested.
    """
    record = session.record
    known: dict[str, str | None] = {}
    # What follows other work may be followed itself: at most as often as there are services.
    for _ in record.services:
        work = _work(session)
        if work == known:
            break
        known = work
        record.withdraw(_RULE_WORK)
        for item in (*record.items, *record.steps):
            recommendation = work.get(item.iri)
            if recommendation is not None:
                record.derive(Triple(item.iri, Nec.establishedBy, recommendation), _RULE_WORK, (item.service,))
            for other in (*record.items, *record.steps):
                if other.iri in work and _follows(record, item, other):
                    record.derive(Triple(item.iri, Nec.justifiedWork, other.iri), _RULE_WORK, (other.service,))
        session.forget()


def _work(session: Session) -> dict[str, str | None]:
    """The principal items and steps that are or may be justified, each with the recommendation that establishes it."""
    found: dict[str, str | None] = {}
    for item in (*session.record.items, *session.record.steps):
        if not item.is_principal or item.grain == Nec.ByStay:
            continue
        judged = judge_item(session, item, late=True)
        outcome = outcome_of(session, item, judged)
        if outcome is Outcome.NECESSARY:
            met = (one for one in judged if one.verdict.speaks_for and one.verdict.answer is Answer.MET)
            found[item.iri] = next(met).verdict.recommendation
        elif outcome is Outcome.UNDETERMINED:
            found[item.iri] = None
    return found


def _follows(record: Record, item: Item, other: Item) -> bool:
    """Whether an item may serve another: at its place, or where one of them names no level in its region."""
    if other.service == item.service or (None not in (item.side, other.side) and item.side != other.side):
        return False
    anatomy, one, two = record.library.anatomy, item.place, other.place
    if one.has_levels and two.has_levels:
        return anatomy.touches(one, two) or anatomy.anchors(one, two)
    return not one or not two or bool(anatomy.region_groups(one) & anatomy.region_groups(two))


def find_uncovered(session: Session) -> tuple[Uncovered, ...]:
    """Every diseased level that no requested item touches, with what it would call for."""
    record = session.record
    anatomy, library = record.library.anatomy, record.library
    levels: set[str] = set()
    planned = [step for step in record.services if library.procedures[_kind(record, step)].is_principal]
    for node in record.evidence:
        if (
            record.is_absence(node)
            or not record.has_type(node, Spine.Finding)
            or record.has_type(node, Spine.ScoreResult)
        ):
            continue
        place = record.place(node)
        levels |= place.vertebrae | place.segments
    found = []
    for level in sorted(levels, key=anatomy.order):
        place = anatomy.place([level])
        if any(anatomy.touches(_meant(record, item), place) for item in record.items if item.is_principal):
            continue
        if any(anatomy.touches(record.place(step), place) for step in planned):
            continue
        for procedure in library.probed:
            node = f"{DERIVED}probe-{local(procedure)}-{local(level)}"
            close_bearings(record, Focus(node, place, None, place), record.evidence)
            record.graph.add(node, RDF_TYPE, Nec.Probe)
            uncovered = _probe(session, node, procedure, level)
            if uncovered:
                found.append(uncovered)
    return tuple(found)


def _meant(record: Record, item: Item) -> Place:
    """The levels that an item may mean: of a service that would be tried there and names none, all."""
    tried = item.types & set(record.library.probed)
    return record.library.anatomy.spread(item.place) if tried else item.place


def _kind(record: Record, service: str) -> str:
    found = record.asserted_class(service)
    return found if found in record.library.procedures else Spine.Procedure


def _probe(session: Session, node: str, procedure: str, level: str) -> Uncovered | None:
    record, anatomy = session.record, session.record.library.anatomy
    types = record.library.ancestors[procedure]
    regions = anatomy.regions(anatomy.place([level]))
    best: Uncovered | None = None
    for effective in session.counted.speaking_of(types, regions):
        if not effective.recommendation.speaks_for:
            continue
        judged = judge_recommendation(session, node, effective, late=False)
        answer = judged.verdict.indicated
        if not judged.indications or answer is Answer.NOT_MET:
            continue
        telling = tuple(f for f in judged.indications if f.answer is answer and passing(f))
        if telling and (best is None or (answer is Answer.MET and best.answer is not Answer.MET)):
            best = Uncovered(level, procedure, answer, telling)
    return best
