"""Documents: those after the evidence cut-off are set aside; a full report closes what it covers."""

from __future__ import annotations

from typing import Final

from reasoner.anatomy import Place
from reasoner.quantities import days_of
from reasoner.record import Record, SetAside
from reasoner.terms import RDF_TYPE, XSD, Literal, Triple
from reasoner.vocabulary import DERIVED, Case, Nec, Spine

_RULE: Final = "report-closes-what-it-covers"
_TRUE: Final = Literal("true", XSD + "boolean")


def drop_late_evidence(record: Record, evidence: list[str]) -> list[str]:
    """Set aside what is stated only in documents, or seen only, after the evidence cut-off."""
    limit = record.evidence_until
    if limit is None:
        return evidence
    kept = []
    for node in evidence:
        documents = record.graph.nodes(node, Case.statedIn)
        late = [
            document
            for document in documents
            if (days := days_of(record.graph.value(document, Case.writtenOn))) and days.earliest > limit
        ]
        seen = days_of(record.graph.value(node, Case.onDate))
        if (documents and len(late) == len(documents)) or (seen and seen.earliest > limit):
            record.set_aside.append(SetAside(node, "dated after the evidence cut-off", late[0] if late else node))
        else:
            kept.append(node)
    return kept


def close_reports(record: Record, evidence: list[str]) -> list[str]:
    """Derive, from each full report, a documented absence of what it would have shown and does not mention."""
    derived: list[str] = []
    stated: dict[str, list[str]] = {}
    for node in evidence:
        for document in record.graph.nodes(node, Case.statedIn):
            stated.setdefault(document, []).append(node)
    for document in sorted(stated.keys() | set(record.graph.nodes(record.case, Case.hasDocument))):
        kind = _kind(record, document)
        if kind is None or record.graph.text(document, Case.isExcerpt) == "true":
            continue
        days = days_of(record.graph.value(document, Case.writtenOn))
        if record.evidence_until and days and days.earliest > record.evidence_until:
            continue
        extent = _extent(record, document)
        if not extent:
            continue
        mentioned = stated.get(document, [])
        for finding in sorted(record.library.document_kinds[kind].would_show):
            absence = _absence(record, document, finding, extent, mentioned)
            if absence:
                derived.append(absence)
    return derived


def carry_absences_down(record: Record, evidence: list[str]) -> None:
    """Write out what each documented absence denies: its class and every class below it."""
    for node in evidence:
        if record.is_absence(node):
            for kind in list(record.graph.nodes(node, Case.ofKind)):
                for below in record.library.descendants.get(kind, (kind,)):
                    record.derive(Triple(node, Case.ofKind, below), "absence-carried-down", (node, kind))


def _kind(record: Record, document: str) -> str | None:
    kinds = [cls for cls in record.graph.types(document) if cls in record.library.document_kinds]
    return max(kinds, key=lambda cls: (len(record.library.ancestors[cls]), cls), default=None)


def _extent(record: Record, document: str) -> Place:
    stated = record.place(document)
    if stated:
        return stated
    kind = record.library.document_kinds[_kind(record, document) or ""]
    if kind.covers_from and kind.covers_to:
        return record.library.anatomy.range(kind.covers_from, kind.covers_to)
    return Place()


def _absence(record: Record, document: str, finding: str, extent: Place, mentioned: list[str]) -> str | None:
    anatomy, library = record.library.anatomy, record.library
    speaking = []
    for node in mentioned:
        kinds = record.graph.nodes(node, Case.ofKind) or [record.asserted_class(node)]
        if any(library.is_a(kind, finding) or library.is_a(finding, kind) for kind in kinds):
            if record.is_absence(node) and not record.place(node):
                return None
            speaking.append(record.place(node))
    if any(not place for place in speaking):
        return None  # Mentioned without a level: the report says something of it, but not where.
    segments = frozenset(
        s
        for s in extent.segments
        if not any(anatomy.bears(Place(segments=frozenset({s})), p) or _inside(record, s, p) for p in speaking)
    )
    vertebrae = frozenset(
        v
        for v in extent.vertebrae
        if not any(anatomy.bears(Place(frozenset({v})), p) or _inside(record, v, p) for p in speaking)
    )
    if not segments and not vertebrae:
        return None
    regions: frozenset[str] = frozenset()
    if not speaking:
        wholes = (Spine.CervicalSpine, Spine.ThoracicSpine, Spine.LumbarSpine)
        # The vertebrae alone count: a region's end segments reach into its neighbour.
        regions = frozenset(
            r for r in wholes if r in anatomy.members and anatomy.members[r].vertebrae <= extent.vertebrae
        )
    node = f"{DERIVED}absence-{document.rsplit('#', 1)[-1]}-{finding.rsplit('#', 1)[-1]}"
    premises = (document, finding)
    record.derive(Triple(node, RDF_TYPE, Case.Absence), _RULE, premises)
    for cls in record.library.classes_of([Case.Absence]):
        record.graph.add(node, RDF_TYPE, cls)
    record.derive(Triple(node, Case.ofKind, finding), _RULE, premises)
    record.derive(Triple(node, Case.statedIn, document), _RULE, premises)
    record.derive(Triple(node, Nec.isImplied, _TRUE), _RULE, premises)
    for level in sorted(vertebrae | segments, key=anatomy.order):
        record.derive(Triple(node, Case.atLevel, level), _RULE, premises)
    record.places[node] = Place(vertebrae, segments, regions)
    return node


def _inside(record: Record, level: str, place: Place) -> bool:
    return any(
        level in (m := record.library.anatomy.members[r]).vertebrae or level in m.segments for r in place.regions
    )
