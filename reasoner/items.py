"""From the request to items: each requested service at the grain at which it counts."""

from __future__ import annotations

import re
from typing import Final

from reasoner.anatomy import Place, local
from reasoner.library import ProcedureClass
from reasoner.record import Item, Record
from reasoner.terms import RDF_TYPE, Triple
from reasoner.vocabulary import ITEM, Case, Nec, Spine

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLANNED: Final = "planned-"
_RULE: Final = "item-of-service"
_RULE_STATUS: Final = "asked-for-unless-stated"


def read_services(record: Record) -> None:
    """List the requested services and planned steps; a requested one that states no status is asked for."""
    graph = record.graph
    for request in graph.nodes(record.case, Case.hasRequest):
        record.services.extend(graph.nodes(request, Case.asksFor))
        record.services.extend(graph.nodes(request, Case.plansStep))
        for service in graph.nodes(request, Case.asksFor):
            if not graph.nodes(service, Case.hasStatus):
                record.derive(Triple(service, Case.hasStatus, Case.Requested), _RULE_STATUS, (request,))


def make_items(record: Record) -> None:
    """Cut every requested service into items, and beside them every planned step, and write them into the graph."""
    graph = record.graph
    requests = graph.nodes(record.case, Case.hasRequest)
    asked = list(dict.fromkeys(s for request in requests for s in graph.nodes(request, Case.asksFor)))
    planned = list(dict.fromkeys(s for request in requests for s in graph.nodes(request, Case.plansStep)))
    record.items.extend(_items(record, asked, ""))
    record.steps.extend(_items(record, [step for step in planned if step not in asked], _PLANNED))


def _items(record: Record, services: list[str], prefix: str) -> list[Item]:
    constructs = _constructs(record, services)
    whole = Place()
    for service in services:
        whole |= record.place(service)
    used: dict[str, int] = {}
    items = []
    for service in sorted(services, key=lambda one: _order(record, one)):
        procedure = procedure_of(record, service)
        known = record.library.procedures[procedure]
        for part in _parts(record, known, record.place(service), whole):
            base = f"{prefix}{kebab(local(procedure))}-{_slug(record, part, service)}".rstrip("-")
            used[base] = used.get(base, 0) + 1
            name = base if used[base] == 1 else f"{base}-{used[base]}"
            item = Item(
                iri=ITEM + name,
                id=name,
                service=service,
                procedure=procedure,
                types=frozenset(record.graph.types(service)),
                grain=known.grain,
                place=part,
                side=record.side(service),
                is_principal=known.is_principal,
                construct=next((prefix + key for key, member in constructs if service in member), None),
                status=record.graph.node(service, Case.hasStatus) or Case.Requested,
                codes=codes_of(record, service),
            )
            items.append(item)
            record.derive(Triple(item.iri, RDF_TYPE, Nec.Item), _RULE, (service,))
            for cls in sorted(item.types):
                record.graph.add(item.iri, RDF_TYPE, cls)
    return items


def construct_places(record: Record) -> dict[str, Place]:
    """Each construct's whole place: the contiguous levels that its services cover together."""
    places: dict[str, Place] = {}
    for item in (*record.items, *record.steps):
        if item.construct:
            places[item.construct] = places.get(item.construct, Place()) | record.place(item.service)
    return places


def worked_place(record: Record, service: str) -> Place:
    """Where a service works: one that is counted by vertebra in each of its bones, not in the run between them."""
    place = record.place(service)
    if record.library.procedures[procedure_of(record, service)].grain == Nec.ByVertebra and place.vertebrae:
        return Place(place.vertebrae, joints=place.joints)
    return place


def codes_of(record: Record, service: str) -> tuple[str, ...]:
    """The codes of a service, from its short form and its code lines."""
    codes = list(record.graph.nodes(service, Case.hasCode))
    for line in record.graph.nodes(service, Case.hasCodeLine):
        codes.extend(record.graph.nodes(line, Case.hasCode))
    return tuple(sorted(dict.fromkeys(codes)))


def kebab(name: str) -> str:
    """A class name as words joined by hyphens.

    >>> kebab("PosteriorFusion")
    'posterior-fusion'
    """
    return _CAMEL.sub("-", name).lower()


def procedure_of(record: Record, service: str) -> str:
    """The most specific class of procedure that a service is of."""
    classes = [cls for cls in record.graph.types(service) if cls in record.library.procedures]
    return max(classes, key=lambda cls: (len(record.library.ancestors[cls]), cls), default=Spine.Procedure)


def _order(record: Record, service: str) -> tuple[str, tuple[int, int], str]:
    place = record.place(service)
    first = min((record.library.anatomy.order(level) for level in place.vertebrae | place.segments), default=(999, 0))
    return (procedure_of(record, service), first, record.graph.text(service, Case.label) + service)


def _parts(record: Record, known: ProcedureClass, place: Place, whole: Place) -> list[Place]:
    anatomy = record.library.anatomy
    if known.grain == Nec.BySegment and place.segments:
        return [Place(segments=frozenset({s})) for s in sorted(place.segments, key=anatomy.order)]
    if known.grain == Nec.ByVertebra and place.vertebrae:
        return [Place(frozenset({v})) for v in sorted(place.vertebrae, key=anatomy.order)]
    if known.grain in (Nec.ByOperation, Nec.ByStay) and not place:
        return [whole]
    if not known.is_principal and not place.has_levels:
        # What only serves an operation goes where the operation goes.
        return [anatomy.within(whole, place) or place]
    return [place]


def _slug(record: Record, place: Place, service: str) -> str:
    if not record.place(service):
        return ""
    side = record.side(service)
    name = record.library.anatomy.slug(place)
    return f"{name}-{local(side).lower()}" if side else name


def _constructs(record: Record, services: list[str]) -> list[tuple[str, set[str]]]:
    """Group construct services whose levels join into one run: what is fused in front and behind is one construct."""
    groups: list[tuple[set[str], Place]] = []
    for service in sorted(services):
        if not record.library.procedures[procedure_of(record, service)].is_construct:
            continue
        place, members = record.place(service), {service}
        rest = []
        for others, where in groups:
            if _joins(record, where, place):
                members |= others
                place |= where
            else:
                rest.append((others, where))
        groups = [*rest, (members, place)]
    names = [(record.library.anatomy.span_name(place), members) for members, place in groups]
    return [(name or f"construct-{index}", members) for index, (name, members) in enumerate(names)]


def _joins(record: Record, one: Place, other: Place) -> bool:
    ends = record.library.anatomy.ends
    mine = {v for s in one.segments for v in ends[s]} | one.vertebrae
    theirs = {v for s in other.segments for v in ends[s]} | other.vertebrae
    return bool(mine & theirs)
