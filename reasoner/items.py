"""From the request to items: each requested service at the grain at which it counts."""

from __future__ import annotations

import re
from typing import Final

from reasoner.anatomy import Place, local
from reasoner.record import Item, Record
from reasoner.terms import RDF_TYPE, Triple
from reasoner.vocabulary import ITEM, Case, Nec, Spine

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_RULE: Final = "item-of-service"


def read_services(record: Record) -> None:
    """List the requested services and planned steps, and where each is."""
    graph = record.graph
    for request in graph.nodes(record.case, Case.hasRequest):
        record.services.extend(graph.nodes(request, Case.asksFor))
        record.services.extend(graph.nodes(request, Case.plansStep))


def make_items(record: Record) -> None:
    """Cut every requested service into items and write them into the graph."""
    asked = [
        service
        for request in record.graph.nodes(record.case, Case.hasRequest)
        for service in record.graph.nodes(request, Case.asksFor)
    ]
    constructs = _constructs(record, asked)
    whole = Place()
    for service in asked:
        whole |= record.place(service)
    used: dict[str, int] = {}
    for service in sorted(asked, key=lambda one: _order(record, one)):
        procedure = _procedure(record, service)
        known = record.library.procedures[procedure]
        place = record.place(service)
        for part in _parts(record, known.grain, place, whole):
            base = f"{kebab(local(procedure))}-{_slug(record, part, service)}".rstrip("-")
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
                construct=next((key for key, member in constructs if service in member), None),
                status=record.graph.node(service, Case.hasStatus) or Case.Requested,
                codes=codes_of(record, service),
            )
            record.items.append(item)
            record.derive(Triple(item.iri, RDF_TYPE, Nec.Item), _RULE, (service,))
            for cls in sorted(item.types):
                record.graph.add(item.iri, RDF_TYPE, cls)


def construct_places(record: Record) -> dict[str, Place]:
    """Each construct's whole place: the contiguous levels that its services cover together."""
    places: dict[str, Place] = {}
    for item in record.items:
        if item.construct:
            places[item.construct] = places.get(item.construct, Place()) | record.place(item.service)
    return places


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


def _procedure(record: Record, service: str) -> str:
    classes = [cls for cls in record.graph.types(service) if cls in record.library.procedures]
    return max(classes, key=lambda cls: (len(record.library.ancestors[cls]), cls), default=Spine.Procedure)


def _order(record: Record, service: str) -> tuple[str, tuple[int, int], str]:
    place = record.place(service)
    first = min((record.library.anatomy.order(level) for level in place.vertebrae | place.segments), default=(999, 0))
    return (_procedure(record, service), first, record.graph.text(service, Case.label) + service)


def _parts(record: Record, grain: str, place: Place, whole: Place) -> list[Place]:
    anatomy = record.library.anatomy
    if grain == Nec.BySegment and place.segments:
        return [Place(segments=frozenset({s})) for s in sorted(place.segments, key=anatomy.order)]
    if grain == Nec.ByVertebra and place.vertebrae:
        return [Place(frozenset({v})) for v in sorted(place.vertebrae, key=anatomy.order)]
    if grain in (Nec.ByOperation, Nec.ByStay) and not place:
        return [whole]
    return [place]


def _slug(record: Record, place: Place, service: str) -> str:
    if not record.place(service):
        return ""
    side = record.side(service)
    name = record.library.anatomy.span_name(place).lower().replace(", ", "-")
    return f"{name}-{local(side).lower()}" if side else name


def _constructs(record: Record, services: list[str]) -> list[tuple[str, set[str]]]:
    """Group construct services whose levels join into one run: what is fused in front and behind is one construct."""
    groups: list[tuple[set[str], Place]] = []
    for service in sorted(services):
        if not record.library.procedures[_procedure(record, service)].is_construct:
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
