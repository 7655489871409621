"""Absences of a grade: "no severe stenosis" denies that grade and every higher one, and says nothing of lower ones."""

from __future__ import annotations

from typing import Final

from reasoner.record import Record, integer
from reasoner.terms import Literal, Term, Triple
from reasoner.vocabulary import Case, Nec

_RULE: Final = "grade-denied"


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
