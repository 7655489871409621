"""Absences by grade: "stenosis: none" is one, and "no severe stenosis" denies no lower grade."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from reasoner.anatomy import local
from reasoner.library import Library
from reasoner.record import Record, integer
from reasoner.terms import RDF_TYPE, Literal, Term, Triple
from reasoner.vocabulary import DERIVED, Case, Nec, Spine

_RULE: Final = "grade-denied"
_DAYS: Final = (Case.daysBefore + "AtLeast", Case.daysBefore + "AtMost")
_KEPT: Final = (Case.atLevel, Case.onSide, Case.statedIn, Case.onDate, Case.hasBasis, Case.hasCertainty, *_DAYS)


def reaches(record: Record, absence: str, presence: str) -> bool:
    """Whether an absence covers the place, the side and the time of a presence."""
    anatomy = record.library.anatomy
    side, other = record.side(absence), record.side(presence)
    if side is not None and side != other:
        return False
    if record.graph.text(presence, Case.isResolved) == "true":
        return False  # What is over is no longer there: the two agree.
    where, place = record.place(absence), record.place(presence)
    if not where:
        return True
    return bool(place) and anatomy.covers(where, place)


def denies(record: Record, absence: str, presence: str) -> bool:
    """Whether an absence cannot hold beside a presence of its kind: not if it denies only grades above."""
    if not reaches(record, absence, presence):
        return False
    for path in record.graph.nodes(absence, Nec.deniesGradesOf):
        least, left = _rank(record, presence, path, "AtLeast"), _rank(record, absence, path, "AtMost")
        if least is None or left is None or least <= left:
            return False
    return True


def restate_nothing(record: Record, evidence: list[str]) -> list[str]:
    """Read a finding of a grade that means nothing is there as the absence that it is."""
    nothing = _nothing(record.library)
    return [_absence_of(record, node) if _is_nothing(record, node, nothing) else node for node in evidence]


def _is_nothing(record: Record, node: str, nothing: dict[str, int]) -> bool:
    if record.is_absence(node) or not record.has_type(node, Spine.Finding):
        return False
    return any((most := _rank(record, node, path, "AtMost")) is not None and most <= r for path, r in nothing.items())


@lru_cache(maxsize=4)
def _nothing(library: Library) -> dict[str, int]:
    grades = library.graph.subjects(Nec.meansAbsence)
    return {
        path: scale.ranks[grade][1]
        for path, scale in library.spans.scales.items()
        for grade in grades
        if grade in scale.ranks
    }


def _absence_of(record: Record, node: str) -> str:
    graph, name = record.graph, f"{DERIVED}nothing-{local(node)}"
    for cls in record.library.classes_of([Case.Absence]):
        record.derive(Triple(name, RDF_TYPE, cls), Nec.meansAbsence, (node,))
    record.derive(Triple(name, Case.ofKind, record.asserted_class(node)), Nec.meansAbsence, (node,))
    for path in _KEPT:
        for value in graph.objects(node, path):
            record.derive(Triple(name, path, value), Nec.meansAbsence, (node,))
    record.asserted[name] = (Case.Absence,)
    if node in record.places:
        record.places[name] = record.places[node]
    return name


def narrow_by_denials(record: Record, evidence: list[str]) -> None:
    """Where a grade is denied, a finding of that kind and place that leaves its grade open is of a lower one."""
    graph = record.graph
    for absence in [n for n in evidence if graph.nodes(n, Nec.deniesGradesOf)]:
        kinds = set(graph.nodes(absence, Case.ofKind))
        for node in evidence:
            if node == absence or not kinds & set(graph.types(node)) or not reaches(record, absence, node):
                continue
            for path in graph.nodes(absence, Nec.deniesGradesOf):
                _narrow(record, absence, node, path)


def _narrow(record: Record, absence: str, node: str, path: str) -> None:
    left = _rank(record, absence, path, "AtMost")
    least, most = (_rank(record, node, path, end) for end in ("AtLeast", "AtMost"))
    if left is None or (least is not None and least > left) or (most is not None and most <= left):
        return
    edges: dict[str, list[Term]] = record.graph.index[node]
    edges.pop(f"{path}RankAtMost", None)
    record.derive(Triple(node, f"{path}RankAtMost", integer(left)), _RULE, (node, absence))
    if least is None:
        lowest = _rank(record, absence, path, "AtLeast") or 0
        record.derive(Triple(node, f"{path}RankAtLeast", integer(lowest)), _RULE, (node, absence))


def _rank(record: Record, node: str, path: str, end: str) -> int | None:
    value = record.graph.value(node, f"{path}Rank{end}")
    return int(value.number) if isinstance(value, Literal) and value.number is not None else None
