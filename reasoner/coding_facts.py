"""Where coding meets the case: the request's code lines go to the code book, its facts come back onto the items."""

from __future__ import annotations

from datetime import date

from reasoner.anatomy import Place
from reasoner.coding import CodeReview, review
from reasoner.items import codes_of
from reasoner.record import Record
from reasoner.tally import CodedService, CodeLine, levels_of
from reasoner.terms import RDF_TYPE, Literal
from reasoner.vocabulary import Case, Spine

_RULE = "code-fact"


def close_codes(record: Record, on: date | None) -> CodeReview:
    """Hold the request's codes against its work, and write what each check says onto the items concerned."""
    graph = record.graph
    asked = {s for request in graph.nodes(record.case, Case.hasRequest) for s in graph.nodes(request, Case.asksFor)}
    services = [_coded(record, service, is_requested=service in asked) for service in record.services]
    found = review(record.library.codebook, services, on=on)
    for fact in found.facts:
        items = [item.iri for item in record.items if item.service == fact.service]
        for triple in fact.triples(items):
            record.derive(triple, _RULE, (fact.service,))
    return found


def _coded(record: Record, service: str, *, is_requested: bool) -> CodedService:
    graph = record.graph
    lines: dict[str, int | None] = dict.fromkeys(codes_of(record, service))
    for line in graph.nodes(service, Case.hasCodeLine):
        count = graph.value(line, Case.unitCount)
        for code in graph.nodes(line, Case.hasCode):
            lines[code] = int(count.number) if isinstance(count, Literal) and count.number is not None else None
    stage = graph.value(service, Case.hasStage)
    return CodedService(
        iri=service,
        procedure_classes=frozenset(cls for cls in graph.types(service) if record.library.is_a(cls, Spine.Procedure)),
        levels=levels_of(record.library.anatomy, record.places.get(service, Place())),
        lines=tuple(CodeLine(code, units) for code, units in lines.items()),
        is_requested=is_requested,
        session=stage.lexical if isinstance(stage, Literal) else "",
        route=graph.node(service, Case.hasApproach) or "",
        label=record.name(service) if RDF_TYPE in graph.index.get(service, {}) else "",
    )
