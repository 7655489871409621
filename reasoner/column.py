"""The spine as a column: what is asked for at each level, what each level is there for, what the record shows there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reasoner.anatomy import Place, local
from reasoner.answers import Answer
from reasoner.extent import passing
from reasoner.vocabulary import Case, Nec, Spine

if TYPE_CHECKING:
    from reasoner.determine import DecidedItem, Decision

_MARKS: Final = {"necessary": "+", "not-necessary": "-", "undetermined": "?", "included": "=", "not-assessed": "o"}
_LEGEND: Final = "+ necessary   - not necessary   ? undetermined   = part of another   o not assessed"
_LETTERS: Final = "ABCDEFGH"
_WIDEST_CONTEXT: Final = 1


def spine_column(decision: Decision) -> list[str]:
    """Draw the levels concerned from the head down; one lettered column for each requested service."""
    anatomy = decision.library.anatomy
    services = _services(decision)
    shown = _shown(decision)
    uncovered = {one.level for one in decision.uncovered}
    levels = {level for place in shown.values() for level in place.vertebrae | place.segments}
    levels |= {level for one in decision.items for level in one.item.place.vertebrae | one.item.place.segments}
    ranks = {
        anatomy.rank[vertebra]
        for level in levels
        for vertebra in anatomy.ends.get(level, (level,))
        if vertebra in anatomy.rank
    }
    if not ranks:
        return []
    width = max(len(services), 5)
    rows = [f"{'level':<10}{'asked':<{width}}  {'there for':<11}on record"]
    rows.append(f"{'':<10}{''.join(services[s] for s in services):<{width}}")
    previous: int | None = None
    for rank in sorted(ranks):
        if previous is not None and rank > previous + _WIDEST_CONTEXT:
            rows.append("  ...")
        vertebra = anatomy.vertebra_at[rank]
        below = anatomy.vertebra_at.get(rank + 1)
        segment = anatomy.segment_between.get((vertebra, below)) if below and rank + 1 in ranks else None
        rows += [
            _row(decision, level, services, shown, width, is_uncovered=level in uncovered)
            for level in (vertebra, segment)
            if level is not None
        ]
        previous = rank
    rows += ["", _LEGEND]
    rows += [f"{letter} {_service_name(decision, service)}" for service, letter in services.items()]
    return rows


def _services(decision: Decision) -> dict[str, str]:
    """A letter for each service that has a place."""
    placed = dict.fromkeys(
        one.item.service
        for one in sorted(decision.items, key=lambda d: not d.item.is_principal)
        if decision.record.place(one.item.service) and one.item.grain != Nec.ByStay
    )
    return dict(zip(placed, _LETTERS, strict=False))


def _service_name(decision: Decision, service: str) -> str:
    procedure = next(one.item.procedure for one in decision.items if one.item.service == service)
    return f"{decision.library.label(procedure)} {decision.library.anatomy.span_name(decision.record.place(service))}"


def _shown(decision: Decision) -> dict[str, Place]:
    """The places of what the record shows: findings, not documents, absences or scores."""
    record = decision.record
    return {
        node: place
        for node, place in record.places.items()
        if node in record.evidence
        and not record.is_absence(node)
        and record.has_type(node, Spine.Finding)
        and not any(record.has_type(node, cls) for cls in (Case.Document, Case.NotDocumented, Spine.ScoreResult))
    }


def _row(
    decision: Decision,
    level: str,
    services: dict[str, str],
    shown: dict[str, Place],
    width: int,
    *,
    is_uncovered: bool,
) -> str:
    record, label = decision.record, decision.library.label
    here = [one for one in decision.items if one.item.service in services and _stands_at(one, level)]
    marks = "".join(
        next((_MARKS[one.outcome.value] for one in here if one.item.service == service), " ") for service in services
    )
    why = "UNCOVERED" if is_uncovered else _purpose(decision, here, level)
    found = dict.fromkeys(
        label(record.asserted_class(record.stated_as(node)))
        for node, place in shown.items()
        if level in place.vertebrae or level in place.segments
    )
    is_vertebra = level in decision.library.anatomy.rank
    name = local(level) if is_vertebra else f"  {local(level)}"
    return f"{name:<10}{marks:<{width}}  {why:<11}{', '.join(found)}".rstrip()


def _stands_at(one: DecidedItem, level: str) -> bool:
    if level in one.item.place.segments:
        return True
    return level in one.item.place.vertebrae and not one.item.place.segments


def _purpose(decision: Decision, here: list[DecidedItem], level: str) -> str:
    """What a level is in the request for: disease of its own, support of a lesion, a bridge, or nothing shown."""
    record = decision.record
    if not here:
        return ""
    nodes = [
        node
        for one in here
        for judged in one.judged
        if judged.verdict.speaks_for and judged.verdict.indicated is not Answer.NOT_MET
        for finding in judged.indications
        if finding.answer is not Answer.NOT_MET
        for node in passing(finding)
    ]
    where = Place(segments=frozenset({level})) if level in decision.library.anatomy.ends else Place(frozenset({level}))
    if any(n in record.evidence and decision.library.anatomy.bears(where, record.place(n)) for n in nodes):
        return "disease"
    for cls, word in ((Nec.SupportRole, "support"), (Nec.BridgeRole, "bridge")):
        if any(record.has_type(node, cls) for node in nodes):
            return word
    return "not shown"
