"""Contradictions in the record: found, kept, and settled where the policy's precedence settles them.

Two states of one class and place whose values cannot both hold, a presence against an absence,
and classes that the ontology declares to speak against each other. Events never conflict; a
later state of the same kind supersedes the earlier. The losing side stays visible and no longer counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from reasoner.anatomy import local
from reasoner.denials import denies
from reasoner.quantities import Days, when
from reasoner.record import Conflict, Record, SetAside
from reasoner.spoken import is_spoken
from reasoner.terms import Literal, Term, Triple
from reasoner.vocabulary import DERIVED, Case, Nec, Spine

_RULE: Final = "conflict"
_RULE_AGAINST: Final = "speaks-against"
_RULE_REMAINS: Final = "absence-remains"


@dataclass(slots=True)
class _Course:
    """How far the settling has come: what no longer counts, and who disputes whom."""

    lost: set[str] = field(default_factory=set)
    disputes: list[tuple[str, str]] = field(default_factory=list)


def close_conflicts(record: Record, evidence: list[str]) -> list[str]:
    """Find contradictions among the evidence, settle what the policy settles, and return what still counts."""
    course = _Course()
    states = [n for n in evidence if record.has_type(n, Spine.Finding)]
    for index, one in enumerate(states):
        for other in states[index + 1 :]:
            about = _clash(record, one, other)
            if about:
                _settle(record, one, other, about, course)
    remainders: list[str] = []
    waiting = [n for n in evidence if record.is_absence(n)]
    while waiting:
        absence = waiting.pop(0)
        left = _hold(record, absence, states, course)
        remainders += left
        waiting += left
    _share_fates(record, evidence, course)
    for one, other in course.disputes:
        if not {one, other} & course.lost:
            record.derive(Triple(one, Nec.conflictsWith, other), _RULE, (one, other))
    counted = [node for node in (*evidence, *remainders) if node not in course.lost]
    _speaking_against(record, counted)
    return counted


def _share_fates(record: Record, evidence: list[str], course: _Course) -> None:
    """A measurement is lost or disputed together with the statement that it was read from."""
    read: dict[str, list[str]] = {}
    for node in evidence:
        source = record.stated_as(node)
        if source != node:
            read.setdefault(source, []).append(node)
    course.lost.update(node for source in read.keys() & course.lost for node in read[source])
    about = {frozenset(one.nodes): one.about for one in record.conflicts}
    for one, other in list(course.disputes):
        for node in read.get(one, ()):
            if _concerns(record, node, about.get(frozenset((one, other)), "")):
                alike = [n for n in read.get(other, ()) if record.asserted_class(n) == record.asserted_class(node)]
                course.disputes += [(node, rival) for rival in alike or [other]]


def _concerns(record: Record, node: str, about: str) -> bool:
    """Whether a dispute over a statement touches what was read from it: not if it is over another of its values."""
    spans, edges = record.library.spans, record.graph.index[node]
    if about not in spans.low and about not in record.library.functional_values:
        return True
    return about in edges or spans.low.get(about) in edges or spans.high.get(about) in edges


def _hold(record: Record, absence: str, states: list[str], course: _Course) -> list[str]:
    """Hold an absence against every state that it denies; what is left of it where it is overruled in part."""
    kinds = set(record.graph.nodes(absence, Case.ofKind))
    for one in states:
        if kinds & set(record.graph.types(one)) and denies(record, absence, one):
            _settle_absence(record, absence, one, course)
            if absence in course.lost:
                return _remainder(record, absence, one)
    return []


def rank(record: Record, node: str) -> int:
    """How strongly a statement is evidenced: the rank of its best document or basis; lower if only said."""
    basis = record.graph.nodes(node, Case.hasBasis)
    if Case.Assessed in basis:
        return 0
    kinds = record.library.document_kinds
    documents = record.graph.nodes(node, Case.statedIn)
    spoken = bool(documents) and all(is_spoken(record.library, record.graph, one) for one in documents)
    ranks = [kinds[cls].rank for document in documents for cls in record.graph.types(document) if cls in kinds]
    if spoken:
        return max(ranks)
    own = [record.library.graph.text(one, Nec.evidenceRank) for one in basis]
    return max([*ranks, *(int(text) for text in own if text)], default=1)


def _clash(record: Record, one: str, other: str) -> str:
    read = [node for node in (one, other) if record.stated_as(node) != node]
    if len(read) > 1:
        return ""  # Their statements are held against each other, not they once more.
    is_read = bool(read)
    left, right = record.asserted_class(one), record.asserted_class(other)
    library = record.library
    if not (library.is_a(left, right) or library.is_a(right, left)) or not _same_place(record, one, other):
        return ""
    for path in (Case.ofMuscle, Case.ofRoot, Case.inBodyPart, Case.dueTo):
        if record.graph.objects(one, path) != record.graph.objects(other, path):
            return ""
    if record.graph.text(one, Case.isResolved) != record.graph.text(other, Case.isResolved):
        return ""
    spans = library.spans
    for path in record.graph.index[one]:
        if path.endswith("RankAtLeast"):
            low, high, about = path, path.removesuffix("AtLeast") + "AtMost", path.removesuffix("RankAtLeast")
        elif path in spans.whole_of and spans.low[spans.whole_of[path]] == path:
            about = spans.whole_of[path]
            low, high = path, spans.high[about]
        else:
            continue
        if about in spans.windows or about in library.may_vary or (is_read and about in library.own_to_each):
            continue
        a, b = _number(record, one, low), _number(record, one, high)
        c, d = _number(record, other, low), _number(record, other, high)
        if a is not None and b is not None and c is not None and d is not None and (b < c or d < a):
            return about
    for path in (Case.hasResponse, *_nominal(record, one)):
        mine, theirs = record.graph.nodes(one, path), record.graph.nodes(other, path)
        if mine and theirs and not set(mine) & set(theirs):
            return path
    return ""


def _nominal(record: Record, node: str) -> list[str]:
    # Values whose property the ontology calls functional and that are no grade: direction, alignment, quality…
    functional = record.library.functional_values
    return [path for path in record.graph.index[node] if path in functional]


def _number(record: Record, node: str, path: str) -> Decimal | None:
    value: Term | None = record.graph.value(node, path)
    return value.number if isinstance(value, Literal) else None


def _same_place(record: Record, one: str, other: str) -> bool:
    if record.side(one) != record.side(other):
        return False
    left, right = record.place(one), record.place(other)
    if left == right:
        return True
    if left.vertebrae or left.segments or right.vertebrae or right.segments:
        return False
    groups = record.library.anatomy.region_groups
    return not left or not right or bool(groups(left) & groups(right))


def _later(record: Record, one: str, other: str) -> str | None:
    first: Days | None = when(record.graph, one)
    second: Days | None = when(record.graph, other)
    if first is None or second is None:
        return None
    if first.earliest > second.latest:
        return one
    return other if second.earliest > first.latest else None


def _winner(record: Record, one: str, other: str) -> tuple[str | None, str]:
    settles = record.policy.settles
    mine, theirs = rank(record, one), rank(record, other)
    if Nec.ByEvidenceRank in settles and mine != theirs and 0 in (mine, theirs):
        return (one if mine > theirs else other), "an author's conclusion yields to what was measured or reported"
    later = _later(record, one, other)
    if Nec.ByLaterDate in settles and later is not None:
        return later, "the later statement is the current one"
    if Nec.ByEvidenceRank in settles and mine != theirs:
        return (one if mine > theirs else other), "the better-evidenced statement counts"
    return None, ""


def _settle(record: Record, one: str, other: str, about: str, course: _Course) -> None:
    if {one, other} & course.lost:
        return
    kept, rule = _winner(record, one, other)
    record.conflicts.append(Conflict((one, other), about, kept, rule))
    if kept is None:
        course.disputes += [(one, other), (other, one)]
        return
    loser = other if kept == one else one
    course.lost.add(loser)
    record.set_aside.append(SetAside(loser, rule, kept))


def _settle_absence(record: Record, absence: str, presence: str, course: _Course) -> None:
    if presence in course.lost:
        return
    graph = record.graph
    narrower = record.place(absence) != record.place(presence)
    together = set(graph.nodes(absence, Case.statedIn)) & set(graph.nodes(presence, Case.statedIn))
    implied = graph.text(absence, Nec.isImplied) == "true"
    if presence not in record.asserted:
        # Derived as a mere possibility; whoever denies it outright has settled it.
        course.lost.add(presence)
        record.set_aside.append(SetAside(presence, "a possibility that the record denies", absence))
        return
    if together and narrower:
        record.exceptions.setdefault(absence, []).append(record.place(presence))
        return
    kept, rule = _winner(record, absence, presence)
    if implied and rank(record, presence) > 0:
        # Silence in a report never outweighs what another document states outright.
        record.exceptions.setdefault(absence, []).append(record.place(presence))
        return
    record.conflicts.append(Conflict((absence, presence), record.asserted_class(presence), kept, rule))
    if kept == absence:
        course.lost.add(presence)
        record.set_aside.append(SetAside(presence, rule, absence))
    elif kept == presence:
        record.set_aside.append(SetAside(absence, rule, presence))
        if narrower:
            record.exceptions.setdefault(absence, []).append(record.place(presence))
        else:
            course.lost.add(absence)
    elif narrower and (record.place(presence).vertebrae or record.place(presence).segments):
        # Denied over a wide place and found at one level: disputed there, and still denied at the others.
        record.exceptions.setdefault(absence, []).append(record.place(presence))
        course.disputes.append((presence, absence))
    else:
        course.disputes += [(presence, absence), (absence, presence)]


def _remainder(record: Record, absence: str, presence: str) -> list[str]:
    """What is left of an absence when one of the kinds that it denied was found: the other kinds are still denied."""
    graph, found = record.graph, set(record.graph.types(presence))
    kinds = [kind for kind in graph.nodes(absence, Case.ofKind) if kind not in found]
    if not kinds:
        return []
    node = f"{DERIVED}still-{local(absence)}"
    kinds.sort(key=lambda kind: (len(record.library.ancestors.get(kind, ())), kind))
    edges: dict[str, list[Term]] = {**graph.index[absence], Case.ofKind: [*kinds]}
    for path, values in edges.items():
        for value in values:
            record.derive(Triple(node, path, value), _RULE_REMAINS, (absence, presence))
    record.places[node] = record.place(absence)
    record.exceptions[node] = list(record.exceptions.get(absence, ()))
    return [node]


def _speaking_against(record: Record, evidence: list[str]) -> None:
    for cls, others in record.library.speaks_against.items():
        for one in [n for n in evidence if record.has_type(n, cls)]:
            for other in [n for n in evidence if n != one and any(record.has_type(n, o) for o in others)]:
                if not _same_family(record, one, other) or not _not_before(record, one, other):
                    continue
                if not _regions_meet(record, one, other):
                    continue
                record.conflicts.append(Conflict((one, other), cls, None, _RULE_AGAINST))
                for side, rival in ((one, other), (other, one)):
                    record.derive(Triple(side, Nec.conflictsWith, rival), _RULE_AGAINST, (one, other))


def _same_family(record: Record, one: str, other: str) -> bool:
    planned = record.graph.nodes(other, Case.ofKind)
    if not planned:
        return True
    mine = set(record.graph.types(one))
    is_a = record.library.is_a
    return any(kind in mine or any(is_a(kind, cls) for cls in [record.asserted_class(one)]) for kind in planned)


def _not_before(record: Record, one: str, other: str) -> bool:
    first, second = when(record.graph, one), when(record.graph, other)
    return first is None or second is None or second.latest >= first.earliest


def _regions_meet(record: Record, one: str, other: str) -> bool:
    groups = record.library.anatomy.region_groups
    left, right = record.place(one), record.place(other)
    return not left or not right or bool(groups(left) & groups(right))
