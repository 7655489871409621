"""Thresholds of a room as a table: each row is one value and the answer it must give, just below, at and above.

`cases/thresholds.tsv` has four columns: criterion, property, value, answer. A value is a number,
a grade, a span of either (`2..3`), `true`, `false`, or `-` where the property is not stated; the
property `count` says how many passing values there are. Everything else that the criterion
demands is taken from a specimen: a node made from its own value shape, which passes.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.criteria import Leaf, judge_leaf
from reasoner.errors import GuidelineMalformed
from reasoner.library import Library
from reasoner.quantities import close_quantities
from reasoner.record import Record
from reasoner.specimens import furnish
from reasoner.terms import RDF_TYPE, XSD, Graph, Literal, Term
from reasoner.vocabulary import CASE, GUIDELINE, ITEM, NECESSITY, RECORD, SPINE

FILE: Final = "thresholds.tsv"
COLUMNS: Final = ("criterion", "property", "value", "answer")
_COUNT: Final = "count"
_ABSENT: Final = "-"
_SPAN: Final = ".."
_ITEM: Final = ITEM + "specimen"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row: the criterion, the property that varies, its value as written, and the answer expected."""

    criterion: str
    path: str
    value: str
    answer: Answer
    where: str

    @property
    def name(self) -> str:
        """The row in one word, as a test names it."""
        return f"{local(self.criterion)}-{self.path}={self.value}"


def read_thresholds(folder: Path) -> list[Threshold]:
    """Read the table of a room's folder; an empty list where it has none.

    Raises GuidelineMalformed if a row has not four columns or an answer is no answer.
    """
    path = folder / "cases" / FILE
    if not path.is_file():
        return []
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t", strict=True))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise _refused(f"{FILE} line 1", f"The table does not begin with the columns {', '.join(COLUMNS)}.")
    found = []
    for number, row in enumerate(rows[1:], start=2):
        where = f"{FILE} line {number}"
        if len(row) != len(COLUMNS) or row[-1] not in set(Answer):
            raise _refused(where, "A row has four columns, the last of them an answer.")
        criterion = f"{GUIDELINE}{folder.name}#{row[0]}"
        found.append(Threshold(criterion, row[1], row[2], Answer(row[3]), where))
    return found


def judge(library: Library, row: Threshold) -> Answer:
    """Answer the criterion of a row from specimens that carry its value."""
    leaf = library.criteria.leaves.get(row.criterion)
    if leaf is None:
        raise _refused(row.where, f"There is no leaf {local(row.criterion)}.")
    count = int(row.value) if row.path == _COUNT else leaf.wanted
    graph = specimens(library, leaf, count)
    if row.path != _COUNT:
        for node in graph.nodes(_ITEM, leaf.path):
            _vary(library, graph, node, row)
    _close(library, graph)
    return judge_leaf(graph, _ITEM, leaf).answer


def value_words(library: Library, value: str) -> str:
    """A value of a row as a reader says it.

    >>> library = Library.read()
    >>> [value_words(library, value) for value in ("3", "2..3", "-", "FitsByRoot")]
    ['3', '2 to 3', 'not stated', 'by root']
    """
    if value == _ABSENT:
        return "not stated"
    ends = value.split(_SPAN)
    names = (
        next((library.label(ns + end) for ns in (SPINE, CASE, NECESSITY) if ns + end in library.graph.index), end)
        for end in ends
    )
    return " to ".join(names)


def specimens(library: Library, leaf: Leaf, count: int) -> Graph:
    """A graph in which an item has so many nodes on a leaf's path, each made to pass its value shape."""
    graph = Graph()
    for number in range(count):
        node = f"{RECORD}#_specimen-{number}"
        graph.add(_ITEM, leaf.path, node)
        furnish(library, graph, leaf.shape.shape, node)
    for node, edges in list(graph.index.items()):
        for cls in library.classes_of(graph.types(node)) if RDF_TYPE in edges else ():
            graph.add(node, RDF_TYPE, cls)
    return graph


def faults_of(library: Library, rows: list[Threshold]) -> list[str]:
    """The rows whose answer is another than the table says, one sentence each."""
    faults = []
    for row in rows:
        try:
            found = judge(library, row)
        except GuidelineMalformed as error:
            faults.append(str(error))
            continue
        if found is not row.answer:
            faults.append(f"{row.where}: {row.name}: expected {row.answer.value}, found {found.value}")
    return faults


def _vary(library: Library, graph: Graph, node: str, row: Threshold) -> None:
    spans = library.spans
    path = _path(library, row)
    base = spans.units.get(path, (path, Decimal(1)))[0]
    edges = graph.index[node]
    if not edges.keys() & {path, base}:
        raise _refused(row.where, f"{local(row.criterion)} demands nothing of {row.path}.")
    for stale in (path, base):
        edges.pop(stale, None)
    if row.value == _ABSENT:
        return
    if _SPAN not in row.value:
        graph.add(node, path, _term(library, path, row.value, row.where))
        return
    if path not in spans.low or path not in spans.high:
        raise _refused(row.where, f"{row.path} cannot be a span.")
    for end, text in zip((spans.low[path], spans.high[path]), row.value.split(_SPAN, 1), strict=True):
        graph.add(node, end, _term(library, path, text, row.where))


def _path(library: Library, row: Threshold) -> str:
    for path in (CASE + row.path, NECESSITY + row.path):
        if path in library.graph.index:
            return path
    raise _refused(row.where, f"There is no property {row.path}.")


def _term(library: Library, path: str, text: str, where: str) -> Term:
    """A number, a truth value, or a grade or other individual by its local name."""
    if text in ("true", "false"):
        return Literal(text, XSD + "boolean")
    for kind in ("integer", "decimal"):
        literal = Literal(text, XSD + kind)
        if literal.number is not None:
            return literal
    scale = library.spans.scales.get(path)
    for name in (SPINE + text, CASE + text, NECESSITY + text):
        if name in (scale.ranks if scale else library.graph.index):
            return name
    raise _refused(where, f"{text!r} is no value of {local(path)}.")


def _close(library: Library, graph: Graph) -> None:
    close_quantities(Record(library, library.policy(None), graph, RECORD, None))


def _refused(where: str, what: str) -> GuidelineMalformed:
    return GuidelineMalformed("room.threshold", what, where=where)
