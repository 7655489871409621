"""What bears on what: for each item, the evidence at its level, next to it, in its region, of its roots, of the patient.

These properties are the first step of every leaf. Presence bears where it touches the item; a
documented absence bears only where it covers the whole of what the item asks about, because
"no stenosis at L4-L5" says nothing of L5-S1. An item that names a region, or no place at all,
may be meant for any level there: whatever is found there bears on it, and only what is denied
throughout counts as denied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reasoner.anatomy import Place
from reasoner.items import worked_place
from reasoner.record import Item, Record
from reasoner.terms import Graph, Term
from reasoner.vocabulary import Case, Nec, Spine

_RULE: Final = "bearing"


@dataclass(frozen=True, slots=True)
class Focus:
    """What evidence is held against: a node that carries the bearing properties, its place, side and construct."""

    node: str
    place: Place
    side: str | None
    construct: Place
    service: str | None = None


def focus_of(item: Item, construct: Place) -> Focus:
    """The focus of an item."""
    return Focus(item.iri, item.place, item.side, construct, item.service)


def close_bearings(record: Record, focus: Focus, evidence: list[str]) -> None:
    """Write the bearing properties of one focus."""
    anatomy = record.library.anatomy
    here = anatomy.spread(focus.place)
    near = anatomy.adjacent(here)
    groups = anatomy.region_groups(focus.place or here)
    roots = anatomy.roots(here)
    links: dict[str, list[Term]] = {
        path: []
        for path in (
            Nec.evidenceAtLevel,
            Nec.evidenceAdjacent,
            Nec.evidenceInRegion,
            Nec.evidenceOfNoLevel,
            Nec.evidenceOfRoots,
            Nec.evidenceOfPatient,
            Nec.evidenceInConstruct,
            Nec.servicesAtLevel,
            Nec.servicesInRequest,
            Nec.hasLevel,
        )
    }
    for node in evidence:
        place = record.place(node)
        absent = record.is_absence(node)
        sided = _same_side(focus.side, record.side(node))
        excepted = record.exceptions.get(node, ()) if absent else ()
        if any(_meets(record, here, kept) for kept in excepted):
            continue
        if not absent or not place or Spine.WholeSpine in place.regions:
            links[Nec.evidenceOfPatient].append(node)
        if absent and focus.side is None and record.side(node) is not None:
            continue  # Absence on one side leaves the other side unsaid.
        if _in_region(record, groups, place, absent=absent):
            links[Nec.evidenceInRegion].append(node)
            if not absent and not (place.vertebrae or place.segments or place.joints):
                links[Nec.evidenceOfNoLevel].append(node)
        if not sided:
            continue
        held = _held_roots(record, node)
        everywhere = absent and not held and anatomy.covers(place, here)
        if roots and (held & roots or everywhere):
            links[Nec.evidenceOfRoots].append(node)
        for path, where in (
            (Nec.evidenceAtLevel, here),
            (Nec.evidenceAdjacent, near),
            (Nec.evidenceInConstruct, focus.construct),
        ):
            if not where or any(_meets(record, where, kept) for kept in excepted):
                continue
            if anatomy.covers(place, where) if absent else _meets(record, where, place):
                links[path].append(node)
    for service in record.services:
        if service == focus.service:
            continue
        links[Nec.servicesInRequest].append(service)
        if anatomy.touches(here, worked_place(record, service)) and _same_side(focus.side, record.side(service)):
            links[Nec.servicesAtLevel].append(service)
    levels = sorted(focus.place.vertebrae | focus.place.segments | focus.place.joints, key=anatomy.order)
    links[Nec.hasLevel].extend(levels)
    _write(record.graph, focus.node, links)
    case = record.case
    for path, source in ((Nec.hasPatient, Case.hasPatient), (Nec.hasRequest, Case.hasRequest)):
        for value in record.graph.nodes(case, source):
            record.graph.add(focus.node, path, value)
    if focus.service:
        record.graph.add(focus.node, Nec.hasService, focus.service)


def _write(graph: Graph, node: str, links: dict[str, list[Term]]) -> None:
    # Written in one go: these lists are long, and the record guarantees that they hold no repeats.
    edges = graph.index.setdefault(node, {})
    for path, nodes in links.items():
        if nodes:
            edges[path] = nodes


def _meets(record: Record, where: Place, place: Place) -> bool:
    return record.library.anatomy.bears(where, place)


def _same_side(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _held_roots(record: Record, node: str) -> frozenset[str]:
    roots = frozenset(record.graph.nodes(node, Case.ofRoot))
    for muscle in record.graph.nodes(node, Case.ofMuscle):
        roots |= record.library.anatomy.roots_of_muscle.get(muscle, frozenset())
    return roots


def _in_region(record: Record, groups: frozenset[str], place: Place, *, absent: bool) -> bool:
    if not place:
        return True  # Care or a complaint without a place is taken to be for the condition at issue.
    anatomy = record.library.anatomy
    if absent:
        return bool(place.regions) and groups <= anatomy.region_groups(Place(regions=place.regions))
    return bool(groups & anatomy.region_groups(place))
