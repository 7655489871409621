"""How far a request reaches: what is asked where, disease left out, levels without a reason, what could be approved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.anatomy import Place, local
from reasoner.answers import Answer
from reasoner.determination import Outcome
from reasoner.evidence import statement_of
from reasoner.extent import passing
from reasoner.vocabulary import Case, Nec, Spine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.determine import DecidedItem, Decision
    from reasoner.extent import Uncovered

Json = dict[str, Any]

_PATHOLOGY: Final = Spine.Pathology


def services_of(decision: Decision) -> list[str]:
    """The services of a request in the order of their items."""
    return list(dict.fromkeys(one.item.service for one in decision.items))


def requested_of(decision: Decision, service: str) -> Json:
    """One requested service: its procedure, levels, side, codes and status."""
    record = decision.record
    one = next(d for d in decision.items if d.item.service == service)
    return {
        "procedure": decision.library.label(one.item.procedure),
        "levels": ""
        if _goes_without_saying(decision, one.item.procedure, record.place(service))
        else record.library.anatomy.span_name(record.place(service)),
        "side": local(one.item.side).lower() if one.item.side else None,
        "codes": [local(code) for code in one.item.codes],
        "principal": one.item.is_principal,
        "done": one.item.status == Case.AlreadyDone,
        "items": [d.item.id for d in decision.items if d.item.service == service],
    }


def group(decision: Decision, principal: set[str], outcome: Outcome) -> list[Json]:
    """The levels of each principal service that have one outcome on one ground, joined into runs."""
    found = []
    for service in services_of(decision):
        of_service = [
            one
            for one in decision.items
            if one.item.service == service and one.outcome is outcome and one.item.id in principal
        ]
        for ground in dict.fromkeys(grounds_of(one) for one in of_service):
            chosen = [one for one in of_service if grounds_of(one) == ground]
            found.append(
                {
                    "procedure": decision.library.label(chosen[0].item.procedure),
                    "levels": run_name(decision, chosen),
                    "items": [one.item.id for one in chosen],
                    "outcome": outcome.value,
                    "grounds": ground,
                }
            )
    return found


def grounds_of(one: DecidedItem) -> str | None:
    """Why an item is not simply approved: not necessary, not documented, or outside the knowledge."""
    if one.outcome is Outcome.NOT_NECESSARY:
        return "not documented" if one.is_silent else "not necessary"
    if one.outcome is Outcome.UNDETERMINED:
        return "not documented"
    return "outside the knowledge" if one.outcome is Outcome.NOT_ASSESSED else None


def run_name(decision: Decision, items: Iterable[DecidedItem]) -> str:
    """The levels of some items, joined into runs as a surgeon writes them."""
    chosen = list(items)
    place = Place()
    for one in chosen:
        place |= one.item.place
    if all(_goes_without_saying(decision, one.item.procedure, one.item.place) for one in chosen):
        return ""
    if any(one.item.grain == Nec.BySegment for one in chosen):
        place = Place(segments=place.segments, joints=place.joints)
    return decision.library.anatomy.span_name(place)


def _goes_without_saying(decision: Decision, procedure: str, place: Place) -> bool:
    """Whether a procedure can be done nowhere else than at the joint that it is done at."""
    lineage = decision.library.lineage(procedure)
    inherent = next((found for cls in lineage if (found := decision.library.graph.nodes(cls, Nec.inherentLevel))), [])
    return bool(inherent) and place == Place(joints=frozenset(inherent))


def uncovered_of(decision: Decision, one: Uncovered) -> Json:
    """A diseased level that nothing requested covers, with what it would call for and on which evidence."""
    record = decision.record
    telling = dict.fromkeys(node for finding in one.findings for node in passing(finding))
    level = record.library.anatomy.place([one.level])
    beside = [
        node
        for node in record.evidence
        if record.has_type(node, _PATHOLOGY) and record.library.anatomy.bears(level, record.place(node))
    ]
    nodes = dict.fromkeys([*telling, *beside])
    return {
        "level": local(one.level),
        "procedure": decision.library.label(one.procedure),
        "answer": one.answer.value,
        "because": [
            {
                "criterion": finding.criterion,
                "label": decision.library.label(finding.criterion),
                "evidence": [statement_of(decision, node) for node in dict.fromkeys(passing(finding))],
            }
            for finding in one.findings
        ],
        "findings": [
            statement_of(decision, node)
            for node in nodes
            if record.place(node) and not record.is_absence(node) and not record.has_type(node, Spine.ScoreResult)
        ],
    }


def coverage_of(decision: Decision) -> Json:
    """Requested levels against diseased levels, both ways."""
    requested = [
        {"level": decision.library.anatomy.span_name(one.item.place), "item": one.item.id}
        for one in decision.principal
        if one.outcome is Outcome.NOT_NECESSARY
    ]
    ranges = [
        _range(decision, one)
        for one in decision.items
        if one.item.grain == Nec.ByRange and one.item.place.segments and one.outcome is not Outcome.NOT_NECESSARY
    ]
    return {
        "requestedWithoutReason": requested,
        "diseasedNotRequested": sorted({local(one.level) for one in decision.uncovered}),
        "ranges": ranges,
    }


def _range(decision: Decision, one: DecidedItem) -> Json:
    """The levels of a range that are shown to need it, and those that are not."""
    anatomy = decision.library.anatomy
    shown = Place()
    for judged in one.judged:
        if judged.verdict.speaks_for and judged.verdict.indicated is Answer.MET:
            for finding in judged.indications:
                for node in passing(finding) if finding.answer is Answer.MET else []:
                    shown |= decision.record.place(node)
    mine = sorted(one.item.place.segments, key=anatomy.order)
    touched = [s for s in mine if anatomy.bears(Place(segments=frozenset({s})), shown)]
    return {
        "item": one.item.id,
        "shown": anatomy.span_name(Place(segments=frozenset(touched))),
        "notShown": [local(segment) for segment in mine if segment not in touched],
    }


def approvable_of(decision: Decision) -> list[Json]:
    """The largest construct that can be approved: as it stands, and if what is open turns out well."""
    anatomy = decision.library.anatomy
    names = dict.fromkeys(
        one.item.construct for one in decision.items if one.item.construct and one.item.place.segments
    )
    found = []
    for name in names:
        now: set[str] = set()
        later: set[str] = set()
        bridges: set[str] = set()
        for one in decision.items:
            if one.item.construct != name or not one.item.place.segments:
                continue
            if is_bridge(decision, one):
                if one.outcome is not Outcome.NOT_NECESSARY:
                    bridges |= one.item.place.segments
                continue
            if one.outcome is Outcome.NECESSARY:
                now |= one.item.place.segments
            if one.outcome in (Outcome.NECESSARY, Outcome.UNDETERMINED):
                later |= one.item.place.segments
        found.append(
            {
                "construct": name,
                "now": _runs(decision, now),
                "ifOpenIsMet": _runs(decision, later),
                "bridges": [local(s) for s in sorted(bridges - later, key=anatomy.order)],
                "withBridges": _runs(decision, later | bridges),
            }
        )
    return found


def _runs(decision: Decision, segments: set[str]) -> list[str]:
    name = decision.library.anatomy.span_name(Place(segments=frozenset(segments)))
    return name.split(", ") if name else []


def is_bridge(decision: Decision, one: DecidedItem) -> bool:
    """Whether nothing but its neighbours speaks for an item: a level skipped by the disease."""
    nodes = [
        node
        for judged in one.judged
        if judged.verdict.speaks_for and judged.verdict.answer is not Answer.NOT_MET
        for finding in judged.indications
        if finding.answer is not Answer.NOT_MET
        for node in passing(finding)
    ]
    return bool(nodes) and all(decision.record.has_type(node, Nec.BridgeRole) for node in nodes)
