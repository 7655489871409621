"""The spine as a column: what is asked for at each level, what each level is there for, what the record shows there.

`spine_of` gives it as plain data; the text column here and every drawing are made from that alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.anatomy import Place, local
from reasoner.answers import Answer
from reasoner.evidence import is_counted, statement_of
from reasoner.extent import passing
from reasoner.reach import grounds_of
from reasoner.vocabulary import RDFS, Case, Nec, Spine

if TYPE_CHECKING:
    from reasoner.determine import DecidedItem, Decision

Json = dict[str, Any]

_MARKS: Final = {"necessary": "+", "not-necessary": "-", "undetermined": "?", "included": "=", "not-assessed": "o"}
_LEGEND: Final = "+ necessary   - not necessary   ? undetermined   = part of another   o not assessed"
_PURPOSES: Final = {"disease": "disease", "support": "support", "bridge": "bridge", "not-shown": "not shown"}
_LETTERS: Final = "ABCDEFGH"
_WIDEST_CONTEXT: Final = 1


def spine_of(decision: Decision) -> Json:
    """The services that have a place, and every level concerned from the head down, as plain data."""
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
    rows: list[Json] = []
    previous: int | None = None
    for rank in sorted(ranks):
        vertebra = anatomy.vertebra_at[rank]
        below = anatomy.vertebra_at.get(rank + 1)
        segment = anatomy.segment_between.get((vertebra, below)) if below and rank + 1 in ranks else None
        rows += [
            {
                **_row(decision, level, services, shown, is_uncovered=level in uncovered),
                "afterGap": level == vertebra and previous is not None and rank > previous + _WIDEST_CONTEXT,
            }
            for level in (vertebra, segment)
            if level is not None
        ]
        previous = rank
    beyond = (min(ranks, default=0) - 1, max(ranks, default=-2) + 1)
    above, below_all = (anatomy.vertebra_at.get(rank) for rank in beyond)
    return {
        "services": [_service(decision, service) for service in services],
        "rows": rows,
        "above": local(above) if ranks and above else None,
        "below": local(below_all) if ranks and below_all else None,
    }


def spine_column(spine: Json) -> list[str]:
    """Draw the levels concerned from the head down; one lettered column for each requested service."""
    if not spine["rows"]:
        return []
    letters = dict(zip((one["service"] for one in spine["services"]), _LETTERS, strict=False))
    width = max(len(letters), 5)
    lines = [f"{'level':<10}{'asked':<{width}}  {'there for':<11}on record"]
    lines.append(f"{'':<10}{''.join(letters.values()):<{width}}")
    for row in spine["rows"]:
        if row["afterGap"]:
            lines.append("  ...")
        lines.append(_line(row, letters, width))
    lines += ["", _LEGEND]
    return lines + [
        f"{letters[one['service']]} {one['procedure']} {one['levels']}"
        for one in spine["services"]
        if one["service"] in letters
    ]


def _line(row: Json, letters: dict[str, str], width: int) -> str:
    asked = {one["service"]: _MARKS[one["outcome"]] for one in reversed(row["requested"])}
    marks = "".join(asked.get(service, " ") for service in letters)
    why = "UNCOVERED" if row["uncovered"] else _PURPOSES.get(row["purpose"], "")
    found = ", ".join(dict.fromkeys(one["kind"] for one in row["findings"]))
    name = row["level"] if row["kind"] == "vertebra" else f"  {row['level']}"
    return f"{name:<10}{marks:<{width}}  {why:<11}{found}".rstrip()


def _services(decision: Decision) -> tuple[str, ...]:
    """The services that have a place, the principal ones first."""
    return tuple(
        dict.fromkeys(
            one.item.service
            for one in sorted(decision.items, key=lambda d: not d.item.is_principal)
            if decision.record.place(one.item.service) and one.item.grain != Nec.ByStay
        )
    )


def _service(decision: Decision, service: str) -> Json:
    items = [one.item for one in decision.items if one.item.service == service]
    return {
        "service": service,
        "procedure": decision.library.label(items[0].procedure),
        "levels": decision.library.anatomy.span_name(decision.record.place(service)),
        "items": [item.id for item in items],
    }


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
    decision: Decision, level: str, services: tuple[str, ...], shown: dict[str, Place], *, is_uncovered: bool
) -> Json:
    here = [one for one in decision.items if one.item.service in services and _stands_at(one, level)]
    nodes = dict.fromkeys(
        decision.record.stated_as(node)
        for node, place in shown.items()
        if level in place.vertebrae or level in place.segments
    )
    return {
        "level": local(level),
        "kind": "vertebra" if level in decision.library.anatomy.rank else "segment",
        "requested": [
            {
                "service": one.item.service,
                "item": one.item.id,
                "outcome": one.outcome.value,
                "grounds": grounds_of(one),
            }
            for one in here
        ],
        "purpose": _purpose(decision, here, level),
        "findings": [_finding(decision, node) for node in nodes],
        "uncovered": is_uncovered,
    }


def _finding(decision: Decision, node: str) -> Json:
    stated = decision.record.asserted_class(node)
    return {
        "node": node,
        "statement": statement_of(decision, node)["statement"],
        "kind": decision.library.label(stated),
        "family": decision.library.label(_family(decision, stated)),
        "disease": decision.library.is_a(stated, Spine.Pathology),
        "counted": is_counted(decision, node),
    }


def _family(decision: Decision, stated: str) -> str:
    """The narrowest class above a finding that stands directly under a kind of finding: of a burst, the fracture."""
    library = decision.library
    broad = frozenset(library.graph.subjects(RDFS + "subClassOf", Spine.Finding))
    near = [
        cls
        for cls in library.ancestors.get(stated, ())
        if cls not in broad and broad.intersection(library.graph.nodes(cls, RDFS + "subClassOf"))
    ]
    return min(near, key=lambda cls: (len(library.descendants[cls]), cls), default=stated)


def _stands_at(one: DecidedItem, level: str) -> bool:
    if level in one.item.place.segments:
        return True
    return level in one.item.place.vertebrae and not one.item.place.segments


def _purpose(decision: Decision, here: list[DecidedItem], level: str) -> str | None:
    """What a level is in the request for: disease of its own, support of a lesion, a bridge, or nothing shown."""
    record = decision.record
    if not here:
        return None
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
    return "not-shown"
