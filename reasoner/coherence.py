"""Whether a case, each triple of it admitted, hangs together as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from reasoner.errors import OntologyInconsistent
from reasoner.lexical import days
from reasoner.schema import Span, local_name
from reasoner.terms import RDF_TYPE, Literal, Term
from reasoner.vocabulary import Case

if TYPE_CHECKING:
    from reasoner.admission import Admission

_INCOMPLETE_WITHOUT: Final = {
    Case.Absence: Case.ofKind,
    Case.NotDocumented: Case.ofKind,
    Case.CodeLine: Case.hasCode,
}
_NO_EDGES: Final[dict[str, list[Term]]] = {}


class Coherence:
    """The checks that need more than one triple: the parts of a case, places, spans, dates, circles."""

    def __init__(self, case: Admission) -> None:
        self.case = case
        self.root = ""

    def check(self) -> None:
        """Add to the case's problems whatever does not hang together."""
        self._check_structure()
        for node, edges in self.case.index.items():
            self._check_node(node, edges)
        self._check_order(Case.dueTo)
        self._check_order(Case.followsStep)

    def _check_structure(self) -> None:
        members: dict[Term, list[str]] = {}
        for node, edges in self.case.index.items():
            for kind in edges[RDF_TYPE]:
                members.setdefault(kind, []).append(node)
        cases = members.get(Case.Case, [])
        if len(cases) != 1:
            code, what = (
                ("case.two-cases", f"There are {len(cases)} cases.") if cases else ("case.no-case", "There is no case.")
            )
            self.case.collector.add(code, what, "Write exactly one node '<> a case:Case'.")
            return
        self.root = cases[0]
        self._check_parts(self.case.index[self.root], members)
        self._check_connection()

    def _check_parts(self, edges: dict[str, list[Term]], members: dict[Term, list[str]]) -> None:
        for predicate, kind, word in (
            (Case.hasPatient, Case.Patient, "patient"),
            (Case.hasRequest, Case.Request, "request"),
        ):
            stated = edges.get(predicate, [])
            everyone = {*stated, *members.get(kind, ())}
            if not stated:
                self.case.add(
                    self.root, f"case.no-{word}", f"The case has no {word}.", f"Add 'case:has{word.title()}'."
                )
            if len(everyone) > 1:
                self.case.collector.add(f"case.two-{word}s", f"The case has two {word}s.", "Send one case for each.")
        for request in edges.get(Case.hasRequest, []):
            if isinstance(request, str) and not self.case.index.get(request, _NO_EDGES).get(Case.asksFor):
                self.case.add(
                    request, "case.empty-request", "Nothing is asked for.", "Add 'case:asksFor' with a procedure."
                )

    def _check_connection(self) -> None:
        reached, todo = {self.root}, [self.root]
        while todo:
            for values in self.case.index.get(todo.pop(), _NO_EDGES).values():
                fresh = [
                    one for one in values if isinstance(one, str) and one in self.case.index and one not in reached
                ]
                reached.update(fresh)
                todo.extend(fresh)
        for node in self.case.index:
            if node not in reached:
                what = "Nothing connects this with the case."
                self.case.add(node, "case.unconnected", what, "Record it with 'case:records', or remove it.")

    def _check_node(self, node: str, edges: dict[str, list[Term]]) -> None:
        for kind, predicate in _INCOMPLETE_WITHOUT.items():
            if kind in edges[RDF_TYPE] and predicate not in edges:
                what = f"It does not say which one: '{local_name(predicate)}' is missing."
                self.case.add(node, "case.incomplete", what, f"Add 'case:{local_name(predicate)}'.")
        span_of = self.case.schema.span_of
        self._check_place(node, edges)
        for predicate in edges:
            span = span_of.get(predicate)
            if span is not None:
                self._check_span(node, edges, span)
        start, end = edges.get(Case.startDate), edges.get(Case.endDate)
        if start and end:
            first = days(start[0]) if isinstance(start[0], Literal) else None
            last = days(end[0]) if isinstance(end[0], Literal) else None
            if first and last and last[1] < first[0]:
                what = "It ends before it starts."
                self.case.add(node, "case.date-order", what, "Check the start and end date.", ("endDate",))

    def _check_place(self, node: str, edges: dict[str, list[Term]]) -> None:
        above, below = edges.get(Case.fromLevel), edges.get(Case.toLevel)
        if (above is None) != (below is None):
            stated, missing = ("fromLevel", "toLevel") if above else ("toLevel", "fromLevel")
            what = f"A range has 'case:{stated}' but no 'case:{missing}'."
            self.case.add(node, "case.level", what, f"Add 'case:{missing}'.", (stated,))
        if above and below:
            rank = self.case.schema.rank
            if Case.atLevel in edges:
                what = "The place is given both as a range and as levels."
                self.case.add(node, "case.level", what, "Keep one of the two.", ("atLevel",))
            first, last = rank.get(str(above[0])), rank.get(str(below[0]))
            if first is not None and last is not None and first > last:
                what = "The range is upside down."
                self.case.add(
                    node, "case.range-upside-down", what, "Put the level nearer the head first.", ("fromLevel",)
                )

    def _check_span(self, node: str, edges: dict[str, list[Term]], span: Span) -> None:
        stated = [sorted(one.intersection(edges)) for one in (span.exact, span.low, span.high)]
        exact, low, high = stated
        if any(len(one) > 1 for one in stated):
            what = f"'{span.label}' is stated in two units."
            self.case.add(node, "case.two-units", what, "Keep one.", (local_name(max(stated, key=len)[0]),))
        if exact and (low or high):
            what = f"'{span.label}' is stated exactly and as a span."
            self.case.add(node, "case.exact-and-span", what, "Keep one of the two.", (local_name(exact[0]),))
        if low and high:
            least, most = self._magnitude(edges, low[0], 0), self._magnitude(edges, high[0], 1)
            if least is not None and most is not None and least > most:
                what = f"The span of '{span.label}' is upside down."
                self.case.add(node, "case.range-upside-down", what, "The least comes first.", (local_name(low[0]),))

    def _magnitude(self, edges: dict[str, list[Term]], predicate: str, end: int) -> Decimal | None:
        value = edges[predicate][0]
        if isinstance(value, str):
            ranks = self.case.schema.grade_ranks.get(value)
            return Decimal(ranks[end]) if ranks else None
        return None if value.number is None else value.number * self.case.schema.properties[predicate].unit_factor

    def _check_order(self, predicate: str) -> None:
        """A cause is not its own effect, and no step follows itself."""
        index = self.case.index
        links = {
            node: [one for one in edges[predicate] if one in index]
            for node, edges in index.items()
            if predicate in edges
        }
        waiting: dict[Term, int] = {}
        for values in links.values():
            for one in values:
                waiting[one] = waiting.get(one, 0) + 1
        # Take away, again and again, what nothing points at; what stays is on a circle or behind one.
        free = [node for node in links if node not in waiting]
        while free:
            for one in links.pop(free.pop()):
                waiting[one] -= 1
                if not waiting[one] and one in links:
                    free.append(str(one))
        if links:
            what = f"'{local_name(predicate)}' runs in a circle."
            near = (local_name(predicate),)
            self.case.add(next(iter(links)), "case.circular", what, "Remove one of its links.", near)


def check_axioms(case: Admission) -> None:
    """Raise OntologyInconsistent if a node is of two classes that the ontology declares disjoint."""
    for node, edges in case.index.items():
        kinds = edges[RDF_TYPE]
        clash = case.schema.clash(str(one) for one in kinds) if len(kinds) > 1 else None
        if clash:
            one, other = (case.word(kind) for kind in clash)
            short = " and ".join(local_name(kind) for kind in clash)
            raise OntologyInconsistent(
                "case.disjoint",
                f"Nothing is both {one} and {other}: the ontology declares {short} disjoint.",
                where=f"{case.collector.name}, {case.title(node)}",
                mend="Record two nodes, or drop one class.",
            )
